"""`syndicator doctor` with a real name server, a real mail server with TLS, and the real daemon."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
import ssl
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from aiosmtpd.smtp import AuthResult, LoginPassword
from nameserver import NameServer
from program import Program, free_port
from servers import SmtpServer
from smtp_script import ScriptedServer
from typer.testing import CliRunner

from syndicator.cli import app
from syndicator.deliver.names import Names, place
from syndicator.deliver.relay import visit
from syndicator.deliver.standing import Answer, Sending
from syndicator.deliver.standing.records import mx, spf
from syndicator.model import Edition
from syndicator.settings import Mail
from syndicator.store import Store, editions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OURS = "198.51.100.7"
SENDING = Sending(domain="news.example", envelope="news.example", addresses=(OURS,), is_direct=True)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trust(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture
def secured(authority: trustme.CA) -> Iterator[SmtpServer]:
    """Wants STARTTLS and the login anna / secret; takes messages of 100,000 octets."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)

    def check(server: Any, session: Any, envelope: Any, mechanism: str, data: LoginPassword) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (b"anna", b"secret"), handled=False)

    options = {"require_starttls": True, "authenticator": check, "auth_required": True}
    with SmtpServer(tls_context=context, data_size_limit=100_000, **options) as server:
        yield server


# The DNS --------------------------------------------------------------------------------------------------


async def test_a_judge_is_given_what_the_dns_says() -> None:
    long = "v=spf1 " + "".join(f"ip4:192.0.2.{n} " for n in range(20))
    strings = f'"{long[:250]}" "{long[250:]}include:more.example -all"'
    zone = {
        ("news.example", "TXT"): [strings, '"something else"'],
        ("more.example", "TXT"): [f'"v=spf1 ip4:{OURS} -all"'],
        ("news.example", "MX"): ["20 mx2.news.example.", "10 mx1.news.example."],
        ("mx1.news.example", "A"): [OURS],
        ("mx2.news.example", "AAAA"): ["2001:db8::2"],
    }
    with NameServer(zone) as server:
        names = Names(server.address)
        (found,) = await names.examine(spf, SENDING)
        assert (found.level, found.said) == ("ok", f"news.example lets {OURS} send")
        (found,) = await names.examine(mx, SENDING)
        assert (found.level, found.said) == ("ok", "news.example: mx1.news.example, mx2.news.example")
        assert len(server.asked) == len(set(server.asked)), "each question is asked once"


async def test_null_mx_and_no_name_and_a_broken_server() -> None:
    with NameServer({("news.example", "MX"): ["0 ."]}, broken=["broken.example"]) as server:
        names = Names(server.address)
        assert "takes no mail" in (await names.examine(mx, SENDING))[0].said
        assert (await names.examine(spf, SENDING))[0].said == "news.example has no SPF record"
        broken = Sending(domain="broken.example", envelope="broken.example")
        (found,) = await names.examine(spf, broken)
        assert (found.level, "SERVFAIL" in found.said) == ("look", True), found


async def test_a_judge_that_asks_for_ever_is_stopped() -> None:
    def endless(sending: Sending, ask: Any) -> list[Any]:
        at = 0
        while ask(f"n{at}.example", "A") == Answer():
            at += 1
        return []

    with NameServer({}) as server:
        (found,) = await Names(server.address).examine(endless, SENDING)
    assert (found.check, found.level) == ("endless", "look")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("192.0.2.1", ("192.0.2.1", 53)),
        ("192.0.2.1:5353", ("192.0.2.1", 5353)),
        ("2001:db8::1", ("2001:db8::1", 53)),
        ("[2001:db8::1]:54", ("2001:db8::1", 54)),
    ],
)
def test_the_place_of_a_name_server(text: str, found: tuple[str, int]) -> None:
    assert place(text) == found


@pytest.mark.parametrize("text", ["dns.example", "192.0.2.1:0", "192.0.2.1:99999", ":53", ""])
def test_what_is_no_place(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        place(text)


# The mail server ------------------------------------------------------------------------------------------


def mail_for(server: Any, **changes: Any) -> Mail:
    return Mail(host="127.0.0.1", port=server.port, **changes)


async def test_a_visit_sees_tls_login_and_size_and_sends_nothing(
    secured: SmtpServer, trust: ssl.SSLContext
) -> None:
    mail = mail_for(secured, security="starttls", username="anna", password="secret")
    seen = await visit(mail, tls=trust)
    assert (seen.trouble, seen.logged_in, seen.size, seen.is_here) == ("", "anna", 100_000, True)
    assert seen.tls.startswith("TLSv1.")
    assert seen.expires_at
    assert seen.expires_at > datetime.now(UTC)
    assert secured.mails == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"security": "starttls", "username": "anna", "password": "wrong"}, "does not accept our login: 535"),
        ({"security": "tls"}, "SSL"),
        ({"host": "localhost", "security": "starttls"}, "localhost"),
    ],
)
async def test_a_visit_that_fails_says_where(
    secured: SmtpServer, trust: ssl.SSLContext, changes: dict[str, Any], words: str
) -> None:
    mail = Mail(**{"host": "127.0.0.1", "port": secured.port, **changes})
    seen = await visit(mail, tls=trust)
    assert words in seen.trouble, seen
    assert not seen.logged_in


