"""How a source used to bring articles: what the flood guard measures a pull by."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from syndicator.store.schema import articles

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

MONTH: Final = timedelta(days=30)
DAY: Final = timedelta(days=1)


async def busiest_and_daily(conn: AsyncConnection, source: str, *, now: datetime) -> tuple[int, float]:
    """Read how many articles the busiest pull of the last month brought, and how many a day brings.

    The pull of `now` does not count, nor the source's first, which brought all that there was.
    """
    of_source = articles.c.source == source
    first = await conn.scalar(select(func.min(articles.c.arrived_at)).where(of_source))
    if first is None or first >= now:
        return 0, 0.0
    since = max(now - MONTH, first + timedelta(microseconds=1))
    pulls = await conn.execute(
        select(func.count())
        .where(of_source, articles.c.arrived_at >= since, articles.c.arrived_at < now)
        .group_by(articles.c.arrived_at)
    )
    counts = [row[0] for row in pulls]
    return max(counts, default=0), sum(counts) / max((now - since) / DAY, 1.0)


async def is_settled(conn: AsyncConnection, *, now: datetime) -> bool:
    """Whether the first article of all arrived over a day ago."""
    first = await conn.scalar(select(articles.c.arrived_at).order_by(articles.c.id).limit(1))
    return first is not None and first < now - DAY
