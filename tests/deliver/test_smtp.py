"""The transport against real servers: aiosmtpd, and a scripted one that fails at every step."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import trustme
from aiosmtpd.smtp import AuthResult, LoginPassword
from servers import SmtpServer
from smtp_script import DROP, HANG, POLITE, ScriptedServer

from syndicator.deliver.smtp import PATIENCE, SmtpTransport, check
from syndicator.deliver.transport import Letter, Outcome, send
from syndicator.errors import DeliveryError
from syndicator.settings import Mail

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@pytest.fixture(autouse=True, params=["", "250-PIPELINING\r\n"], ids=["by turns", "pipelined"])
def _pipelining(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers that take one command after the other, and such that take many."""
    greeting = POLITE["EHLO"].replace("250-SIZE", request.param + "250-SIZE")
    monkeypatch.setitem(POLITE, "EHLO", greeting)


LETTER = Letter(
    sender="news@example.org",
    recipient="anna@example.net",
    message=b"From: news@example.org\r\nSubject: s\r\n\r\n.dot\r\n..two\r\nend .\r\n.\r\n",
    name="0123abcd.7",
)


def patience_for(server: ScriptedServer) -> timedelta:
    """How long to wait for an answer: only where none will come can a slow machine not be told apart."""
    return timedelta(seconds=0.2 if server.hangs else 30)


class Ledger:
    """Counts how often a caller was asked to commit `sending`."""

    def __init__(self) -> None:
        self.asked = 0

    async def before_data(self) -> None:
        await asyncio.sleep(0)
        self.asked += 1


def mail_for(server: SmtpServer | ScriptedServer, **changes: object) -> Mail:
    settings = Mail(transport="smtp", host=server.host, port=server.port, timeout=timedelta(seconds=5))
    return replace(settings, **changes)  # type: ignore[arg-type]


async def send_one(server: ScriptedServer, letter: Letter = LETTER) -> tuple[Outcome, int]:
    """Send one letter over a transport of its own; the outcome, and how often `sending` was committed."""
    wait = patience_for(server)
    transport, ledger = SmtpTransport(mail_for(server, timeout=wait), patience=wait), Ledger()
    try:
        return await send(transport, letter, ledger.before_data), ledger.asked
    finally:
        await transport.close()
        await server.until_closed()


# A real server --------------------------------------------------------------------------------------------


async def test_the_bytes_arrive_untouched(smtp_server: SmtpServer) -> None:
    transport, ledger = SmtpTransport(mail_for(smtp_server)), Ledger()
    outcome = await send(transport, LETTER, ledger.before_data)
    await transport.close()
    assert outcome == Outcome(kind="accepted", reply="250 2.0.0 kept", code=250)
    assert ledger.asked == 1
    (mail,) = smtp_server.mails
    assert (mail.sender, mail.recipients) == (LETTER.sender, (LETTER.recipient,))
    assert mail.data == LETTER.message


async def test_many_letters_share_a_few_connections(smtp_server: SmtpServer) -> None:
    transport, ledger = SmtpTransport(mail_for(smtp_server, connections=3)), Ledger()
    letters = [replace(LETTER, recipient=f"reader{number}@example.net") for number in range(40)]
    outcomes = await asyncio.gather(*(send(transport, letter, ledger.before_data) for letter in letters))
    await transport.close()
    assert {outcome.kind for outcome in outcomes} == {"accepted"}
    assert sorted(mail.recipients for mail in smtp_server.mails) == sorted(
        (each.recipient,) for each in letters
    )
    assert ledger.asked == 40


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (
            "550 5.1.1 User unknown",
            Outcome(kind="refused", reply="550 5.1.1 User unknown", code=550, suppress="user-unknown"),
        ),
        ("550 5.7.1 Spam", Outcome(kind="refused", reply="550 5.7.1 Spam", code=550)),
        ("450 4.2.1 Later", Outcome(kind="deferred", reply="450 4.2.1 Later", code=450)),
    ],
)
async def test_answers_to_the_recipient(smtp_server: SmtpServer, reply: str, expected: Outcome) -> None:
    smtp_server.box.replies[LETTER.recipient] = reply
    transport, ledger = SmtpTransport(mail_for(smtp_server, connections=1)), Ledger()
    assert await send(transport, LETTER, ledger.before_data) == expected
    assert ledger.asked == 0
    other = replace(LETTER, recipient="bert@example.net")
    assert (await send(transport, other, ledger.before_data)).kind == "accepted"
    await transport.close()
    assert [mail.recipients for mail in smtp_server.mails] == [("bert@example.net",)]


