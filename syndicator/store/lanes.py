"""Lanes in rows: what destinations ask of us outlives the process, and every host heeds it."""

from __future__ import annotations

from datetime import UTC, date
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, update

from syndicator.model import DeliveryStatus, Lane, Used
from syndicator.store.deliveries import BATCH, WAITING
from syndicator.store.dialect import insert
from syndicator.store.schema import deliveries, lanes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

STATE = ("until", "sign", "reason", "failures", "refusals", "width", "taken")


async def load(conn: AsyncConnection) -> list[Lane]:
    """Read all lanes."""
    rows = await conn.execute(select(lanes.c.name, *(lanes.c[name] for name in STATE)).order_by(lanes.c.name))
    return [Lane(**row._mapping) for row in rows]


async def save(conn: AsyncConnection, changed: Iterable[Lane], *, now: datetime) -> None:
    """Write the states of lanes; what is counted of them stays."""
    for lane in changed:
        state = {name: getattr(lane, name) for name in STATE}
        statement = insert(conn, lanes).values(name=lane.name, updated_at=now, **state)
        await conn.execute(
            statement.on_conflict_do_update(index_elements=[lanes.c.name], set_={**state, "updated_at": now})
        )


async def used(conn: AsyncConnection, name: str) -> Used | None:
    """Read what a lane has used up, and keep others from changing it until this transaction ends."""
    row = (await conn.execute(select(lanes).where(lanes.c.name == name).with_for_update())).first()
    if row is None or row.tokens_at is None:
        return None
    return Used(tokens=row.tokens, at=row.tokens_at, day=date.fromisoformat(row.day), today=row.today)


async def count(conn: AsyncConnection, name: str, used: Used, *, now: datetime) -> None:
    """Write what a lane has used up."""
    values = {
        "tokens": used.tokens, "tokens_at": used.at, "day": used.day.isoformat(), "today": used.today,
        "updated_at": now,
    }  # fmt: skip
    statement = insert(conn, lanes).values(name=name, **values)
    await conn.execute(statement.on_conflict_do_update(index_elements=[lanes.c.name], set_=values))


async def sent_today(conn: AsyncConnection, now: datetime) -> dict[str, int]:
    """Read how many letters each lane with a limit was let have today (UTC)."""
    day = now.astimezone(UTC).date().isoformat()
    rows = await conn.execute(select(lanes.c.name, lanes.c.today).where(lanes.c.day == day))
    return {row.name: row.today for row in rows}


async def resume(conn: AsyncConnection, name: str, *, now: datetime) -> bool:
    """Open a lane and forget what stands against it; False if there is no such row."""
    fresh = {each: getattr(Lane(name=name), each) for each in STATE}
    done = await conn.execute(update(lanes).where(lanes.c.name == name).values(**fresh, updated_at=now))
    return done.rowcount == 1


async def purge(conn: AsyncConnection, *, before: datetime) -> int:
    """Forget lanes that nothing was heard of since an instant and nobody may wait for; return how many.

    Letters whose lane nobody knows go to the queue of all: nobody would look for them elsewhere.
    """
    open_ = [state for state in DeliveryStatus if state is not DeliveryStatus.ACCEPTED]
    queue = select(deliveries.c.id).where(deliveries.c.state.in_(open_), deliveries.c.lane == lanes.c.name)
    old = delete(lanes).where(lanes.c.updated_at < before, ~queue.exists())
    forgotten = (await conn.execute(old)).rowcount
    known = select(lanes.c.name).where(lanes.c.name == deliveries.c.lane)
    lost = update(deliveries).where(deliveries.c.state.in_(WAITING), deliveries.c.lane != "", ~known.exists())
    await conn.execute(lost.values(lane=""))
    return forgotten


# Their queues -----------------------------------------------------------------------------------------------


async def waiting(conn: AsyncConnection, *, now: datetime, limit: int) -> list[tuple[int, str]]:
    """Read id and address of those that are due in the queue of all, the longest waiting first."""
    table = deliveries
    rows = await conn.execute(
        select(table.c.id, table.c.address)
        .where(table.c.state.in_(WAITING), table.c.lane == "", table.c.due_at <= now)
        .order_by(table.c.due_at, table.c.id)
        .limit(limit)
    )
    return [(row.id, row.address) for row in rows]


async def due(conn: AsyncConnection, now: datetime) -> list[str]:
    """Name the lanes in whose own queue a letter is due, in any order."""
    queue = select(deliveries.c.id).where(
        deliveries.c.state.in_(WAITING), deliveries.c.lane == lanes.c.name, deliveries.c.due_at <= now
    )
    rows = await conn.execute(select(lanes.c.name).where(queue.exists()))
    return [row.name for row in rows]


async def set_aside(conn: AsyncConnection, ids: Sequence[int], lane: str) -> None:
    """Let these wait in the queue of a lane, as far as nobody has them in hand."""
    for start in range(0, len(ids), BATCH):
        await conn.execute(
            update(deliveries)
            .where(deliveries.c.id.in_(ids[start : start + BATCH]), deliveries.c.state.in_(WAITING))
            .values(lane=lane)
        )


async def queued(conn: AsyncConnection, lane: str) -> int:
    """Count those that wait in the queue of a lane."""
    waits = deliveries.c.state.in_(WAITING), deliveries.c.lane == lane
    return await conn.scalar(select(func.count()).select_from(deliveries).where(*waits)) or 0
