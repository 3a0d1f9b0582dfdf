"""Pulling sources against all reasons to wait: an admin insists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import case, select, update

from syndicator.store import pauses
from syndicator.store.schema import sources

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncConnection


async def restart(conn: AsyncConnection, names: Iterable[str]) -> None:
    """Make sources due at once, whatever their publishers asked for, and start those that are stopped.

    A lease that somebody holds stays: what is under way is not doubled.
    """
    listed = list(names)
    hosts = await conn.scalars(select(sources.c.host).where(sources.c.name.in_(listed)))
    await pauses.end(conn, hosts.all())
    started = case((sources.c.state == "stopped", "new"), else_=sources.c.state)
    values = {"next_pull_at": None, "fresh_until": None, "state": started}
    await conn.execute(update(sources).where(sources.c.name.in_(listed)).values(values))
