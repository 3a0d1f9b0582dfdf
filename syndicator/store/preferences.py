"""What a reader chooses of their mails, where these go, and what their links are bound to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sqlalchemy import delete, or_, select, update

from syndicator.model import DeliveryStatus
from syndicator.store import deliveries as ledger
from syndicator.store import signups
from syndicator.store.schema import deliveries, subscribers, subscriptions
from syndicator.store.subscribers import key, reschedule

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.model import Format, Slot

UNSENT: Final = (DeliveryStatus.PLANNED, DeliveryStatus.DEFERRED, DeliveryStatus.HELD)


class Manner(NamedTuple):
    """How letters to a reader are made: their format, and the secret that their links are bound to."""

    format: Format = ""
    secret: str = ""


async def manners(conn: AsyncConnection, ids: Iterable[int]) -> dict[int, Manner]:
    """Read the manners of those among some readers whose manner is not the usual one, by number."""
    own = subscribers.c
    unusual = or_(own.format != "", own.secret.is_not(None))
    rows = await conn.execute(select(own.id, own.format, own.secret).where(own.id.in_([*ids]), unusual))
    return {row.id: Manner(row.format, row.secret or "") for row in rows}


async def choose(
    conn: AsyncConnection,
    subscriber_id: int,
    *,
    slot: Slot | None,
    language: str,
    format_: Format,
    now: datetime,
) -> None:
    """Write how a reader wants all their mails from `now` on; without a slot each topic's own plan rules."""
    mine = update(subscribers).where(subscribers.c.id == subscriber_id)
    await conn.execute(mine.values(language=language, format=format_))
    await reschedule(conn, subscriber_id, slot, now=now)


async def set_format(conn: AsyncConnection, subscriber_id: int, format_: Format) -> None:
    """Write in which format a reader's mails come."""
    await conn.execute(update(subscribers).where(subscribers.c.id == subscriber_id).values(format=format_))


async def bind_anew(conn: AsyncConnection, subscriber_id: int, secret: str) -> None:
    """Give a reader a new secret: the links in older mails to their own pages end."""
    await conn.execute(update(subscribers).where(subscribers.c.id == subscriber_id).values(secret=secret))


async def move(conn: AsyncConnection, subscriber_id: int, address: str, *, secret: str) -> bool:
    """Send a reader's mails to another address from now on, those that wait included.

    False if the address has a reader already; a sign-up for it that nobody has confirmed ends by this.
    Links to the old address end with the old secret.
    """
    taken = select(subscribers.c.id).where(subscribers.c.address_key == key(address))
    if (other := await conn.scalar(taken)) not in (None, subscriber_id):
        if not await signups.is_all(conn, other):
            return False
        await conn.execute(delete(subscribers).where(subscribers.c.id == other))
    to = {"address": address, "address_key": key(address), "secret": secret}
    await conn.execute(update(subscribers).where(subscribers.c.id == subscriber_id).values(**to))
    waiting = (deliveries.c.subscriber_id == subscriber_id, deliveries.c.state.in_(UNSENT))
    await conn.execute(update(deliveries).where(*waiting).values(address=address))
    return True


async def take_back(
    conn: AsyncConnection,
    subscriber_id: int,
    *,
    left_at: datetime,
    active: Collection[str],
    paused: Collection[str],
    now: datetime,
) -> list[str]:
    """Undo that a reader left topics, at just that instant; return those that go on where they were.

    Mails of theirs that were not sent meanwhile are planned again.
    """
    tie = subscriptions.c
    left = (tie.subscriber_id == subscriber_id, tie.state == "ended", tie.since_at == left_at)
    found: list[str] = []
    for state, topics in (("active", active), ("paused", paused)):
        back = update(subscriptions).where(*left, tie.topic.in_(sorted(topics)))
        done = await conn.execute(back.values(state=state, since_at=now).returning(tie.topic))
        found += done.scalars()
    await ledger.bring_back(conn, subscriber_id, found, since=left_at, now=now)
    return sorted(found)
