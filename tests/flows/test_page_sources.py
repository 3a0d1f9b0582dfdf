"""List pages, sitemaps and the articles behind them, pulled by the whole program at simulated time.

What is judged is the log of requests: robots.txt first, nothing that it forbids, no page twice, never more of
them than `fetch.pages`, and no host before the time that it named.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from fetch.hostile import in_turn
from fetch.origin import answer
from letters import letter
from test_kill import BEYOND_LEASES, begun, wait_until
from world import World, a_world

from syndicator import pipeline
from syndicator.pipeline import pages

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from program import Program

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BUSY = answer(b"Busy", status="503 Busy")
ROBOTS = answer(b"User-agent: *\nDisallow: /private/\n", "Content-Type: text/plain")
FURNITURE = "Cookies and newsletters"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with a_world(tmp_path) as made:
        yield made


def title(n: int | str) -> str:
    return f"The harbour of town number {n} opens a new quay"


def text(n: int | str) -> str:
    said = f"Ships of all sizes came to town number {n} when the new quay was opened by its mayor on Monday. "
    return said + f"Harbour master number {n} told reporters that oranges would be cheaper from now on. "


def story(n: int | str) -> bytes:
    """An article's page with what stands around articles."""
    body = "".join(f"<p>{text(n)} Paragraph {part} goes on about cranes and tides.</p>" for part in range(5))
    return answer(
        f"<!doctype html><html lang=en><head><title>{title(n)} - News</title>"
        f'<meta property="article:published_time" content="2026-11-01T08:00:00Z"></head><body>'
        f"<nav><a href=/>Home</a> <a href=/about>About us</a></nav><main><article><h1>{title(n)}</h1>{body}"
        f"</article></main><footer>{FURNITURE}</footer></body></html>".encode(),
        "Content-Type: text/html; charset=utf-8",
    )


def listing(*numbers: int | str, folder: str = "/news/", extra: str = "") -> bytes:
    links = "".join(f'<li><h2><a href="{folder}{n}.html">{title(n)}</a></h2></li>' for n in numbers)
    return answer(
        f"<html lang=en><head><title>Town news</title></head><body><nav><a href=/about>About us all</a></nav>"
        f"<main><ul class=news>{links}</ul></main><aside class=ads><a href=/ads/1.html>Buy a boat from us "
        f"while there are some left</a></aside>{extra}</body></html>".encode(),
        "Content-Type: text/html",
    )


def publish(world: World, *numbers: int | str, host: str = "town.example", folder: str = "/news/") -> None:
    world.origin.play(f"{host}/robots.txt", ROBOTS)
    for n in numbers:
        world.origin.play(f"{host}{folder}{n}.html", story(n))


def requests(world: World) -> list[str]:
    return [asked.host + asked.path for asked in world.origin.log]


# Lists ------------------------------------------------------------------------------------------------

SITEMAP = (
    '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{}</urlset>'
)
PLACE = (
    "<url><loc>http://town.example:{port}/news/{n}.html</loc><news:news><news:publication><news:name>Town"
    "</news:name><news:language>en</news:language></news:publication><news:publication_date>"
    "2026-11-01T08:00:00Z</news:publication_date><news:title>{title}</news:title></news:news></url>"
)


