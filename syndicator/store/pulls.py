"""When each source is pulled next, for whoever tells how long something stays as it is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from syndicator.store.schema import sources

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

NEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)


async def next_pulls(conn: AsyncConnection) -> dict[str, datetime]:
    """Read, by name, when each configured source is pulled next; `NEVER` for one that is stopped."""
    columns = (sources.c.name, sources.c.next_pull_at, sources.c.state)
    rows = await conn.execute(select(*columns).where(sources.c.configured))
    return {
        row.name: NEVER if row.state == "stopped" else row.next_pull_at
        for row in rows
        if row.state == "stopped" or row.next_pull_at
    }
