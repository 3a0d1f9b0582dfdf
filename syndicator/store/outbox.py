"""What is in the outbox, read for eyes: every question here stays quick beside a million deliveries.

What is open is counted along an index that holds nothing else (`OPEN`); what has ended, along one of its own
(`ENDED`) and up to a bound: `due_at` is then when it ended.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sqlalchemy import ColumnElement, and_, false, func, or_, select

from syndicator.model import Delivery, DeliveryStatus
from syndicator.store.deliveries import read_row
from syndicator.store.dialect import limit_time, position
from syndicator.store.schema import deliveries, subscribers
from syndicator.store.schema.mail import ENDED, OPEN, UNCERTAIN
from syndicator.store.types import EPOCH

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

OVER: Final = (DeliveryStatus.ACCEPTED, DeliveryStatus.REFUSED)
READERS: Final = 200  # whose addresses hold what was looked for
SECONDS: Final = 5.0  # that PostgreSQL may look
MOST: Final = 2**63 - 1


class Replies(NamedTuple):
    """The same words to several deliveries."""

    reply: str
    times: int
    newest_at: datetime  # of what ended; of what was put off, the last time that it is tried again


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which deliveries are looked for; what is empty asks for nothing. `address` may be a part of one."""

    address: str = ""
    edition: str = ""
    state: str = ""


async def open_counts(conn: AsyncConnection) -> dict[str, dict[str, int]]:
    """Count what has not ended, by edition and state."""
    table = deliveries.c
    rows = await conn.execute(
        select(table.edition_id, table.state, func.count())
        .where(OPEN)
        .group_by(table.edition_id, table.state)
    )
    found: dict[str, dict[str, int]] = {}
    for edition, state, count in rows:
        found.setdefault(edition, {})[state] = count
    return found


async def ended_counts(conn: AsyncConnection, *, bound: int) -> dict[str, int]:
    """Count what has ended, by state; `bound` stands for that many or more."""
    return {
        state: await conn.scalar(
            select(func.count()).select_from(
                select(deliveries.c.due_at).where(ENDED, deliveries.c.state == state).limit(bound).subquery()
            )
        )
        or 0
        for state in OVER
    }


async def totals(conn: AsyncConnection, editions: Iterable[str]) -> dict[str, int]:
    """Count all deliveries of these editions."""
    rows = await conn.execute(
        select(deliveries.c.edition_id, func.count())
        .where(deliveries.c.edition_id.in_(list(editions)))
        .group_by(deliveries.c.edition_id)
    )
    return {row[0]: row[1] for row in rows}


async def accepted_since(conn: AsyncConnection, since: datetime, *, limit: int) -> list[tuple[str, datetime]]:
    """Read which editions' mails were accepted, and when; the newest first, `limit` at most."""
    rows = await conn.execute(
        select(deliveries.c.edition_id, deliveries.c.due_at)
        .where(ENDED, deliveries.c.state == DeliveryStatus.ACCEPTED, deliveries.c.due_at >= since)
        .order_by(deliveries.c.due_at.desc())
        .limit(limit)
    )
    return [(row[0], row[1]) for row in rows]


async def replies(conn: AsyncConnection, state: DeliveryStatus, *, limit: int) -> list[Replies]:
    """Group the last words to `limit` deliveries in this state; of those that have ended the newest."""
    chosen = select(deliveries.c.reply, deliveries.c.due_at).where(deliveries.c.state == state)
    if state in OVER:
        chosen = chosen.where(ENDED).order_by(deliveries.c.due_at.desc())
    newest = chosen.limit(limit).subquery()
    rows = await conn.execute(
        select(newest.c.reply, func.count(), func.max(newest.c.due_at)).group_by(newest.c.reply)
    )
    return [Replies(*row) for row in rows]


async def uncertain(conn: AsyncConnection, *, limit: int) -> list[Delivery]:
    """Read those of unknown outcome that can still be decided, oldest first."""
    open_ones = select(deliveries).where(UNCERTAIN, OPEN).order_by(deliveries.c.id).limit(limit)
    return [read_row(row) for row in await conn.execute(open_ones)]


