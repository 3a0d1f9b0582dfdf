"""apply: put a new catalog in force, on this host and on all others, and have the archive obey it.

What keeps hosts together is one row, the newest catalog, and what was learned (`store.catalogs.in_force`):

    an edit     inserts the row while nobody stores articles (`lock_arrivals`, exclusively)
    a pull      looks at the row in its own transaction (the lock shared): matched by other rules it writes
                nothing, catches up and matches again
    a rematch   begins and ends under the exclusive lock, and writes nothing if the row is another by then

So each article is stored with what the newest rules give, or was there before the row and is found by the
rematch. Whoever dies in between leaves a topic whose fingerprint differs, which any host's next tick sees.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from syndicator.catalog import load_dump
from syndicator.catalog.plan import due, plan
from syndicator.errors import ConfigError, SyndicatorError
from syndicator.fetch.manners import not_before
from syndicator.match.index import Index
from syndicator.pipeline.learn import carried, read_learned
from syndicator.pipeline.parts import Current, log
from syndicator.pipeline.rematch import rematch
from syndicator.store import catalogs, hubs, renames, sources, topics
from syndicator.store.dialect import lock_arrivals

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.model import Catalog, Plan
    from syndicator.pipeline.parts import Parts


class Overtaken(SyndicatorError):
    """Another host put a catalog in force since the one that an edit was settled on."""


async def apply(parts: Parts, catalog: Catalog, dump: str, *, base: int | None = None) -> Plan:
    """Make `catalog` (whose text is `dump`) the one in force, here and for every other host.

    From then on new articles are matched by the new rules; those in the archive follow in one transaction,
    marked so that no digest sends an old article because of an edit. `base` is the number of the catalog
    that the edit was settled on (0: there was none).

    Raises:
        Overtaken: another one than `base` is in force.
    """
    async with parts.taking_over:
        difference = plan(parts.current.catalog, catalog)
        index = await asyncio.to_thread(Index, catalog.topics.values())
        await _put_in_force(parts, catalog, index, dump, base)
    await rematch(parts)
    async with parts.store.write() as conn:
        await topics.touch(conn, catalog.topics)  # a document is written only if its bytes differ
    return difference


async def _put_in_force(parts: Parts, catalog: Catalog, index: Index, dump: str, base: int | None) -> None:
    now, at_once = parts.clock(), due(parts.current.catalog, catalog)
    taught = carried(await read_learned(parts.store), catalog)
    async with parts.store.write() as conn:
        await lock_arrivals(conn, exclusive=True)
        if base is not None and (await catalogs.in_force(conn)).id != base:
            raise Overtaken("config: another host was quicker")
        number = await catalogs.record(conn, catalog.version, dump, now=now)
        await sources.sync(conn, catalog.sources.values())
        await _make_due(conn, catalog, at_once, now)
        await hubs.retry(conn, now=now, refused_as="fetch.allow_private")  # it may have been edited
        renamed = await renames.follow(conn, catalog.topics.values())
        await topics.sync(conn, catalog.topics.values(), now=now)
    versions = {topic: one.version for topic, one in taught.items()}
    stamp = catalogs.Stamp(number, versions)
    parts.current = Current(catalog=catalog, index=index, learned=taught, stamp=stamp)
    for old, new in renamed:
        log.info("a topic has another name", was=old, topic=new)


async def catch_up(parts: Parts) -> bool:
    """Make what is in force on all hosts the current catalog here too; False if it cannot be read.

    A catalog that was written by a newer program may be one. Then this host must leave pulling to others.
    """
    async with parts.store.read() as conn:
        stamp = await catalogs.in_force(conn)
    if parts.current.stamp == stamp:
        return True
    async with parts.taking_over:
        return parts.unreadable != stamp.id and await _follow(parts)


async def _follow(parts: Parts) -> bool:
    async with parts.store.read() as conn:
        kept = await catalogs.latest(conn)
    taught = await read_learned(parts.store)
    versions = {topic: one.version for topic, one in taught.items()}
    was = parts.current
    catalog, index = was.catalog, was.index
    if kept and kept.id != was.stamp.id:
        try:
            catalog = await asyncio.to_thread(_load, parts, kept.dump)
        except ConfigError as error:
            parts.unreadable = kept.id
            said = "the catalog in force cannot be read here: this host pulls and publishes nothing"
            log.error(said, version=kept.version[:12], problem=error.message)
            return False
        index = await asyncio.to_thread(Index, catalog.topics.values())
    stamp = catalogs.Stamp(kept.id if kept else 0, versions)
    parts.current = Current(catalog=catalog, index=index, learned=taught, stamp=stamp)
    log.info("follows what is in force", catalog=stamp.id, learned=sorted(versions))
    return True


def _load(parts: Parts, dump: str) -> Catalog:
    settings = parts.settings
    return load_dump(dump, fetch=settings.fetch, config=settings.config, environ=os.environ)


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
