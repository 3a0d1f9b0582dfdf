"""Subscribers by the thousands: writing them all down, and taking in what a list says.

A list adds readers and subscriptions, confirms what was pending, and fills in what nobody chose; attributes,
which are an admin's own, it sets. It never ends, pauses or begins again what is there. So taking the same
list in again changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003  a field's type
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from sqlalchemy import select, update

from syndicator.store.attributes import merged
from syndicator.store.dialect import insert
from syndicator.store.schema import subscribers, subscriptions
from syndicator.store.subscribers import key, schedule_of, slot_of, suppressed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.model import Format, Slot

AT_ONCE = 500  # readers in one statement

State = Literal["pending", "active", "paused", "ended"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A reader with the topics that are in one state; the same reader may be listed for each state."""

    address: str
    topics: tuple[str, ...]
    state: State
    until: datetime | None = None  # of a pause
    slot: Slot | None = None  # None: as the topic says
    language: str = ""
    format: Format | None = None  # None: it is not said
    attributes: Mapping[str, str] = field(default_factory=dict)  # those that are named; the others stay


class Taken(NamedTuple):
    """What became of one that was listed; `problem` says why nothing did, and `about` of what."""

    outcome: Literal["added", "changed", "known", "refused"]
    about: Literal["", "address", "topics"] = ""
    problem: str = ""


@dataclass(slots=True)
class _Person:
    id: int
    language: str
    format: Format
    attributes: Mapping[str, str]
    is_scheduled: bool
    is_new: bool
    ties: dict[str, str]  # topic → state


async def everybody(conn: AsyncConnection) -> AsyncIterator[Listed]:
    """Read all readers by address, some at a time, once for each state that their subscriptions have."""
    last = ""
    while people := (
        await conn.execute(
            select(subscribers)
            .where(subscribers.c.address_key > last)
            .order_by(subscribers.c.address_key)
            .limit(AT_ONCE)
        )
    ).all():
        last = people[-1].address_key
        ties = await conn.execute(
            select(subscriptions)
            .where(subscriptions.c.subscriber_id.in_([person.id for person in people]))
            .order_by(subscriptions.c.topic)
        )
        grouped: dict[int, dict[tuple[State, datetime | None], list[str]]] = {}
        for tie in ties:
            until = tie.until_at if tie.state == "paused" else None
            grouped.setdefault(tie.subscriber_id, {}).setdefault((tie.state, until), []).append(tie.topic)
        for person in people:
            for (state, until), topics in grouped.get(person.id, {}).items():
                yield Listed(
                    address=person.address, topics=tuple(topics), state=state, until=until,
                    slot=slot_of(person), language=person.language, format=person.format or None,
                    attributes=person.attributes,
                )  # fmt: skip


async def take_in(conn: AsyncConnection, listed: Sequence[Listed], *, now: datetime) -> list[Taken]:
    """Take in up to `AT_ONCE` readers of a list; say of each what became of it."""
    barred = await suppressed(conn, {one.address for one in listed})
    known = {*await _people(conn, listed)}
    new = [one for one in listed if key(one.address) not in known and key(one.address) not in barred]
    if new:
        await _insert(conn, new, now)
    people = await _people(conn, listed)
    for one in new:
        people[key(one.address)].is_new = True
    written: list[dict[str, Any]] = []
    outcomes = []
    for one in listed:
        person = people.get(key(one.address))
        if person is None:
            reason = barred[key(one.address)].reason
            outcomes.append(Taken("refused", "address", f"is suppressed: {reason}"))
            continue
        outcomes.append(await _take(conn, one, person, written, now))
        person.is_new = False
    if written:
        statement = insert(conn, subscriptions)
        values = {name: statement.excluded[name] for name in ("state", "since_at", "until_at")}
        await conn.execute(
            statement.on_conflict_do_update(
                index_elements=["subscriber_id", "topic"],
                set_=values,
                where=subscriptions.c.state == "pending",
            ),
            written,
        )
    return outcomes


async def _take(
    conn: AsyncConnection, one: Listed, person: _Person, written: list[dict[str, Any]], now: datetime
) -> Taken:
    """Take in one reader, whose ties go to `written`."""
    left = [topic for topic in one.topics if person.ties.get(topic) == "ended" and one.state != "ended"]
    if left:
        return Taken("refused", "topics", f"left {', '.join(left)} by their own will")
    filled = await _fill_in(conn, one, person, now)
    confirms = one.state in ("active", "paused")
    ties = [
        topic
        for topic in one.topics
        if topic not in person.ties or (confirms and person.ties[topic] == "pending")
    ]
    for topic in ties:
        person.ties[topic] = one.state
        written.append(
            {"subscriber_id": person.id, "topic": topic, "state": one.state, "since_at": now,
             "until_at": one.until}
        )  # fmt: skip
    if person.is_new:
        return Taken("added")
    return Taken("changed" if ties or filled else "known")


async def _fill_in(conn: AsyncConnection, one: Listed, person: _Person, now: datetime) -> bool:
    """Write the schedule, language and format that a reader has not chosen yet, and what admins noted."""
    values: dict[str, Any] = {}
    if one.language and not person.language:
        values["language"] = person.language = one.language
    if one.format and not person.format:
        values["format"] = person.format = one.format
    if one.slot and not person.is_scheduled:
        values |= {"scheduled_at": now, **schedule_of(one.slot)}
        person.is_scheduled = True
    noted = merged(person.attributes, one.attributes)
    if noted != person.attributes:
        values["attributes"] = person.attributes = noted
    if values:
        await conn.execute(update(subscribers).where(subscribers.c.id == person.id).values(values))
    return bool(values)


async def _people(conn: AsyncConnection, listed: Sequence[Listed]) -> dict[str, _Person]:
    """Read those of the list who are there, with their subscriptions, by folded address."""
    keys = {key(one.address) for one in listed}
    rows = (await conn.execute(select(subscribers).where(subscribers.c.address_key.in_(keys)))).all()
    found = {
        row.address_key: _Person(
            row.id, row.language, row.format, row.attributes, row.frequency is not None, is_new=False, ties={}
        )
        for row in rows
    }
    by_id = {person.id: person for person in found.values()}
    ties = await conn.execute(select(subscriptions).where(subscriptions.c.subscriber_id.in_(by_id)))
    for tie in ties:
        by_id[tie.subscriber_id].ties[tie.topic] = tie.state
    return found


async def _insert(conn: AsyncConnection, new: Sequence[Listed], now: datetime) -> None:
    """Add readers; of one that is listed twice the first counts."""
    rows: dict[str, dict[str, Any]] = {}
    for one in new:
        values = {"address": one.address, "address_key": key(one.address), "created_at": now}
        values |= {"language": one.language, "format": one.format or ""}
        values |= {"attributes": merged({}, one.attributes), **schedule_of(one.slot)}
        rows.setdefault(key(one.address), values)
    statement = insert(conn, subscribers).values(list(rows.values()))
    await conn.execute(statement.on_conflict_do_nothing(index_elements=["address_key"]))
