"""Subscribers, their subscriptions, and addresses we must not write to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta
from typing import TYPE_CHECKING, Any, get_args

from sqlalchemy import case, delete, func, literal, or_, select, update

from syndicator.model import Frequency, Slot, Subscriber, Suppression
from syndicator.store.dialect import insert
from syndicator.store.schema import subscribers, subscriptions, suppressions

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row
    from sqlalchemy.ext.asyncio import AsyncConnection


LISTED = [column for column in subscribers.c if column.name not in ("id", "shard", "address_key")]
AWAY = timedelta(days=7)  # a leave shorter than this is an interruption


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A subscriber with their subscriptions, as lists show them."""

    subscriber: Subscriber
    topics: dict[str, str]  # slug → state


def key(address: str) -> str:
    """Fold an address for comparison: two spellings that differ in case are one reader."""
    return address.casefold()


def slot_of(row: Any) -> Slot | None:
    """Read a subscriber's own schedule from a row; None where the topic's rules."""
    if row.frequency is None:
        return None
    assert row.frequency in get_args(Frequency)  # noqa: S101  only we write this column
    return Slot(frequency=row.frequency, at=time.fromisoformat(row.at), zone=row.zone)


def subscriber_of(row: Row[*tuple[Any, ...]], id_: int) -> Subscriber:
    """Read a subscriber from a row that has the columns `LISTED`."""
    return Subscriber(
        id=id_, address=row.address, language=row.language, slot=slot_of(row), format=row.format,
        created_at=row.created_at, attributes=row.attributes,
    )  # fmt: skip


async def put(conn: AsyncConnection, address: str, *, language: str, slot: Slot | None, now: datetime) -> int:
    """Add a subscriber or change the one with this address; return the id."""
    own = {"language": language, **schedule_of(slot)}
    statement = insert(conn, subscribers).values(
        address=address, address_key=key(address), created_at=now, **own
    )
    changed: dict[str, Any] = {name: value for name, value in own.items() if value} or {"address": address}
    if slot:
        changed["scheduled_at"] = _changed(slot, now)
    done = await conn.execute(
        statement.on_conflict_do_update(index_elements=["address_key"], set_=changed).returning(
            subscribers.c.id
        )
    )
    return int(done.scalar_one())


async def reschedule(conn: AsyncConnection, subscriber_id: int, slot: Slot | None, *, now: datetime) -> None:
    """Give a reader another schedule, or with None that of their topics.

    It holds from `now` on: a run that fired before is not for them. The same again changes nothing.
    """
    own = update(subscribers).where(subscribers.c.id == subscriber_id)
    await conn.execute(own.values(scheduled_at=_changed(slot, now), **schedule_of(slot)))


def schedule_of(slot: Slot | None) -> dict[str, str | None]:
    """Give the columns that hold a reader's own schedule."""
    return {
        "frequency": slot.frequency if slot else None,
        "at": f"{slot.at:%H:%M}" if slot else None,
        "zone": slot.zone if slot else None,
    }


def _changed(slot: Slot | None, now: datetime) -> ColumnElement[Any]:
    """Give `scheduled_at` as it is after a schedule is set: `now` if it is another than before."""
    differs = [subscribers.c[name].is_distinct_from(value) for name, value in schedule_of(slot).items()]
    return case(
        (or_(*differs), literal(now, subscribers.c.scheduled_at.type)), else_=subscribers.c.scheduled_at
    )


async def subscribe(
    conn: AsyncConnection, subscriber_id: int, topics: Iterable[str], *, state: str, now: datetime
) -> None:
    """Tie a subscriber to topics; an active tie stays as it is, an ended one begins again.

    Who comes back within `AWAY` goes on where they left, so that nothing is sent twice; later they are new.
    """
    kept = case((subscriptions.c.since_at >= now - AWAY, subscriptions.c.cursor), else_=None)
    for topic in topics:
        values = {"state": state, "since_at": now}
        await conn.execute(
            insert(conn, subscriptions)
            .values(subscriber_id=subscriber_id, topic=topic, **values)
            .on_conflict_do_update(
                index_elements=["subscriber_id", "topic"],
                set_=values | {"cursor": kept},
                where=or_(
                    subscriptions.c.state == "ended",
                    subscriptions.c.state == ("pending" if state != "pending" else "ended"),
                ),
            )
        )