async def test_a_message_that_is_too_big_is_not_sent() -> None:
    with SmtpServer(data_size_limit=10) as server:
        transport, ledger = SmtpTransport(mail_for(server)), Ledger()
        outcome = await send(transport, LETTER, ledger.before_data)
        await transport.close()
    assert (outcome.kind, outcome.code, ledger.asked) == ("deferred", 552, 0)


async def test_letters_beyond_ascii_go_by_smtputf8(smtp_server: SmtpServer) -> None:
    transport, ledger = SmtpTransport(mail_for(smtp_server)), Ledger()
    letter = replace(LETTER, recipient="用户@例子.中国", message="Subject: é\r\n\r\né\r\n".encode())
    assert (await send(transport, letter, ledger.before_data)).kind == "accepted"
    await transport.close()
    assert smtp_server.mails[0].recipients == ("用户@xn--fsqu00a.xn--fiqs8s",)
    assert smtp_server.mails[0].data == letter.message


async def test_a_domain_beyond_ascii_needs_no_smtputf8() -> None:
    with SmtpServer(enable_SMTPUTF8=False) as server:
        transport, ledger = SmtpTransport(mail_for(server)), Ledger()
        plain = replace(LETTER, recipient="anna@bücher.example")
        assert (await send(transport, plain, ledger.before_data)).kind == "accepted"
        outcome = await send(transport, replace(LETTER, recipient="用户@b.example"), ledger.before_data)
        await transport.close()
    assert server.mails[0].recipients == ("anna@xn--bcher-kva.example",)
    assert outcome.kind == "refused"
    assert "SMTPUTF8" in outcome.reply
    assert not outcome.suppress
    assert ledger.asked == 1


# TLS and login --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trust(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def certified(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


@pytest.fixture
def secured(authority: trustme.CA) -> Iterator[SmtpServer]:
    """Wants STARTTLS, then the login anna / secret."""

    def check(
        server: object, session: object, envelope: object, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (b"anna", b"secret"), handled=False)

    with SmtpServer(
        tls_context=certified(authority, "127.0.0.1"),
        require_starttls=True,
        authenticator=check,
        auth_required=True,
    ) as server:
        yield server


async def test_starttls_and_login(secured: SmtpServer, trust: ssl.SSLContext) -> None:
    mail = mail_for(secured, security="starttls", username="anna", password="secret")
    transport, ledger = SmtpTransport(mail, tls=trust), Ledger()
    for _ in range(2):
        assert (await send(transport, LETTER, ledger.before_data)).kind == "accepted"
    await transport.close()
    assert [each.data for each in secured.mails] == [LETTER.message] * 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"security": "starttls", "username": "anna", "password": "wrong"}, "does not accept our login: 535"),
        ({"security": "none", "username": "anna", "password": "secret"}, "AUTH extension is not supported"),
        ({"security": "tls"}, "SSL"),
    ],
)
async def test_a_connection_that_is_not_as_configured(
    secured: SmtpServer, trust: ssl.SSLContext, changes: dict[str, str], words: str
) -> None:
    transport, ledger = SmtpTransport(mail_for(secured, **changes), tls=trust), Ledger()
    outcome = await send(transport, LETTER, ledger.before_data)
    await transport.close()
    await asyncio.sleep(0.05)  # asyncio closes the socket of a handshake that failed a moment later
    assert outcome.kind == "deferred"
    assert words in outcome.reply
    assert "secret" not in outcome.reply
    assert (ledger.asked, secured.mails) == (0, [])


async def test_a_server_without_starttls_gets_nothing(smtp_server: SmtpServer, trust: ssl.SSLContext) -> None:
    transport, ledger = SmtpTransport(mail_for(smtp_server, security="starttls"), tls=trust), Ledger()
    outcome = await send(transport, LETTER, ledger.before_data)
    assert (outcome.kind, ledger.asked, smtp_server.mails) == ("deferred", 0, [])
    assert "STARTTLS" in outcome.reply


