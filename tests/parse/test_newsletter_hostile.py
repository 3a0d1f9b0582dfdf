"""Mails that are built to cost, to crash, or to smuggle: each is read, quickly enough not to be noticed."""

from __future__ import annotations

import re
import time
from base64 import b64encode
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from letters import FIELDS, STORY, letter

from syndicator.parse.newsletter import Own, mime, read
from syndicator.parse.newsletter.links import unwrapped
from syndicator.parse.newsletter.words import decoded

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 20.0  # seconds of CPU; each takes less than two, and those built in vain took minutes
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def nested_parts(depth: int) -> bytes:
    lines = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(depth)
    )
    return lines + b"Content-Type: text/html\r\n\r\n" + b"\n" * 1_000_000 + STORY.encode()


def headed(raw: bytes) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in FIELDS.items()).encode() + raw


WITHIN = "https%3A%2F%2Fclick.a.example%2F%3Furl%3D"
COSTLY: dict[str, Callable[[], bytes]] = {
    "parts within parts": lambda: headed(nested_parts(1_000)),
    "a few parts within parts, many lines": lambda: headed(nested_parts(9)),
    "many parts": lambda: headed(
        b'Content-Type: multipart/mixed; boundary="m"\r\n\r\n' + b"--m\r\n\r\nx\r\n" * 200_000 + b"--m--\r\n"
    ),
    "many fields": lambda: b"".join(b"X-%d: %d\r\n" % (n, n) for n in range(100_000)) + headed(b"\r\nx"),
    "many fields of one name": lambda: b"Received: a; b\r\n" * 100_000 + headed(b"\r\nx"),
    "a long field": lambda: b"Subject: " + b"a" * 16_000_000 + b"\r\n" + headed(b"\r\nx"),
    "a field folded for ever": lambda: b"Subject: a" + b"\r\n a" * 1_000_000 + b"\r\n" + headed(b"\r\nx"),
    "many words": lambda: letter(Subject=" ".join(["=?utf-8?q?a?="] * 50_000)),
    "many addresses": lambda: letter(To=", ".join(f"a{n}@b.example" for n in range(50_000))),
    "brackets in an address": lambda: letter(From="(" * 100_000 + "<" * 100_000),
    "colons in an address": lambda: letter(From="a <a@b.example>" + ":" * 100_000),
    "many parameters": lambda: headed(
        b"Content-Type: multipart/mixed" + b"".join(b"; a*%d=b" % n for n in range(20_000)) + b"\r\n\r\nx"
    ),
    "one line": lambda: letter(text="a" * 16_000_000, html=""),
    "empty lines": lambda: headed(b"\r\n" + b"\n" * 16_000_000),
    "one line of base64": lambda: headed(
        b"Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + b64encode(b"<b>" * 3_000_000)
    ),
    "uuencoded nonsense": lambda: headed(
        b"Content-Transfer-Encoding: x-uuencode\r\n\r\n" + b"begin 644 a\nM" * 300_000
    ),
    "deep HTML": lambda: letter("<div>" * 100_000 + STORY),
    "deep tables": lambda: letter("<table><tr><td>" * 20_000 + STORY),
    "deep inline HTML": lambda: letter("<b><i><u>" * 30_000 + STORY),
    "many attributes": lambda: letter("<p " + " ".join(f"a{n}=1" for n in range(100_000)) + ">" + STORY),
    "many elements": lambda: letter("<p>x" * 400_000),
    "many links": lambda: letter('<a href="https://a.example/unsubscribe">here</a> ' * 20_000),
    "many links in a deep page": lambda: letter(
        "<div>" * 190 + '<a href="https://t.example/c">here</a>' * 9_000
    ),
    "many empty elements": lambda: letter("<div>" * 150 + "<i></i>" * 40_000 + STORY),
    "filler": lambda: letter("<p>" + "\u200c\u00a0" * 500_000 + "</p>" + STORY),
    "spaces": lambda: letter(text=" " * 4_000_000 + "\n" + " \n>" * 200_000, html=""),
    "an address without end": lambda: letter(text="https://" + "a." * 1_000_000, html=""),
    "a redirect within redirects": lambda: letter(
        f'<a href="https://click.a.example/?url={WITHIN * 2_000}">x</a>{STORY}'
    ),
    "words that almost match": lambda: letter("<p>" + "view " * 40_000 + "</p>", Subject="confirm " * 10_000),
}


