"""Every kind of document is known for what it is, and every refusal says so in one line."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from syndicator.errors import ParseError
from syndicator.parse import PARSERS, parse

ATOM = '<feed xmlns="http://www.w3.org/2005/Atom">{}</feed>'
RSS = '<rss version="2.0"><channel><title>C</title><link>https://c.example/</link>{}</channel></rss>'


def rss(item: str, **more: str) -> bytes:
    return RSS.format(f"<item>{item}</item>").encode()


@pytest.mark.parametrize(
    ("body", "known"),
    [
        (RSS.format("").encode(), "rss20"),
        (b"\xef\xbb\xbf \n" + RSS.format("").encode(), "rss20"),
        (RSS.format("").encode("utf-16"), "rss20"),
        (RSS.format("").encode("utf-16-le"), "rss20"),
        (ATOM.format("").encode(), "atom10"),
        (
            b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"/>',
            "rss10",
        ),
        (b'{"version": "https://jsonfeed.org/version/1", "items": []}', "json10"),
        (b'\xef\xbb\xbf{"version": "https://jsonfeed.org/version/1.1"}', "json11"),
        (b'{"items": []}', "json11"),
        (RSS.format("<item><title>cut off").encode()[:-16], "rss20"),
    ],
)
def test_formats_are_known(body: bytes, known: str) -> None:
    assert parse(body).format == known


@pytest.mark.parametrize(
    ("body", "kind", "says"),
    [
        (b"", "empty", "empty"),
        (b" \r\n\t", "empty", "empty"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "not-a-feed", "web page"),
        (b"\n<HTML><title>x</title>", "not-a-feed", "web page"),
        (b"just words", "not-a-feed", "neither"),
        (b'<opml version="2.0"><body><outline text="a"/></body></opml>', "not-a-feed", "neither"),
        (b'{"a": 1}', "not-a-feed", "JSON"),
        (b'{"items": 5', "not-a-feed", "JSON"),
        (b'{"items": ' + b"[" * 100_000, "too-deep", "nests"),
        (rss("<a>" * 100_000), "too-deep", "deep"),
        (rss("<x " + " ".join(f'a{n}="1"' for n in range(100_000)) + "/><"), "too-big", "attributes"),
        (RSS.format("<item/>" * 20_001).encode(), "too-big", "entries"),
        (b"<rss>" + b" " * (32 * 1024 * 1024), "too-big", "MB"),
        (b"/etc/passwd", "not-a-feed", "neither"),
        (b"http://localhost/feed", "not-a-feed", "neither"),
    ],
)
def test_refusals_are_one_clear_line(body: bytes, kind: str, says: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse(body, content_type="application/rss+xml")
    assert caught.value.kind == kind
    assert says in caught.value.message
    assert "\n" not in caught.value.message


def test_a_web_page_names_its_feeds() -> None:
    page = b'<html><head><link rel=alternate type="application/rss+xml" href="/feed.xml"></head></html>'
    with pytest.raises(ParseError) as caught:
        parse(page)
    assert "/feed.xml" in caught.value.hint


def test_entities_neither_explode_nor_read_files() -> None:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE rss [<!ENTITY l0 "lol">{levels}<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    document = bomb + RSS.format("<item><title>&l9;&f;</title></item>")
    (entry,) = parse(document.encode()).entries
    assert len(entry.title) < 100
    assert "root:" not in entry.title


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("AT&T & B&amp;B", "AT&T & B&B"),
        ("a&nbsp;b &copy; &unknown; c", "a\xa0b © &unknown; c"),
        ("x\0y\x08z", "xyz"),
        ("<![CDATA[R&D <b>x</b>]]> & more", "R&D <b>x</b> & more"),
        ("one &#0; two &#xD800; three &#x41;", "one  two  three A"),
    ],
)
def test_almost_xml_is_mended(written: str, read: str) -> None:
    (entry,) = parse(rss(f"<title>{written}</title>")).entries
    assert entry.title == read


@pytest.mark.parametrize(
    ("encoded", "declared", "header"),
    [
        ("utf-8", "utf-8", ""),
        ("gbk", "utf-8", ""),
        ("gbk", "utf-8", "text/xml; charset=utf-8"),
        ("gb18030", "gb2312", "text/xml"),
        ("utf-8", "iso-8859-1", "text/xml; charset=us-ascii"),
        ("big5", "big5", ""),
        ("utf-8", "punycode", ""),
    ],
)
def test_the_bytes_are_believed_before_the_declaration(encoded: str, declared: str, header: str) -> None:
    words = (
        "警方通報電話詐騙案件，提醒民眾不要轉帳"
        if encoded == "big5"
        else "警方通报电信诈骗案件，提醒市民不要转账"
    )
    document = f'<?xml version="1.0" encoding="{declared}"?>' + RSS.format(
        f"<item><title>{words * 5}</title></item>"
    )
    (entry,) = parse(document.encode(encoded), content_type=header).entries
    assert entry.title == words * 5


def test_one_broken_byte_does_not_spoil_utf8() -> None:
    words = "一个字节坏了，其余的仍然好读" * 10
    body = rss(f"<title>{words}</title>").replace("坏".encode(), "坏".encode()[:2], 1)
    (entry,) = parse(body).entries
    assert entry.title.count("\ufffd") == 1
    assert entry.title.endswith("仍然好读")


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("<author>desk@paper.example (News Desk)</author>", ("News Desk",)),
        ("<author>Ada Marsh &lt;ada@paper.example&gt;</author>", ("Ada Marsh",)),
        ("<author>ada@paper.example</author>", ("ada@paper.example",)),
        ("<author>Ada</author><author>Bo</author>", ("Ada", "Bo")),
        (f"<author>{'a' * 100_000}</author>", ("a" * 300,)),
        ("", ()),
    ],
)
def test_authors(written: str, names: tuple[str, ...]) -> None:
    assert parse(rss(written)).entries[0].authors == names


def test_atom_entries_inherit_the_authors_of_the_feed() -> None:
    body = ATOM.format(
        "<author><name>All</name></author><entry/><entry><author><name>One</name></author></entry>"
    )
    assert [entry.authors for entry in parse(body.encode()).entries] == [("All",), ("One",)]


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("Fri, 22 Sep 2023 00:00:00 +0000", datetime(2023, 9, 22, tzinfo=UTC)),
        ("Fri, 22 Sep 2023 10:24:00 EST", datetime(2023, 9, 22, 15, 24, tzinfo=UTC)),
        ("2023-09-22T10:00:00.123456+08:00", datetime(2023, 9, 22, 2, tzinfo=UTC)),
        ("Mon, 02 Mar 2026 24:00:00 GMT", datetime(2026, 3, 3, tzinfo=UTC)),
        ("2026年3月1日 08:30", datetime(2026, 3, 1, 8, 30, tzinfo=UTC)),
        ("2026/3/1 8:30:05 +0800", datetime(2026, 3, 1, 0, 30, 5, tzinfo=UTC)),
        ("mer, 16 nov 2022 00:38:15 +0100", datetime(2022, 11, 15, 23, 38, 15, tzinfo=UTC)),
        ("Fri, 27 Nov 2026 10:00:00 CET", datetime(2026, 11, 27, 9, tzinfo=UTC)),
        ("Fri, 27 Nov 2026 10:00:00 (JST)", datetime(2026, 11, 27, 1, tzinfo=UTC)),
        ("2026-07-01 10:00:00 MESZ", datetime(2026, 7, 1, 8, tzinfo=UTC)),
        ("Fri, 27 Nov 2026 24:00:00 IST", datetime(2026, 11, 27, 18, 30, tzinfo=UTC)),
        ("Nov 27, 2026 10:00 PM", datetime(2026, 11, 27, 22, tzinfo=UTC)),
        ("November 27th, 2026 at 12:30 a.m. PT", datetime(2026, 11, 27, 8, 30, tzinfo=UTC)),
        ("2026年11月27日 下午3:05", datetime(2026, 11, 27, 15, 5, tzinfo=UTC)),
        ("2026年11月27日 上午12:05", datetime(2026, 11, 27, 0, 5, tzinfo=UTC)),
        ("27. November 2026 10:00", datetime(2026, 11, 27, 10, tzinfo=UTC)),
        ("Пт, 27 ноя 2026 10:00:00 +0300", datetime(2026, 11, 27, 7, tzinfo=UTC)),
        ("jeu., 26 mar. 2026 10:00:00 +0100", datetime(2026, 3, 26, 9, tzinfo=UTC)),
        ("vendredi 27 février 2026 à 18h30", datetime(2026, 2, 27, 18, 30, tzinfo=UTC)),
        ("27 de noviembre de 2026", datetime(2026, 11, 27, tzinfo=UTC)),
        ("27 listopada 2026", datetime(2026, 11, 27, tzinfo=UTC)),
        ("31 foobar 2026", None),
        ("31 novembre 2026", None),
        ("soon", None),
        ("Thu, 99 Foo 9999 99:99:99", None),
        ("", None),
    ],
)
def test_dates_as_publishers_write_them(written: str, instant: datetime | None) -> None:
    assert parse(rss(f"<pubDate>{written}</pubDate>")).entries[0].published_at == instant
    assert (
        parse(json.dumps({"items": [{"date_published": written}]}).encode()).entries[0].published_at
        == instant
    )


def test_a_date_that_was_never_set_is_not_this_century() -> None:
    entry = parse(rss("<pubDate>Mon, 01 Jan 0001 00:00:00 +0000</pubDate>")).entries[0]
    assert entry.published_at is None or entry.published_at.year == 1


@pytest.mark.parametrize(
    ("written", "link"),
    [
        ("<link>https://c.example/a</link>", "https://c.example/a"),
        ("<link>/a</link>", "https://c.example/a"),
        ("<guid>https://c.example/g</guid>", "https://c.example/g"),
        ("<guid>12345</guid>", ""),
        ("<guid isPermaLink='false'>https://c.example/g</guid>", ""),
    ],
)
def test_links(written: str, link: str) -> None:
    assert parse(rss(written), url="https://c.example/feed/").entries[0].url == link


def test_a_redirector_gives_way_to_the_publishers_link() -> None:
    body = (
        '<rss version="2.0" xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"><channel><item>'
        "<link>http://redirect.example/~r/1</link><feedburner:origLink>https://c.example/1</feedburner:origLink>"
        "</item></channel></rss>"
    )
    assert parse(body.encode()).entries[0].url == "https://c.example/1"


@pytest.mark.parametrize(
    ("said", "meant"),
    [("60", timedelta(hours=1)), ("0", None), ("often", None), ("99999999999", timedelta(days=30))],
)
def test_time_to_live(said: str, meant: timedelta | None) -> None:
    assert parse(RSS.format(f"<ttl>{said}</ttl>").encode()).cadence.ttl == meant


def test_plain_descriptions_become_html_and_html_stays() -> None:
    def summary(text: str) -> str:
        return (
            parse(ATOM.format(f"<entry><summary><![CDATA[{text}]]></summary></entry>").encode())
            .entries[0]
            .summary
        )

    assert summary("1 < 2\n\nand so on") == "<p>1 &lt; 2</p><p>and so on</p>"
    assert summary("one\ntwo & three") == "one<br>two &amp; three"
    assert summary("<p>1</p><iframe src=x></iframe>") == "<p>1</p><iframe src=x></iframe>"


def test_table_ends_with_the_parser_that_takes_all() -> None:
    assert [parser.name for parser in PARSERS][-1] == "xml"
    assert PARSERS[-1].knows(b"", "")
