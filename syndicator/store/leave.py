"""Readers on leave: a pause holds the mail, and nothing is lost or told twice by it.

The cursor of a paused subscription stays where it is. So the first mail after the pause covers all that
arrived since the last one, the best of it up to the topic's `max_items`, and each article comes once.
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003  a field's type
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select, update

from syndicator.store import matches
from syndicator.store.schema import subscriptions

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

TIE = subscriptions.c


class Tie(NamedTuple):
    """A subscription as an admin looks at it."""

    topic: str
    state: str
    since_at: datetime  # of that state
    until_at: datetime | None  # when a pause ends by itself
    has_had_mail: bool


async def ties(conn: AsyncConnection, subscriber_id: int) -> list[Tie]:
    """Read a reader's subscriptions, by topic."""
    rows = await conn.execute(
        select(subscriptions).where(TIE.subscriber_id == subscriber_id).order_by(TIE.topic)
    )
    return [
        Tie(
            row.topic, row.state, row.since_at, row.until_at if row.state == "paused" else None,
            row.cursor is not None,
        )
        for row in rows
    ]  # fmt: skip


async def pause(
    conn: AsyncConnection, subscriber_id: int, *, until: datetime | None, now: datetime
) -> list[str]:
    """Hold all mail of a reader, until an instant or a word; return the topics that pause.

    Who pauses already gets the new end. Who never had a mail is owed what came since they subscribed.
    """
    mine = TIE.subscriber_id == subscriber_id
    new = select(TIE.id, TIE.since_at).where(mine, TIE.state == "active", TIE.cursor.is_(None))
    for row in (await conn.execute(new)).all():
        begins = await matches.before(conn, row.since_at)
        is_new = update(subscriptions).where(TIE.id == row.id, TIE.cursor.is_(None))
        await conn.execute(is_new.values(cursor=begins))
    is_active = update(subscriptions).where(mine, TIE.state == "active")
    await conn.execute(is_active.values(state="paused", since_at=now))
    paused = update(subscriptions).where(mine, TIE.state == "paused").values(until_at=until)
    return sorted((await conn.execute(paused.returning(TIE.topic))).scalars())


async def resume(conn: AsyncConnection, subscriber_id: int, *, now: datetime) -> list[str]:
    """End a reader's pause; return the topics that go on. Twice is harmless."""
    paused = update(subscriptions).where(TIE.subscriber_id == subscriber_id, TIE.state == "paused")
    back = paused.values(state="active", since_at=now, until_at=None)
    return sorted((await conn.execute(back.returning(TIE.topic))).scalars())


async def is_over(conn: AsyncConnection, now: datetime) -> bool:
    """Whether a pause has ended by itself that `wake` has still to end."""
    return await conn.scalar(select(TIE.id).where(TIE.until_at <= now).limit(1)) is not None


async def wake(conn: AsyncConnection, now: datetime) -> int:
    """End the pauses whose time has come, as of that time; return how many subscriptions go on."""
    over = update(subscriptions).where(TIE.until_at <= now, TIE.state == "paused")
    count = (await conn.execute(over.values(state="active", since_at=TIE.until_at, until_at=None))).rowcount
    # Who left during the pause, or was suppressed, has nothing to come back to.
    await conn.execute(update(subscriptions).where(TIE.until_at <= now).values(until_at=None))
    return count
