"""Documents of publishers that change guids, links, dates and words at once, named as in a pull."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from shelf import NOW

from syndicator.model import Entry, ParsedFeed, Source
from syndicator.normalise import finish, identify
from syndicator.store import Store, articles, names

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
HOME, MOVED = "https://wire.example/", "https://new.example/"
MIDNIGHT = NOW.replace(hour=0)
SOURCE = Source(name="wire", url=f"{HOME}feed")


@dataclass(frozen=True)
class Habit:
    """What a feed shows in each of its pulls: `window` stories from number `pull * step` on."""

    name: str
    count: int  # of articles after all pulls
    entry: Callable[[int, int, int], Entry]  # of pull, story and place
    window: int = 8
    step: int = 0
    pulls: int = 4


def own(number: int) -> str:
    return " ".join(f"word{number}of{place}" for place in range(15))


def told(
    number: int, guid: str, link: str, at: datetime | None = NOW, *, title: str = "", text: str = ""
) -> Entry:
    title, text = title or f"Headline {own(number)[:20]}", text or own(number)
    return Entry(guid=guid, url=link, title=title, content=text, published_at=at)


def address(pull: int, number: int) -> str:
    """Give the address of a story on a site that moves before the third pull."""
    return f"{HOME}s/{number}" if pull < 2 else f"{MOVED}s/{number}"


HABITS = [
    Habit("guids and dates of each fetch, and edits", 8, lambda pull, n, _: told(
        n, f"{n}-{pull}", f"{HOME}p/{n}", NOW + pull * HOUR, text=own(n) + " edited" * pull)),
    Habit("guids and sessions of each fetch", 11, lambda pull, n, _: told(
        n, f"{n}-{pull}", f"{HOME}a/{n}?sid={pull}{n}", NOW + n * HOUR), step=1),
    Habit("undated sessions of each fetch", 11, lambda pull, n, _: told(
        n, "", f"{HOME}a/{n}?sid={pull}{n}", None), step=1),
    Habit("a bulletin each hour at one address", 4, lambda pull, n, _: told(
        n, f"bulletin-{pull}a", f"{HOME}bulletin", NOW + pull * HOUR, title=f"Bulletin {pull}"), 1, step=1),
    Habit("neither guid nor link", 11, lambda pull, n, _: told(n, "", "", NOW + n * HOUR), step=1),
    Habit("another host, guids are addresses", 13, lambda pull, n, _: told(
        n, address(pull, n), address(pull, n), NOW + n * HOUR), 10, step=1),
    Habit("other folders, dates of the move", 13, lambda pull, n, _: told(
        n, "", f"{HOME}{'stories' if pull > 1 else '2026/11'}/slug-{n}-of-fog",
        NOW + (pull > 1) * DAY + n * HOUR), 10, step=1),
    Habit("photos of one midnight", 12, lambda pull, n, _: told(
        n, f"{HOME}p/{n}", f"{HOME}p/{n}", MIDNIGHT, title="Photo", text="<img src='/a.jpg'>"), 3, step=3),
    Habit("a changelog on one page", 4, lambda pull, n, _: told(
        n, f"v{n}.0", f"{HOME}log#v{n}", MIDNIGHT + n * DAY), 1, step=1),
    Habit("undated places with one link", 14, lambda _, n, place: told(
        n, str(9 - place), HOME, None), step=2),
    Habit("full texts, new guids and links", 8, lambda pull, n, _: told(
        n, f"{n}-{pull}", f"{HOME}{'ab'[pull > 0]}/{n}y", NOW + n * HOUR,
        text=own(n) + (own(50) + own(60) + own(70)) * (pull > 0))),
    Habit("alerts without guids", 16, lambda pull, n, _: told(
        n, "", f"{HOME}alert?id={pull}{n}", NOW + pull * DAY, title=f"Advisory {n}", text=own(0)), 4),
    Habit("http and https by turns, undated", 8, lambda pull, n, _: told(
        n, f"{n}-{pull}", f"http{'s' * (pull % 2)}://wire.example/p/{n}", None)),
]  # fmt: skip


async def pull(store: Store, entries: list[Entry], scheme: str, now: datetime) -> str:
    feed = ParsedFeed(format="rss20", url=HOME, entries=tuple(entries))
    identified = identify(feed, source=SOURCE, scheme=scheme)  # type: ignore[arg-type]
    async with store.write() as conn:
        seen = await names.known(conn, "wire", identified.keys)
        fresh = [
            each for each in identified.sightings if each.key not in seen or seen[each.key].wire != each.wire
        ]
        found = finish(fresh, feed=feed, source=SOURCE, now=now, languages=("en",))
        stored = await articles.upsert(conn, "wire", found, now=now, also=identified.names, seen=seen)
    return identified.scheme_after(stored.renamed)


@pytest.mark.parametrize("habit", HABITS, ids=[each.name for each in HABITS])
async def test_all_are_kept_and_each_once(store: Store, habit: Habit) -> None:
    scheme = "guid"
    for turn in range(habit.pulls):
        numbers = range(turn * habit.step, turn * habit.step + habit.window)
        entries = [habit.entry(turn, n, place) for place, n in enumerate(numbers)]
        scheme = await pull(store, entries, scheme, NOW + turn * DAY)
    async with store.read() as conn:
        kept = [each.article async for chunk in articles.scan(conn) for each in chunk]
    assert len(kept) == habit.count, [(each.title, each.url) for each in kept]
