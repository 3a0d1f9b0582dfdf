"""How a source used to bring articles: what the flood guard measures a pull by."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from syndicator.store.schema import articles

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

YEAR: Final = timedelta(days=366)  # journals come out by the quarter
MONTH: Final = timedelta(days=30)
DAY: Final = timedelta(days=1)


async def busiest_and_daily(conn: AsyncConnection, source: str, *, now: datetime) -> tuple[int, float]:
    """Read how many articles the busiest pull brought, and how many a day brings.

    The pull of `now` does not count. Of the year before the last month the largest pull does not either: it
    may have been a flood. The first brought all that there was: of it the fullest day counts, which is an
    issue.
    """
    of_source = articles.c.source == source
    first = await conn.scalar(select(func.min(articles.c.arrived_at)).where(of_source))
    if first is None or first >= now:
        return 0, 0.0
    rows = await conn.execute(
        select(articles.c.arrived_at, func.count())
        .where(of_source, articles.c.arrived_at >= max(now - YEAR, first), articles.c.arrived_at < now)
        .group_by(articles.c.arrived_at)
    )
    pulls = [(at, count) for at, count in rows if at > first]
    ever, late = sorted(count for _, count in pulls), [count for at, count in pulls if at >= now - MONTH]
    busiest = max([*late, *ever[-2:-1]], default=0)
    since = max(now - MONTH, first)
    daily = sum(late) / max((now - since) / DAY, 1.0)
    return max(busiest, await _fullest_day(conn, source, first) if first >= now - YEAR else 0), daily


async def _fullest_day(conn: AsyncConnection, source: str, arrived_at: datetime) -> int:
    """Count what one pull brought of the day of which it brought most."""
    rows = await conn.execute(
        select(articles.c.published_at).where(
            articles.c.source == source,
            articles.c.arrived_at == arrived_at,
            articles.c.published_at.is_not(None),
        )
    )
    return max(Counter(row.published_at.date() for row in rows).values(), default=0)


async def is_settled(conn: AsyncConnection, *, now: datetime) -> bool:
    """Whether the first article of all arrived over a day ago."""
    first = await conn.scalar(select(articles.c.arrived_at).order_by(articles.c.id).limit(1))
    return first is not None and first < now - DAY
