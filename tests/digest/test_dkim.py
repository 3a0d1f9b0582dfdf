"""Signatures, verified by a program that knows nothing of the signer."""

from __future__ import annotations

import re
from dataclasses import replace

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from test_headers import FACTS, FULL
from test_message import read
from titles import HOSTILE

from syndicator.digest.dkim import Signer, read_key, write_key
from syndicator.digest.message import Mould, write

RSA = Signer(domain="example.org", selector="s2026", key=rsa.generate_private_key(65537, 2048))
ED = Signer(domain="example.org", selector="ed.2026", key=Ed25519PrivateKey.generate())
BOTH = [RSA, ED]
TEXT = "Rain  at last\n\n  indented\t\n\n\n"
HTML = "<p>公安部  &amp;\n\n <b>more</b> </p>\n\n"


def lookup(name: bytes, timeout: int = 5) -> bytes:
    """Answer as the DNS would."""
    for signer in BOTH:
        if name.decode().rstrip(".") == f"{signer.selector}._domainkey.{signer.domain}":
            return signer.record().encode()
    return b""


def verifies(message: bytes) -> list[bool]:
    signatures = message.count(b"DKIM-Signature: ")
    verifier = dkim.DKIM(message, minkey=1024)
    return [_verifies(verifier, index) for index in range(signatures)]


def _verifies(verifier: dkim.DKIM, index: int) -> bool:
    try:
        return bool(verifier.verify(index, dnsfunc=lookup))
    except dkim.ValidationError:  # a body that was changed
        return False


@pytest.mark.parametrize("signers", [[RSA], [ED], BOTH], ids=["rsa", "ed25519", "both"])
def test_signatures_verify(signers: list[Signer]) -> None:
    message = write(FACTS, text=TEXT, html=HTML, signers=signers)
    assert verifies(message) == [True] * len(signers)
    assert list(read(message))[len(signers) :] == [*FULL, "MIME-Version", "Content-Type"]


@pytest.mark.parametrize("title", HOSTILE, ids=lambda title: ascii(title)[:30])
def test_hostile_titles_verify(title: str) -> None:
    facts = replace(FACTS, subject=title, sender_name=title, list_name=title)
    assert verifies(write(facts, text=title, html=title, signers=BOTH)) == [True, True]


def test_what_was_changed_on_the_way_does_not_verify() -> None:
    message = write(FACTS, text=TEXT, html=HTML, signers=[RSA])
    head, _, body = message.partition(b"\r\n\r\n")
    assert verifies(head + b"\r\n\r\n" + body.replace(b"Rain", b"Snow")) == [False]
    for name in (*FULL, "MIME-Version", "Content-Type"):
        changed = re.sub(rb"\r\n(%s): " % name.encode(), rb"\r\n\1: x", head)
        assert changed != head
        assert verifies(changed + b"\r\n\r\n" + body) == [False], name
    for name in ("From", "To", "Subject", "Date", "Reply-To"):
        assert verifies(head + f"\r\n{name}: evil\r\n\r\n".encode() + body) == [False], name


def test_white_space_that_relays_change_harms_nothing() -> None:
    message = write(FACTS, text=TEXT, html=HTML, signers=BOTH)
    head, _, body = message.partition(b"\r\n\r\n")
    changed = head.replace(b"Subject: ", b"SUBJECT:   ") + b"\r\n\r\n" + body + b"\r\n\r\n"
    assert verifies(changed) == [True, True]


def test_every_reader_has_a_signature_of_their_own() -> None:
    marks = ("maddress", "mleave")
    text, html = TEXT * 90 + "To maddress\n\nmleave\nend\n", HTML * 90 + '<a href="mleave">maddress</a>\n'
    mould = Mould(replace(FACTS, recipient=""), text=text, html=html, marks=marks, signers=BOTH)
    for name in ("a", "o'hara+b", "x" * 60):
        facts = replace(FACTS, recipient=f"{name}@example.net", message_id=f"<{len(name)}@example.org>")
        values = {"maddress": facts.recipient, "mleave": f"https://example.org/?a=1&b={name}"}
        message = mould.write(facts, values)
        assert verifies(message) == [True, True]
        told = [part.get_content() for part in read(message).iter_parts()]
        wanted = text.replace("maddress", values["maddress"]).replace("mleave", values["mleave"])
        assert told[0] == wanted.replace("\n", "\r\n")
        assert "&amp;b=" in told[1]


def test_the_signature_field() -> None:
    message = write(FACTS, text=TEXT, html=HTML, signers=[RSA])
    field = read(message)["DKIM-Signature"].replace(" ", "")
    tags = dict(tag.split("=", 1) for tag in field.split(";"))
    assert (tags["a"], tags["c"], tags["d"], tags["s"]) == (
        "rsa-sha256", "relaxed/relaxed", "example.org", "s2026",
    )  # fmt: skip
    assert tags["t"] == str(int(FACTS.date.timestamp()))
    signed = tags["h"].split(":")
    assert {"list-unsubscribe", "list-unsubscribe-post"} <= set(signed)
    assert signed.count("from") == signed.count("subject") == 2
    assert message == write(FACTS, text=TEXT, html=HTML, signers=[RSA])


def test_keys() -> None:
    assert write_key(read_key(write_key(RSA.key))) == write_key(RSA.key)
    assert RSA.record().startswith("v=DKIM1; k=rsa; p=MII")
    assert ED.record().startswith("v=DKIM1; k=ed25519; p=")
    small = write_key(rsa.generate_private_key(65537, 1024)).replace("PRIVATE KEY", "SECRET")
    curve = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    for pem, word in ((small, "can be read"), ("", "can be read"), (curve.decode(), "DKIM knows no others")):
        with pytest.raises(ValueError, match=word):
            read_key(pem)
