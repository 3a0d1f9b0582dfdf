"""What comes back, through the whole program: by LMTP to the daemon, and at SMTP time; and what follows."""

from __future__ import annotations

import json
import re
import smtplib
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import pytest
from newsroom import Story, rss
from program import free_port
from rows import add_readers, rows
from typer.testing import CliRunner

from syndicator.catalog import load_settings
from syndicator.cli import app
from syndicator.errors import ConfigError

if TYPE_CHECKING:
    from click.testing import Result
    from program import Program
    from servers import Mail

SHIP = Story("ship", "A ship came in", "It brought oranges.")
TOMORROW = (datetime.now(UTC) + timedelta(days=1)).replace(hour=12, minute=0, second=0, microsecond=0)
NAMES = {"anna": "r0", "ben": "r1", "cleo": "r2", "dora": "r3", "gone": "r4"}
ADDRESSES = {name: f"{local}@reader.example" for name, local in NAMES.items()}


def failure(address: str, said: str) -> bytes:
    """Write what a mail server says of a mail that it cannot deliver."""
    return (
        "From: MAILER-DAEMON@mx.example\nSubject: Undelivered Mail Returned to Sender\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
        f"Final-Recipient: rfc822; {address}\nAction: failed\nDiagnostic-Code: smtp; {said}\n\n--b--\n"
    ).encode()


def complaint(mail: bytes) -> bytes:
    """Write what a provider reports when a reader says that a mail was spam, with the mail in it."""
    return (
        b"From: fbl@provider.example\nSubject: Report\nContent-Type: multipart/report; "
        b"report-type=feedback-report; boundary=c\n\n--c\nContent-Type: message/feedback-report\n\n"
        b"Feedback-Type: abuse\nVersion: 1\n\n--c\nContent-Type: message/rfc822\n\n" + mail + b"\n--c--\n"
    )


def send(program: Program, to: str, mail: bytes, sender: str = "") -> int:
    """Hand a mail to the daemon as a mail server does; return the code of the answer."""
    with smtplib.LMTP("127.0.0.1", program.settings["lmtp_port"]) as client:
        client.ehlo("mx.example")
        client.mail(sender)
        code, _ = client.rcpt(to)
        return client.data(mail)[0] if code == 250 else code


def digests(program: Program, smtp_server, url: str) -> dict[str, Mail]:
    """Mail a digest to everybody; give the mails by reader."""
    port = free_port()
    program.sources(wire=url)
    program.topic("ships", any=["ship*"])
    program.configure(
        mail={
            "transport": "smtp",
            "port": smtp_server.port,
            "returns": {"address": "bounces@news.example"},
        },
        inbound={"lmtp": f"127.0.0.1:{port}"},
    )
    program.settings["lmtp_port"] = port
    add_readers(program, len(ADDRESSES))
    program.once(TOMORROW.isoformat())
    sent = {mail.recipients[0]: mail for mail in smtp_server.mails}
    return {name: sent[address] for name, address in ADDRESSES.items() if address in sent}


def test_what_comes_back(embedded, http_server, smtp_server):
    """Five readers, five fates; what is forged changes nothing, and what comes twice counts once."""
    server = http_server({"/wire": rss("Wire", SHIP)})
    smtp_server.box.replies[ADDRESSES["gone"]] = "550 5.1.1 no such user here"
    mails = digests(embedded, smtp_server, server.url("/wire"))
    assert set(mails) == {"anna", "ben", "cleo", "dora"}
    back = {name: mail.sender for name, mail in mails.items()}
    assert all(
        re.fullmatch(r"bounces\+b[0-9a-v]+-[a-z2-7]{16}@news\.example", each) for each in back.values()
    )
    assert len(set(back.values())) == 4
    way_out = message_from_bytes(mails["cleo"].data, policy=policy.compat32)["List-Unsubscribe"]
    leave = re.search(r"<mailto:(bounces\+u[^?>]+)\?subject=unsubscribe>", way_out)[1]

    embedded.start()
    unknown = failure(ADDRESSES["anna"], "550 5.1.1 user unknown")
    assert send(embedded, "somebody@news.example", unknown) == 550, "no address of ours"
    # Forged: without a token, with one that is another's by one letter, and a bounce of somebody else.
    assert send(embedded, "bounces@news.example", failure(ADDRESSES["ben"], "550 5.1.1 user unknown")) == 250
    wrong = back["ben"].replace("@", "x@").replace("+b", "+b1")
    assert send(embedded, wrong, failure(ADDRESSES["ben"], "550 5.1.1 user unknown")) == 250
    assert rows(embedded, "SELECT address FROM suppressions") == [(ADDRESSES["gone"],)]

    assert send(embedded, back["anna"].upper(), unknown) == 250, "mail servers may change the case"
    assert send(embedded, back["anna"].upper(), unknown) == 250, "and say it twice"
    assert send(embedded, "bounces@news.example", complaint(
        b"Return-Path: <" + back["ben"].encode() + b">\n" + mails["ben"].data)) == 250  # fmt: skip
    assert (
        send(embedded, leave, b"From: cleo@reader.example\nSubject: unsubscribe\n\n", "cleo@x.example") == 250
    )
    away = b"From: dora@reader.example\nSubject: Out of office\nAuto-Submitted: auto-replied\n\nBye\n"
    assert send(embedded, back["dora"], away) == 250
    assert send(embedded, back["dora"], failure(ADDRESSES["dora"], "550 5.7.1 blocked: spam")) == 250
    embedded.stop()

    assert dict(rows(embedded, "SELECT address, reason FROM suppressions")) == {
        ADDRESSES["anna"]: "user-unknown",
        ADDRESSES["ben"]: "complaint",
        ADDRESSES["gone"]: "user-unknown",
    }
    ties = "SELECT address, state FROM subscriptions JOIN subscribers ON subscribers.id = subscriber_id"
    left = {address for address, state in rows(embedded, ties) if state == "ended"}
    assert left == {ADDRESSES["ben"], ADDRESSES["cleo"]}
    told = embedded.json("returns", "list")[::-1]
    names = {address: name for name, address in ADDRESSES.items()}
    assert [(row["kind"], names[row["address"]], row["reason"], row["effect"]) for row in told] == [
        ("refusal", "gone", "user-unknown", "suppressed"),
        ("bounce", "ben", "user-unknown", ""),
        ("bounce", "ben", "user-unknown", ""),
        ("bounce", "anna", "user-unknown", "suppressed"),
        ("complaint", "ben", "complaint", "suppressed"),
        ("unsubscribe", "cleo", "", "ended"),
        ("bounce", "dora", "spam", "told"),
    ]
    assert [row["delivery"] is None for row in told] == [False, True, True, False, False, False, False]
    assert rows(embedded, "SELECT text FROM notices") == [("reader.example refuses our mail: spam 5.7.1",)]

    server.pages["/wire"] = rss("Wire", SHIP, Story("storm", "A ship in a storm", "It held."))
    smtp_server.mails.clear()
    embedded.once((TOMORROW + timedelta(days=1)).isoformat())
    assert [mail.recipients for mail in smtp_server.mails] == [(ADDRESSES["dora"],)]


