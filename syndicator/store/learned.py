"""What was learned of judgements, as rows, so that all hosts weigh alike. Derived: it may be lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from syndicator.store.dialect import insert
from syndicator.store.schema import learned

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from sqlalchemy.ext.asyncio import AsyncConnection


async def versions(conn: AsyncConnection) -> dict[str, str]:
    """Read, by topic, the version of what was learned."""
    rows = await conn.execute(select(learned.c.topic, learned.c.version))
    return {row.topic: row.version for row in rows}


async def bodies(conn: AsyncConnection) -> dict[str, tuple[str, Any]]:
    """Read, by topic, the version and the JSON of what was learned."""
    rows = await conn.execute(select(learned.c.topic, learned.c.version, learned.c.body))
    return {row.topic: (row.version, row.body) for row in rows}


async def record(conn: AsyncConnection, topic: str, version: str, body: Any, *, now: datetime) -> None:
    """Keep what was learned of a topic, in place of what was before."""
    statement = insert(conn, learned).values(topic=topic, version=version, body=body, learned_at=now)
    kept = {name: statement.excluded[name] for name in ("version", "body", "learned_at")}
    await conn.execute(statement.on_conflict_do_update(index_elements=["topic"], set_=kept))


async def forget(conn: AsyncConnection, topic: str) -> bool:
    """Forget what was learned of a topic; whether there was anything."""
    return bool((await conn.execute(delete(learned).where(learned.c.topic == topic))).rowcount)