async def end(
    conn: AsyncConnection, subscriber_id: int, topics: Sequence[str] | None, *, now: datetime
) -> int:
    """End subscriptions (to `topics`, or all); return how many had not ended. Twice is harmless."""
    statement = update(subscriptions).where(
        subscriptions.c.subscriber_id == subscriber_id, subscriptions.c.state != "ended"
    )
    if topics is not None:
        statement = statement.where(subscriptions.c.topic.in_(topics))
    return (await conn.execute(statement.values(state="ended", since_at=now))).rowcount


async def find(conn: AsyncConnection, address: str) -> Reader | None:
    """Find a subscriber by address."""
    found = [reader async for reader in _listing(conn, subscribers.c.address_key == key(address))]
    return found[0] if found else None


async def get(conn: AsyncConnection, subscriber_id: int) -> Reader | None:
    """Read a subscriber by id."""
    found = [reader async for reader in _listing(conn, subscribers.c.id == subscriber_id)]
    return found[0] if found else None


async def list_all(conn: AsyncConnection) -> list[Reader]:
    """Read every subscriber, by address."""
    return [reader async for reader in _listing(conn, None)]


async def _listing(conn: AsyncConnection, where: Any) -> Any:
    statement = select(subscribers).order_by(subscribers.c.address_key)
    ties = select(subscriptions.c.subscriber_id, subscriptions.c.topic, subscriptions.c.state)
    if where is not None:
        statement = statement.where(where)
        ties = ties.where(subscriptions.c.subscriber_id.in_(select(subscribers.c.id).where(where)))
    topics: dict[int, dict[str, str]] = {}
    for row in await conn.execute(ties.order_by(subscriptions.c.topic)):
        topics.setdefault(row.subscriber_id, {})[row.topic] = row.state
    for row in await conn.execute(statement):
        yield Reader(subscriber=subscriber_of(row, row.id), topics=topics.get(row.id, {}))


async def remove(conn: AsyncConnection, address: str) -> bool:
    """Erase a subscriber and all ties; False if there is none. The ledger of mail keeps its rows."""
    done = await conn.execute(delete(subscribers).where(subscribers.c.address_key == key(address)))
    return done.rowcount > 0


async def schedules(conn: AsyncConnection) -> dict[str, set[Slot | None]]:
    """Read, by topic, which schedules its active readers have; None for who left it to the topic."""
    rows = await conn.execute(
        select(subscriptions.c.topic, subscribers.c.frequency, subscribers.c.at, subscribers.c.zone)
        .join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id)
        .where(subscriptions.c.state == "active")
        .distinct()
    )
    found: dict[str, set[Slot | None]] = {}
    for row in rows:
        found.setdefault(row.topic, set()).add(slot_of(row))
    return found


async def suppress(conn: AsyncConnection, address: str, reason: str, *, now: datetime) -> None:
    """Never write to an address again; the first reason stays."""
    statement = insert(conn, suppressions).values(
        address_key=key(address), address=address, reason=reason, created_at=now
    )
    await conn.execute(statement.on_conflict_do_nothing())


async def suppressed(conn: AsyncConnection, addresses: Iterable[str]) -> dict[str, Suppression]:
    """Read the suppressions among some addresses, by their folded form."""
    rows = await conn.execute(
        select(suppressions).where(suppressions.c.address_key.in_([key(address) for address in addresses]))
    )
    return {
        row.address_key: Suppression(address=row.address, reason=row.reason, created_at=row.created_at)
        for row in rows
    }


async def counts(conn: AsyncConnection) -> dict[str, dict[str, int]]:
    """Count subscriptions: topic → state → how many."""
    rows = await conn.execute(
        select(subscriptions.c.topic, subscriptions.c.state, func.count()).group_by(
            subscriptions.c.topic, subscriptions.c.state
        )
    )
    found: dict[str, dict[str, int]] = {}
    for topic, state, count in rows:
        found.setdefault(topic, {})[state] = count
    return found
