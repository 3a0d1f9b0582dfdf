"""confirm: what was asked of our hub → callbacks asked whether they mean it → followers, or nothing.

Rows are the truth (`store.intents`, `store.followers`), `publish.following` decides, `fetch.callbacks` asks.
That a question is asked is committed before it goes out, and so is the pause of the host and the addresses
that it goes to: whatever is killed, and however many of us there are, nobody is asked more often by it.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from syndicator.fetch import callbacks
from syndicator.fetch.means import Means
from syndicator.fetch.websub import user_agent
from syndicator.model import FetchFailed
from syndicator.pipeline.apply import catch_up
from syndicator.pipeline.parts import log
from syndicator.publish import following
from syndicator.store import followers, intents

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.fetch.callbacks import CallbackClient
    from syndicator.model.followers import Follower, Intent
    from syndicator.pipeline.parts import Parts

BATCH, AT_ONCE = 50, 8
"""Intents taken in one go, and hosts asked side by side."""

FINAL = frozenset({"forbidden", "gone", "refused"})
"""Failures that another question would meet again."""

GONE, CLOSED = "this feed is no longer published", "this hub is closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """What one call did: callbacks asked, those that confirmed, and followers whose lease was over."""

    asked: int = 0
    confirmed: int = 0
    expired: int = 0


def private_topics(parts: Parts) -> frozenset[str]:
    """Name the topics whose documents are nobody's to follow."""
    topics = parts.current.catalog.topics.values()
    return frozenset(topic.slug for topic in topics if topic.publish and not topic.is_public)


def means(parts: Parts) -> Means:
    """Give what clients that call others are built from."""
    return Means(
        settings=parts.settings.fetch,
        user_agent=user_agent(parts.settings),
        files_root=parts.settings.config,
        clock=parts.clock,
    )


async def confirm(parts: Parts) -> Confirmed:
    """Ask the callbacks that are due, BATCH of them at most; part from followers that have lost theirs.

    What is private the catalog in force says: a host that cannot read it leaves this to others.
    """
    if not await catch_up(parts):
        return Confirmed()
    now, private, closed = parts.clock(), private_topics(parts), not callbacks.is_open(parts.settings)
    async with parts.store.read() as conn:
        leaving = await followers.is_anyone_leaving(conn, now=now, private=private, everything=closed)
        if not leaving and not await intents.is_any_due(conn, now):
            return Confirmed()
    async with parts.store.write() as conn:
        expired = await followers.expire(conn, now)
        lost: list[Follower | Intent] = [
            *await followers.take_orphans(conn, private=private, everything=closed),
            *await intents.take_orphans(conn, private=private),
        ]
        await intents.deny(conn, lost, reason=CLOSED if closed else GONE, now=now)
        await intents.purge_places(conn, now)
        due = [] if parts.stopping.is_set() else await _claim(conn, now)
    by_host: defaultdict[str, list[Intent]] = defaultdict(list)
    for intent in due:
        by_host[intent.host].append(intent)
    turns = asyncio.Semaphore(AT_ONCE)

    async def ask(client: CallbackClient, of_host: Sequence[Intent]) -> list[bool | None]:
        async with turns:
            return [await _ask(parts, client, intent) for intent in of_host]

    if not by_host:
        return Confirmed(expired=expired)
    allowed = parts.settings.websub.allow_private
    async with callbacks.opened(means(parts), allow_private=allowed) as client, asyncio.TaskGroup() as group:
        tasks = [group.create_task(ask(client, of_host)) for of_host in by_host.values()]
    answers = [answer for task in tasks for answer in task.result() if answer is not None]
    return Confirmed(asked=len(answers), confirmed=sum(answers), expired=expired)


async def _claim(conn: AsyncConnection, now: datetime) -> list[Intent]:
    """Give up those that were asked too often; return the others as asked, each with its next time."""
    due = []
    for intent in await intents.claim(conn, now=now, limit=BATCH):
        if intent.attempts >= following.TRIES:
            log.info("a callback does not confirm", mode=intent.mode, host=intent.host)
            await intents.settle(conn, intent)
            continue
        asked = following.asked(intent, now)
        await intents.move(conn, asked)
        due.append(asked)
    return due


async def _ask(parts: Parts, client: CallbackClient, intent: Intent) -> bool | None:
    """Ask one callback; whether it confirmed, None if it was not its turn yet."""
    places = await client.addresses(intent.callback)
    if isinstance(places, FetchFailed):
        return await _settle(parts, intent, places, ())
    now = parts.clock()
    async with parts.store.write() as conn:
        known = await followers.is_known(conn, intent.host, now)
        wanted = {intent.host} if known else {intent.host, *places}
        until = now + following.HOST_SPACING
        if not await intents.claim_places(conn, wanted, now=now, until=until):
            await intents.move(conn, replace(intent, attempts=intent.attempts - 1, ask_at=until))
            return None
    challenge = "" if intent.mode == "denied" else secrets.token_urlsafe(32)
    failure = await client.ask(following.question(intent, challenge), challenge)
    return await _settle(parts, intent, failure, wanted)


async def _settle(
    parts: Parts, intent: Intent, failure: FetchFailed | None, places: Sequence[str] | set[str]
) -> bool:
    """Record what a callback said; whether it confirmed."""
    if failure and failure.kind not in FINAL:
        log.info("a callback cannot be asked", host=intent.host, error=failure.message)
        return False  # its next time stands already
    now = parts.clock()
    async with parts.store.write() as conn:
        if failure is None and places:
            await intents.free_places(conn, places)
        if not await intents.settle(conn, intent):
            return False  # a newer request took its place, and will be asked about
        if failure is None and intent.mode == "subscribe":
            await followers.put(conn, intent, now=now)
        elif failure is None and intent.mode == "unsubscribe":
            await followers.forget(conn, intent.callback, intent.topic, intent.format)
    said = failure.message if failure else "confirmed"
    log.info("a callback has answered", mode=intent.mode, topic=intent.topic, host=intent.host, answer=said)
    return failure is None
