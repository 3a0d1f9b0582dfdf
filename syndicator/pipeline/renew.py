"""renew: what feeds say of their hubs → subscriptions that are asked for, renewed, left; pushes → pulls due.

Rows are the truth (`store.hubs`), `fetch.lease` decides, `fetch.websub` asks. What hubs answer comes in at
the callback (`web.websub`). Asking is committed before the request is made, and no transaction waits for a
hub, so whatever is killed or lost in between is asked again in its time.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from syndicator.fetch import lease, websub
from syndicator.fetch.means import Means
from syndicator.pipeline.parts import log
from syndicator.store import hubs, sources

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.fetch.websub import HubClient
    from syndicator.model import FetchFailed, SourceState
    from syndicator.model.hubs import Hub
    from syndicator.pipeline.parts import Parts

BATCH = 20
"""Subscriptions asked for in one go; thousands of new ones are spread over many ticks."""

AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewed:
    """What one call did: requests made, how many of them failed, and sources that became due by pushes."""

    asked: int = 0
    failed: int = 0
    looked: int = 0


async def wish(
    parts: Parts,
    conn: AsyncConnection,
    state: SourceState,
    hub_urls: Iterable[str],
    topic_url: str,
    now: datetime,
) -> None:
    """Note the hubs of a feed that a pull has brought; part of the pull's transaction.

    Costs nothing for a feed without hubs that had none, and one read where nothing has changed.
    """
    usable, topic = lease.usable(hub_urls, topic_url)
    if websub.is_wanted(parts.settings) and (usable or state.pushed_until):
        await hubs.wish(conn, state.name, usable, topic, now)


async def renew(parts: Parts) -> Renewed:
    """Ask the hubs that are due, BATCH of them at most, and make those sources due that pushes speak of."""
    async with parts.store.read() as conn:
        if await hubs.is_empty(conn):
            return Renewed()
    now = parts.clock()
    async with parts.store.write() as conn:
        wanted, base_url = websub.is_wanted(parts.settings), parts.settings.site.base_url
        await hubs.tidy(conn, now, base_url=base_url, everything=not wanted)
        await hubs.tell_sources(conn)
        looked = await look(conn, now)
        due = [] if parts.stopping.is_set() else await _claim(conn, now, base_url)
    failures = await _ask_all(parts, due) if due else []
    return Renewed(asked=len(due), failed=len(failures), looked=looked)


async def look(conn: AsyncConnection, now: datetime, *, only: int | None = None) -> int:
    """Make the sources due that pushes speak of (of the subscription `only`, or all); return how many.

    A source that is being pulled just now waits for the next call: that pull may have missed the news.
    """
    names = []
    for hub, changed_at, paused_until in await hubs.looks(conn, now=now, only=only):
        after, is_due = lease.look(hub, now=now, changed_at=changed_at, paused_until=paused_until)
        await hubs.record(conn, after)
        names += [hub.source] * is_due
    await sources.make_due(conn, names, pushed=True)
    return len(names)


async def _claim(conn: AsyncConnection, now: datetime, base_url: str) -> list[Hub]:
    """Settle those that were asked in vain too often; return the others as asked, each with its next time."""
    due = []
    for hub in await hubs.claim(conn, now=now, limit=BATCH):
        if not lease.is_spent(hub, now):
            asked = lease.ask(hub, now=now, base_url=base_url)
            await hubs.record(conn, asked)
            due.append(asked)
        elif hub.state == "leaving":
            await hubs.forget(conn, hub)
        else:
            log.warning("a hub does not verify", source=hub.source, hub=hub.hub_url, problem=hub.problem)
            await hubs.record(conn, lease.pass_over(hub, now=now, fresh=hubs.fresh()))
    return due


async def _ask_all(parts: Parts, due: list[Hub]) -> list[FetchFailed]:
    """Ask hubs side by side; return the failures, which are recorded."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def ask(client: HubClient, hub: Hub) -> FetchFailed | None:
        async with turns:
            failure = await client.ask(hub.hub_url, lease.form(hub))
        if failure:
            await _record_failure(parts, hub, failure)
        return failure

    means = Means(
        settings=parts.settings.fetch,
        user_agent=websub.user_agent(parts.settings),
        files_root=parts.settings.config,
        clock=parts.clock,
    )
    # A client of its own for each call: hubs are asked seconds a day, and connections kept would idle.
    async with (
        websub.opened(means) as client,
        asyncio.TaskGroup() as group,
    ):
        tasks = [group.create_task(ask(client, hub)) for hub in due]
    return [failure for task in tasks if (failure := task.result())]


async def _record_failure(parts: Parts, asked: Hub, failure: FetchFailed) -> None:
    now = parts.clock()
    log.warning("a hub cannot be asked", source=asked.source, hub=asked.hub_url, error=failure.message)
    async with parts.store.write() as conn:
        hub = await hubs.same(conn, asked)
        if hub is None:  # it verified before it answered
            return
        if not websub.is_refusal(failure):
            after = lease.failed(hub, now=now, problem=failure.message, retry_after=failure.retry_after)
            await hubs.record(conn, after)
        elif hub.state == "leaving":
            await hubs.forget(conn, hub)
        else:
            fresh = hubs.fresh()
            await hubs.record(conn, lease.refused(hub, now=now, problem=failure.message, fresh=fresh))
