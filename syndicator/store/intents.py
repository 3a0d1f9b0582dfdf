"""Intents as rows: what was asked of our hub and is not confirmed, and denials that are still to be told."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, case, delete, func, select, update

from syndicator.model.followers import Intent
from syndicator.store.dialect import insert
from syndicator.store.schema import callback_pauses, documents, intents, topics

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from sqlalchemy import Row
    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.model.followers import Follower, Wish

COLUMNS = tuple(intents.c[field.name] for field in fields(Intent))


def _intent(row: Row[*tuple[Any, ...]]) -> Intent:
    return Intent(**{field.name: getattr(row, field.name) for field in fields(Intent)})


async def put(conn: AsyncConnection, wish: Wish, *, network: str, version: str, now: datetime) -> None:
    """Note a wish; a newer one for the same callback and document takes the place of the older.

    Its number goes up, so that an answer to the older question cannot confirm it.
    """
    values = asdict(wish) | {"network": network, "version": version, "ask_at": now}
    await _replace(conn, values)


async def deny(
    conn: AsyncConnection, gone: Iterable[Follower | Intent], *, reason: str, now: datetime
) -> None:
    """Let callbacks be told that they are followers no more, and why (WebSub 5.2)."""
    from_ = ("callback", "topic", "format", "topic_url", "host", "network")
    for each in gone:
        values = {name: getattr(each, name) for name in from_}
        told = {"mode": "denied", "reason": reason, "ask_at": now, "lease": timedelta(0)}
        await _replace(conn, values | told)


async def _replace(conn: AsyncConnection, values: dict[str, Any]) -> None:
    whole = {"secret": "", "version": "", "reason": "", "attempts": 0} | values
    await conn.execute(
        insert(conn, intents)
        .values(whole)
        .on_conflict_do_update(
            index_elements=["callback", "topic", "format"], set_=whole | {"number": intents.c.number + 1}
        )
    )


async def counts(conn: AsyncConnection, *, host: str, network: str) -> tuple[int, int, int]:
    """Count what is pending: all, that of a host, and that from a network."""
    row = (
        await conn.execute(
            select(
                func.count(),
                func.coalesce(func.sum(case((intents.c.host == host, 1), else_=0)), 0),
                func.coalesce(func.sum(case((intents.c.network == network, 1), else_=0)), 0),
            )
        )
    ).one()
    return int(row[0]), int(row[1]), int(row[2])


async def get(conn: AsyncConnection, callback: str, topic: str, format_: str) -> Intent | None:
    """Read what is pending for a callback and document."""
    key = (intents.c.callback == callback, intents.c.topic == topic, intents.c.format == format_)
    row = (await conn.execute(select(*COLUMNS).where(*key))).first()
    return _intent(row) if row else None


async def is_any_due(conn: AsyncConnection, now: datetime) -> bool:
    """Whether a callback is to be asked now."""
    return bool(await conn.scalar(select(select(intents.c.id).where(intents.c.ask_at <= now).exists())))


async def claim(conn: AsyncConnection, *, now: datetime, limit: int) -> list[Intent]:
    """Read those that are due, the longest waiting first; the caller must move each one's `ask_at`."""
    order = (intents.c.ask_at, intents.c.id)
    due = select(*COLUMNS).where(intents.c.ask_at <= now).order_by(*order).limit(limit)
    return [_intent(row) for row in await conn.execute(due.with_for_update(skip_locked=True))]


async def move(conn: AsyncConnection, intent: Intent) -> None:
    """Write when a callback is asked (again), and how often it was."""
    values = {"attempts": intent.attempts, "ask_at": intent.ask_at}
    await conn.execute(update(intents).where(*_same(intent)).values(values))


async def settle(conn: AsyncConnection, intent: Intent) -> bool:
    """Forget an intent that has its answer; False if it had one before, or a newer one took its place."""
    return (await conn.execute(delete(intents).where(*_same(intent)))).rowcount == 1


def _same(intent: Intent) -> tuple[ColumnElement[bool], ...]:
    return intents.c.id == intent.id, intents.c.number == intent.number


async def take_orphans(conn: AsyncConnection, *, private: Collection[str]) -> list[Intent]:
    """Remove, and return, wishes to follow what is public no more."""
    has_document = (
        select(documents.c.topic)
        .where(documents.c.topic == intents.c.topic, documents.c.format == intents.c.format)
        .correlate(intents)
        .exists()
    )
    is_coming = (  # as in `followers.take_orphans`
        select(topics.c.slug)
        .where(topics.c.slug == intents.c.topic, topics.c.configured, topics.c.published < topics.c.wanted)
        .correlate(intents)
        .exists()
    )
    lost = (intents.c.mode == "subscribe", intents.c.topic.in_(private) | ~(has_document | is_coming))
    ids = select(intents.c.id).where(*lost).with_for_update(skip_locked=True).scalar_subquery()
    rows = await conn.execute(delete(intents).where(intents.c.id.in_(ids)).returning(*COLUMNS))
    return [_intent(row) for row in rows]


async def list_all(conn: AsyncConnection) -> list[Intent]:
    """Read all, the oldest first."""
    return [_intent(row) for row in await conn.execute(select(*COLUMNS).order_by(intents.c.id))]


async def total(conn: AsyncConnection) -> int:
    """Count them."""
    return int(await conn.scalar(select(func.count()).select_from(intents)) or 0)


# Hosts and addresses that are left alone --------------------------------------------------------------


async def claim_places(
    conn: AsyncConnection, places: Collection[str], *, now: datetime, until: datetime
) -> bool:
    """Take hosts and addresses for one question, so that nobody asks them again before `until`.

    False, and nothing taken, where one of them was asked a moment ago.
    """
    busy = (callback_pauses.c.place.in_(places), callback_pauses.c.until > now)
    if await conn.scalar(select(select(callback_pauses.c.place).where(*busy).exists())):
        return False
    rows = [{"place": place, "until": until} for place in sorted(places)]
    statement = insert(conn, callback_pauses).values(rows)
    taken = await conn.execute(
        statement.on_conflict_do_update(
            index_elements=["place"],
            set_={"until": statement.excluded.until},
            where=callback_pauses.c.until <= now,
        ).returning(callback_pauses.c.place)
    )
    return len(taken.all()) == len(rows)


async def free_places(conn: AsyncConnection, places: Collection[str]) -> None:
    """Let places be asked at once again: they have confirmed."""
    await conn.execute(delete(callback_pauses).where(callback_pauses.c.place.in_(places)))


async def purge_places(conn: AsyncConnection, now: datetime) -> None:
    """Forget pauses that are over."""
    over = select(callback_pauses.c.place).where(callback_pauses.c.until <= now)
    over = over.with_for_update(skip_locked=True)
    await conn.execute(delete(callback_pauses).where(callback_pauses.c.place.in_(over.scalar_subquery())))
