"""How many read a topic over time: one row a topic and day, made of the subscriptions as they are.

Nothing follows a reader: what is counted is rows, not openings or clicks. A row is renewed at each look of
its day (UTC) and stays as it was at the last. Looking twice, late or on several hosts changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, func, select

from syndicator.store import subscribers
from syndicator.store.dialect import insert
from syndicator.store.schema import audience_counts, subscriptions

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from sqlalchemy import Row
    from sqlalchemy.ext.asyncio import AsyncConnection

STATES: Final = ("active", "pending", "paused", "ended")

_COUNT: Final = audience_counts.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """The readers of a topic at the end of a day, and who came and went since the look before that day.

    `joined` and `gone` explain the difference in who takes part (active or paused). Who was erased
    leaves no row to count: one such takes one from those who joined in that time, and has gone if nobody did.
    Who left without ever having confirmed is in both.
    """

    topic: str
    day: str  # YYYY-MM-DD, UTC
    active: int
    pending: int
    paused: int
    ended: int
    joined: int
    gone: int


async def count(conn: AsyncConnection, topics: Collection[str], *, now: datetime) -> int:
    """Write today's row of each of these topics that anybody ever subscribed to; return how many."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    day = midnight.date().isoformat()
    states = await subscribers.counts(conn)
    before = await _latest(conn, day)
    written = 0
    for topic in sorted({*states, *before} & {*topics}):
        found = {state: states.get(topic, {}).get(state, 0) for state in STATES}
        last = before.get(topic)
        if last:
            grown = found["active"] + found["paused"] - last[0].active - last[0].paused
            gone = max(await _since(conn, topic, ("ended",), last[1]), -grown)
        else:  # who was there before anybody counted did not join today
            grown, gone = await _since(conn, topic, ("active", "paused"), midnight), 0
        values = {**found, "joined": grown + gone, "gone": gone, "at": now}
        statement = insert(conn, audience_counts).values(topic=topic, day=day, **values)
        await conn.execute(statement.on_conflict_do_update(index_elements=["topic", "day"], set_=values))
        written += 1
    return written


async def _latest(conn: AsyncConnection, day: str) -> dict[str, tuple[Count, datetime]]:
    """Read, by topic, the last row before a day, and when it was written."""
    newest = (
        select(_COUNT.topic, func.max(_COUNT.day).label("day"))
        .where(_COUNT.day < day)
        .group_by(_COUNT.topic)
        .subquery()
    )
    same = and_(newest.c.topic == _COUNT.topic, newest.c.day == _COUNT.day)
    rows = await conn.execute(select(audience_counts).join(newest, same))
    return {row.topic: (_count(row), row.at) for row in rows}


async def _since(conn: AsyncConnection, topic: str, states: Collection[str], since: datetime) -> int:
    """Count the subscriptions that came into one of these states after an instant."""
    tie = subscriptions.c
    mine = (tie.topic == topic, tie.state.in_(states), tie.since_at > since)
    return int(await conn.scalar(select(func.count()).where(*mine)) or 0)


def _count(row: Row[*tuple[Any, ...]]) -> Count:
    names = ("topic", "day", *STATES, "joined", "gone")
    return Count(**{name: getattr(row, name) for name in names})


async def over_time(conn: AsyncConnection, *, since: date, topic: str = "") -> dict[str, list[Count]]:
    """Read the rows from a day on, of one topic or of all: by topic, the oldest first."""
    wanted = select(audience_counts).where(_COUNT.day >= since.isoformat())
    if topic:
        wanted = wanted.where(_COUNT.topic == topic)
    found: dict[str, list[Count]] = defaultdict(list)
    for row in await conn.execute(wanted.order_by(_COUNT.topic, _COUNT.day)):
        found[row.topic].append(_count(row))
    return dict(found)