@pytest.mark.parametrize("kind", ["selector", "looks", "sitemap"])
async def test_a_list_leads_to_whole_articles(world: World, kind: str) -> None:
    numbers = range(4)
    publish(world, *numbers)
    places = "".join(PLACE.format(n=n, title=title(n), port=world.origin.port) for n in numbers)
    play = answer(SITEMAP.format(places).encode()) if kind == "sitemap" else listing(*numbers)
    select = {"select": "ul.news a"} if kind == "selector" else {}
    world.add("town", "town.example/list", play, kind="page", **select)
    await world.open()
    assert (await world.pull()).articles == 4
    found = {article.title: article for article in await world.articles()}
    assert sorted(found) == [title(n) for n in numbers]
    for n in numbers:
        article = found[title(n)]
        assert article.text.count(f"town number {n} ") == 5
        assert article.text.strip().endswith("cranes and tides.")
        assert FURNITURE not in article.text
        assert article.published_at == datetime(2026, 11, 1, 8, tzinfo=UTC)
    assert Counter(requests(world)) == {
        "town.example/robots.txt": 1,
        "town.example/list": 1,
        **{f"town.example/news/{n}.html": 1 for n in numbers},
    }
    assert requests(world)[0] == "town.example/robots.txt", "robots are asked first"
    await pipeline.publish(world.parts)
    listed = json.loads((world.parts.settings.public / "topics" / "all.json").read_text())["items"]
    assert sorted(item["title"] for item in listed) == sorted(found)
    assert all(FURNITURE not in item["content_html"] for item in listed)


async def test_nothing_is_read_twice(world: World) -> None:
    publish(world, *range(9))
    lists = [listing(*range(n, n + 4), extra=f"<p>{n} readers</p>") for n in range(5)]
    world.add("town", "town.example/list", in_turn(*lists), kind="page")
    await world.open()
    await world.run(days=2)
    seen = Counter(requests(world))
    assert seen.pop("town.example/list") > 5
    assert seen.pop("town.example/robots.txt") <= 3, "once a day"
    assert seen == {f"town.example/news/{n}.html": 1 for n in range(8)}
    assert len(await world.articles()) == 8


# What robots.txt says ---------------------------------------------------------------------------------


async def test_robots_are_obeyed_for_lists_and_pages(world: World) -> None:
    publish(world, 0, 1)
    publish(world, 2, folder="/private/")
    mixed = listing(0, 1).replace(b"/news/1.html", b"/private/2.html")
    mixed = answer(mixed.partition(b"\r\n\r\n")[2], "Content-Type: text/html")
    world.add("town", "town.example/list", mixed, kind="page", select="ul a")
    world.add("closed", "town.example/private/list", listing(0), kind="page")
    world.origin.play("down.example/robots.txt", BUSY)
    world.add("down", "down.example/list", listing(0), kind="page")
    await world.open()
    await world.run(hours=6)
    asked = requests(world)
    assert not [url for url in asked if "/private/" in url]
    assert "down.example/list" not in asked, "what cannot be read may forbid everything"
    assert asked.count("town.example/robots.txt") == 1
    states = await world.states()
    assert "robots.txt" in states["closed"].last_error
    assert "robots.txt" in states["down"].last_error
    assert states["town"].state == "ok"
    found = {article.title: len(article.text) for article in await world.articles("town")}
    assert found[title(0)] > 500
    assert found[title(1)] < 500, "the forbidden one is taken as the list says it"


async def test_who_owns_the_site_may_switch_robots_off(world: World) -> None:
    publish(world, 2, folder="/private/")
    world.add("town", "town.example/private/list", listing(2, folder="/private/"), kind="page")
    await world.open(robots=False)
    await world.pull()
    assert requests(world) == ["town.example/private/list", "town.example/private/2.html"]


# Pages that fail --------------------------------------------------------------------------------------


@pytest.mark.parametrize("restarts", [False, True])
async def test_a_page_that_fails_for_a_while_is_waited_for(world: World, restarts: bool) -> None:
    publish(world, *range(3))
    world.origin.play("town.example/news/1.html", in_turn(BUSY, BUSY, story(1)))
    world.add("town", "town.example/list", listing(*range(3)), kind="page")
    await world.open()
    assert (await world.pull()).articles == 2, "the others do not wait"
    await world.run(hours=3, restarts=restarts)
    found = {article.title: article.text for article in await world.articles()}
    assert len(found) == 3
    assert found[title(1)].count("town number 1 ") == 5
    assert len(world.asked("town.example/news/1.html")) == 3
    assert len(world.asked("town.example/news/0.html")) == 1
    apart = world.asked("town.example/news/1.html")
    assert all(later - earlier >= 15 * MINUTE for earlier, later in itertools.pairwise(apart))


