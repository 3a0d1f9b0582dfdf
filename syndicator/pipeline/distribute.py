"""distribute: who follows a document and lacks its newest version → pushed the whole of it; hubs are pinged.

A push is made of what is in the row now, so ten changes while a follower is away are one push when it is
back. What is killed between a push and its record is pushed again: a follower must bear that anyhow.
"""

from __future__ import annotations

import asyncio
import gzip
from collections import defaultdict
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from syndicator.fetch import callbacks, websub
from syndicator.hosts import host_group
from syndicator.pipeline.apply import catch_up
from syndicator.pipeline.confirm import means, private_topics
from syndicator.pipeline.parts import Summary, log, together
from syndicator.publish import following
from syndicator.publish.formats import FEEDS
from syndicator.store import catalogs, documents, followers, notices, pings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.fetch.callbacks import CallbackClient
    from syndicator.fetch.websub import HubClient
    from syndicator.model import FetchFailed
    from syndicator.model.followers import Follower
    from syndicator.pipeline.parts import Parts

BATCH, AT_ONCE, AT_HOST = 50, 16, 2
"""Followers taken in one go; pushes side by side, and those of them to one host."""

HELD = timedelta(minutes=5)
"""How long a worker holds what it took; if it dies, another takes it after this."""

MARGIN = timedelta(seconds=2 * callbacks.PUSH_TIME)
"""A push is not begun so late that another worker could begin it too."""

WELL = timedelta(hours=1)
"""A host that took something within this is well, even if one of its callbacks is not."""

HOST_PAUSE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """What the pushes of one batch share."""

    pages: Mapping[tuple[str, str], tuple[str, bytes]]  # document → etag, body in gzip
    hubs: tuple[str, ...]
    callbacks: CallbackClient
    websub: HubClient
    until: datetime  # when the claim ends
    turns: asyncio.Semaphore
    at_host: Mapping[str, asyncio.Semaphore]
    ill: set[str] = field(default_factory=set)  # hosts that take nothing


async def distribute(parts: Parts) -> Summary:
    """Push to all that are due, and ping hubs. Who fails is due later, so it comes to an end.

    What is private the catalog in force says: a host that cannot read it leaves this to others.
    """
    if not await catch_up(parts):
        return Summary()
    await _plan_pings(parts, parts.clock())
    total = Summary()
    while not parts.stopping.is_set() and await catch_up(parts):
        done = await _batch(parts)
        if done is None:
            break
        total.add(done)
    return total


async def _batch(parts: Parts) -> Summary | None:
    """Push to those that are due, BATCH of them at most; None if nobody was."""
    now, private, stamp = parts.clock(), private_topics(parts), parts.current.stamp
    async with parts.store.read() as conn:
        if not await followers.is_anyone_due(conn, now=now, private=private):
            return None
    async with parts.store.write() as conn:
        due = await followers.claim(conn, now=now, lease=HELD, limit=BATCH, private=private)
        if not due:  # another has them
            return None
        pages = await documents.bodies(conn, {(one.topic, one.format) for one in due})
        if await catalogs.in_force(conn) != stamp:  # a page may be private since
            await followers.release(conn, due)
            return Summary()
    async with AsyncExitStack() as stack:
        clients = means(parts)
        allowed = parts.settings.websub.allow_private
        work = _Work(
            pages=pages,
            hubs=callbacks.hub_urls(parts.settings),
            callbacks=await stack.enter_async_context(callbacks.opened(clients, allow_private=allowed)),
            websub=await stack.enter_async_context(
                websub.opened(replace(clients, settings=replace(clients.settings, allow_private=allowed)))
            ),
            until=now + HELD,
            turns=asyncio.Semaphore(AT_ONCE),
            at_host=defaultdict(lambda: asyncio.Semaphore(AT_HOST)),
        )
        return await together(_tell(parts, work, follower) for follower in due)


