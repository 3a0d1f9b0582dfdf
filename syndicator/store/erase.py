"""Erasing a person: no row names them any more, and the ledgers still add up.

What goes: the reader, their subscriptions, and the address in every ledger, with the words that may quote it.
What stays: deliveries and what came back, as rows without a name, so that counts stay true; and a
suppression, for it is what keeps us from writing to the address again. A hash of it would hide nothing from
who has a list of addresses to try, and could neither be read, lifted nor taken to another mail system.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, or_, select, update

from syndicator.model import DeliveryStatus
from syndicator.store import holdings, subscribers, transactional
from syndicator.store.schema import deliveries, returns
from syndicator.store.subscribers import key

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.model import Suppression

ERASED = "the reader was erased"
OPEN = (DeliveryStatus.PLANNED, DeliveryStatus.LEASED, DeliveryStatus.DEFERRED, DeliveryStatus.HELD)


class Erased(NamedTuple):
    """What an erasure took away, and the suppression that it left."""

    reader: bool
    deliveries: int
    returns: int
    suppression: Suppression | None


async def is_sending(conn: AsyncConnection, address: str) -> bool:
    """Whether a mail to this person is on the wire, or was when a worker died: then nothing is erased yet."""
    where = await _ledger_of(conn, address)
    found = select(deliveries.c.id).where(where, deliveries.c.state == DeliveryStatus.SENDING).limit(1)
    return await conn.scalar(found) is not None


async def erase(conn: AsyncConnection, address: str, *, now: datetime) -> Erased:
    """Erase a person from every table; what was planned for them is not sent. Twice is harmless."""
    where = await _ledger_of(conn, address)
    closed = {"state": DeliveryStatus.REFUSED, "lease_until": None, "fence": deliveries.c.fence + 1}
    await conn.execute(
        update(deliveries).where(where, deliveries.c.state.in_(OPEN)).values(**closed, updated_at=now)
    )
    theirs = [*(await conn.execute(select(deliveries.c.id).where(where))).scalars()]
    reader = await subscribers.find(conn, address)
    names = [address, *(await holdings.addresses(conn, reader.subscriber.id) if reader else ())]
    about = or_(
        returns.c.address_key.in_({key(each) for each in names}),
        returns.c.delivery_id.in_(select(deliveries.c.id).where(where)),
    )
    for each in names:
        await transactional.forget(conn, each)
    came_back = await conn.execute(
        update(returns).where(about).values(address="", address_key="", excerpt="")
    )
    await conn.execute(update(deliveries).where(where).values(address="", reply=ERASED))
    left = (await subscribers.suppressed(conn, [address])).get(key(address))
    return Erased(await subscribers.remove(conn, address), len(theirs), came_back.rowcount, left)


async def _ledger_of(conn: AsyncConnection, address: str) -> ColumnElement[bool]:
    """Choose a person's deliveries: by number, and by address where the reader is gone already."""
    by_address = or_(deliveries.c.address == address, func.lower(deliveries.c.address) == key(address))
    reader = await subscribers.find(conn, address)
    if reader is None:
        return by_address
    return or_(deliveries.c.subscriber_id == reader.subscriber.id, by_address)
