"""The header block, read by parsers that know nothing of the writer."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import parseaddr
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from titles import CONTROLS, HOSTILE

from syndicator.digest.fields import CRLF, MAX_TEXT, block, clean, mailbox, phrase, unstructured, uri
from syndicator.digest.headers import HEADERS, Facts, header, label
from syndicator.errors import DeliveryError

if TYPE_CHECKING:
    from email.message import EmailMessage

FACTS = Facts(
    sender="news@example.org",
    sender_name="The News",
    recipient="anna@example.net",
    subject="Telecom fraud: 456 arrested · 24 Nov 2026",
    date=datetime(2026, 11, 24, 7, 0, tzinfo=UTC),
    message_id="<0123abcd.7@example.org>",
    list_id="telecom-fraud",
    list_name="Telecom fraud",
    unsubscribe_url="https://news.example.org/unsubscribe/" + "t" * 150,
    unsubscribe_mailto="mailto:leave@example.org?subject=unsubscribe",
    help_url="https://news.example.org/help",
    archive_url="https://news.example.org/editions/0123abcd",
    reply_to="editor@example.org",
    language="en",
)
FULL = list(HEADERS)


def read(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw + b"\r\n", policy=policy.default)


def sender_of(raw: bytes) -> tuple[str, str]:
    """Name and address of From. Older Pythons' modern policy shows gaps between encoded words of a name."""
    value = message_from_bytes(raw, policy=policy.compat32)["From"].replace("\r\n", "")
    name, address = parseaddr(value)
    return str(make_header(decode_header(name))), address


def names(raw: bytes) -> list[str]:
    """The field names, by a reading of RFC 5322 2.2 that owes nothing to any library."""
    assert raw.endswith(b"\r\n")
    assert re.fullmatch(rb"[\t\r\n -~]*", raw)
    lines = raw[:-2].split(b"\r\n")
    assert not any(b"\r" in line or b"\n" in line for line in lines)
    assert all(0 < len(line) <= 998 and line.strip() for line in lines)
    return [line.split(b":")[0].decode() for line in lines if line[:1] not in (b" ", b"\t")]


def assert_encoded_words(raw: bytes) -> None:
    """RFC 2047 section 2: a word ≤ 75 octets, its line ≤ 76, and each word is whole characters."""
    for line in raw.split(b"\r\n"):
        for word in re.findall(rb"=\?[^ ]*\?=", line):
            assert len(word) <= 75
            assert len(line) <= 76
            ((said, charset),) = decode_header(word.decode())
            assert charset == "utf-8"
            said.decode("utf-8")


def test_the_whole_block() -> None:
    raw = header(FACTS)
    assert names(raw) == FULL
    message = read(raw)
    assert not message.defects
    assert message["From"] == "The News <news@example.org>"
    assert message["To"] == "anna@example.net"
    assert message["Subject"] == FACTS.subject
    assert message["Date"].datetime == FACTS.date
    assert message["List-Id"] == "Telecom fraud <telecom-fraud.example.org>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Post"] == "NO"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Precedence"] == "bulk"


def test_only_what_has_facts() -> None:
    bare = Facts(
        sender="a@b.example",
        recipient="c@d.example",
        subject="s",
        date=FACTS.date,
        message_id="<1@b.example>",
    )
    assert names(header(bare)) == [
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted",
    ]  # fmt: skip
    assert "Subject" not in names(header(replace(bare, subject="\r\n")))


def test_unsubscribe_stays_whole_and_one_click_needs_https() -> None:
    raw = header(FACTS)
    assert b"<" + FACTS.unsubscribe_url.encode() + b">" in raw  # trap: encoded-words hide the button
    assert f"<{FACTS.unsubscribe_url}>,{CRLF} <{FACTS.unsubscribe_mailto}>{CRLF}".encode() in raw
    insecure = header(replace(FACTS, unsubscribe_url="http://127.0.0.1:8080/unsubscribe/t"))
    assert "List-Unsubscribe" in names(insecure)
    assert "List-Unsubscribe-Post" not in names(insecure)
    assert "List-Unsubscribe" not in names(header(replace(FACTS, unsubscribe_url="", unsubscribe_mailto="")))


@pytest.mark.parametrize("control", CONTROLS, ids=ascii)
def test_no_control_stays(control: str) -> None:
    assert clean(f"a{control}b") in ("ab", "a b")
    assert clean(control) == ""


def test_there_are_enough_hostile_titles() -> None:
    assert len(set(HOSTILE)) >= 100


@pytest.mark.parametrize("title", HOSTILE, ids=lambda title: ascii(title)[:40])
def test_hostile_titles(title: str) -> None:
    raw = header(replace(FACTS, subject=title, sender_name=title, list_name=title))
    expected = [name for name in FULL if name != "Subject" or clean(title)]
    assert names(raw) == expected
    assert_encoded_words(raw)
    message = read(raw)
    assert [name for name, _ in message.items()] == expected
    assert message.get("Subject", "") == clean(title)
    assert [each.addr_spec for each in message["From"].addresses] == ["news@example.org"]
    assert sender_of(raw) == (clean(title), "news@example.org")
    assert [each.addr_spec for each in message["To"].addresses] == ["anna@example.net"]
    assert str(message["List-Id"]).endswith("<telecom-fraud.example.org>")