@pytest.mark.parametrize("name", ["other.example", None])
async def test_a_certificate_that_proves_nothing_gets_nothing(
    authority: trustme.CA, trust: ssl.SSLContext, name: str | None
) -> None:
    issuer = authority if name else trustme.CA()  # a wrong name, or one that nobody trusts
    with SmtpServer(tls_context=certified(issuer, name or "127.0.0.1")) as server:
        transport, ledger = SmtpTransport(mail_for(server, security="starttls"), tls=trust), Ledger()
        outcome = await send(transport, LETTER, ledger.before_data)
        await transport.close()
    assert (outcome.kind, ledger.asked, server.mails) == ("deferred", 0, [])
    assert "certificate" in outcome.reply


async def test_tls_from_the_first_octet(authority: trustme.CA, trust: ssl.SSLContext) -> None:
    async with ScriptedServer(tls=certified(authority, "127.0.0.1")) as server:
        transport, ledger = SmtpTransport(mail_for(server, security="tls"), tls=trust), Ledger()
        assert (await send(transport, LETTER, ledger.before_data)).kind == "accepted"
        await transport.close()
        await server.until_closed()


# Every step, every failure ----------------------------------------------------------------------------------

BEFORE = ("CONNECT", "EHLO", "MAIL", "RCPT")


@pytest.mark.parametrize("step", BEFORE)
@pytest.mark.parametrize("how", [DROP, HANG, "421 4.3.2 going down|drop", "451 4.3.0 later", "nonsense"])
async def test_failures_before_data_are_clean(step: str, how: str) -> None:
    # HELO fails as EHLO does, or it would be the way out.
    async with ScriptedServer({step: how, **({"HELO": how} if step == "EHLO" else {})}) as server:
        outcome, asked = await send_one(server)
    assert (outcome.kind, asked, server.messages) == ("deferred", 0, [])
    assert outcome.reply
    assert not outcome.suppress


@pytest.mark.parametrize(
    ("script", "kind", "asked", "code", "suppress"),
    [
        ({"CONNECT": "554 no service here"}, "deferred", 0, 554, ""),
        ({"EHLO": "502 what", "HELO": "250 mail.test"}, "accepted", 1, 250, ""),
        ({"MAIL": "550 5.7.1 you are not wanted"}, "deferred", 0, 550, ""),
        ({"RCPT": "550 5.1.1 no such user"}, "refused", 0, 550, "user-unknown"),
        ({"RCPT": "550 5.7.1 rejected by policy"}, "refused", 0, 550, ""),
        ({"RCPT": "251 forwarded"}, "accepted", 1, 250, ""),
        ({"RCPT": "452 4.2.2 mailbox full"}, "deferred", 0, 452, ""),
        ({"DATA": DROP}, "deferred", 0, 0, ""),
        ({"DATA": HANG}, "deferred", 0, 0, ""),
        ({"DATA": "250 what"}, "deferred", 0, 250, ""),
        ({"DATA": "421 4.7.0 slow down|drop"}, "deferred", 0, 421, ""),
        ({"DATA": "451 4.3.0 later"}, "deferred", 0, 451, ""),
        ({"DATA": "554 5.1.1 no valid recipients"}, "refused", 0, 554, "user-unknown"),
        ({"BODY": DROP}, "uncertain", 1, 0, ""),
        ({"BODY": HANG}, "uncertain", 1, 0, ""),
        ({"DOT": DROP}, "uncertain", 1, 0, ""),
        ({"DOT": HANG}, "uncertain", 1, 0, ""),
        ({"DOT": "nonsense"}, "uncertain", 1, 0, ""),
        ({"DOT": "354 go on"}, "uncertain", 1, 354, ""),
        ({"DOT": "250 kept|drop"}, "accepted", 1, 250, ""),
        ({"DOT": "421 4.3.2 going down|drop"}, "deferred", 1, 421, ""),
        ({"DOT": "454 4.7.0 throttled"}, "deferred", 1, 454, ""),  # SES, after DATA
        ({"DOT": "550 5.1.1 no such user"}, "refused", 1, 550, "user-unknown"),
        ({"DOT": "550 5.7.26 unauthenticated sender"}, "refused", 1, 550, ""),
        ({"DOT": "250-kept\r\n250 for good"}, "accepted", 1, 250, ""),
    ],
    ids=str,
)
async def test_outcomes(script: Mapping[str, str], kind: str, asked: int, code: int, suppress: str) -> None:
    async with ScriptedServer(script) as server:
        outcome, committed = await send_one(server)
    assert (outcome.kind, committed, outcome.code, outcome.suppress) == (kind, asked, code, suppress)
    assert outcome.reply.isprintable()
    assert len(server.said) == 1  # an envelope that failed on a fresh connection is not tried again


