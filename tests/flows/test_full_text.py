"""Feeds that hold but the beginning of their articles: pages are read for the rest, each of them once."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import pytest
from fetch.hostile import in_turn
from fetch.origin import answer
from letters import letter
from test_page_sources import BUSY, FURNITURE, publish, story, text, title
from world import World, a_world

from syndicator import pipeline
from syndicator.pipeline import reading

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

TEASER, WHOLE = "teaser", "whole"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with a_world(tmp_path) as made:
        yield made


def feed(world: World, items: Iterable[tuple[int, str]], *, host: str = "town.example") -> bytes:
    """A feed whose items hold a teaser or the whole text."""

    def item(n: int, kind: str) -> str:
        said = f"<p>{text(n)[:90]} […]</p>" if kind == TEASER else f"<p>{(text(n) + ' ') * 12}</p>"
        return (
            f"<item><title>{title(n)}</title><link>{world.at(f'{host}/news/{n}.html')}</link><guid>{n}</guid>"
            f"<description>{escape(said)}</description></item>"
        )

    listed = "".join(item(n, kind) for n, kind in items)
    return answer(f'<rss version="2.0"><channel><title>Town</title>{listed}</channel></rss>'.encode())


def read(world: World) -> Counter[str]:
    return Counter(asked.path for asked in world.origin.log if asked.path.startswith("/news/"))


async def lengths(world: World) -> dict[str, int]:
    return {article.title: len(article.text) for article in await world.articles()}


MODES = {  # which pages are read: of a teaser (0), of a whole text (1)
    "off": [],
    "truncated": ["/news/0.html"],
    "always": ["/news/0.html", "/news/1.html"],
}


@pytest.mark.parametrize(("mode", "pages"), MODES.items())
async def test_which_pages_are_read(world: World, mode: str, pages: list[str]) -> None:
    publish(world, 0, 1)
    items = [(0, TEASER), (1, WHOLE)]
    world.add("town", "town.example/feed", feed(world, items), full_text=mode)
    await world.open()
    await world.run(days=1)
    assert read(world) == dict.fromkeys(pages, 1)
    assert bool(world.asked("town.example/robots.txt")) is bool(pages), "feeds are meant for robots"
    found = await lengths(world)
    assert (found[title(0)] > 500) is ("/news/0.html" in pages)
    assert found[title(1)] > 500
    assert not [article for article in await world.articles() if FURNITURE in article.text]


async def test_only_what_is_new_is_read(world: World) -> None:
    publish(world, *range(8))
    feeds = [feed(world, [(n, TEASER) for n in range(start, start + 4)]) for start in range(5)]
    world.add("town", "town.example/feed", in_turn(*feeds), full_text="truncated")
    await world.open()
    await world.run(days=2, restarts=True)
    assert read(world) == {f"/news/{n}.html": 1 for n in range(8)}
    found = await lengths(world)
    assert len(found) == 8
    assert min(found.values()) > 500


async def test_an_edit_of_the_feed_is_worth_one_more_look(world: World) -> None:
    publish(world, 0, 1)
    first, second = (feed(world, [(0, TEASER), (1, TEASER)]) for _ in range(2))
    second = answer(second.partition(b"\r\n\r\n")[2].replace(b"number 0 opens", b"number 0 now opens", 1))
    world.add("town", "town.example/feed", in_turn(first, second), full_text="truncated")
    await world.open()
    await world.run(days=1)
    assert read(world) == {"/news/0.html": 2, "/news/1.html": 1}
    assert len(await world.articles()) == 2


async def test_a_page_that_fails_never_costs_what_the_feed_said(world: World) -> None:
    publish(world, *range(5))
    world.origin.play("town.example/news/1.html", BUSY)
    world.origin.play("town.example/news/2.html", answer(b"", status="404 Not Found"))
    other = story(99).replace(b"Ships of all sizes", b"Trains with another load").replace(b"quay", b"station")
    world.origin.play("town.example/news/3.html", answer(other.partition(b"\r\n\r\n")[2]))
    world.origin.play("town.example/news/4.html", in_turn(BUSY, story(4)))
    world.add("town", "town.example/feed", feed(world, [(n, TEASER) for n in range(5)]), full_text="always")
    await world.open()
    await world.pull()
    assert set(await lengths(world)) == {title(0), title(2), title(3)}
    await world.run(days=1)
    found = {article.title: article.text for article in await world.articles()}
    assert {name for name, said in found.items() if len(said) > 500} >= {title(0), title(4)}
    for n in (1, 2):
        assert found[title(n)].startswith(text(n)[:80])
    assert "another" not in found[title(3)]
    assert read(world) == {f"/news/{n}.html": {1: 3, 4: 2}.get(n, 1) for n in range(5)}


@pytest.mark.parametrize("restarts", [False, True])
async def test_a_letter_waits_for_its_pages(world: World, restarts: bool) -> None:
    """A mail is not acknowledged while articles of it wait: its next reading brings them."""
    publish(world, *range(7))
    world.origin.play("town.example/news/3.html", in_turn(BUSY, story(3)))
    items = "".join(
        f'<h3><a href="{world.at("town.example/news/")}{n}.html">{title(n)}</a></h3><p>{text(n)[:90]} […]</p>'
        for n in range(7)
    )
    box = world.folder / "config" / "box"
    for place in ("tmp", "new", "cur"):
        (box / place).mkdir(parents=True)
    (box / "new" / "1.test").write_bytes(letter(items))
    source = {"name": "weekly", "kind": "newsletter", "url": "maildir:box", "articles": "links"}
    world.listed.append(source | {"full_text": "always"})
    await world.open(pages=3)
    await world.pull()
    assert len(await world.articles()) == 3
    assert list((box / "new").iterdir())
    await world.run(days=1, restarts=restarts)
    found = await lengths(world)
    assert set(found) == {title(n) for n in range(7)}
    assert min(found.values()) > 500
    assert read(world) == {f"/news/{n}.html": 2 if n == 3 else 1 for n in range(7)}
    assert not list((box / "new").iterdir())
    assert (await world.states())["weekly"].body_hash == ""


async def test_a_letter_that_is_built_to_cost_holds_up_none_behind_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PER_LETTER", 0.01)  # less than a process needs to start
    box = world.folder / "config" / "box"
    for place in ("tmp", "new", "cur"):
        (box / place).mkdir(parents=True)
    (box / "new" / "1.test").write_bytes(letter("<p>news</p>" * 40_000, Subject="Endless"))
    (box / "new" / "2.test").write_bytes(letter(Subject="Rivers rise", Message_ID="<2@x.example>"))
    world.listed.append({"name": "weekly", "kind": "newsletter", "url": "maildir:box"})
    await world.open()
    await world.pull()
    assert [article.title for article in await world.articles()] == ["Rivers rise"]
    assert not list((box / "new").iterdir())
    assert len(list((box / "cur").iterdir())) == 2, "it stays in its box"
    assert ["not read" in notice.text for notice in await world.notices()] == [True]


# The customer's own page ------------------------------------------------------------------------------

TITLE = "Joint Operation Targets Telecom Fraud in Southeast Asia"
BEGIN, END = "In a span of only four days", "68.5% of all international cases."
TOPICS = Path(__file__).parents[2] / "config" / "topics"


@pytest.mark.parametrize("way", ["page", "page-selected", "truncated"])
async def test_the_customers_own_article(world: World, corpus: Path, way: str) -> None:
    """As a list page or a cut feed leads to it: whole, without furniture, in both of its topics."""
    seed = corpus / "seed"
    place = "wire.example/china/joint-operation-targets-telecom-fraud/"
    world.origin.play(place, answer((seed / "joint-operation.html").read_bytes(), "Content-Type: text/html"))
    world.origin.play("wire.example/robots.txt", answer(b"User-agent: *\nDisallow:\n"))
    if way == "truncated":
        body = (seed / "feed-truncated.xml").read_bytes().replace(b"https://wire.example/", b"/")
        body = body.replace(b"<link>/", f"<link>{world.at('wire.example/')}".encode())
        world.add("wire", "wire.example/feed/", answer(body), full_text="truncated")
        world.origin.play(f"{place}?utm_source=rss", world.origin.plays[place])
    else:
        page = (
            "<html><head><title>The Wire</title></head><body><nav><a href=/>Home</a></nav><main>"
            f'<h2><a href="/china/joint-operation-targets-telecom-fraud/">{TITLE}</a></h2></main></body>'
        )
        select = {"select": "main h2"} if way == "page-selected" else {}
        body = page.encode()
        world.add(
            "wire", "wire.example/china/", answer(body, "Content-Type: text/html"), kind="page", **select
        )
    await world.open()
    for name in ("china", "telecom-fraud"):
        target = world.folder / "config" / "topics" / f"{name}.yaml"
        target.write_bytes((TOPICS / f"{name}.yaml").read_bytes())
    for name in ("aliases.yaml",):
        if (TOPICS.parent / name).exists():
            (world.folder / "config" / name).write_bytes((TOPICS.parent / name).read_bytes())
    await world.restart()
    await world.run(hours=5)
    (article,) = await world.articles()
    said = " ".join(article.text.split())
    assert said.startswith(BEGIN)
    assert said.endswith(END)
    gold = (seed / "joint-operation.txt").read_text()
    gold = gold[gold.index(BEGIN) : gold.index(END) + len(END)]
    assert said == " ".join(gold.split())
    assert article.title == TITLE
    assert article.published_at
    assert article.published_at.date().isoformat() == "2023-09-22"
    assert "China" in article.tags
    await pipeline.publish(world.parts)
    for slug in ("china", "telecom-fraud"):
        (item,) = json.loads((world.parts.settings.public / "topics" / f"{slug}.json").read_text())["items"]
        assert item["title"] == TITLE
        assert END in item["content_html"]
        assert "Most Popular" not in item["content_html"]
