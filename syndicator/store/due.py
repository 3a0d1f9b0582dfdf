"""Who is due in a run of a slot, and what a run has dealt with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, or_, select, union_all, update

from syndicator.model import Subscription
from syndicator.store.schema import subscribers, subscriptions
from syndicator.store.subscribers import LISTED, slot_of, subscriber_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row, Select
    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.model import Slot, Subscriber

BATCH: Final = 500  # ids in one statement
_TIE, _READER = subscriptions.c, subscribers.c
_COLUMNS: Final = (_TIE.id, _TIE.subscriber_id, _TIE.topic, _TIE.state, _TIE.since_at, _TIE.cursor, *LISTED)


async def own_slots(conn: AsyncConnection) -> list[Slot]:
    """Read the schedules of their own that subscribers have who take part, or pause."""
    columns = (_READER.frequency, _READER.at, _READER.zone)
    takes_part = (
        select(_TIE.id).where(_TIE.subscriber_id == _READER.id, _TIE.state.in_(("active", "paused"))).exists()
    )
    rows = await conn.execute(select(*columns).where(_READER.frequency.is_not(None), takes_part).distinct())
    return sorted((slot for row in rows if (slot := slot_of(row))), key=lambda slot: slot.key)


async def live_topics(conn: AsyncConnection) -> set[str]:
    """Name the topics that somebody is subscribed to; who pauses counts."""
    is_live = _TIE.state.in_(("active", "paused"))
    return {*(await conn.execute(select(_TIE.topic).where(is_live).distinct())).scalars()}


async def due(
    conn: AsyncConnection,
    slot: Slot,
    *,
    run_id: int,
    fired_at: datetime,
    topics: Iterable[str],
    default_topics: Iterable[str],
    limit: int,
    beyond: int = 0,
    coming: bool = False,
) -> list[Subscription]:
    """Read subscriptions that a slot run has still to deal with, whole subscribers at a time.

    Those of subscribers who chose this slot, and those to `default_topics` (whose own plan is this slot) of
    subscribers who chose none; before the slot fired, and active since before that, to configured `topics`.
    With `beyond` only of subscribers with a higher number: of these the others were dealt with. With
    `coming` also those whose pause will be over.
    """
    is_active: ColumnElement[bool] = _TIE.state == "active"
    if coming:
        is_active = or_(is_active, and_(_TIE.state == "paused", _TIE.until_at <= fired_at))
    open_ = and_(is_active, _TIE.since_at <= fired_at, _TIE.run_id < run_id)
    since = or_(_READER.scheduled_at.is_(None), _READER.scheduled_at <= fired_at)
    own = (_READER.frequency == slot.frequency, _READER.at == f"{slot.at:%H:%M}", _READER.zone == slot.zone)
    none = (_READER.frequency.is_(None), _READER.at.is_(None), _READER.zone.is_(None))
    ways = [(own, [*topics]), (none, [*default_topics])]
    people = [
        _people(and_(*how, since, _READER.id > beyond), and_(open_, _TIE.topic.in_(listed)), limit)
        for how, listed in ways
        if listed
    ]
    if not people:
        return []
    found = union_all(*(select(each.subquery()) for each in people)).order_by("id").limit(limit)
    ids = [*(await conn.execute(found)).scalars()]
    of_these = [and_(*how, _TIE.topic.in_(listed)) for how, listed in ways if listed]
    ties = []
    for start in range(0, len(ids), BATCH):
        rows = await conn.execute(
            select(*_COLUMNS)
            .join(subscribers, _READER.id == _TIE.subscriber_id)
            .where(open_, or_(*of_these), _TIE.subscriber_id.in_(ids[start : start + BATCH]))
            .order_by(_TIE.subscriber_id, _TIE.topic)
        )
        ties += _subscriptions(rows.all())
    return ties


def _people(who: ColumnElement[bool], what: ColumnElement[bool], limit: int) -> Select[tuple[int]]:
    has_one = select(_TIE.id).where(_TIE.subscriber_id == _READER.id, what).exists()
    return select(_READER.id).where(who, has_one).order_by(_READER.id).limit(limit)


def _subscriptions(rows: Sequence[Row[*tuple[Any, ...]]]) -> list[Subscription]:
    found = []
    reader: Subscriber | None = None
    for row in rows:
        if reader is None or reader.id != row.subscriber_id:
            reader = subscriber_of(row, row.subscriber_id)
        found.append(
            Subscription(
                id=row.id, subscriber=reader, topic=row.topic, state=row.state, since_at=row.since_at,
                cursor=row.cursor,
            )
        )  # fmt: skip
    return found


async def settle(conn: AsyncConnection, ids: Sequence[int], *, run_id: int, cursor: int | None) -> None:
    """Note that a run has dealt with subscriptions; `cursor` moves only if their window was mailed."""
    values: dict[str, Any] = {"run_id": run_id}
    if cursor is not None:
        values["cursor"] = cursor
    for start in range(0, len(ids), BATCH):
        these = _TIE.id.in_(ids[start : start + BATCH])
        await conn.execute(update(subscriptions).where(these).values(values))