async def test_no_tls_and_nobody_there(smtp_server: SmtpServer) -> None:
    seen = await visit(mail_for(smtp_server))
    assert (seen.trouble, seen.tls, seen.offers_tls, seen.logged_in) == ("", "", False, "")
    greeting = "220 mail.test ESMTP Exim; Fri, 27 Nov 2026 16:49:00 +0000"
    async with ScriptedServer({"CONNECT": greeting}) as server:
        seen = await visit(mail_for(server))
    assert seen.date == datetime(2026, 11, 27, 16, 49, tzinfo=UTC), seen
    assert server.said[0][-1] == "QUIT"
    nobody = await visit(Mail(host="127.0.0.1", port=free_port()))
    assert "127.0.0.1" in nobody.trouble


# All of it ------------------------------------------------------------------------------------------------


@pytest.fixture
def house(tmp_path: Path, secured: SmtpServer, authority: trustme.CA, monkeypatch: Any) -> Program:
    """An installation that mails by `secured`, with a DKIM key."""
    program = Program(tmp_path)
    (program.config / "password").write_text("secret\n")
    (tmp_path / "ca.pem").write_bytes(authority.cert_pem.bytes())
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    CliRunner().invoke(app, ["dkim", "new", str(program.config / "dkim.pem"), "--kind", "ed25519"])
    login = {"security": "starttls", "username": "anna", "password_file": "password"}
    program.configure(
        mail={
            "transport": "smtp", "from": "Desk <desk@news.example>", "host": "127.0.0.1",
            "port": secured.port, "dkim": {"selector": "s1", "key_file": "dkim.pem"}, **login,
        }
    )  # fmt: skip
    return program


def call(house: Program, *words: str) -> tuple[int, dict[str, tuple[str, str]]]:
    done = CliRunner().invoke(app, ["--config", str(house.config), "doctor", "--json", *words])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, {row["check"]: (row["level"], row["said"]) for row in json.loads(done.stdout)}


def zone_for(house: Program) -> dict[tuple[str, str], list[str]]:
    shown = CliRunner().invoke(app, ["--config", str(house.config), "dkim", "show"]).stdout
    return {
        ("news.example", "TXT"): [f'"v=spf1 ip4:{OURS} -all"'],
        ("s1._domainkey.news.example", "TXT"): [shown.partition("(")[2].partition(")")[0]],
        ("_dmarc.news.example", "TXT"): ['"v=DMARC1; p=none; rua=mailto:me@news.example"'],
        ("news.example", "MX"): ["10 mx.news.example."],
        ("mx.news.example", "A"): [OURS],
        ("7.100.51.198.in-addr.arpa", "PTR"): ["mx.news.example."],
    }


def test_where_all_is_well_it_says_so(house: Program, secured: SmtpServer) -> None:
    house.start()
    try:
        with NameServer(zone_for(house)) as server:
            code, found = call(house, "--dns", server.address, "--sending", OURS)
    finally:
        house.close()
    assert (code, {name for name, row in found.items() if row[0] != "ok"}) == (0, {"https"}), found
    assert set(found) == {
        "database", "disk", "templates", "spf", "dkim", "dmarc", "alignment", "mx", "ptr", "relay", "tls",
        "size", "web", "https", "unsubscribe",
    }  # fmt: skip
    assert secured.mails == []


def test_what_is_wrong_is_said_with_a_remedy(house: Program) -> None:
    (house.folder / "templates" / "web").mkdir(parents=True)
    (house.folder / "templates" / "web" / "index.html.j2").write_text("{% if %}")
    zone = zone_for(house)
    zone["s1._domainkey.news.example", "TXT"] = ['"v=DKIM1; k=rsa; p=QUJD"']
    with NameServer(zone) as server:
        words = ["--config", str(house.config), "doctor", "--dns", server.address, "--sending", "192.0.2.1"]
        done = CliRunner().invoke(app, words)
    assert done.exit_code == 1
    for check in ("templates", "spf", "dkim", "ptr", "web"):
        assert f"wrong  {check:<12} " in done.stdout, done.stdout
    for check in ("dmarc", "alignment", "mx", "relay", "tls", "size"):
        assert f"ok     {check:<12} " in done.stdout, done.stdout
    assert "→ publish, alone, what `syndicator dkim show` prints" in done.stdout
    assert not (house.folder / "var" / "syndicator.db").exists(), "nothing is made"


