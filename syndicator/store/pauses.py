"""Pauses that hosts have asked for: every process keeps them, for sources that are added later, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from syndicator.store.dialect import insert
from syndicator.store.schema import host_pauses

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection


async def remember(conn: AsyncConnection, host: str, until: datetime) -> None:
    """Let nobody claim a source of the host group before `until`; a longer pause stays."""
    statement = insert(conn, host_pauses).values(host=host, until=until)
    later = statement.excluded.until
    await conn.execute(
        statement.on_conflict_do_update(
            index_elements=[host_pauses.c.host], set_={"until": later}, where=host_pauses.c.until < later
        )
    )


async def running(conn: AsyncConnection, now: datetime) -> dict[str, datetime]:
    """Read the pauses that are not over: host group → until when."""
    rows = await conn.execute(select(host_pauses).where(host_pauses.c.until > now))
    return {row.host: row.until for row in rows}


async def end(conn: AsyncConnection, hosts: Collection[str]) -> None:
    """Forget the pauses of these host groups: an admin insists."""
    await conn.execute(delete(host_pauses).where(host_pauses.c.host.in_(list(hosts))))


async def purge(conn: AsyncConnection, now: datetime) -> int:
    """Delete those that are over; return how many are left."""
    await conn.execute(delete(host_pauses).where(host_pauses.c.until <= now))
    return await conn.scalar(select(func.count()).select_from(host_pauses)) or 0
