"""The bytes of a thousand messages, read by a strict parser that shares nothing with the writer.

Hostile and Chinese subjects, names and texts; addresses of 400 characters; readers of every kind of address.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import dkim
import pytest
import strictmail
from test_dkim import BOTH, lookup
from test_headers import FACTS
from titles import HOSTILE

from syndicator.digest.fields import MAX_TEXT
from syndicator.digest.message import Mould, mark, message_id, write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syndicator.digest.headers import Facts

CHINESE = (
    "公安部通报：电信诈骗案件 456 起，抓获嫌疑人",
    "电" * 60,
    "中文 and English 混排，" * 12,
    "「引號」與——破折號…以及 emoji 🚢🇨🇳",
    "a" + "诈" * 24,
)
TITLES = (*HOSTILE, *CHINESE)
READERS = (
    "anna@reader.example",
    "o'neill+news=weekly@reader.example",
    f"{'l' * 64}@{'.'.join(['d' * 55] * 3)}.example",
    '"odd, name"@reader.example',
    "用户@xn--fsqu00a.example",
    "x@[192.0.2.1]",
    "A.b-C_d@xn--fsqu00a.example",
)
LONG = f"https://news.example/{'段' * 10}?q=" + "a1-_~%20" * 42  # 400 characters and more
KEY = b"k" * 32


def editions() -> Iterator[tuple[str, Facts, Mould, dict[str, str]]]:
    marks = {name: mark(name, "e", KEY) for name in ("address", "unsubscribe")}
    for title in TITLES:
        facts = replace(FACTS, subject=title, sender_name=title[:200], list_name=title[:200])
        text = f"{title}\n{LONG}\nSent to: {marks['address']}\n{marks['unsubscribe']}\n"
        html = (
            f"<p>{title}</p><p><a href='{LONG}'>more</a></p>"
            f"<p>{marks['address']} <a href='{marks['unsubscribe']}'>Leave</a></p>\n"
        )
        yield title, facts, Mould(facts, text=text, html=html, marks=[*marks.values()], signers=BOTH), marks


def seen(text: str) -> str:
    """What is left of a title for eyes: no white space, no controls, no bidi, no lone surrogates."""
    kept = (char for char in text if not char.isspace() and unicodedata.category(char) != "Cc")
    return re.sub("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffd\ud800-\udfff]", "", "".join(kept))


def judge(raw: bytes, title: str, reader: str, facts: Facts) -> None:
    mail = strictmail.read(raw)
    shown, asked = seen(strictmail.words(mail["Subject"])), seen(title)
    assert shown == asked if len(title) <= MAX_TEXT else asked.startswith(shown)
    name, address = strictmail.mailbox(mail["To"])
    assert address == reader if reader.isascii() else reader in name
    assert strictmail.mailbox(mail["From"])[1] == FACTS.sender
    assert seen(strictmail.mailbox(mail["From"])[0]) == seen(title[:200])
    assert mail.uris("List-Unsubscribe") == [facts.unsubscribe_url, FACTS.unsubscribe_mailto]
    assert [part.kind for part in mail.parts] == ["text/plain", "text/html"], "RFC 2046 5.1.4"
    for part in mail.parts:
        assert facts.unsubscribe_url in part.text
        assert LONG in part.text, "an address is whole"
        assert seen(title.replace("\ud800", "?").replace("\udfff", "?")) in seen(part.text) or "\0" in title
    for covered in mail.signed():
        assert {"list-unsubscribe", "list-unsubscribe-post", "to", "date", "message-id"} <= set(covered)
        assert all(Counter(covered)[each] == 2 for each in ("from", "subject")), "oversigned"


def test_a_thousand_messages() -> None:
    count = 0
    for title, shared, mould, marks in editions():
        for number, reader in enumerate(READERS):
            url = f"https://news.example/unsubscribe/{'t' * 300}{number}"
            facts = replace(
                shared,
                recipient=reader,
                unsubscribe_url=url,
                message_id=message_id("e", number, FACTS.sender),
            )
            raw = mould.write(facts, {marks["address"]: reader, marks["unsubscribe"]: url})
            try:
                judge(raw, title, reader, facts)
            except (strictmail.Fault, AssertionError) as error:
                raise AssertionError(f"{title[:60]!r} to {reader!r}: {error}") from error
            if count % 60 == 0:
                verifier = dkim.DKIM(raw)
                assert all(verifier.verify(index, dnsfunc=lookup) for index in range(len(BOTH)))
            count += 1
    assert count >= 1000


GOOD = write(FACTS, text="公安部\n", html="<p>more</p>\n", signers=BOTH)


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (b"\r\nDate: ", b"\nDate: ", "CRLF"),
        (b"\r\nDate: ", b"\r\nBcc: x@evil.example\r\nDate: ", "not ours"),
        (b"\r\nDate: ", b"\r\nTo: x@evil.example\r\nDate: ", "once"),
        (b"\r\nDate: ", b"\r\n \r\nDate: ", "white space alone"),
        (b"To: anna@", b"To: Evil, anna@", "one address"),
        (b"Subject: ", b"Subject: =?utf-8?q?" + b"a" * 61 + b"?= ", "76 columns"),
        (b"Subject: ", b"Subject: " + b"a" * 998, "998"),
        (b"Subject: ", b"Subject: =?utf-8?q?=E2=80?=\r\n ", "cut in two"),
        (b"Subject: ", b"Subject: a=?utf-8?q?b?=\r\n ", "within a word"),
        (b"/unsubscribe/", b"/unsub\r\n scribe/", "whole"),
        (b"From: The News", b'From: "=?utf-8?q?a?="', "quotes"),
        (b"base64\r\n", b"base64\r\n\r\n!!", "base64"),
    ],
)
def test_the_parser_is_strict(old: bytes, new: bytes, rule: str) -> None:
    assert strictmail.read(GOOD)
    assert old in GOOD
    with pytest.raises(strictmail.Fault, match=rule):
        strictmail.read(GOOD.replace(old, new, 1))
