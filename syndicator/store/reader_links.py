"""Links to a reader's own pages that were asked for: each is mailed, and opens them once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, func, select, update

from syndicator.store.dialect import insert
from syndicator.store.schema import reader_links, transactional

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

CAUSED: Final = ("link", "move")
KEPT: Final = timedelta(days=2)  # rows that are over


async def add(
    conn: AsyncConnection, name: str, subscriber_id: int, *, now: datetime, until: datetime
) -> None:
    """Note a link that opens a reader's pages once, until then. Rows that are long over go."""
    await conn.execute(delete(reader_links).where(reader_links.c.ends_at < now - KEPT))
    values = {"name": name, "subscriber_id": subscriber_id, "made_at": now, "ends_at": until}
    await conn.execute(insert(conn, reader_links).values(**values))


async def is_unused(conn: AsyncConnection, name: str, *, now: datetime) -> bool:
    """Whether a link still opens anything."""
    where = (reader_links.c.name == name, reader_links.c.used_at.is_(None), reader_links.c.ends_at > now)
    return await conn.scalar(select(reader_links.c.name).where(*where)) is not None


async def use(conn: AsyncConnection, name: str, *, now: datetime) -> bool:
    """Use a link; False if it was used before, on whatever host, or is over."""
    where = (reader_links.c.name == name, reader_links.c.used_at.is_(None), reader_links.c.ends_at > now)
    done = await conn.execute(update(reader_links).where(*where).values(used_at=now))
    return bool(done.rowcount)


async def mails(conn: AsyncConnection, subscriber_id: int, *, since: datetime) -> int:
    """Count the mails that a reader's own wishes have caused since an instant."""
    caused = (
        transactional.c.subscriber_id == subscriber_id,
        transactional.c.kind.in_(CAUSED),
        transactional.c.planned_at > since,
    )
    return await conn.scalar(select(func.count()).select_from(transactional).where(*caused)) or 0
