"""apply: put a new catalog in force. Stored articles of changed topics are matched again; nothing is lost."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from syndicator.catalog.plan import due, plan
from syndicator.fetch.manners import not_before
from syndicator.learn.record import fingerprint
from syndicator.match.index import Index
from syndicator.pipeline.grouping import group_missing
from syndicator.pipeline.learn import carried, read_learned
from syndicator.pipeline.parts import Current, log
from syndicator.pipeline.pull import LEASE
from syndicator.store import articles, catalogs, hubs, matches, renames, sources, topics
from syndicator.store.dialect import lock_arrivals

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.model import Catalog, Match, Plan, StoredArticle
    from syndicator.pipeline.parts import Parts


async def apply(parts: Parts, catalog: Catalog, dump: str) -> Plan:
    """Make `catalog` (whose text is `dump`) the one in force, here and for every other host.

    From the first line on new articles are matched by the new rules; those in the archive follow in one
    transaction, marked so that no digest sends an old article because of an edit.
    """
    difference = plan(parts.current.catalog, catalog)
    at_once = due(parts.current.catalog, catalog)
    taught = carried(await read_learned(parts.store), catalog)
    parts.current = Current(catalog=catalog, index=Index(catalog.topics.values()), learned=taught)
    now = parts.clock()
    async with parts.store.write() as conn:
        await sources.sync(conn, catalog.sources.values())
        await _make_due(conn, catalog, at_once, now)
        await hubs.retry(conn, now=now, refused_as="fetch.allow_private")  # it may have been edited
        renamed = await renames.follow(conn, catalog.topics.values())
        await topics.sync(conn, catalog.topics.values(), now=now)
        obeyed = await topics.fingerprints(conn)
    wanted = {slug: fingerprint(topic, taught.get(slug)) for slug, topic in catalog.topics.items()}
    changed = [topic for slug, topic in catalog.topics.items() if obeyed.get(slug) != wanted[slug]]
    anew = replace(parts.current, index=Index(changed))
    async with parts.store.read() as conn:
        found = await _match_archive(conn, anew) if changed else {}
    async with parts.store.write() as conn:
        if changed:  # what was stored while the archive was read, by pulls that began before this edit
            await lock_arrivals(conn, exclusive=True)
            await renames.follow(conn, catalog.topics.values())  # and under a slug that is no more
            found |= await _match_archive(conn, anew, changed_since=now - LEASE)
        stored = await articles.existing(conn, found)  # some may have been purged since they were read
        found = {id_: hits for id_, hits in found.items() if id_ in stored}
        slugs = [topic.slug for topic in changed]
        kept = [id_ for id_, hits in found.items() if hits]
        await group_missing(conn, parts.recent, kept, now=now)
        await matches.record(conn, found, now=now, backfill=True, topics=slugs)
        for topic in changed:
            await topics.set_fingerprint(conn, topic.slug, wanted[topic.slug])
        await topics.touch(conn, catalog.topics)  # a document is written only if its bytes differ
        await catalogs.record(conn, catalog.version, dump, now=now)
    for old, new in renamed:
        log.info("a topic has another name", was=old, topic=new)
    if changed:
        log.info("matched the archive again", topics=slugs, articles=len(found))
    return difference


async def _make_due(conn: AsyncConnection, catalog: Catalog, names: Sequence[str], now: datetime) -> None:
    """Have sources pulled and read anew, as soon as their publishers let us."""
    await sources.make_due(conn, names, anew=True)
    states = {state.name: state for state in await sources.list_all(conn)} if names else {}
    later = {
        name: at
        for name in names
        if name in states and (at := not_before(states[name], catalog.sources[name], now)) > now
    }
    await sources.put_off(conn, later)


async def _match_archive(
    conn: AsyncConnection, current: Current, *, changed_since: datetime | None = None
) -> dict[int, Sequence[Match]]:
    found: dict[int, Sequence[Match]] = {}
    async for chunk in articles.scan(conn, changed_since=changed_since):
        found |= await asyncio.to_thread(_match_all, current, chunk)
    return found


def _match_all(current: Current, chunk: Sequence[StoredArticle]) -> dict[int, Sequence[Match]]:
    """Match in a thread: a whole archive would hold up everything else."""
    return {stored.id: current.match(stored.article) for stored in chunk}
