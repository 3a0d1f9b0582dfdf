"""search: what readers ask of the archive; and read, which keeps up the words that it looks through.

Both are bounded: `read` by its portions, so that no other work waits for it; `search` by time. A search that
time ends says how far it came, and goes on from there if it is asked to.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from syndicator.card import card
from syndicator.match.question import first_place, haystack, places
from syndicator.store import search as rows
from syndicator.text.marks import clip, pieces

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from syndicator.card import Card
    from syndicator.match.question import Question
    from syndicator.model import StoredArticle, Topic
    from syndicator.pipeline.parts import Parts
    from syndicator.store.search import Portion, Scope, Unread
    from syndicator.text.marks import Pieces

NEWEST: Final = 500  # articles that `read` looks at each time, for what came in just now
SWEPT: Final = 1_500  # others that it looks at each time, for what an edit found or a publisher changed
AT_ONCE: Final = 100  # articles read in one transaction
LONGEST: Final = 40_000  # characters of a text that are searched

SIZE: Final = 100  # articles in the first portion of a search; long ones and many words take their time
SMALLEST: Final = 25
LARGEST: Final = 5_000  # of short articles: some 20 ms
QUICK, SLOW = 0.05, 0.2  # seconds for a portion: after a quick one twice as many, after a slow one half
SECONDS: Final = 1.0  # for one search
HITS: Final = 20
EXCERPT: Final = 260  # characters
AROUND: Final = 4_000  # characters of a text in which words are marked, a quarter of them before the first


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An article that was found, its title and excerpt in pieces, marked or not."""

    card: Card
    title: Pieces
    excerpt: Pieces
    topics: tuple[Topic, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a search found, newest arrivals first. `before` is where to go on; None: that was all.

    `is_late`: time was up before there was a page full; `reached` is how far back it came then.
    """

    hits: tuple[Hit, ...]
    before: int | None = None
    is_late: bool = False
    reached: datetime | None = None


async def read(parts: Parts) -> bool:
    """Bring the words of the newest articles up to date, and of one stretch of the others.

    Whether to go on at once: as long as there was anything to do, to the end of all; else a look at one
    stretch a tick is enough, and costs some milliseconds.
    """
    async with parts.store.read() as conn:
        newest = await rows.below(conn, None, NEWEST)
        found = await rows.unread(conn, since=newest or 0, before=None, limit=AT_ONCE)
        if not found:
            before = parts.read_from or newest
            end = await rows.below(conn, before, SWEPT) if before else None
            if before:
                found = await rows.unread(conn, since=end or 0, before=before, limit=AT_ONCE)
            if len(found) < AT_ONCE:
                parts.read_from = end
                parts.read_on = parts.read_on and end is not None
    if parts.stopping.is_set():
        return False
    if found:
        words = await asyncio.to_thread(_words, found)
        async with parts.store.write() as conn:
            await rows.put(conn, words)
        parts.read_on = True
    return parts.read_on


def _words(found: Sequence[Unread]) -> dict[tuple[int, str], str]:
    return {(each.id, each.version): haystack(_texts(each)) for each in found}


def _texts(each: Unread) -> tuple[str, ...]:
    return (each.title, *each.authors, *each.tags, each.text[:LONGEST] or each.summary)


async def search(
    parts: Parts, asked: Question, topic: Topic | None, *, before: int | None = None, seconds: float = SECONDS
) -> Found:
    """Look for what was asked in a public topic, or in all of them."""
    loop = asyncio.get_running_loop()
    known = parts.current.catalog.topics
    hidden = frozenset() if topic else frozenset(s for s, each in known.items() if not each.is_public)
    scope = rows.Scope(topic.slug if topic else "", hidden)
    began, at, is_late, size = loop.time(), before, False, SIZE
    end = began + seconds
    ids: list[int] = []
    while True:
        portion = await _look(parts, asked, scope, at, size, HITS + 1 - len(ids))  # one more: is there more?
        size, began = _next_size(size, loop.time() - began), loop.time()
        ids, at = [*ids, *portion.ids], portion.reached
        if len(ids) > HITS:
            ids, at = ids[:HITS], ids[HITS - 1]
            break
        is_late = at is not None and loop.time() > end
        if at is None or is_late:
            break
    async with parts.store.read() as conn:
        found = await rows.read(conn, ids) if ids else []
        reached = await rows.arrived(conn, at) if is_late and at else None
    shown = [
        (stored, tuple(known[slug] for slug in slugs if slug in known and known[slug].is_public))
        for stored, slugs in found
    ]
    hits = await asyncio.to_thread(lambda: [_hit(asked, *each) for each in shown if each[1]])
    hits.sort(key=lambda hit: hit.card.at, reverse=True)  # what one pull brought arrived in any order
    return Found(hits=tuple(hits), before=at, is_late=is_late, reached=reached)


def _next_size(size: int, took: float) -> int:
    if took < QUICK:
        return min(size * 2, LARGEST)
    return max(size // 2, SMALLEST) if took > SLOW else size


async def _look(
    parts: Parts, asked: Question, scope: Scope, before: int | None, size: int, limit: int
) -> Portion:
    """Look through one portion, in a transaction of its own: none is held open for long."""
    groups = [[words.needle for words in group] for group in asked.groups]
    without = [words.needle for words in asked.without]
    async with parts.store.read() as conn:
        return await rows.look(conn, groups, without, scope=scope, before=before, size=size, limit=limit)


def _hit(asked: Question, stored: StoredArticle, topics: tuple[Topic, ...]) -> Hit:
    shown = card(stored)
    return Hit(
        card=shown,
        title=pieces(shown.title, places(asked, shown.title)),
        excerpt=_excerpt(asked, stored, shown),
        topics=topics,
    )


def _excerpt(asked: Question, stored: StoredArticle, shown: Card) -> Pieces:
    """Show the article's own excerpt if it has the words, else what stands around them in its text."""
    if marks := places(asked, shown.excerpt):
        return pieces(*clip(shown.excerpt, marks, EXCERPT))
    text = _around(asked, stored.article.text[:LONGEST])
    if marks := places(asked, text):
        return pieces(*clip(text, marks, EXCERPT))
    return pieces(*clip(shown.excerpt, (), EXCERPT))


def _around(asked: Question, text: str) -> str:
    """Cut out what stands around the words, from a blank on: cutting all of a text into words takes long."""
    if len(text) <= AROUND:
        return text
    start = max(first_place(asked, text) - AROUND // 4, 0)
    if start and (blank := text.find(" ", start, start + 100)) >= 0:
        start = blank + 1
    return text[start : start + AROUND]
