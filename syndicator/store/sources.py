"""What we remember of sources: claiming those that are due, and recording what a pull brought."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, or_, select, update

from syndicator.model import Source, SourceState
from syndicator.store.dialect import insert
from syndicator.store.schema import sources

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Column, ColumnElement, Row
    from sqlalchemy.ext.asyncio import AsyncConnection

STATE_FIELDS = tuple(field.name for field in fields(SourceState))
FARTHEST = timedelta(days=32)  # ahead; a publisher may ask for 30 days (Retry-After)
KEY = ("name", "fence")  # what a write must agree with; the rest is what it writes

# Built once: with a column for each field, building it costs as much as running it.
_RECORD = (
    update(sources)
    .where(*(sources.c[name] == bindparam(f"new_{name}") for name in KEY))
    .values(lease_until=None, **{name: bindparam(f"new_{name}") for name in STATE_FIELDS if name not in KEY})
)


def _state(row: Row[*tuple[Any, ...]]) -> SourceState:
    return SourceState(**{name: getattr(row, name) for name in STATE_FIELDS})


async def sync(conn: AsyncConnection, configured: Iterable[Source]) -> None:
    """Make the rows agree with the catalog; nothing is deleted, what returns finds its memory again.

    A changed address is pulled at once, and starts a stopped source again.
    """
    wanted = {source.name: source for source in configured}
    rows = (await conn.execute(select(sources.c.name, sources.c.configured, sources.c.configured_url))).all()
    known = {row.name: row for row in rows}
    gone = [name for name, row in known.items() if row.configured and name not in wanted]
    if gone:
        await conn.execute(update(sources).where(sources.c.name.in_(gone)).values(configured=False))
    new = [source for name, source in wanted.items() if name not in known]
    if new:
        rows_new = [{"name": s.name, "configured": True, "configured_url": s.url} for s in new]
        await conn.execute(insert(conn, sources).on_conflict_do_nothing(), rows_new)
    for name, row in known.items():
        source = wanted.get(name)
        if source and row.configured_url != source.url:
            values = {"configured_url": source.url, "next_pull_at": None, "state": "new", "failures": 0}
            await conn.execute(
                update(sources).where(sources.c.name == name).values(configured=True, **values)
            )
        elif source and not row.configured:
            await conn.execute(update(sources).where(sources.c.name == name).values(configured=True))


async def make_due(conn: AsyncConnection, names: Iterable[str]) -> None:
    """Pull sources at once, whatever their schedule says: an admin has changed them."""
    listed = list(names)
    if listed:
        await conn.execute(update(sources).where(sources.c.name.in_(listed)).values(next_pull_at=None))


def _has_come(column: Column[datetime], now: datetime) -> ColumnElement[bool]:
    """Whether a time is past, not set, or so far ahead that only a wrong clock can have set it."""
    return or_(column.is_(None), column <= now, column > now + FARTHEST)


async def claim(
    conn: AsyncConnection, *, now: datetime, lease: timedelta, limit: int
) -> Sequence[SourceState]:
    """Take up to `limit` sources that are due and that nobody holds; the longest waiting first."""
    table = sources
    due = (
        select(table.c.name)
        .where(
            table.c.configured,
            table.c.state != "stopped",
            _has_come(table.c.next_pull_at, now),
            _has_come(table.c.lease_until, now),
        )
        .order_by(func.coalesce(table.c.next_pull_at, table.c.last_pull_at).asc().nulls_first(), table.c.name)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    taken = await conn.execute(
        update(table)
        .where(table.c.name.in_(due.scalar_subquery()))
        .values(fence=table.c.fence + 1, lease_until=now + lease)
        .returning(*(table.c[name] for name in STATE_FIELDS))
    )
    return [_state(row) for row in taken]


async def record(conn: AsyncConnection, state: SourceState) -> bool:
    """Write what a pull taught us and give the lease back; False if another has claimed it since."""
    done = await conn.execute(_RECORD, {f"new_{name}": getattr(state, name) for name in STATE_FIELDS})
    return done.rowcount == 1


async def release(conn: AsyncConnection, names: Iterable[str] | None = None) -> None:
    """Give leases back unused: of `names`, or all (when no other process can hold any)."""
    statement = update(sources).where(sources.c.lease_until.is_not(None)).values(lease_until=None)
    if names is not None:
        statement = statement.where(sources.c.name.in_(list(names)))
    await conn.execute(statement)


async def list_all(conn: AsyncConnection) -> list[SourceState]:
    """Read the state of every configured source, by name."""
    rows = await conn.execute(
        select(*(sources.c[name] for name in STATE_FIELDS))
        .where(sources.c.configured)
        .order_by(sources.c.name)
    )
    return [_state(row) for row in rows]
