"""count: subscriptions as they are → how many read each topic today, one row a topic and day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syndicator.store import audience

if TYPE_CHECKING:
    from syndicator.pipeline.parts import Parts


async def count(parts: Parts) -> int:
    """Renew today's counts of the topics in force; return how many topics have readers, or had some."""
    async with parts.store.write() as conn:
        return await audience.count(conn, parts.current.catalog.topics, now=parts.clock())
