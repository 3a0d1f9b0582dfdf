"""Habits, pull by pull: what recurs is stored each time, what is edited once; on each database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from shelf import NOW, article

from syndicator.store import Store, articles, names

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from syndicator.model import Article

DAY = timedelta(days=1)
HOME = "https://wire.example/"
PHOTO = "Our picture editors choose the best photographs of the last seven days from around the world."
NEWSROOM = "The latest headlines from our newsroom, five minutes long."
STORM = "Winds of thirty knots and seas of two metres are expected until noon, the office said."
Entry = tuple[str, str, str, str, timedelta]  # guid, link (empty: the homepage), title, text, age at NOW


@dataclass(frozen=True)
class Habit:
    """What a feed shows in each pull, and how many articles that is."""

    name: str
    pulls: Sequence[Sequence[Entry]]
    count: int
    pages: int | None = None  # how many links they have, where it is not `count`


def own(number: int) -> str:
    return " ".join(f"word{number}of{place}" for place in range(20))


def plain(first: int, last: int) -> list[Entry]:
    return [
        (f"guid-{n:05}x", f"p/{n}", f"Headline {own(n)[:20]}", own(n), n * DAY) for n in range(first, last)
    ]


def ago(day: int, hours: float = 0) -> timedelta:
    return -day * DAY - timedelta(hours=hours)


def habits() -> Iterator[Habit]:
    weeks = range(0, 21, 7)
    pictures = [("?p={}", "2026/11/{:02}/week-in-pictures", "The week in pictures", PHOTO)]
    yield Habit("recurring title and text", [
        [*((g.format(4700 + d), u.format(d + 1), t, x, ago(d)) for g, u, t, x in pictures), *plain(1, 5)]
        for d in weeks
    ], 7)  # fmt: skip
    shows = ("Morning headlines", "Noon headlines", "Evening headlines")
    yield Habit("podcast with boilerplate", [
        [(f"ep-{d}-{n}", f"ep/{d}{n}00", t, NEWSROOM, ago(d, 4 * n)) for n, t in enumerate(shows)]
        for d in range(3)
    ], 9)  # fmt: skip
    coasts = ("Arro", "Bell Rock", "Cape Dun", "Dover Sound")
    yield Habit("alerts with ?id=", [
        [(f"urn:cap:{d}a{n}", f"alert?id={d}{n}", f"Small craft advisory for {c}", STORM, ago(d))
         for n, c in enumerate(coasts)] for d in range(3)
    ], 12)  # fmt: skip
    yield Habit("one-item briefing", [
        [(f"briefing-{8800 + d}", f"2026/11/{d + 10}/daily", "Daily briefing", NEWSROOM, ago(d))]
        for d in range(3)
    ], 3)  # fmt: skip
    yield Habit("image-only photos", [
        [(f"photo{d * 3 + n}", f"photo/{d * 3 + n}", "Photo", "", ago(d)) for n in range(3)] for d in range(3)
    ], 9)  # fmt: skip
    yield Habit("guid revision and a number", [
        [(f"quake77#{n}", "quake77", f"Quake kills at least {toll}", STORM, DAY), *plain(1, 20)]
        for n, toll in enumerate((12, 15, 21))
    ], 20)  # fmt: skip
    yield Habit("churning guids and numbers", [
        [(f"r{pull}-{n}x", f"q/{n}", f"Toll rises to {10 + pull * n}", STORM, DAY) for n in range(1, 6)]
        for pull in range(3)
    ], 5)  # fmt: skip
    yield Habit("stable guid, new slug and words", [
        [("tag:a.example,2026:story-991", f"2026/{own(n)[:8]}", own(n)[:20], own(n), DAY), *plain(1, 20)]
        for n in range(100, 103)
    ], 20)  # fmt: skip
    yield Habit("places with homepage links", [
        [(str(place + 1), "", f"Title of {own(n)[:20]}", own(n), ago(0, n / 10))
         for place, n in enumerate(range(3 * pull + 9, 3 * pull - 1, -1))] for pull in range(4)
    ], 19, pages=1)  # fmt: skip
    yield Habit("places and boilerplate", [
        [(f"item-{place}", f"ep/{n}", f"Show {own(n)[:9]}", NEWSROOM, ago(0, n))
         for place, n in enumerate(range(2 * pull + 5, 2 * pull - 1, -1))] for pull in range(4)
    ], 12)  # fmt: skip
    yield Habit("the latest alone, under one guid", [
        [("latest", f"p/{n}", own(n)[:20], own(n), ago(n))] for n in range(3)
    ], 3)  # fmt: skip


HABITS = list(habits())


async def show(store: Store, entries: Sequence[Entry], day: int) -> None:
    found: list[Article] = []
    also: dict[str, list[tuple[str, str]]] = {}
    for guid, link, title, text, age in entries:
        key = f"guid {guid}"
        said = {"wire": f"{title}{text}{link}", "fingerprint": f"{title}{text}{link}"}
        found.append(
            article(
                key, guid=guid, url=f"{HOME}{link}", title=title, text=text, published_at=NOW - age, **said
            )
        )
        also[key] = [("guid", key), *([("link", f"link {link}")] if link else [])]
    async with store.write() as conn:
        seen = await names.known(conn, "wire", also)
        fresh = [each for each in found if each.key not in seen or seen[each.key].wire != each.wire]
        await articles.upsert(conn, "wire", fresh, now=NOW + day * DAY, also=also, seen=seen)


@pytest.mark.parametrize("habit", HABITS, ids=[each.name for each in HABITS])
async def test_all_are_kept_and_each_once(store: Store, habit: Habit) -> None:
    for pull, entries in enumerate(habit.pulls):
        for again in range(2):
            await show(store, entries, pull + again)
    async with store.read() as conn:
        stored = [each.article async for chunk in articles.scan(conn) for each in chunk]
    assert len(stored) == habit.count, [each.title for each in stored]
    assert len({each.url for each in stored}) == (habit.pages or habit.count)


async def test_what_says_the_same_again_is_an_echo(store: Store) -> None:
    """The flood guard asks for it: an archive that comes back under new names, links and dates."""
    said = {"title": "Fog", "text": STORM}
    async with store.write() as conn:
        first = await articles.upsert(conn, "wire", [article("a", **said)], now=NOW)
    async with store.write() as conn:
        found = [article("b", **said), article("c", title="Fog", text=own(1))]
        second = await articles.upsert(conn, "wire", found, now=NOW + DAY)
    assert first.echoes == set()
    assert second.echoes == {one.id for one in second.new if one.article.key == "b"}
