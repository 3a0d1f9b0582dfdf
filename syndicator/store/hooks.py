"""What providers report over HTTP: which delivery it is about, and which tokens were used."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from syndicator.store.dialect import insert
from syndicator.store.returns import Subject
from syndicator.store.schema import deliveries, return_cursors, subscribers
from syndicator.store.subscribers import key

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

RECENT = 50  # deliveries of a reader that are looked at; only those before a change of address do not fit
_ONCE = "once:"  # before a used token, among the places that were read up to something; here up to an end
_MESSAGE_ID = re.compile(r"<[^<>@\s]{1,300}\.(\d{1,18})@[^<>@\s]{1,300}>", re.ASCII)


async def by_message_id(conn: AsyncConnection, message_id: str) -> Subject | None:
    """Find the delivery of a message by its name, which has the reader's number in it (`digest.message`)."""
    found = _MESSAGE_ID.fullmatch(message_id)
    if found is None:
        return None
    row = (
        await conn.execute(
            select(deliveries).where(
                deliveries.c.subscriber_id == int(found[1]), deliveries.c.message_id == message_id
            )
        )
    ).first()
    return _subject(row) if row else None


async def by_address(conn: AsyncConnection, address: str) -> Subject | None:
    """Find the newest delivery to a reader's address of those that were begun."""
    rows = await conn.execute(
        select(deliveries)
        .join(subscribers, subscribers.c.id == deliveries.c.subscriber_id)
        .where(subscribers.c.address_key == key(address), deliveries.c.message_id != "")
        .order_by(deliveries.c.planned_at.desc(), deliveries.c.id.desc())
        .limit(RECENT)
    )
    return next((_subject(row) for row in rows if key(row.address) == key(address)), None)


async def use(conn: AsyncConnection, token: str, *, until: datetime) -> bool:
    """Note that a token was used; False if it was before. It may be forgotten after `until`."""
    place = _ONCE + hashlib.sha256(token.encode()).hexdigest()
    statement = insert(conn, return_cursors).values(place=place, cursor=_stamp(until))
    done = await conn.execute(statement.on_conflict_do_nothing().returning(return_cursors.c.place))
    return done.first() is not None


async def purge(conn: AsyncConnection, now: datetime) -> int:
    """Forget tokens whose time is over; return how many."""
    return (
        await conn.execute(
            delete(return_cursors).where(
                return_cursors.c.place.startswith(_ONCE), return_cursors.c.cursor < _stamp(now)
            )
        )
    ).rowcount


def _stamp(at: datetime) -> str:
    return f"{int(at.timestamp()):012d}"


def _subject(row: object) -> Subject:
    return Subject(
        delivery=row.id,  # type: ignore[attr-defined]
        edition=row.edition_id,  # type: ignore[attr-defined]
        subscriber=row.subscriber_id,  # type: ignore[attr-defined]
        address=row.address,  # type: ignore[attr-defined]
    )
