"""purge: what no feed has shown for long → deleted; its names stay, so that it is not new when it returns."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from syndicator.pipeline.grouping import REBUILT
from syndicator.pipeline.parts import log
from syndicator.pipeline.signup import expire
from syndicator.pipeline.transactional import KEPT
from syndicator.store import hooks, lanes, notices, pauses, retention, returns, stories, transactional
from syndicator.store.dialect import lock_lanes
from syndicator.stories.grouping import WINDOW

if TYPE_CHECKING:
    from syndicator.pipeline.parts import Parts

RETURNED = timedelta(days=400)  # that what came back is kept
CLEARED = timedelta(days=90)  # that notices are kept once an admin has cleared them
AT_ONCE = 200  # articles in one transaction, so that nobody waits long for the writer


async def purge(parts: Parts) -> int:
    """Delete what `retention.articles` no longer keeps, in small transactions; return how many articles."""
    publish = {slug: topic.publish for slug, topic in parts.current.catalog.topics.items() if topic.publish}
    tell_all = {slug for slug, topic in parts.current.catalog.topics.items() if not topic.is_once}
    total = 0
    async with parts.store.write() as conn:
        await notices.purge(conn, before=parts.clock() - CLEARED)
        await pauses.purge(conn, parts.clock())
        await returns.purge(conn, before=parts.clock() - RETURNED)
        await hooks.purge(conn, parts.clock())
        await transactional.purge(conn, before=parts.clock() - KEPT)
        await stories.forget(conn, before=parts.clock() - WINDOW - REBUILT)
    async with parts.store.write() as conn:
        await lock_lanes(conn)
        await lanes.purge(conn, before=parts.clock() - CLEARED)
    await expire(parts)
    while not parts.stopping.is_set():
        async with parts.store.write() as conn:
            done = await retention.purge(
                conn,
                now=parts.clock(),
                keep=parts.settings.retention.articles,
                limit=AT_ONCE,
                publish=publish,
                tell_all=tell_all,
            )
        total += done
        if done < AT_ONCE:
            break
    if total:
        log.info("deleted old articles", articles=total)
    return total
