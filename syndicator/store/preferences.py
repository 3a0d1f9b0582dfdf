"""How a reader wants their mails."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import or_, select

from syndicator.store.schema import subscribers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.model import Format


class Manner(NamedTuple):
    """How letters to a reader are made: their format, and the secret that their links are bound to."""

    format: Format = ""
    secret: str = ""


async def manners(conn: AsyncConnection, ids: Iterable[int]) -> dict[int, Manner]:
    """Read the manners of those among some readers whose manner is not the usual one, by number."""
    own = subscribers.c
    unusual = or_(own.format != "", own.secret.is_not(None))
    rows = await conn.execute(select(own.id, own.format, own.secret).where(own.id.in_([*ids]), unusual))
    return {row.id: Manner(row.format, row.secret or "") for row in rows}