@pytest.mark.parametrize("how", [HANG, "nonsense", "354 go on"])
async def test_a_connection_without_an_answer_is_closed_at_once(how: str) -> None:
    async with ScriptedServer({"DOT": how}, {}) as server:
        wait = patience_for(server)
        transport = SmtpTransport(mail_for(server), patience=wait)
        assert (await send(transport, LETTER, Ledger().before_data)).kind == "uncertain"
        await server.until_closed()
        assert (await send(transport, LETTER, Ledger().before_data)).kind == "accepted"
        await transport.close()
        await server.until_closed()
    assert len(server.messages) == 1


async def test_nobody_listens() -> None:
    async with ScriptedServer() as server:
        mail = mail_for(server)
    transport, ledger = SmtpTransport(mail), Ledger()
    outcome = await send(transport, LETTER, ledger.before_data)
    assert (outcome.kind, ledger.asked) == ("deferred", 0)
    assert f"127.0.0.1:{mail.port}" in outcome.reply


async def test_the_last_answer_is_waited_for_much_longer_than_the_others() -> None:
    assert timedelta(seconds=600) == PATIENCE  # RFC 5321 4.5.3.2.6
    async with ScriptedServer({"DOT": ""}) as server:  # the answer comes later than `timeout`
        transport = SmtpTransport(mail_for(server, timeout=timedelta(seconds=0.1)))
        sending = asyncio.create_task(send(transport, LETTER, Ledger().before_data))
        done, _ = await asyncio.wait([sending], timeout=0.5)
        assert not done
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        await server.until_closed()


# One connection, many messages ------------------------------------------------------------------------------


async def test_a_connection_is_opened_at_need_and_used_again() -> None:
    async with ScriptedServer() as server:
        transport = SmtpTransport(mail_for(server))
        assert server.said == []
        for _ in range(3):
            assert (await send(transport, LETTER, Ledger().before_data)).kind == "accepted"
        await transport.close()
        await server.until_closed()
        assert [line.split()[0] for line in server.said[0]] == [
            "EHLO", *["MAIL", "RCPT", "DATA"] * 3, "QUIT",
        ]  # fmt: skip
    assert len(server.said) == 1
    assert server.messages == [LETTER.message.replace(b"\r\n.", b"\r\n..")] * 3


@pytest.mark.parametrize(
    "first",
    [
        {"DOT": "250 kept|drop"},
        {"MAIL 2": DROP},
        {"RCPT 2": DROP},
        {"MAIL 2": "421 4.4.2 idle for too long|drop"},
        {"RCPT 2": "421 4.7.0 enough for one connection|drop"},
        {"MAIL 2": HANG},
        {"DATA 2": DROP},
        {"DATA 2": "421 4.7.0 enough for one connection|drop"},
    ],
    ids=str,
)
async def test_an_end_between_two_messages_is_normal(first: Mapping[str, str]) -> None:
    async with ScriptedServer(first, {}) as server:
        transport, ledger = SmtpTransport(mail_for(server, timeout=patience_for(server))), Ledger()
        for _ in range(2):
            assert (await send(transport, LETTER, ledger.before_data)).kind == "accepted"
        await transport.close()
        await server.until_closed()
    assert (len(server.said), len(server.messages), ledger.asked) == (2, 2, 2)


async def test_only_one_fresh_connection_is_tried() -> None:
    async with ScriptedServer({"MAIL 2": DROP}, {"MAIL": DROP}) as server:
        transport, ledger = SmtpTransport(mail_for(server)), Ledger()
        kinds = [(await send(transport, LETTER, ledger.before_data)).kind for _ in range(2)]
        await transport.close()
        await server.until_closed()
    assert kinds == ["accepted", "deferred"]
    assert (len(server.said), ledger.asked) == (2, 1)


