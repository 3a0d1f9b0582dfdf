"""rematch: the archive and the rules in force → matches that obey them.

`apply` says what keeps hosts together.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from syndicator.learn.record import fingerprint
from syndicator.match.index import Index
from syndicator.pipeline.grouping import group_missing
from syndicator.pipeline.parts import log
from syndicator.store import articles, catalogs, matches, topics
from syndicator.store.dialect import lock_arrivals

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.model import Match, StoredArticle, Topic
    from syndicator.pipeline.parts import Current, Parts


class Found(NamedTuple):
    """What an article matches, and the fingerprint of the words that it was matched with."""

    fingerprint: str
    hits: Sequence[Match]


async def rematch(parts: Parts) -> bool:
    """Match the archive again for the topics whose matches obey other rules; whether anything was done.

    Nothing is written if other rules are in force, or come into force meanwhile: then the next tick, which
    catches up first, does it. Done once for the same rules, so that hosts with programs of two versions,
    which understand one rule differently, do not undo each other's work for ever.
    """
    current = parts.current
    if parts.matched == current.stamp:
        return False
    async with parts.store.write() as conn:
        await lock_arrivals(conn, exclusive=True)  # pulls that began under other rules are over
        if await catalogs.in_force(conn) != current.stamp:
            return False
        changed = await _disobedient(conn, current)
    if not changed:
        parts.matched = current.stamp
        return False
    anew = replace(current, index=Index(changed.values()))
    async with parts.store.read() as conn:
        found = await _match_archive(conn, anew)
    async with parts.store.write() as conn:
        await lock_arrivals(conn, exclusive=True)
        if await catalogs.in_force(conn) != current.stamp:
            return False
        await _record(conn, parts, current, changed, found)
    parts.matched = current.stamp
    log.info("matched the archive again", topics=sorted(changed), articles=len(found))
    return True


async def _disobedient(conn: AsyncConnection, current: Current) -> dict[str, Topic]:
    """Find the topics whose stored matches obey other rules than those in force, by slug."""
    obeyed = await topics.fingerprints(conn)
    return {
        slug: topic
        for slug, topic in current.catalog.topics.items()
        if obeyed.get(slug) != fingerprint(topic, current.learned.get(slug))
    }


async def _record(
    conn: AsyncConnection,
    parts: Parts,
    current: Current,
    changed: Mapping[str, Topic],
    found: Mapping[int, Found],
) -> None:
    now = parts.clock()
    # What was purged meanwhile is gone; what was edited was matched by its pull, with the words it has now.
    words = await articles.fingerprints(conn, found)
    still = {id_: each.hits for id_, each in found.items() if words.get(id_) == each.fingerprint}
    await group_missing(conn, parts.recent, [id_ for id_, hits in still.items() if hits], now=now)
    await matches.record(conn, still, now=now, backfill=True, topics=changed)
    for slug, topic in changed.items():
        await topics.set_fingerprint(conn, slug, fingerprint(topic, current.learned.get(slug)))
    await topics.touch(conn, changed)


async def _match_archive(conn: AsyncConnection, current: Current) -> dict[int, Found]:
    found: dict[int, Found] = {}
    async for chunk in articles.scan(conn):
        found |= await asyncio.to_thread(_match_all, current, chunk)
    return found


def _match_all(current: Current, chunk: Sequence[StoredArticle]) -> dict[int, Found]:
    """Match in a thread: a whole archive would hold up everything else."""
    return {stored.id: Found(stored.article.fingerprint, current.match(stored.article)) for stored in chunk}
