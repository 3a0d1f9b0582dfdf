"""The last good catalog as text, the same for every host, and the secrets that sign links."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from syndicator.store.dialect import insert
from syndicator.store.schema import catalogs, keys

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection


async def latest(conn: AsyncConnection) -> tuple[str, str] | None:
    """Read (version, dump) of the last good catalog; None on a new database."""
    row = (
        await conn.execute(
            select(catalogs.c.version, catalogs.c.dump).order_by(catalogs.c.id.desc()).limit(1)
        )
    ).first()
    return (row.version, row.dump) if row else None


async def record(conn: AsyncConnection, version: str, dump: str, *, now: datetime) -> None:
    """Keep a catalog as the last good one, unless it is already."""
    found = await latest(conn)
    if found is None or found[0] != version:
        await conn.execute(insert(conn, catalogs).values(version=version, dump=dump, applied_at=now))


async def secrets(conn: AsyncConnection) -> tuple[str, ...]:
    """Read the keys that sign links, newest first: the first signs, all verify."""
    rows = await conn.execute(select(keys.c.secret).order_by(keys.c.id.desc()))
    return tuple(row.secret for row in rows)


async def add_secret(conn: AsyncConnection, secret: str, *, now: datetime) -> None:
    """Add a key; links signed with older ones stay valid."""
    await conn.execute(insert(conn, keys).values(secret=secret, created_at=now))