async def test_nothing_is_tried_again_from_the_dot_on() -> None:
    async with ScriptedServer({"DOT 2": DROP}) as server:
        transport, ledger = SmtpTransport(mail_for(server)), Ledger()
        await send(transport, LETTER, ledger.before_data)
        outcome = await send(transport, LETTER, ledger.before_data)
        await transport.close()
        await server.until_closed()
    assert outcome.kind == "uncertain"
    assert (len(server.said), len(server.messages), ledger.asked) == (1, 1, 2)


@pytest.mark.parametrize("reset", ["250 OK", "500 what", DROP])
async def test_a_refused_envelope_is_reset(reset: str) -> None:
    async with ScriptedServer({"RCPT 1": "550 5.1.1 gone", "RSET": reset}) as server:
        transport = SmtpTransport(mail_for(server))
        assert (await send(transport, LETTER, Ledger().before_data)).kind == "refused"
        assert "RSET" not in server.said[0]  # the outcome waits for nothing
        assert (await send(transport, LETTER, Ledger().before_data)).kind in (
            "accepted",
            "refused",
        )
        await transport.close()
        await server.until_closed()
    verbs = [line.split()[0] for line in server.said[0] if line != "DATA"]
    assert verbs[:4] == ["EHLO", "MAIL", "RCPT", "RSET"]
    assert len(server.said) == (1 if reset == "250 OK" else 2)


async def test_a_living_connection_is_preferred_to_a_fresh_one() -> None:
    async with ScriptedServer({}, {"DOT": "250 kept|drop"}) as server:
        transport = SmtpTransport(mail_for(server))
        second = asyncio.Event()

        async def wait_for_the_second() -> None:
            await second.wait()

        first = asyncio.create_task(send(transport, LETTER, wait_for_the_second))
        await server.until_said("RCPT")
        other = asyncio.create_task(send(transport, LETTER, wait_for_the_second))
        await asyncio.sleep(0.05)
        second.set()
        await asyncio.gather(first, other)
        async with asyncio.timeout(5):
            while server.open > 1:
                await asyncio.sleep(0.005)
        await asyncio.sleep(0.02)
        assert (await send(transport, LETTER, Ledger().before_data)).kind == "accepted"
        await transport.close()
        await server.until_closed()
    assert len(server.said) == 2


async def test_no_more_connections_than_allowed() -> None:
    async with ScriptedServer() as server:
        transport = SmtpTransport(mail_for(server, connections=4))
        await asyncio.gather(*(send(transport, LETTER, Ledger().before_data) for _ in range(30)))
        await transport.close()
        await server.until_closed()
    assert server.most <= 4
    assert len(server.messages) == 30


# Who stops it -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [*BEFORE, "DATA", "BODY", "DOT"])
async def test_cancelling_leaks_nothing(step: str) -> None:
    async with ScriptedServer({step: HANG}, {}) as server:
        transport = SmtpTransport(mail_for(server, connections=1))
        sending = asyncio.create_task(send(transport, LETTER, Ledger().before_data))
        if step in ("BODY", "DOT"):
            await server.until_said("DATA")
        elif step != "CONNECT":
            await server.until_said(step)
        await asyncio.sleep(0.02)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        await server.until_closed()
        # and its room is free again
        assert (await send(transport, LETTER, Ledger().before_data)).kind == "accepted"
        await transport.close()
        await server.until_closed()


async def test_what_before_data_raises_stops_it_there() -> None:
    class LeaseLostError(Exception):
        pass

    async def before_data() -> None:
        raise LeaseLostError

    async with ScriptedServer() as server:
        transport = SmtpTransport(mail_for(server))
        with pytest.raises(LeaseLostError):
            await send(transport, LETTER, before_data)
        await server.until_closed()
    assert [line.split()[0] for line in server.said[0]] == ["EHLO", "MAIL", "RCPT", "DATA"]


async def test_a_closed_transport_keeps_no_connection() -> None:
    async with ScriptedServer() as server:
        transport = SmtpTransport(mail_for(server))
        await transport.close()
        assert (await send(transport, LETTER, Ledger().before_data)).kind == "accepted"
        await server.until_closed()