@pytest.mark.parametrize("name", COSTLY)
@pytest.mark.parametrize("articles", ["mail", "links"])
def test_what_is_built_to_cost(name: str, articles: str) -> None:
    raw = COSTLY[name]()
    begun = time.process_time()
    read(raw, articles=articles)
    assert time.process_time() - begun < PATIENCE


BROKEN = {
    "nothing": b"",
    "only a line end": b"\r\n",
    "no header": b"just words, no fields at all\nand more\n",
    "only a header": b"Subject: x",
    "NUL": b"Subject: a\0b\r\n\r\n\0\0",
    "no end of header": b"Subject: x\r\nno field here\r\nFrom: a@b.example\r\n\r\ntext",
    "line ends of old": b"Subject: x\rFrom: a@b.example\r\rtext",
    "no end of header, octets beyond ASCII": b"From: \r\xc2\x80\n\n",
    "no end of header, a charset of two octets": b"Content-Type: text/plain; charset=utf-16\n\xff\xfea\n\nb",
    "boundary that is not there": b'Subject: x\nContent-Type: multipart/mixed; boundary="q"\n\ntext',
    "boundary beyond ASCII": b'Subject: \nContent-Type: multipart/mixed; boundary="q\xbe"\n\n--q\xbe\n\ntext',
    "boundary of an unknown charset": b"Subject: \nContent-Type: multipart/mixed; boundary*=no''%%be\n\ntext",
    "boundary that is empty": b'Subject: x\nContent-Type: multipart/mixed; boundary=""\n\n--\ntext',
    "no boundary": b"Subject: x\nContent-Type: multipart/mixed\n\n--a\n\ntext",
    "bad parameter": b"Subject: x\nContent-Type: text/html; charset*=utf-8'%ff%fe\n\n<p>text",
    "bad charset": b"Subject: x\nContent-Type: text/html; charset=unicode_escape\n\n<p>\\ud800",
    "UTF-7": b"Subject: x\nContent-Type: text/html; charset=utf-7\n\n+ADw-script+AD4-alert(1)",
    "unknown encoding": b"Subject: x\nContent-Transfer-Encoding: x-none\n\ntext",
    "damaged base64": b"Subject: x\nContent-Transfer-Encoding: base64\n\n!!!=A=B",
    "damaged uuencode": b"Subject: x\nContent-Transfer-Encoding: uuencode\n\nbegin 644 a\n!!!\n",
    "bad date": b"Subject: x\nDate: Fri, 99 Foo 99999 99:99:99 +9999\n\ntext",
    "bad list": b"Subject: x\nList-Id: <<<>>>\nList-Unsubscribe: <\nList-Post: <https://[::1>\n\ntext",
    "bad addresses": b'Subject: x\nFrom: "\\\nTo: <<>>@@,;:\n\ntext',
    "bad links": b'Content-Type: text/html\n\n<a href="https://[bad">view online</a><a href="http://[">x</a>',
    "bad link with a login": b'Content-Type: text/html\n\n<a href="https://[1.2.3.4]/?email=a">x</a>text',
    "references to controls": b"Content-Type: text/html\n\n<p>&#1;<script></script>&#xB;<b></b>&#xFFFE;text",
    "mbox": b"From a@b Tue Nov  3 2026\nSubject: x\n\ntext",
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken(name: str) -> None:
    mail = read(BROKEN[name])
    assert (mail.kind == "issue") == bool(mail.entries)
    assert mail.kind == "issue" or mail.note


def test_an_address_holds_no_octets_of_unknown_charset() -> None:
    mail = read(b"From: foo@a.example.c\xbem\nSubject: x\n\n" + b"A text of some length. " * 20)
    assert mail.title == "foo@a.example.c"


def test_an_old_mbox_line_is_no_field() -> None:
    assert read(BROKEN["mbox"]).subject == "x"


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("head", ["", "Subject: x\nContent-Type: text/plain; charset=gb18030\n"])
@pytest.mark.parametrize("text", ["洪水已经退去。\n\n次段。", "é\n", "no colon here: none\n\nb", "?\n\n\n"])
def test_no_octet_is_lost_where_a_header_has_no_end(text: str, head: str, line_end: str) -> None:
    head, text = head.replace("\n", line_end), text.replace("\n", line_end)
    assert mime.root((head + text).encode("gb18030")).body == text.encode("gb18030")


INJECTION = "=?utf-8?q?a=0D=0ABcc:_x@evil.example=0D=0A=0D=0A<script>?="


@pytest.mark.parametrize("field", ["Subject", "From", "List_Id", "Message_ID", "Content_Language"])
def test_no_field_brings_a_line_end(field: str) -> None:
    mail = read(letter(**{field: f"{INJECTION} <a@b.example>"}))
    told = [mail.subject, mail.title, mail.language, mail.list_id, mail.note]
    told += [
        part for entry in mail.entries for part in (entry.title, entry.guid, entry.language, *entry.authors)
    ]
    assert not [part for part in told if UNSEEN.search(part) or "\n" in part]


HEADS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                *FIELDS,
                "Content-Type",
                "Content-Transfer-Encoding",
                "Received",
                "List-Unsubscribe",
                "Archived-At",
            ]
        ),
        st.one_of(
            st.text(max_size=60),
            st.sampled_from(
                [
                    "text/html",
                    "multipart/mixed; boundary=b",
                    "base64",
                    "quoted-printable",
                    INJECTION,
                    "<a@b.c>",
                ]
            ),
        ),
    ),
    max_size=8,
)
BODIES = st.lists(
    st.one_of(
        st.binary(max_size=60),
        st.sampled_from(
            [
                b"--b\n",
                b"--b--\n",
                b"\n\n",
                b"Content-Type: text/html\n\n",
                b"<a href='https://a.b/unsubscribe'>",
                b"<p>text",
                b"</table>",
                b"view in browser</a>",
                b"<h1>",
                b"https://a.b/c?d=e ",
                b"confirm your email",
            ]
        ),
    ),
    max_size=30,
)


@given(HEADS, BODIES, st.sampled_from(["mail", "links"]))
@settings(max_examples=300, deadline=None)
def test_whatever_comes_is_read(heads: list[tuple[str, str]], bodies: list[bytes], articles: str) -> None:
    head = "".join(f"{name}: {value}\n" for name, value in heads).encode("utf-8", "surrogatepass")
    mail = read(head + b"\n" + b"".join(bodies), articles=articles, own=Own(addresses=("n@o.example",)))
    assert (mail.kind == "issue") == bool(mail.entries)
    for entry in mail.entries:
        assert not UNSEEN.search(entry.title + entry.guid + "".join(entry.authors))
        assert entry.url == "" or entry.url.startswith(("http://", "https://"))


@given(st.text(max_size=300))
@settings(deadline=None)
def test_words_are_one_line(value: str) -> None:
    assert not UNSEEN.search(decoded(value))
    assert "\n" not in decoded(f"=?utf-8?q?{value}?=")


@given(st.text(max_size=200))
def test_redirects_lead_to_where_they_lead_at_once(tail: str) -> None:
    once = unwrapped("https://click.a.example/?url=" + tail)
    assert unwrapped(once) == once
