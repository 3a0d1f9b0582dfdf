from __future__ import annotations

import re
from email import message_from_bytes, policy
from html import unescape
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from test_headers import FACTS, FULL

from syndicator.digest.message import Mould, mark, message_id, personalise, write
from syndicator.errors import DeliveryError

if TYPE_CHECKING:
    from email.message import EmailMessage

KEY = b"k" * 32
HTML = "<!DOCTYPE html><p>公安部 &amp; <a href='https://example.org/'>more</a></p>\n"

BODIES = [
    "",
    "\n",
    ".",
    ".\n..\n.dot\n",
    "From here\n",
    "trailing space \ntrailing tab\t\nend ",
    "\x00\x01\x0b\x0c\x1c\x85\u2028\u2029\x7f",
    "=\n==\n=3D =_ ?=\n",
    "x" * 3000,
    "x" * 75 + " \n" + "x" * 76 + "\n" + "x" * 75 + "=",
    "é" * 3000,
    "电信诈骗\n" * 2000,
    "--\n--=_\n-- \n",
    "Bcc: x@evil.example\n\nbody",
    "no newline at the end",
    "\r\rtwo old ends\r\n\r",
]


def read(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)


def with_crlf(text: str) -> str:
    return re.sub("\r\n|\r|\n", "\r\n", text)


def assert_on_the_wire(raw: bytes) -> None:
    assert raw.isascii()
    assert raw.endswith(b"\r\n")
    assert raw.count(b"\r") == raw.count(b"\n") == raw.count(b"\r\n")
    assert b"\x00" not in raw
    head, _, body = raw.partition(b"\r\n\r\n")
    assert max(map(len, head.split(b"\r\n"))) <= 998
    assert max(map(len, body.split(b"\r\n"))) <= 76
    assert not any(line.endswith((b" ", b"\t")) for line in raw.split(b"\r\n"))


def assert_holds(raw: bytes, text: str, html: str) -> None:
    assert_on_the_wire(raw)
    message = read(raw)
    assert not message.defects
    assert message.get_content_type() == "multipart/alternative"
    parts = list(message.iter_parts())
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]  # RFC 2046 5.1.4
    assert not any(part.defects for part in parts)
    assert [part.get_payload(decode=True).decode() for part in parts] == [with_crlf(text), with_crlf(html)]
    boundary = message.get_boundary()
    assert boundary is not None
    assert raw.count(boundary.encode()) == 4


def test_a_message() -> None:
    raw = write(FACTS, text="公安部\n", html=HTML)
    assert list(read(raw)) == [*FULL, "MIME-Version", "Content-Type"]
    assert read(raw)["MIME-Version"] == "1.0"
    assert_holds(raw, "公安部\n", HTML)


def test_equal_arguments_give_equal_bytes() -> None:
    assert write(FACTS, text="a", html="b") == write(FACTS, text="a", html="b")
    boundaries = {read(write(FACTS, text=text, html="b")).get_boundary() for text in ("a", "c", "a\0b")}
    assert len(boundaries) == 3


@pytest.mark.parametrize("body", BODIES, ids=lambda body: ascii(body)[:30])
def test_bodies_come_back_exactly(body: str) -> None:
    assert_holds(write(FACTS, text=body, html=body), body, body)


@given(st.text(), st.text())
@example("a\rb", "\n\r")
@example("x" * 76, " ")
def test_any_body_comes_back_exactly(text: str, html: str) -> None:
    assert_holds(write(FACTS, text=text, html=html), text, html)


@pytest.mark.parametrize("letter", ["信", "é信\n", "🚢\n", "\n信"], ids=repr)
def test_the_personal_part_may_begin_within_any_letter(letter: str) -> None:
    """The part that all readers share is encoded in whole lines, which end within letters and line ends."""
    name = mark("address", "an edition", KEY)
    for shift in range(60):
        text = f"{'x' * shift}{letter * 80}{name}{letter}"
        raw = Mould(FACTS, text=text, html=text, marks=[name]).write(FACTS, {name: "anna@reader.example"})
        assert_on_the_wire(raw)
        said = text.replace(name, "anna@reader.example")
        assert_holds(raw, said, said)


