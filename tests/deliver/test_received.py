"""A test mail read back: signatures of others, mails that were changed on the way, what receivers note."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from test_standing import dns
from typer.testing import CliRunner

from syndicator.cli import app
from syndicator.deliver.standing import Answer
from syndicator.deliver.standing.received import MAX_BYTES, judge, link
from syndicator.deliver.standing.signature import _canonical_body, signatures, split
from syndicator.digest.dkim import Signer, write_key
from syndicator.digest.headers import Facts
from syndicator.digest.message import write

FACTS = Facts(
    sender="news@example.org",
    sender_name="The News",
    recipient="anna@example.net",
    subject="Rain at last",
    date=datetime(2026, 11, 24, 7, tzinfo=UTC),
    message_id="<0123abcd.7@example.org>",
    list_id="rain",
    unsubscribe_url="https://news.example.org/unsubscribe/" + "t" * 150,
    unsubscribe_mailto="mailto:leave@example.org",
)
EMPTY = b"frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY="  # the hash of a body of one line end
RSA = Signer(domain="example.org", selector="r", key=rsa.generate_private_key(65537, 2048))
ED = Signer(domain="example.org", selector="e", key=Ed25519PrivateKey.generate())
ZONE = {
    "r._domainkey.example.org": RSA.record(),
    "e._domainkey.example.org": ED.record(),
    "_dmarc.example.org": "v=DMARC1; p=reject; rua=mailto:x@example.org",
}
ARRIVED = (
    b"Delivered-To: anna@example.net\r\nAuthentication-Results: mx.example.net;\r\n dkim=pass (good spf=fail)"
    b" header.d=example.org;\r\n spf=pass smtp.mailfrom=example.org; dmarc=pass\r\n"
    b"Authentication-Results: evil; spf=fail\r\nReturn-Path: <bounces@example.org>\r\n"
)
MAIL = write(FACTS, text="Rain  at last\n\n\n", html="<p>公安部</p>\n", signers=[RSA, ED])


def wrong(raw: bytes, zone: dict[str, object] = ZONE, level: str = "wrong") -> set[str]:
    return {one.check for one in judge(raw, dns(zone)) if one.level == level}


def test_a_mail_that_came_whole_is_good():
    for raw in (ARRIVED + MAIL, (ARRIVED + MAIL).replace(b"\r\n", b"\n")):
        found = judge(raw, dns(ZONE))
        assert {one.level for one in found} == {"ok"}, found
        assert {"header", "dkim", "alignment", "dmarc", "one-click", "spf-result"} <= {
            one.check for one in found
        }
        assert all(one.said and (one.level == "ok" or one.remedy) for one in found)
    assert link(MAIL) == FACTS.unsubscribe_url


def test_many_signatures_cost_the_text_once():
    line = b"DKIM-Signature: a=rsa-sha256; c=relaxed/relaxed; d=e.example; s=s; h=from; bh=AAAA; b=AAAA\r\n"
    _canonical_body.cache_clear()
    fields, body = split(20 * line + MAIL)
    assert len(signatures(fields, body, dns(ZONE))) == 5
    assert _canonical_body.cache_info().misses == 1
    assert MAX_BYTES <= 1 << 20


@pytest.mark.parametrize(
    ("old", "new", "checks"),
    [
        (b"Subject: ", b"Subject: [spam?] ", {"dkim", "one-click"}),
        (b"PHA+5Y", b"PHA+5X", {"dkim", "one-click"}),
        (b"\r\nTo: ", b"\r\nTo: x@y.example\r\nTo: ", {"header", "dkim", "one-click"}),
        (b"Date: ", b"X-Long: " + b"x" * 999 + b"\r\nDate: ", {"header"}),
        (
            b"From: The News <news@example.org>",
            b"From: <news@other.example>",
            {"dkim", "dmarc", "alignment", "one-click"},
        ),
        (b"From: ", b"X-From: ", {"mail"}),
        (b"; dmarc=pass", b"; dmarc=fail", {"dmarc-result"}),
        (b"Return-Path:", b"X-Spam-Flag: YES\r\nReturn-Path:", {"spam"}),
    ],
)
def test_what_was_changed_is_seen(old, new, checks):
    raw = ARRIVED + MAIL
    assert old in raw
    assert wrong(raw.replace(old, new, 1)) == checks


@pytest.mark.parametrize(
    ("zone", "checks"),
    [
        ({"r._domainkey.example.org": ()}, set()),  # the other one is good
        ({"r._domainkey.example.org": (), "e._domainkey.example.org": ""}, {"dkim", "one-click"}),
        ({"r._domainkey.example.org": ED.record(), "e._domainkey.example.org": "p=!"}, {"dkim", "one-click"}),
        ({"_dmarc.example.org": ()}, {"dmarc"}),
    ],
)
def test_what_the_records_lack_is_seen(zone, checks):
    assert wrong(ARRIVED + MAIL, ZONE | zone) == checks


def test_without_signature_or_button():
    plain = write(replace(FACTS, unsubscribe_url="", unsubscribe_mailto=""), text="a", html="b")
    assert wrong(plain) == {"dkim"}
    assert wrong(plain, level="look") == {"alignment", "results", "one-click"}


@pytest.mark.parametrize("form", [b"simple/simple", b"relaxed/simple", b"simple/relaxed", b"relaxed/relaxed"])
def test_signatures_of_another_signer_verify(form):
    header, _, body = form.partition(b"/")
    key = write_key(RSA.key).encode()
    for text in (b"", b"\r\n\r\n", b"a \t b\r\n\r\n c \r\n\r\n\r\n", b"no end"):
        mail = b"From: a@example.org\r\nSubject:  two\r\n  lines \r\nsubject: again\r\n\r\n" + text
        signed = dkim.sign(
            mail, b"r", b"example.org", key, canonicalize=(header, body), length=text == b"no end"
        )
        (found,) = signatures(*split(signed + mail), dns(ZONE))
        assert found.fault == "", (form, text)
        (found,) = signatures(*split(signed + mail.replace(b"two", b"tvo")), dns(ZONE))
        assert "changed" in found.fault


@pytest.mark.parametrize(
    ("tag", "fault"),
    [
        (b"a=rsa-sha1; b=x; bh=x; d=example.org; h=from; s=r", "algorithm"),
        (b"a=rsa-sha256; b=x; d=example.org; h=from; s=r", "lacks bh="),
        (b"", "lacks"),
        (
            b"a=rsa-sha256; b=%%%%%%; bh=%b; d=example.org; h=:::; s=r" % EMPTY,
            "changed",
        ),
        (
            b"a=rsa-sha256; b=x; bh=%b; d=down.example; h=from; s=r" % EMPTY,
            "timed",
        ),
    ],
)
def test_no_signature_is_trusted_or_trips(tag, fault):
    zone = ZONE | {"r._domainkey.down.example": Answer(trouble="timed out")}
    mail = b"DKIM-Signature: " + tag + b"\r\nFrom: a@example.org\r\n\r\n"
    (found,) = signatures(*split(mail), dns(zone))
    assert fault in found.fault


@pytest.mark.parametrize(
    "raw", [b"", b"\n\n", b"no mail at all", b"From: a, b\n\n", b"\xff\x00:" * 99, b"From: <" * 9999]
)
def test_what_is_no_mail_is_said(raw):
    assert wrong(raw) == {"mail"}


def test_a_mail_is_sent_and_read_back(tmp_path):
    config = tmp_path / "config"
    config.mkdir()
    (config / "key.pem").write_text(write_key(RSA.key))
    mail = {
        "from": "N <n@example.org>",
        "dkim": {"domain": "example.org", "selector": "r", "key_file": "key.pem"},
    }
    site = {"title": "Desk", "base_url": "https://news.example"}
    (config / "syndicator.yaml").write_text(json.dumps({"site": site, "mail": mail}))

    def call(*words: str, code: int = 0) -> str:
        done = CliRunner().invoke(app, ["--config", str(config), "doctor", *words])
        assert done.exit_code == code, done.output
        return done.output

    assert "accepted" in call("--send", "anna@reader.example")
    (file,) = (tmp_path / "var" / "mail" / "new").iterdir()
    found = {
        one["check"]: one["level"] for one in json.loads(call("--offline", "--json", "--read", str(file)))
    }
    assert (found["header"], found["dkim"], found["alignment"], found["one-click"]) == ("ok",) * 4
    assert "no e-mail address" in call("--send", "Anna", code=2)
    file.write_bytes(file.read_bytes().replace(b"This is a test", b"That is a test"))
    assert "the text was changed on the way" in call("--offline", "--read", str(file), code=1)
