"""The list of addresses that we must not write to, as an admin looks at it and changes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select

from syndicator.model import Suppression
from syndicator.store.dialect import insert
from syndicator.store.schema import suppressions
from syndicator.store.subscribers import key

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from sqlalchemy.ext.asyncio import AsyncConnection

AT_ONCE = 500  # rows in one statement


async def listing(conn: AsyncConnection, *, reason: str = "") -> AsyncIterator[Suppression]:
    """Read suppressions by address, some at a time; all, or those with a reason."""
    statement = select(suppressions).order_by(suppressions.c.address_key).limit(AT_ONCE)
    if reason:
        statement = statement.where(suppressions.c.reason == reason)
    last = ""
    while rows := (await conn.execute(statement.where(suppressions.c.address_key > last))).all():
        for row in rows:
            yield Suppression(address=row.address, reason=row.reason, created_at=row.created_at)
        last = rows[-1].address_key


async def add(conn: AsyncConnection, listed: Iterable[Suppression]) -> int:
    """Add suppressions; one that is there keeps its reason and date. Return how many are new."""
    new, waiting = 0, list(listed)
    for start in range(0, len(waiting), AT_ONCE):
        rows: dict[str, dict[str, Any]] = {}
        for each in waiting[start : start + AT_ONCE]:
            values = {"address": each.address, "reason": each.reason, "created_at": each.created_at}
            rows.setdefault(key(each.address), {"address_key": key(each.address), **values})
        statement = insert(conn, suppressions).values(list(rows.values())).on_conflict_do_nothing()
        new += len((await conn.execute(statement.returning(suppressions.c.address_key))).all())
    return new


async def remove(conn: AsyncConnection, address: str) -> bool:
    """Let an address be written to again; False if it was not suppressed."""
    done = await conn.execute(delete(suppressions).where(suppressions.c.address_key == key(address)))
    return done.rowcount > 0
