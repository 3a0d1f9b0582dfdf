"""robots.txt (RFC 9309): for pages, not for feeds; the log of the server is what counts."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from syndicator.fetch.robots import MAX_DELAY, Rules
from syndicator.model import Fetched, FetchFailed

from .hostile import HERE, Desk, Names, desk, feed, redirect
from .origin import NOW, Origin, answer

if TYPE_CHECKING:
    from pathlib import Path

    from syndicator.model import Source

PAGE = answer(b"<html>A page</html>", "Content-Type: text/html")
FORBIDDEN = b"User-agent: *\nDisallow: /private\n"


async def bring(d: Desk, source: Source, path: str) -> Fetched | FetchFailed:
    assert d.fetcher
    return await d.fetcher.page(f"http://news.example:{d.origin.port}{path}", source)


def paths(origin: Origin) -> list[str]:
    return [asked.path for asked in origin.log]


@pytest.mark.parametrize(
    ("robots", "allowed"),
    [
        (answer(FORBIDDEN), True),
        (answer(b"User-agent: *\nDisallow: /\n"), False),
        (answer(b"User-agent: *\nDisallow: /\nUser-agent: Syndicator\nAllow: /\n"), True),
        (answer(b"User-agent: syndicator\nDisallow: /pa*e$\n"), False),
        (answer(b"User-agent: *\nDisallow: /\nAllow: /page\n"), True),
        (answer(b"\xef\xbb\xbfUser-agent: *\r\nDisallow: /\r\n"), False),  # a byte order mark
        (answer(b"User-agent: Syndicator/1.0\nDisallow: /\n"), False),
        (answer(b"User-Agent : syndicator (+https://a.example) # us\nDisallow: /\n"), False),
        (answer(b"User-agent: syndicatorbot\nDisallow: /\n"), True),
        (answer(b"\xff\xfe\x00 no robots file <html>"), True),
        (answer(b""), True),
        (answer(b"", status="404 Not Found"), True),
        (answer(b"", status="403 Forbidden"), True),
        (answer(b"", status="500 Oops"), False),
        (answer(b"", status="503 Busy"), False),
        (redirect(301, "/robots2.txt"), False),
        (redirect(302, "/robots.txt"), True),  # in a circle: as if there were none
        (answer(b"x" * 9, length=99), False),
        (answer(b"User-agent: *\nDisallow: /\n" + b"#" * 3_000_000), False),  # its beginning counts
    ],
)
async def test_what_it_allows(origin: Origin, tmp_path: Path, robots: bytes, allowed: bool) -> None:
    async def close(asked: object, writer: asyncio.StreamWriter) -> None:
        writer.write(robots)
        await writer.drain()
        writer.close()

    origin.plays |= {"/robots.txt": close}
    origin.play("/robots2.txt", answer(b"User-agent: *\nDisallow: /\n"))
    origin.play("/page", PAGE)
    async with desk(origin, tmp_path, max_bytes=1_000_000) as d:
        got = await bring(d, d.add("a", "news.example/feed"), "/page")
    assert isinstance(got, Fetched) == allowed
    assert ("/page" in paths(origin)) == allowed
    if isinstance(got, FetchFailed):
        assert got.kind == "robots"


async def test_it_is_asked_once_a_day_and_by_one_at_a_time(origin: Origin, tmp_path: Path) -> None:
    origin.play("/robots.txt", answer(FORBIDDEN, "Cache-Control: max-age=9999999"))
    origin.play("/page", PAGE)
    async with desk(origin, tmp_path) as d:
        source = d.add("a", "news.example/feed")
        await asyncio.gather(*(bring(d, source, "/page") for _ in range(9)))
        assert paths(origin).count("/robots.txt") == 1
        d.now += timedelta(hours=23)
        await bring(d, source, "/page")
        assert paths(origin).count("/robots.txt") == 1
        d.now += timedelta(hours=1)
        await bring(d, source, "/page")
        assert paths(origin).count("/robots.txt") == 2


async def test_a_fault_of_the_server_is_looked_at_again_soon(origin: Origin, tmp_path: Path) -> None:
    origin.play("/robots.txt", answer(b"", status="500 Oops"))
    origin.play("/page", PAGE)
    async with desk(origin, tmp_path) as d:
        source = d.add("a", "news.example/feed")
        assert isinstance(await bring(d, source, "/page"), FetchFailed)
        origin.play("/robots.txt", answer(FORBIDDEN))
        assert isinstance(await bring(d, source, "/page"), FetchFailed)
        d.now += timedelta(minutes=30)
        assert isinstance(await bring(d, source, "/page"), Fetched)


@pytest.mark.parametrize(("kind", "asks"), [("feed", False), ("page", True)])
async def test_lists_that_are_pages_obey_and_feeds_need_not(
    origin: Origin, tmp_path: Path, kind: str, asks: bool
) -> None:
    origin.play("/robots.txt", answer(b"User-agent: *\nDisallow: /\n"))
    async with desk(origin, tmp_path) as d:
        d.add("a", "news.example/list", answer(feed("1")), kind=kind)
        await d.run(days=0.001)
    assert paths(origin) == (["/robots.txt"] if asks else ["/list"])


async def test_an_admin_may_switch_it_off(origin: Origin, tmp_path: Path) -> None:
    origin.play("/page", PAGE)
    async with desk(origin, tmp_path, robots=False) as d:
        await bring(d, d.add("a", "news.example/feed"), "/page")
    assert paths(origin) == ["/page"]


async def test_where_a_redirect_leads_is_asked_too(origin: Origin, tmp_path: Path) -> None:
    origin.play("other.example/robots.txt", answer(b"User-agent: *\nDisallow: /\n"))
    origin.play("/page", redirect(302, f"http://other.example:{origin.port}/there"))
    async with desk(origin, tmp_path) as d:
        got = await bring(d, d.add("a", "news.example/feed"), "/page")
    assert isinstance(got, FetchFailed)
    assert got.message == "other.example does not want robots to read this page (robots.txt)"
    assert "/there" not in paths(origin)


async def test_crawl_delay_spaces_pages(origin: Origin, tmp_path: Path) -> None:
    begun: list[float] = []

    async def play(asked: object, writer: asyncio.StreamWriter) -> None:
        begun.append(asyncio.get_running_loop().time())
        writer.write(PAGE)

    origin.play("/robots.txt", answer(b"User-agent: *\nCrawl-delay: 0.1\n"))
    origin.play("/page", play)
    async with desk(origin, tmp_path) as d:
        source = d.add("a", "news.example/feed")
        await asyncio.gather(*(bring(d, source, "/page") for _ in range(4)))
    assert begun[-1] - begun[0] >= 0.27


@pytest.mark.parametrize(
    ("said", "delay"), [("5", 5), ("99999", 10), ("-1", 0), ("x", 0), ("nan", 0), ("inf", 10)]
)
def test_crawl_delay_is_bounded(said: str, delay: float) -> None:
    from protego import Protego

    rules = Rules(file=Protego.parse(f"User-agent: *\nCrawl-delay: {said}\n"), until=NOW)
    assert rules.delay("syndicator") in (timedelta(seconds=delay), timedelta(0))
    assert rules.delay("syndicator") <= MAX_DELAY


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "javascript:1", "", "http://[::1", "ftp://news.example/"]
)
async def test_pages_are_http_only(origin: Origin, tmp_path: Path, url: str) -> None:
    async with desk(origin, tmp_path) as d:
        assert d.fetcher
        got = await d.fetcher.page(url, d.add("a", "news.example/feed"))
    assert isinstance(got, FetchFailed)
    assert got.kind == "forbidden"


async def test_a_source_in_our_own_network_opens_no_other_page_of_it(origin: Origin, tmp_path: Path) -> None:
    origin.play("/page", PAGE)
    origin.play("/robots.txt", answer(b""))
    async with desk(origin, tmp_path, names=Names(localhost=HERE), allow_private=()) as d:
        source = d.add("a", "127.0.0.1/feed", allow_private=True)
        assert d.fetcher
        own = await d.fetcher.page(f"http://127.0.0.1:{origin.port}/page", source)
        other = await d.fetcher.page(f"http://localhost:{origin.port}/page", source)
    assert isinstance(own, Fetched)
    assert isinstance(other, FetchFailed)
    assert other.kind == "forbidden"