async def uncertain_counts(conn: AsyncConnection) -> dict[str, int]:
    """Count those whose outcome was ever unknown, by the state that they are in now."""
    grouped = select(deliveries.c.state, func.count()).where(UNCERTAIN).group_by(deliveries.c.state)
    return {row[0]: row[1] for row in await conn.execute(grouped)}


async def unknown_held(conn: AsyncConnection, *, up_to: int = MOST) -> list[int]:
    """List the ids, up to this one, that are held because their outcome is unknown; in order."""
    held = select(deliveries.c.id).where(
        UNCERTAIN, deliveries.c.state == DeliveryStatus.HELD, deliveries.c.id <= up_to
    )
    return [*(await conn.execute(held.order_by(deliveries.c.id))).scalars()]


async def page(
    conn: AsyncConnection, asked: Asked, *, before: str = "", limit: int
) -> tuple[list[Delivery], str]:
    """Read a page of deliveries, and the mark that continues it (`before`); empty where there is no more.

    Newest first: those that have ended, where that is asked for, by when they did, else by number; those of
    one edition by the reader's number. A mark that is none begins at the first page.
    """
    columns = _order(asked)
    where: list[Any] = [getattr(deliveries.c, name) == value for name, value in _exact(asked).items()]
    if asked.state:
        where.append(ENDED if asked.state in OVER else OPEN)
    if asked.address:
        where.append(await _readers(conn, asked.address))
    if values := _read_mark(before, columns):
        where.append(_behind(columns, values))
    await limit_time(conn, SECONDS)
    statement = select(deliveries).where(*where).order_by(*(each.desc() for each in columns)).limit(limit + 1)
    rows = (await conn.execute(statement)).all()
    more = _mark(rows[limit - 1]._mapping, columns) if len(rows) > limit else ""
    return [read_row(row) for row in rows[:limit]], more


def _exact(asked: Asked) -> dict[str, str]:
    found = {"edition_id": asked.edition, "state": asked.state}
    return {name: value for name, value in found.items() if value}


async def _readers(conn: AsyncConnection, part: str) -> ColumnElement[bool]:
    key = subscribers.c.address_key
    ids = select(subscribers.c.id).where(position(conn, key, part.casefold()) > 0).limit(READERS)
    found = [*(await conn.execute(ids)).scalars()]
    return deliveries.c.subscriber_id.in_(found) if found else false()


def _order(asked: Asked) -> tuple[ColumnElement[Any], ...]:
    """Order by what an index has in order."""
    if asked.state in OVER:
        return (deliveries.c.due_at, deliveries.c.id)
    return (deliveries.c.subscriber_id,) if asked.edition else (deliveries.c.id,)


def _behind(columns: Sequence[ColumnElement[Any]], values: Sequence[Any]) -> ColumnElement[bool]:
    found: ColumnElement[bool] = columns[0] < values[0]
    if len(columns) == 1:
        return found
    return or_(found, and_(columns[0] == values[0], columns[1] < values[1]))


def _mark(row: Mapping[Any, Any], columns: Sequence[ColumnElement[Any]]) -> str:
    values = [row[column.key] for column in columns]
    return ".".join(
        str((value - EPOCH) // timedelta(microseconds=1) if isinstance(value, datetime) else value)
        for value in values
    )


def _read_mark(mark: str, columns: Sequence[ColumnElement[Any]]) -> list[Any]:
    parts = mark.split(".")
    is_one = all(part.isascii() and part.isdigit() and len(part) < 20 for part in parts)
    if not is_one or len(parts) != len(columns) or max(map(int, parts)) > MOST:
        return []
    try:
        return [
            EPOCH + timedelta(microseconds=int(part)) if column is deliveries.c.due_at else int(part)
            for part, column in zip(parts, columns, strict=True)
        ]
    except OverflowError:
        return []