@pytest.mark.parametrize("restarts", [False, True])
async def test_a_page_that_never_comes_is_taken_as_listed(world: World, restarts: bool) -> None:
    publish(world, 0)
    world.origin.play("town.example/news/1.html", BUSY)
    world.add("town", "town.example/list", listing(0, 1), kind="page")
    await world.open()
    await world.run(hours=12, restarts=restarts)
    assert len(await world.articles()) == 2
    assert len(world.asked("town.example/news/1.html")) == pages.TRIES
    state = (await world.states())["town"]
    assert (state.state, bool(state.body_hash)) == ("ok", True)


@pytest.mark.parametrize(
    "play",
    [
        answer(b"", status="404 Not Found"),
        answer(b"", status="410 Gone"),
        answer(b"", status="403 Forbidden"),
        answer(b"x", "Location: /news/1.html", status="302 Found"),
        answer(b""),
        answer(b"\x89PNG\r\n\x1a\n" + b"\x00" * 999, "Content-Type: image/png"),
        answer(b"<html><title>Log in</title><body>Please log in to continue</body></html>"),
        answer(b"<html>" + b"<div>" * 50_000),
        answer(b" " * 17_000_000),
    ],
    ids=["404", "410", "403", "circle", "empty", "picture", "log-in", "deep", "big"],
)
async def test_a_page_that_is_none_is_asked_once_and_taken_as_listed(world: World, play: bytes) -> None:
    publish(world, 0)
    world.origin.play("town.example/news/1.html", play)
    world.add("town", "town.example/list", listing(0, 1), kind="page")
    await world.open()
    await world.run(hours=12)
    found = {article.title: article.text for article in await world.articles()}
    assert set(found) == {title(0), title(1)}
    assert "log in" not in found[title(1)].lower()
    assert len(world.asked("town.example/news/1.html")) == 1
    assert (await world.states())["town"].state == "ok", "410 of a page does not stop its source"


# Restraint --------------------------------------------------------------------------------------------


async def test_no_more_pages_than_allowed_in_one_pull(world: World) -> None:
    numbers = range(11)
    publish(world, *numbers)
    world.add("town", "town.example/list", listing(*numbers), kind="page")
    await world.open(pages=4)
    await world.run(hours=6)
    read = Counter(asked.at for asked in world.origin.log if "/news/" in asked.path)
    assert list(read.values()) == [4, 4, 3]
    assert len(await world.articles()) == 11
    apart = world.asked("town.example/list")
    assert all(later - earlier >= 13 * MINUTE for earlier, later in itertools.pairwise(apart))
    assert set(Counter(asked.path for asked in world.origin.log if "/news/" in asked.path).values()) == {1}


