"""What admins noted of readers: an attribute is a name with a value, by which segments choose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from syndicator.store.schema import subscribers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.ext.asyncio import AsyncConnection


async def change(conn: AsyncConnection, subscriber_id: int, changes: Mapping[str, str]) -> dict[str, str]:
    """Set attributes of a reader, or take away those with an empty value; return what there is now."""
    mine = subscribers.c.id == subscriber_id
    before = await conn.scalar(select(subscribers.c.attributes).where(mine).with_for_update())
    after = merged(before or {}, changes)
    if after != before:
        await conn.execute(update(subscribers).where(mine).values(attributes=after))
    return after


def merged(before: Mapping[str, str], changes: Mapping[str, str]) -> dict[str, str]:
    """Join changes to what there is, by name in order; an empty value takes one away."""
    return {name: value for name, value in sorted({**before, **changes}.items()) if value}


async def names(conn: AsyncConnection) -> list[str]:
    """Name every attribute that some reader has."""
    found: set[str] = set()
    for row in await conn.execute(select(subscribers.c.attributes).distinct()):
        found.update(row.attributes)
    return sorted(found)
