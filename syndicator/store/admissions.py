"""Who may enter the admin pages: a row for each link that was made, which its use turns into a session."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, func, select, update

from syndicator.store.dialect import insert
from syndicator.store.schema import admissions

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

KEPT: Final = timedelta(days=1)  # that rows outlive their end, so that nothing hangs on two hosts' clocks


async def admit(conn: AsyncConnection, name: str, *, now: datetime, until: datetime) -> None:
    """Note a link that may be used once, until then. Rows that are long over go."""
    await conn.execute(delete(admissions).where(admissions.c.ends_at < now - KEPT))
    await conn.execute(insert(conn, admissions).values(name=name, made_at=now, ends_at=until))


async def is_unused(conn: AsyncConnection, name: str, *, now: datetime) -> bool:
    """Whether a link still opens the door."""
    where = (admissions.c.name == name, admissions.c.opened_at.is_(None), admissions.c.ends_at > now)
    return await conn.scalar(select(admissions.c.name).where(*where)) is not None


async def enter(conn: AsyncConnection, name: str, *, now: datetime, until: datetime) -> bool:
    """Turn a link into a session until then; False if it was used before, on whatever host, or is over."""
    where = (admissions.c.name == name, admissions.c.opened_at.is_(None), admissions.c.ends_at > now)
    done = await conn.execute(update(admissions).where(*where).values(opened_at=now, ends_at=until))
    return bool(done.rowcount)


async def is_inside(conn: AsyncConnection, name: str, *, now: datetime) -> bool:
    """Whether a session goes on."""
    where = (admissions.c.name == name, admissions.c.opened_at.is_not(None), admissions.c.ends_at > now)
    return await conn.scalar(select(admissions.c.name).where(*where)) is not None


async def inside(conn: AsyncConnection, *, now: datetime) -> int:
    """Count the sessions that go on."""
    where = (admissions.c.opened_at.is_not(None), admissions.c.ends_at > now)
    return await conn.scalar(select(func.count()).select_from(admissions).where(*where)) or 0


async def leave(conn: AsyncConnection, name: str, *, now: datetime) -> None:
    """End a session."""
    await conn.execute(
        update(admissions).where(admissions.c.name == name, admissions.c.ends_at > now).values(ends_at=now)
    )


async def close(conn: AsyncConnection, *, now: datetime) -> None:
    """End all sessions, and all links that were not used yet."""
    await conn.execute(update(admissions).where(admissions.c.ends_at > now).values(ends_at=now))