@given(st.text(max_size=300))
def test_any_subject_comes_back(title: str) -> None:
    raw = header(replace(FACTS, subject=title))
    assert_encoded_words(raw)
    assert read(raw).get("Subject", "") == clean(title)


@given(st.text(max_size=300) | st.text(alphabet=st.characters(codec="ascii"), max_size=100))
def test_any_name_comes_back(name: str) -> None:
    raw = header(replace(FACTS, sender_name=name))
    assert sender_of(raw) == (clean(name), "news@example.org")


@given(st.text(max_size=300))
def test_cleaning(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert len(once) <= MAX_TEXT
    assert not re.search(
        r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]", once
    )
    once.encode()
    if text.isascii() and text.isprintable():
        assert once == " ".join(text.split())


@pytest.mark.parametrize(
    ("name", "address", "written"),
    [
        ("", "a@b.example", "a@b.example"),
        ("Anna", "a@b.example", "Anna <a@b.example>"),
        ("Evil, x@evil.example", "u@e.example", '"Evil, x@evil.example" <u@e.example>'),
        ('Say "hi" \\o/', "u@e.example", r'"Say \"hi\" \\o/" <u@e.example>'),
        ("Ж", "u@e.example", "=?utf-8?b?0JY=?= <u@e.example>"),
        ("n" * 60, "u@e.example", "n" * 60 + f"{CRLF} <u@e.example>"),
        ("News", "u@bücher.example", "News <u@xn--bcher-kva.example>"),
    ],
)
def test_mailboxes(name: str, address: str, written: str) -> None:
    assert mailbox("From", name, address) == written


def test_an_address_that_is_not_ascii_becomes_a_named_empty_group() -> None:
    raw = header(replace(FACTS, recipient="用户@例子.中国"))
    assert names(raw) == FULL
    (group,) = read(raw)["To"].groups
    assert (group.display_name, group.addresses) == ("用户@xn--fsqu00a.xn--fiqs8s", ())


@pytest.mark.parametrize(
    "change",
    [
        {"recipient": "Evil, x@evil.example <u@e>"},
        {"recipient": "a@b.example\r\nBcc: c@d.example"},
        {"sender": "nobody"},
        {"reply_to": "a@b.example, c@d.example"},
        {"message_id": "<a@b>\r\nBcc: c@d.example"},
        {"message_id": "no brackets"},
        {"unsubscribe_url": "https://example.org/" + "x" * 1000},
    ],
)
def test_facts_that_cannot_stand_in_a_header(change: dict[str, str]) -> None:
    with pytest.raises(DeliveryError):
        header(replace(FACTS, **change))


@pytest.mark.parametrize(
    "body",
    [
        "a\r\nBcc: x",
        "a\nBcc: x",
        "a\rb",
        "a\r\n\r\nb",
        "a\r\n \r\n b",
        "a\r\n",
        "",
        " a",
        "é",
        "a\x00",
        "x" * 999,
    ],
)
def test_the_check_refuses_what_was_not_meant(body: str) -> None:
    for fields in ([("Subject", body), ("X", "y")], [("X", "y"), ("Subject", body)]):
        with pytest.raises(DeliveryError):
            block(fields)


def test_the_check_refuses_names() -> None:
    with pytest.raises(DeliveryError):
        block([("Sub ject", "a")])
    assert block([("A", "b"), ("A", f"c{CRLF} d")]) == b"A: b\r\nA: c\r\n d\r\n"


def test_uris_stay_whole_and_harmless() -> None:
    assert uri("https://a.example/x?y=1,2&z=%20#f") == "<https://a.example/x?y=1,2&z=%20#f>"
    assert uri("https://a.example/>\r\nBcc: x") == "<https://a.example/%3E%0D%0ABcc:%20x>"
    assert uri("https://a.example/电\ud800") == "<https://a.example/%E7%94%B5>"


def test_plain_text_is_folded_between_words() -> None:
    text = "word " * 60
    folded = unstructured("Subject", text)
    assert "=?" not in folded
    assert all(len(line) <= 76 for line in f"Subject: {folded}".split(CRLF))
    assert folded.replace(CRLF, "") == text.strip()


def test_phrases() -> None:
    assert phrase("", indent=6) == ""
    assert phrase("China", indent=6) == "China"
    assert phrase("U.S.", indent=6) == '"U.S."'
    assert phrase("=?x", indent=6).startswith("=?utf-8?")


@pytest.mark.parametrize(
    ("slug", "written"),
    [
        ("telecom-fraud", "telecom-fraud"),
        ("a.b>c", "a-b-c"),
        ("\r\n", "list"),
        ("电", "xn--wny"),
        ("a\ud800电 视", "xn--a---ut1hq19f"),
    ],
)
def test_labels(slug: str, written: str) -> None:
    assert label(slug) == written