@pytest.mark.parametrize("body", [each for each in BODIES if each.strip("\r\n")], ids=lambda b: ascii(b)[:30])
def test_text_alone(body: str) -> None:
    """For readers who want no HTML: one part, whose bytes are a canonical body for DKIM (RFC 6376 3.4.4)."""
    raw = write(FACTS, text=body, html=None)
    assert_on_the_wire(raw)
    assert not raw.endswith(b"\r\n\r\n")
    message = read(raw)
    assert not message.defects
    assert list(message) == [*FULL, "MIME-Version", "Content-Type", "Content-Transfer-Encoding"]
    assert message.get_content_type() == "text/plain"
    told = message.get_payload(decode=True)
    assert isinstance(told, bytes)
    assert told.decode().rstrip("\r\n") == with_crlf(body).rstrip("\r\n")


@given(st.text(), st.text(), st.sampled_from(["", "信" * 40, "x\n"]))
def test_text_alone_has_its_personal_part(before: str, value: str, after: str) -> None:
    name = mark("address", "e", KEY)
    raw = Mould(FACTS, text=before + name + after, html=None, marks=[name]).write(FACTS, {name: value})
    assert_on_the_wire(raw)
    told = read(raw).get_payload(decode=True)
    assert isinstance(told, bytes)
    assert told.decode().rstrip("\r\n") == with_crlf(before + value + after).rstrip("\r\n")


def test_a_lone_surrogate_becomes_a_question_mark() -> None:
    assert_holds(write(FACTS, text="a\ud800b", html="c\udfff"), "a?b", "c?")


def test_the_shorter_encoding_is_taken() -> None:
    def encoding(text: str) -> list[str]:
        return [
            part["Content-Transfer-Encoding"] for part in read(write(FACTS, text=text, html="x")).iter_parts()
        ]

    assert encoding("plain English, with a café\n" * 50) == ["quoted-printable", "quoted-printable"]
    assert encoding("公安部通报电诈案件\n" * 50) == ["base64", "quoted-printable"]
    chinese = "公安部通报电诈案件" * 1000
    assert len(write(FACTS, text=chinese, html="x")) < 1.45 * len(chinese.encode())


def test_message_ids() -> None:
    assert message_id("0123abcd", 7, "news@example.org") == "<0123abcd.7@example.org>"
    assert message_id("0123abcd", 7, "news@例子.中国") == "<0123abcd.7@xn--fsqu00a.xn--fiqs8s>"
    assert message_id("a b\r\n>", 7, "news@[IPv6:::1]") == "<a-b-.7@IPv6---1>"
    with pytest.raises(DeliveryError):
        message_id("0123abcd", 7, "nobody")


def test_marks_cannot_be_guessed_or_broken() -> None:
    made = mark("address", "0123abcd", KEY)
    assert re.fullmatch("[a-z][a-z0-9]{32}", made)
    assert made == mark("address", "0123abcd", KEY)
    others = [
        mark("unsubscribe", "0123abcd", KEY),
        mark("address", "x", KEY),
        mark("address", "0123abcd", b"x"),
    ]
    assert len({made, *others}) == 4


def test_personal_parts() -> None:
    address, link = mark("address", "e", KEY), mark("unsubscribe", "e", KEY)
    values = {address: "o'hara&co@example.org", link: f"https://example.org/?a=1&b={address}"}
    assert personalise(f"To {address}, {address}: {link}", values, html=False) == (
        f"To {values[address]}, {values[address]}: {values[link]}"
    )
    html = personalise(f'<p>{address}</p><a href="{link}">', values, html=True)
    assert html == (
        f'<p>o&#x27;hara&amp;co@example.org</p><a href="https://example.org/?a=1&amp;b={address}">'
    )
    assert personalise("nothing personal", {}, html=True) == "nothing personal"


@given(st.text(), st.text(), st.text())
def test_a_value_is_told_as_it_is(before: str, value: str, after: str) -> None:
    personal = mark("address", "e", KEY)
    assert personalise(before + personal + after, {personal: value}, html=False) == before + value + after
    told = personalise(before + personal + after, {personal: value}, html=True)
    escaped = told.removeprefix(before).removesuffix(after) if after else told.removeprefix(before)
    assert not set(escaped) & set("<>\"'")
    assert unescape(escaped) == unescape(value) or unescape(escaped) == value
