"""Sign-ups that wait for a confirmation, and the count of who asked how often.

A sign-up is no more than a wish: what a reader has does not change by it. It is a row beside the reader, one
for each, and a newer one takes its place. A new address becomes a reader all of whose subscriptions are
pending, and is forgotten if nobody confirms.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sqlalchemy import delete, exists, func, select, text, update

from syndicator.store import leave, subscribers
from syndicator.store.dialect import insert
from syndicator.store.schema import deliveries, signup_attempts, signups, subscriptions
from syndicator.store.schema import subscribers as people
from syndicator.store.schema import topics as catalog
from syndicator.store.subscribers import slot_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.model import Slot

LOCK: Final = 0x73796E75  # any constant that is ours: PostgreSQL's advisory locks are numbers
RUNNING: Final = ("active", "paused")


class Choice(NamedTuple):
    """What was chosen: topics, and how to get them. `adds`: to what the reader has, whose schedule stays."""

    topics: tuple[str, ...]
    language: str
    slot: Slot | None  # None: as each topic says
    adds: bool = False

    @property
    def said(self) -> str:
        """Write it down so that two choices are the same if their texts are."""
        return json.dumps([self.topics, self.language, self.slot.key if self.slot else "", self.adds])


class Waiting(NamedTuple):
    """A sign-up that waits, and whose it is; or, without a choice, a reader who has all of it already."""

    subscriber: int
    address: str
    choice: Choice | None
    topics: tuple[str, ...]  # that run already


async def lock(conn: AsyncConnection) -> None:
    """Keep other hosts from counting until this transaction ends, so that limits hold to the number."""
    if conn.dialect.name == "postgresql":
        await conn.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))


async def count(conn: AsyncConnection, who: Collection[str], *, since: datetime) -> int:
    """Count attempts since then by any of these names."""
    mine = (signup_attempts.c.who.in_(list(who)), signup_attempts.c.at > since)
    return int((await conn.execute(select(func.count()).where(*mine))).scalar_one())


async def note(conn: AsyncConnection, who: str, *, now: datetime) -> None:
    """Note one attempt by a name."""
    await conn.execute(insert(conn, signup_attempts).values(who=who, at=now))


async def put(
    conn: AsyncConnection,
    address: str,
    *,
    topics: Sequence[str],
    language: str,
    slot: Slot | None,
    now: datetime,
) -> Waiting:
    """Write down what somebody chose for an address; nothing that runs changes by it."""
    reader = await subscribers.find(conn, address)
    states = reader.topics if reader else {}
    running = await _running(conn, states)
    new = tuple(topic for topic in topics if states.get(topic) not in RUNNING)
    if reader is None:
        id_ = await subscribers.put(conn, address, language=language, slot=slot, now=now)
    else:
        id_, address = reader.subscriber.id, reader.subscriber.address
    if not new:
        return Waiting(id_, address, None, running)
    choice = Choice(new, language, slot, adds=bool(running))
    tied = await _withdraw(conn, id_, keep=new)
    fresh = [topic for topic in new if topic not in states]
    await subscribers.subscribe(conn, id_, fresh, state="pending", now=now)
    values = {"topics": list(new), "tied": tied + fresh, "adds": choice.adds, "made_at": now, **_own(choice)}
    await conn.execute(
        insert(conn, signups)
        .values(subscriber_id=id_, **values)
        .on_conflict_do_update(index_elements=["subscriber_id"], set_=values)
    )
    return Waiting(id_, address, choice, running)


async def get(conn: AsyncConnection, subscriber_id: int) -> Waiting | None:
    """Read whose sign-up waits, or that none does; None if there is no such reader (any more)."""
    reader = await subscribers.get(conn, subscriber_id)
    if reader is None:
        return None
    row = (await conn.execute(select(signups).where(signups.c.subscriber_id == subscriber_id))).first()
    running = await _running(conn, reader.topics)
    choice = Choice(tuple(row.topics), row.language, slot_of(row), row.adds) if row else None
    return Waiting(subscriber_id, reader.subscriber.address, choice, running)


async def confirm(conn: AsyncConnection, waiting: Waiting, topics: Iterable[str], *, now: datetime) -> None:
    """Do what was chosen, for those of its topics that there still are. Once it is done, nothing waits.

    Who pauses all that they have will get the new ones after the pause.
    """
    choice = waiting.choice
    if choice is None:
        return
    if not choice.adds:
        mine = people.c.id == waiting.subscriber
        await conn.execute(update(people).where(mine).values(language=choice.language))
        await subscribers.reschedule(conn, waiting.subscriber, choice.slot, now=now)
    before = [tie for tie in await leave.ties(conn, waiting.subscriber) if tie.state in RUNNING]
    await subscribers.subscribe(conn, waiting.subscriber, list(topics), state="active", now=now)
    if before and all(tie.state == "paused" for tie in before):
        await leave.pause(conn, waiting.subscriber, until=before[0].until_at, now=now)
    await conn.execute(delete(signups).where(signups.c.subscriber_id == waiting.subscriber))


async def is_all(conn: AsyncConnection, subscriber_id: int) -> bool:
    """Whether a reader is no more than a sign-up that nobody has confirmed: anybody can make one."""
    asked = exists().where(signups.c.subscriber_id == subscriber_id)
    more = exists().where(subscriptions.c.subscriber_id == subscriber_id, subscriptions.c.state != "pending")
    had_mail = exists().where(deliveries.c.subscriber_id == subscriber_id)
    return bool(await conn.scalar(select(asked & ~more & ~had_mail)))


async def expire(conn: AsyncConnection, *, before: datetime, limit: int = 500) -> int:
    """Forget sign-ups that nobody has confirmed, and readers who were never more; return how many."""
    old = select(signups.c.subscriber_id).where(signups.c.made_at < before).limit(limit)
    ids = [*(await conn.execute(old)).scalars()]
    for id_ in ids:
        await _withdraw(conn, id_, keep=())
    await conn.execute(delete(signups).where(signups.c.subscriber_id.in_(ids)))
    has_more = exists().where(subscriptions.c.subscriber_id == people.c.id)
    had_mail = exists().where(deliveries.c.subscriber_id == people.c.id)
    await conn.execute(delete(people).where(people.c.id.in_(ids), ~has_more, ~had_mail))
    return len(ids)


async def purge(conn: AsyncConnection, *, before: datetime) -> None:
    """Forget attempts before this instant."""
    await conn.execute(delete(signup_attempts).where(signup_attempts.c.at < before))


async def _running(conn: AsyncConnection, states: Mapping[str, str]) -> tuple[str, ...]:
    """Choose the topics that bring mail, now or after a pause; one that the catalog has no more does not."""
    gone = select(catalog.c.slug).where(catalog.c.slug.in_([*states]), ~catalog.c.configured)
    lost = {*(await conn.execute(gone)).scalars()}
    return tuple(topic for topic, state in states.items() if state in RUNNING and topic not in lost)


async def _withdraw(conn: AsyncConnection, subscriber_id: int, *, keep: Collection[str]) -> list[str]:
    """Take back the pending subscriptions that the sign-up before made, but for some topics; return those."""
    row = (await conn.execute(select(signups).where(signups.c.subscriber_id == subscriber_id))).first()
    if row is None:
        return []
    mine = (
        subscriptions.c.subscriber_id == subscriber_id,
        subscriptions.c.state == "pending",
        subscriptions.c.topic.in_([topic for topic in row.tied if topic not in keep]),
    )
    await conn.execute(delete(subscriptions).where(*mine))
    return [topic for topic in row.tied if topic in keep]


def _own(choice: Choice) -> dict[str, Any]:
    return {"language": choice.language, **subscribers.schedule_of(choice.slot)}