def test_each_relay_is_visited_and_none_where_mail_goes_directly(
    tmp_path: Path, smtp_server: SmtpServer
) -> None:
    relays = [{"host": "127.0.0.1", "port": port} for port in (smtp_server.port, free_port())]
    program = Program(tmp_path)
    program.configure(mail={"transport": "smtp", "from": "desk@news.example", "relays": relays})
    words = ["--config", str(program.config), "doctor", "--json"]
    with NameServer({}) as server:
        rows = json.loads(CliRunner().invoke(app, [*words, "--dns", server.address]).stdout)
        said = {row["level"]: row["said"] for row in rows if row["check"] == "relay"}
        assert said["ok"] == f"127.0.0.1:{smtp_server.port} answers"
        assert "cannot be used" in said["wrong"]
        program.configure(mail={"relays": [], "route": "direct"})
        rows = json.loads(CliRunner().invoke(app, [*words, "--dns", server.address]).stdout)
        assert [row["level"] for row in rows if row["check"] in ("relay", "tls")] == ["ok"]
    program.close()


def test_a_maildir_needs_no_records_and_offline_asks_nobody(house: Program) -> None:
    code, found = call(house, "--offline")
    assert code == 0
    assert set(found) == {"database", "disk", "templates"}
    assert found["database"] == ("look", "there is no database yet")
    house.configure(mail={"transport": "maildir"})
    code, found = call(house)
    assert code == 1, "nobody answers at site.base_url"
    assert set(found) == {"database", "disk", "templates", "mail", "web", "https"}


@pytest.mark.parametrize(
    ("words", "said"),
    [(["--sending", "me"], "is no IP address"), (["--dns", "dns.example"], "with or without a port")],
)
def test_wrong_options(house: Program, words: list[str], said: str) -> None:
    done = CliRunner().invoke(app, ["--config", str(house.config), "doctor", *words])
    assert done.exit_code == 2
    assert said in done.output


def test_a_from_of_no_domain(house: Program) -> None:
    house.configure(mail={"from": "news@localhost"})
    code, found = call(house, "--dns", "127.0.0.1:9")
    assert (code, found["from"][0]) == (1, "wrong")
    assert "spf" not in found


# The database ---------------------------------------------------------------------------------------------


@pytest.fixture
def filled(house: Program) -> Program:
    """A house with an edition larger than the mail server takes."""
    (house.folder / "var").mkdir()
    edition = Edition(
        id="e1", slot="daily@07:00@UTC", subject="S", html="<p>" + "long " * 30_000, text="t",
        topics=("ships",), language="en", articles=1, created_at=datetime.now(UTC),
    )  # fmt: skip

    async def fill() -> None:
        store = Store(database(house))
        await store.upgrade()
        async with store.write() as conn:
            await editions.add(conn, 1, replace(edition, id="small", html="<p>"))
            await editions.add(conn, 1, edition)
        await store.close()

    asyncio.run(fill())
    return house


def database(house: Program) -> str:
    return f"sqlite+aiosqlite:///{house.folder / 'var' / 'syndicator.db'}"


def test_an_edition_that_the_server_would_not_take(filled: Program) -> None:
    with NameServer(zone_for(filled)) as server:
        code, found = call(filled, "--dns", server.address, "--sending", OURS)
    assert code == 1
    assert found["size"][0] == "wrong"
    assert "takes 100,000 bytes; our largest message has 16" in found["size"][1]


def test_another_schema_is_told_and_left_alone(filled: Program) -> None:
    file = filled.folder / "var" / "syndicator.db"
    for version, level, code in (("0001", "look", 0), ("9999", "wrong", 1)):
        with contextlib.closing(sqlite3.connect(file)) as conn:
            conn.execute("UPDATE alembic_version SET version_num = ?", [version])
            conn.commit()
            got, found = call(filled, "--offline")
            assert (got, found["database"][0]) == (code, level)
            assert conn.execute("SELECT version_num FROM alembic_version").fetchall() == [(version,)]


def test_a_database_that_is_away(house: Program) -> None:
    house.configure(database=f"postgresql://desk@127.0.0.1:{free_port()}/desk?connect_timeout=2")
    code, found = call(house, "--offline")
    assert (code, found["database"][0]) == (1, "wrong")