async def _tell(parts: Parts, work: _Work, follower: Follower) -> Summary:
    """Tell one follower when it is its host's turn, and record what became of it before that ends."""
    async with work.at_host[follower.host], work.turns:
        page = work.pages.get((follower.topic, follower.format))
        late = parts.stopping.is_set() or parts.clock() > work.until - MARGIN
        if page is None or late or follower.host in work.ill:
            async with parts.store.write() as conn:
                await followers.release(conn, [follower])
            return Summary()
        version, packed = page
        failure = await _send(work, follower, packed)
        now = parts.clock()
        async with parts.store.write() as conn:
            if failure is None:
                done = await followers.record(conn, following.told(follower, version=version, now=now))
                if follower.failing_since:
                    await notices.clear(conn, _noticed(follower), ["ping"], now=now)
                return Summary(pushed=int(done))
            if await _record_failure(parts, conn, follower, failure):
                work.ill.add(follower.host)
    return Summary()


async def _send(work: _Work, follower: Follower, packed: bytes) -> FetchFailed | None:
    if follower.kind == "hub":
        return await work.websub.ask(follower.callback, following.ping(follower))

    def prepare() -> tuple[bytes, dict[str, str]]:
        body = gzip.decompress(packed)
        return body, following.push_fields(follower, body, work.hubs)

    body, fields = await asyncio.to_thread(prepare)
    return await work.callbacks.push(follower.callback, body, fields)


def _noticed(follower: Follower) -> str:
    """In whose name notices are raised: that of our hub, or of another."""
    return f"{notices.OWN}hub {follower.host}" if follower.kind == "hub" else f"{notices.OWN}hub"


async def _record_failure(
    parts: Parts, conn: AsyncConnection, follower: Follower, failure: FetchFailed
) -> bool:
    """Record it, or part from the follower; whether its whole host is to be left alone for a while."""
    now = parts.clock()
    said = {"topic": follower.topic, "format": follower.format, "host": follower.host}
    if failure.kind == "gone" and follower.kind == "callback":  # WebSub 7: it ends the subscription
        if await followers.drop(conn, follower):
            log.info("a follower has left", **said)
        return False
    after = following.failed(
        follower,
        now=now,
        problem=failure.message,
        retry_after=failure.retry_after,
        jitter=parts.jitter(),
    )
    if following.is_lost(after, now):
        if await followers.drop(conn, follower):
            text = f"a follower of {follower.topic_url} at {follower.host} was dropped: {failure.message}"
            await notices.raise_(conn, _noticed(follower), "follower", text, now=now)
            log.warning("a follower is lost", error=failure.message, **said)
        return False
    log.info("a follower cannot be told", error=failure.message, attempts=after.attempts, **said)
    if not await followers.record(conn, after):
        return False
    if following.is_worrying(after, now):
        text = f"it takes no pings: {failure.message}"
        await notices.raise_(conn, _noticed(follower), "ping", text, now=now)
    return await followers.hold_host(conn, after, until=now + HOST_PAUSE, since=now - WELL)


async def _plan_pings(parts: Parts, now: datetime) -> None:
    """Let the hubs in the settings be told of every public feed, and no others of any."""
    hubs, private, base_url = parts.settings.websub.hubs, private_topics(parts), parts.settings.site.base_url

    async def unplanned(conn: AsyncConnection) -> dict[str, Sequence[tuple[str, str]]]:
        return {hub: await pings.unplanned(conn, hub, formats=tuple(FEEDS), private=private) for hub in hubs}

    async with parts.store.read() as conn:
        strays = await pings.has_strays(conn, hubs, private=private, base_url=base_url)
        if not strays and not any((await unplanned(conn)).values()):
            return
    async with parts.store.write() as conn:
        await pings.drop_strays(conn, hubs, private=private, base_url=base_url)
        for hub, pages in (await unplanned(conn)).items():
            addressed = [(slug, kind, following.address_of(base_url, slug, kind)) for slug, kind in pages]
            await pings.plan(conn, hub, addressed, host=host_group(hub), now=now)