async def test_closing_waits_for_nobody() -> None:
    async with ScriptedServer({"QUIT": DROP}) as server:
        transport = SmtpTransport(mail_for(server))
        await send(transport, LETTER, Ledger().before_data)
        await transport.close()
        await server.until_closed()


# Letters that no server may get -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"message": b"a\nb\r\n"},
        {"message": b"a\rb\r\n"},
        {"message": b"a\r\n.\rb\n\r\n"},
        {"sender": "a@b.example> SIZE=1\r\nRCPT TO:<c@d.example"},
        {"sender": "nobody"},
    ],
)
async def test_letters_that_we_should_not_have_made(change: dict[str, object]) -> None:
    async with ScriptedServer() as server:
        transport = SmtpTransport(mail_for(server))
        outcome = await send(transport, replace(LETTER, **change), Ledger().before_data)  # type: ignore[arg-type]
        assert outcome.kind == "deferred"
        assert server.said == []


@pytest.mark.parametrize(
    "recipient",
    [
        "nobody",
        "",
        "a@b.example, c@d.example",
        "Evil, x@evil.example <u@e>",
        "a@b.example>\r\nRCPT TO:<c@d.example",
    ],
)
async def test_recipients_that_are_no_addresses(recipient: str) -> None:
    async with ScriptedServer() as server:
        outcome, asked = await send_one(server, replace(LETTER, recipient=recipient))
    assert (outcome.kind, outcome.suppress, asked) == ("refused", "", 0)
    assert not any(line.startswith(("MAIL", "RCPT")) for line in server.said[0])


async def test_parameters_are_said_only_to_who_knows_them() -> None:
    simple = "250-mail.test\r\n250 HELP"
    eight = replace(LETTER, message="é\r\n".encode())
    async with ScriptedServer({"EHLO": simple}) as server:
        assert (await send_one(server))[0].kind == "accepted"
        assert "MAIL FROM:<news@example.org>" in server.said[0]
        assert (await send_one(server, eight))[0].kind == "refused"
    async with ScriptedServer() as server:
        assert (await send_one(server, eight))[0].kind == "accepted"
        assert "MAIL FROM:<news@example.org> SIZE=4 BODY=8BITMIME" in server.said[0]
        assert (await send_one(server, replace(LETTER, sender="")))[0].kind == "accepted"
        assert server.said[1][1].startswith("MAIL FROM:<>")


@pytest.mark.parametrize(
    ("message", "wire"),
    [
        (b"", b"\r\n"),
        (b"no end", b"no end\r\n"),
        (b".", b"..\r\n"),
        (b".\r\n", b"..\r\n"),
        (b"a\r\n.\r\n.\r\nb\r\n", b"a\r\n..\r\n..\r\nb\r\n"),
        (b"a.\r\n .\r\n", b"a.\r\n .\r\n"),
        (b"x" * 3_000_000 + b"\r\n", b"x" * 3_000_000 + b"\r\n"),
    ],
    ids=lambda value: ascii(value[:20]),
)
async def test_dots(message: bytes, wire: bytes) -> None:
    async with ScriptedServer() as server:
        transport = SmtpTransport(mail_for(server))
        outcome = await send(transport, replace(LETTER, message=message), Ledger().before_data)
        await transport.close()
    assert outcome.kind == "accepted"
    assert server.messages == [wire]


BARE = (
    b"\n",
    b"\r",
    b"a\nb\r\n",
    b"a\rb\r\n",
    b"a\r\n\n",
    b"a\r\r\n",
    b"\n\r",
    b"a\r\r\n\n",
    b"a\r\n.\n.\r\n",
)


@pytest.mark.parametrize("message", BARE)
def test_nothing_ends_a_line_but_crlf(message: bytes) -> None:
    with pytest.raises(DeliveryError, match="bare CR or LF"):
        check(replace(LETTER, message=message))


@pytest.mark.parametrize("message", [b"", b"a", b"a\r\n", b"\r\n\r\n", b"a\r\n.\r\nb"])
def test_lines_that_end_in_crlf_are_fine(message: bytes) -> None:
    check(replace(LETTER, message=message))