async def test_a_slow_site_is_left_for_the_next_pull(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def slow(asked: object, writer: asyncio.StreamWriter) -> None:
        await awake.wait()
        writer.write(story(1))

    awake = asyncio.Event()
    publish(world, *range(4))
    world.origin.play("town.example/news/1.html", slow)
    world.add("town", "town.example/list", listing(*range(4)), kind="page")
    await world.open()
    monkeypatch.setattr(pages, "IN_ALL", 4)  # seconds: plenty for the two that are read before it
    assert (await world.pull()).articles == 2
    assert not world.asked("town.example/news/0.html")
    awake.set()
    monkeypatch.undo()
    await world.run(hours=1)
    assert len(await world.articles()) == 4


@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.parametrize("where", ["/news/1.html", "/robots.txt"])
async def test_a_page_that_wants_peace_gets_it_for_its_whole_host(
    world: World, where: str, restarts: bool
) -> None:
    """429 of an article's page, or of robots.txt, is 429 of the host; a new process knows it too."""
    publish(world, *range(4))
    no = answer(b"No", "Retry-After: 36000", status="429 Slow Down")
    world.origin.play(f"town.example{where}", in_turn(no, ROBOTS if "robots" in where else story(1)))
    world.add("town", "town.example/list", listing(*range(4)), kind="page")
    world.add(
        "feed", "www.town.example/feed", answer(b"<rss version='2.0'><channel/></rss>"), every={"min": "1h"}
    )
    await world.open(per_host=1)
    await world.pull()
    began, before = world.now, len(world.origin.log)
    assert world.origin.log[-1].path == where or world.origin.log[-1].path == "/feed"
    if restarts:
        await world.restart()
    await world.run(hours=12)
    later = [asked.at - began for asked in world.origin.log[before:]]
    assert later
    assert min(later) >= 10 * HOUR
    assert len(await world.articles()) == 4
    assert len(world.asked(f"town.example{where}")) == 2


async def test_other_hosts_pages_wait_for_their_host_alone(world: World) -> None:
    publish(world, *range(3), host="stories.example")
    no = answer(b"No", "Retry-After: 7200", status="429 Slow Down")
    world.origin.play("stories.example/news/0.html", in_turn(no, story(0)))
    folder = world.at("stories.example/news/")
    world.add("town", "town.example/list", listing(*range(3), folder=folder), kind="page", select="ul a")
    await world.open()
    await world.run(hours=6, restarts=True)
    asked = [asked.at for asked in world.origin.log if asked.host == "stories.example"]
    pause = [later - earlier for earlier, later in itertools.pairwise(asked) if later != earlier]
    assert pause
    assert pause[0] >= 2 * HOUR
    found = {article.title: len(article.text) for article in await world.articles()}
    assert len(found) == 3
    assert min(found.values()) > 500, "a pause that ends is waited for"


# Killed -----------------------------------------------------------------------------------------------


def test_killed_while_reading_pages_and_mail(program: Program, http_server) -> None:  # type: ignore[no-untyped-def]
    """SIGKILL at several moments of pulls: rows are the truth, nothing is lost and nothing there twice."""
    numbers = range(12)

    def bare(said: bytes) -> tuple[bytes, dict[str, str]]:
        return said.partition(b"\r\n\r\n")[2], {"Content-Type": "text/html"}

    server = http_server(
        {f"/news/{n}.html": bare(story(n)) for n in numbers}
        | {"/list": bare(listing(*numbers)), "/robots.txt": b"User-agent: *\nAllow: /\n"}
    )
    box = program.config / "box"
    for place in ("tmp", "new", "cur"):
        (box / place).mkdir(parents=True)
    for n in range(5):
        mail = letter(Subject=f"Rivers {n}", Message_ID=f"<{n}@letter.example>")
        (box / "new" / f"{n}.test").write_bytes(mail.replace(b"/issues/7", f"/issues/{n}".encode()))
    program.configure(fetch={"pages": 5, "allow_private": ["127.0.0.0/8"], "min_interval": "1m"})
    listed = [
        {"name": "town", "kind": "page", "url": server.url("/list")},
        {"name": "weekly", "kind": "newsletter", "url": "maildir:box"},
    ]
    (program.config / "sources" / "all.yaml").write_text(json.dumps({"sources": listed}))
    program.topic("all", any=["harbour", "rivers"], min_score=0, publish={"per_source": 50})
    now = datetime.now(UTC)
    for moment in (2, 6):

        def reached(count: int = moment) -> bool:
            return sum("/news/" in visit.path for visit in server.log) >= count

        with begun(program, "once", "--now", now.isoformat()) as process:
            assert wait_until(reached, process), "it was killed before the end"
        now += BEYOND_LEASES
    for _ in range(3):
        program.once(now.isoformat())
        now += BEYOND_LEASES
    titles = Counter(
        item["title"] for item in json.loads(program.run("feed", "all", "--format", "json").stdout)["items"]
    )
    assert set(titles.values()) == {1}
    assert set(titles) == {title(n) for n in numbers} | {f"Rivers {n}" for n in range(5)}
    assert not list((box / "new").iterdir())
