"""Which feeds a page may have: declared, known of its site, linked, guessed; hostile pages included."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syndicator.discover import MOST, candidates, guesses, patterned

if TYPE_CHECKING:
    from pathlib import Path

AT = "https://e.example"
HOME = f"{AT}/news/"
RSS, ATOM = "application/rss+xml", "application/atom+xml"


def found(head: str, body: str = "", url: str = HOME) -> list[tuple[str, str]]:
    page = f"<html><head><title>x</title>{head}</head><body>{body}</body></html>".encode()
    return [(each.url, each.how) for each in candidates(page, url)]


def link(href: str, type_: str = RSS, rel: str = "alternate", title: str = "") -> str:
    return f'<link rel="{rel}" type="{type_}" href="{href}" title="{title}">'


CASES = [  # head, body → addresses, in their order
    (link("/feed"), "", ["https://e.example/feed"]),
    (link("feed", ATOM.upper() + "; charset=utf-8", "ALTERNATE home"), "", ["https://e.example/news/feed"]),
    (link("//f.example/x", "application/feed+json"), "", ["https://f.example/x"]),
    (link("/a?x=1&amp;y=2"), "", ["https://e.example/a?x=1&y=2"]),
    ('<base href="https://b.example/d/">' + link("feed"), "", ["https://b.example/d/feed"]),
    (link("/comments/feed", title="Comments") + link("/feed"), "", [f"{AT}/feed", f"{AT}/comments/feed"]),
    (link("/wp-json/wp/v2/pages/2", "application/json"), "", []),
    (link("/feed.json", "application/json"), "", ["https://e.example/feed.json"]),
    (link("/style.css", "text/css", "stylesheet"), "", []),
    (link("/de", "text/html"), "", []),
    ('<link rel="feed" href="/all">', "", ["https://e.example/all"]),
    (link("feed://e.example/f"), "", ["https://e.example/f"]),
    (link("feed:https://e.example/f"), "", ["https://e.example/f"]),
    ("", '<a href="/rss.xml">RSS</a> <a href="/about">About</a>', ["https://e.example/rss.xml"]),
    ("", '<a href="/index.php?format=feed&type=rss">RSS</a>', [f"{AT}/index.php?format=feed&type=rss"]),
    ("", '<a href="/feedback">x</a><a href="/atomic-power">y</a><a href="/newsfeeds-and-you">z</a>', []),
    ("", '<a href="https://feedly.com/i/subscription/feed/x">Feedly</a>', []),
    ("", '<a href="/x" type="application/atom+xml">x</a>', ["https://e.example/x"]),
    (link("/feed") + link("/feed/"), '<a href="/feed#top">x</a>', ["https://e.example/feed"]),
    (link("javascript:alert(1)") + link("data:text/xml,x") + link("file:///x") + link("mailto:a@b"), "", []),
    (link("http://[::1/x") + link("http://h:99999/") + link("http://h:0/") + link(""), "", []),
    ("", '<a href="/rss.xml">RSS</a>' + link("/late"), [f"{AT}/late", f"{AT}/rss.xml"]),
]  # fmt: skip


@pytest.mark.parametrize(("head", "body", "urls"), CASES, ids=range(len(CASES)))
def test_feeds_of_a_page(head: str, body: str, urls: list[str]) -> None:
    assert [url for url, _ in found(head, body)] == urls


def test_what_is_declared_goes_before_what_is_linked() -> None:
    assert found(link("/b"), '<a href="/rss">x</a>') == [
        ("https://e.example/b", "declared"),
        ("https://e.example/rss", "linked"),
    ]


def test_titles_are_one_plain_line() -> None:
    page = f"<html>{link('/feed', title='A &lt;b&gt;&#10;x &#8238;y')}</html>".encode()
    assert candidates(page, HOME)[0].title == "A <b> x y"


def test_other_charsets() -> None:
    page = f"<html>{link('/feed', title='新闻')}</html>".encode("gbk")
    assert candidates(page, HOME, charset="gbk")[0].title == "新闻"
    assert candidates(page, HOME, charset="no-such-thing") == ()


def test_there_is_a_bound() -> None:
    page = "".join(link(f"/feed/{number}") for number in range(5000)).encode()
    assert len(candidates(page, HOME)) == MOST
    assert candidates(b"<div>" * 100_000 + link("/feed").encode(), HOME) is not None


SITES = {
    "https://www.youtube.com/channel/UCabc": ["https://www.youtube.com/feeds/videos.xml?channel_id=UCabc"],
    "https://www.youtube.com/playlist?list=PL1": ["https://www.youtube.com/feeds/videos.xml?playlist_id=PL1"],
    "https://github.com/o/r/issues": [
        "https://github.com/o/r/releases.atom",
        "https://github.com/o/r/tags.atom",
        "https://github.com/o/r/commits.atom",
    ],
    "https://github.com/o": ["https://github.com/o.atom"],
    "https://old.reddit.com/r/x/top": ["https://www.reddit.com/r/x/.rss"],
    "https://medium.com/@u/story": ["https://medium.com/feed/@u"],
    "https://u.medium.com/story": ["https://u.medium.com/feed"],
    "https://u.blogspot.com/2026/": ["https://u.blogspot.com/feeds/posts/default"],
    "https://u.wordpress.com/a": ["https://u.wordpress.com/feed/"],
    "https://u.substack.com/p/a": ["https://u.substack.com/feed"],
    "https://bsky.app/profile/u.example": ["https://bsky.app/profile/u.example/rss"],
    "https://nogithub.com/o/r": [],
    "https://e.example/": [],
}


@pytest.mark.parametrize("url", SITES)
def test_sites_that_are_known(url: str) -> None:
    assert [each.url for each in patterned(url)] == SITES[url]


def test_a_channel_is_found_in_its_page() -> None:
    body = b'<script>{"externalId":"UCaaaaaaaaaaaaaaaaaaaaaa"}</script>'
    (only,) = patterned("https://www.youtube.com/@handle", body)
    assert only.url.endswith("channel_id=UCaaaaaaaaaaaaaaaaaaaaaa")


def test_guesses_stay_at_the_host() -> None:
    urls = [each.url for each in guesses("https://e.example:8443/news/asia?x=1#y")]
    assert urls[:3] == [
        "https://e.example:8443/news/asia/feed",
        "https://e.example:8443/news/asia/rss",
        "https://e.example:8443/news/index.xml",
    ]
    assert {urlsplit(url).netloc for url in urls} == {"e.example:8443"}
    assert guesses("file:x") == ()
    assert guesses("https://e.example/a.html")[0].url == "https://e.example/feed"


@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=300), st.sampled_from(["", "utf-8", "gbk", "utf-16", "x-nonsense"]))
def test_no_page_breaks_it(noise: bytes, charset: str) -> None:
    page = (
        b"<base href='"
        + noise[:40]
        + b"'><link rel=alternate type=application/rss+xml href='"
        + noise
        + b"'>"
    )
    for each in candidates(page, HOME, charset=charset):
        parts = urlsplit(each.url)
        assert parts.scheme in ("http", "https")
        assert parts.hostname
        assert each.url.isprintable()
        assert each.title.isprintable()


REAL = {  # page of the corpus → how many feeds it declares at least
    "FeedReader/Html/heise.html": 2,
    "FeedReader/Html/stackoverflow.html": 1,
    "FeedReader/Html/stadtfeuerwehrweiz.html": 1,
    "NetNewsWire/YouTubeTheVolvoRocks.html": 1,
    "NetNewsWire/coco.html": 2,
    "NetNewsWire/furbo.html": 1,
    "NetNewsWire/sixcolors.html": 1,
    "node-feedparser/test/feeds/notafeed.html": 0,
    "simplepie/tests/data/microformats/h-feed-simple.html": 0,
}


@pytest.mark.parametrize("name", REAL)
def test_real_pages(corpus: Path, name: str) -> None:
    page = corpus / "feeds" / name
    if not page.exists():
        pytest.skip("not in this part of the corpus")
    assert sum(each.how == "declared" for each in candidates(page.read_bytes(), HOME)) == REAL[name]