def ask(program: Program, *words: str, code: int = 0) -> Result:
    """Run a command in this process, which is quicker."""
    done = CliRunner().invoke(app, ["--config", str(program.config), "suppressions", *words])
    assert done.exit_code == code, done.output
    return done


def test_a_list_of_suppressions_goes_out_and_in(embedded):
    ask(embedded, "add", "anna@reader.example", "--reason", "asked by phone")
    said = ask(embedded, "export").stdout
    assert said.splitlines()[0] == "address,reason,created_at"
    file = embedded.folder / "list.csv"
    file.write_text(said + "Ben@Reader.example,complaint,2026-01-02T03:04:05Z\nben@reader.example,again,\n")
    ask(embedded, "remove", "ANNA@reader.example")
    assert json.loads(ask(embedded, "list", "--json").stdout) == []
    assert "2 added, 1 known already" in ask(embedded, "import", str(file)).stderr
    listed = json.loads(ask(embedded, "list", "--json").stdout)
    assert [(row["address"], row["reason"]) for row in listed] == [
        ("anna@reader.example", "asked by phone"),
        ("Ben@Reader.example", "complaint"),
    ]
    assert listed[1]["created_at"] == "2026-01-02T03:04:05Z"
    assert "anna" not in ask(embedded, "list", "--reason", "complaint").stdout
    nobody = ask(embedded, "remove", "eve@reader.example", code=1)
    assert "there is no eve@reader.example" in str(nobody.exception)


def test_a_long_list_is_whole(embedded):
    file = embedded.folder / "list.csv"
    file.write_text("address\n" + "".join(f"r{number}@reader.example\n" for number in range(1_203)))
    assert "1203 added, 0 known already" in ask(embedded, "import", str(file)).stderr
    assert len(set(ask(embedded, "export").stdout.splitlines())) == 1_204


def test_a_list_that_is_wrong_adds_nobody(embedded):
    file = embedded.folder / "list.csv"
    for text, said in (
        ("mail\na@b.example\n", ":1: there is no column `address`"),
        ("address\na@b.example\nnobody\n", ":3: 'nobody' is no e-mail address"),
        ("address,created_at\na@b.example,yesterday\n", ":2: created_at:"),
    ):
        file.write_text(text)
        assert said in re.sub(r"[│\s]+", " ", ask(embedded, "import", str(file), code=2).stderr)
    assert json.loads(ask(embedded, "list", "--json").stdout) == []


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"address": "bounces@news.example"}, "mail.returns waits for mail by LMTP, and nobody listens"),
        ({"address": f"{'b' * 33}@news.example", "from": "maildir:back"}, "more than 32 characters before"),
        ({"address": "bounces@news.example", "from": "pop3://x/"}, "is no such place"),
        ({"from": "imaps://mail.example/Back", "username": "u"}, "needs password_file beside it"),
    ],
)
def test_keys_that_cannot_work_are_refused(embedded, keys, said):
    embedded.configure(mail={"returns": keys})
    with pytest.raises(ConfigError, match=said):
        load_settings(embedded.config, {})


def test_the_password_of_the_mailbox_is_read(embedded):
    (embedded.config / "imap").write_text("open sesame\n")
    embedded.configure(
        mail={
            "returns": {
                "address": "bounces@news.example",
                "from": "imaps://mail.example/Back",
                "username": "us",
                "password_file": "imap",
            }
        }
    )
    returns = load_settings(embedded.config, {}).mail.returns
    assert (returns.username, returns.password) == ("us", "open sesame")
    assert "sesame" not in repr(returns)
