"""List pages and news sitemaps as sources."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from syndicator.errors import ParseError
from syndicator.extract.listing import MAX_ENTRIES, check_selector, read

if TYPE_CHECKING:
    from syndicator.model import ParsedFeed

URL = "https://gazette.example/news/"


def item(number: int) -> str:
    address = f"/news/2026/03/{number:02d}/boats-in-the-harbour-{number}"
    return (
        f'<li class="item"><a href="{address}"><img src="x.jpg" alt="boat"></a>'
        f'<h3><a href="{address}?x=1">Boats in the harbour, part {number}</a></h3>'
        f'<time datetime="2026-03-{number:02d}T10:00:00Z">x</time> '
        f'<a href="{address}?x=1#comments">Comments</a></li>'
    )


def page(items: str) -> bytes:
    return f"""<html lang="en"><head><title>News</title>
    <meta property="og:site_name" content="The Gazette"></head><body>
    <nav><a href="/all/about-us-and-our-people">About us and all our people</a></nav>
    <main><ul class="list">{items}</ul></main>
    <aside><a href="/news/2025/01/01/what-people-read">What everybody has been reading</a></aside>
    <p><a href="https://elsewhere.example/2026/03/01/a-story">A story that others tell elsewhere</a></p>
    <footer><a href="/terms-and-conditions">Terms and conditions of use here</a></footer>
    </body></html>""".encode()


def listed(select: str = "", items: str = "") -> ParsedFeed:
    return read(page(items or "".join(item(number) for number in range(1, 9))), url=URL, select=select)


@pytest.mark.parametrize("select", ["", "li.item", "h3 a", ".list h3 > a"])
def test_links_by_selector_and_by_look_are_the_same(select: str) -> None:
    feed = listed(select)
    assert (feed.format, feed.title, feed.language, len(feed.entries)) == ("page", "The Gazette", "en", 8)
    first = feed.entries[0]
    assert first.title == "Boats in the harbour, part 1"
    assert first.url == "https://gazette.example/news/2026/03/01/boats-in-the-harbour-1?x=1"
    assert first.published_at == datetime(2026, 3, 1, 10, tzinfo=UTC)


def test_at_most_a_hundred_and_each_once() -> None:
    many = "".join(
        f'<li><a href="/2026/story-number-{n % 150}-told">A story that is number {n % 150}</a></li>'
        for n in range(300)
    )
    for select in ("", "li a"):
        feed = listed(select, many)
        assert len(feed.entries) == MAX_ENTRIES
        assert len({entry.url for entry in feed.entries}) == MAX_ENTRIES


def test_titles_without_spaces() -> None:
    items = "".join(
        f'<li><a href="/c/{n}00001.html">桥头镇第{n}座图书馆周六向市民开放</a><span>2026-03-0{n}</span></li>'
        for n in range(1, 8)
    )
    feed = listed(items=items)
    assert [entry.title for entry in feed.entries][:1] == ["桥头镇第1座图书馆周六向市民开放"]
    assert feed.entries[1].published_at == datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("select", "kind"),
    [("li.absent", "not-a-feed"), ("time", "not-a-feed"), ("a[", "selector")],
)
def test_a_selector_that_finds_nothing(select: str, kind: str) -> None:
    with pytest.raises(ParseError) as caught:
        listed(select)
    assert caught.value.kind == kind
    assert select in caught.value.message


def test_a_page_without_articles() -> None:
    with pytest.raises(ParseError, match="no links to articles"):
        read(b"<html><body><p>Nothing here.</p></body></html>", url=URL)


def test_scripts_are_no_addresses() -> None:
    with pytest.raises(ParseError):
        read(
            b"<html><body><a href='javascript:go()'>A title of several words</a></body></html>",
            url=URL,
            select="a",
        )


@pytest.mark.parametrize(
    "text", ["", "  ", "article a", "div.list > h2 a[href*='/news/']", "li:not(.ad) a", "a, b a"]
)
def test_good_selectors(text: str) -> None:
    assert check_selector(text) is None


@pytest.mark.parametrize("text", ["a[", "..x", "a::before", "li:", "a:unknown(2)", "a" * 501, "(a)"])
def test_bad_selectors_say_so(text: str) -> None:
    assert check_selector(text)


NEWS = b"""<?xml version="1.0" encoding="UTF-8"?>
<!-- news of two days -->
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
        xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"
        xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc>https://gazette.example/old-mill-bridge.html</loc><lastmod>2026-03-01</lastmod></url>
<url><loc> https://gazette.example/n/2 </loc>
 <image:image><image:loc>https://gazette.example/i.jpg</image:loc><image:title>Pier</image:title></image:image>
 <n:news><n:publication><n:name>The Gazette</n:name><n:language>en</n:language></n:publication>
 <n:publication_date>2026-03-02T10:00:00+08:00</n:publication_date>
 <n:title>Mill &amp; bridge</n:title><n:keywords>Mill, Bridge</n:keywords></n:news></url>
<url><loc>javascript:x()</loc></url>
</urlset>"""


def test_a_news_sitemap() -> None:
    feed = read(NEWS, url="https://gazette.example/news.xml")
    assert (feed.format, feed.title) == ("sitemap", "The Gazette")
    newest, older = feed.entries
    assert (newest.title, newest.language, newest.tags) == ("Mill & bridge", "en", ("Mill", "Bridge"))
    assert newest.published_at == datetime(2026, 3, 2, 2, tzinfo=UTC)
    assert (older.title, older.published_at) == ("Old mill bridge", datetime(2026, 3, 1, tzinfo=UTC))


def test_an_index_names_its_newest_child() -> None:
    rows = "".join(
        f"<sitemap><loc>https://gazette.example/{n}.xml</loc><lastmod>2026-0{n}-01</lastmod></sitemap>"
        for n in (1, 3, 2)
    )
    body = f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</sitemapindex>'
    with pytest.raises(ParseError) as caught:
        read(body.encode(), url=URL)
    assert caught.value.kind == "sitemap-index"
    assert "https://gazette.example/3.xml" in caught.value.hint


def test_entities_are_not_expanded() -> None:
    rows = b"<urlset><url><loc>https://x.example/&a;</loc></url></urlset>"
    bomb = b'<?xml version="1.0"?>\n<!DOCTYPE urlset [<!ENTITY a "aaaaaaaaaa">]>' + rows
    with pytest.raises(ParseError):
        read(bomb, url=URL)
