"""The ledger of mail: every send is a row first, and each transition is a commit of its own.

planned ─claim→ leased ─commit before DATA→ sending ─2xx→ accepted
sending: 4xx → deferred · 5xx → refused · dot sent and no answer → uncertain (planned again, or held)
leased and lease over → planned;  sending and lease over → uncertain
An admin moves held, refused or deferred → planned (`retry`), planned or deferred → held (`hold`), and any of
held, planned and deferred → refused (`give_up`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import case, func, literal, or_, select, update

from syndicator.model import Delivery, DeliveryStatus
from syndicator.store.dialect import insert
from syndicator.store.leases import take
from syndicator.store.schema import deliveries, editions, subscriptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime, timedelta

    from sqlalchemy import Row
    from sqlalchemy.ext.asyncio import AsyncConnection

WAITING = (DeliveryStatus.PLANNED, DeliveryStatus.DEFERRED)
RETRIED: Final = (DeliveryStatus.HELD, DeliveryStatus.REFUSED, DeliveryStatus.DEFERRED)  # by an admin
GIVEN: Final = (DeliveryStatus.HELD, *WAITING)  # up by an admin
GIVEN_UP: Final = "given up by hand"
LEFT: Final = "the reader left before it was sent"
BATCH: Final = 500  # ids of one statement
_PLAIN: Final = (
    "id", "address", "attempts", "uncertain", "message_id", "reply", "fence", "planned_at", "due_at", "lane"
)  # fmt: skip


def read_row(row: Row[*tuple[Any, ...]]) -> Delivery:
    """Make a delivery of its row."""
    plain = {name: getattr(row, name) for name in _PLAIN}
    state = DeliveryStatus(row.state)
    return Delivery(edition=row.edition_id, subscriber=row.subscriber_id, state=state, **plain)


async def plan(
    conn: AsyncConnection,
    edition_id: str,
    readers: Sequence[tuple[int, str]],
    *,
    now: datetime,
    due: Callable[[int], datetime] | None = None,
) -> int:
    """Plan an edition for readers (id, address); who has it already gets no second one. Return how many.

    `due` says, by a reader's id, when the mail may leave; at once without it.
    """
    if not readers:
        return 0
    rows = [
        {"edition_id": edition_id, "subscriber_id": reader, "address": address,
         "state": DeliveryStatus.PLANNED, "planned_at": now, "updated_at": now,
         "due_at": due(reader) if due else now}
        for reader, address in readers
    ]  # fmt: skip
    statement = insert(conn, deliveries).on_conflict_do_nothing(
        index_elements=["edition_id", "subscriber_id"]
    )
    await conn.execute(statement, rows)
    return len(rows)


async def claim(
    conn: AsyncConnection, *, now: datetime, lease: timedelta, limit: int, lane: str = ""
) -> list[Delivery]:
    """Take up to `limit` deliveries of a queue (`Delivery.lane`) that are due; the longest waiting first."""
    which = (deliveries.c.state.in_(WAITING), deliveries.c.lane == lane)
    return [read_row(row) for row in await take(conn, deliveries, *which, now=now, lease=lease, limit=limit)]


async def release(conn: AsyncConnection, batch: Iterable[Delivery], *, now: datetime) -> None:
    """Give back what was claimed and never begun, to the queue that each names."""
    for delivery in batch:
        await conn.execute(
            update(deliveries)
            .where(
                deliveries.c.id == delivery.id,
                deliveries.c.fence == delivery.fence,
                deliveries.c.state == DeliveryStatus.LEASED,
            )
            .values(state=DeliveryStatus.PLANNED, lease_until=None, updated_at=now, lane=delivery.lane)
        )


async def reap(
    conn: AsyncConnection, *, now: datetime, hold: bool, everything: bool = False
) -> tuple[int, int]:
    """Take back what dead workers held; return how many (were never on the wire, are uncertain).

    `everything` ignores the leases: right when no other process can hold any. `hold` leaves what is uncertain
    to an admin; otherwise it is planned again under the same Message-ID.
    """
    over = or_(deliveries.c.lease_until.is_(None), deliveries.c.lease_until <= now)
    back = {"lease_until": None, "fence": deliveries.c.fence + 1, "updated_at": now, "due_at": now}

    async def take(state: DeliveryStatus, values: dict[str, Any]) -> int:
        statement = update(deliveries).where(deliveries.c.state == state)
        if not everything:
            statement = statement.where(over)
        return (await conn.execute(statement.values(**back, **values))).rowcount

    clean = await take(DeliveryStatus.LEASED, {"state": DeliveryStatus.PLANNED})
    unsure = await take(
        DeliveryStatus.SENDING,
        {
            "state": DeliveryStatus.HELD if hold else DeliveryStatus.PLANNED,
            "uncertain": deliveries.c.uncertain + 1,
            "reply": "stopped after the message was handed over and before the answer was read",
        },
    )
    return clean, unsure


async def ended(
    conn: AsyncConnection, batch: Iterable[Delivery], topics: Mapping[str, Sequence[str]]
) -> set[int]:
    """Find deliveries (by id) whose reader has left all topics of the edition; `topics` is by edition."""
    listed = list(batch)
    rows = await conn.execute(
        select(subscriptions.c.subscriber_id, subscriptions.c.topic).where(
            subscriptions.c.subscriber_id.in_([delivery.subscriber for delivery in listed]),
            subscriptions.c.state.in_(("active", "paused")),  # a pause holds what is not composed yet
        )
    )
    active: dict[int, set[str]] = {}
    for row in rows:
        active.setdefault(row.subscriber_id, set()).add(row.topic)
    return {
        delivery.id
        for delivery in listed
        if active.get(delivery.subscriber, set()).isdisjoint(topics[delivery.edition])
    }


async def bring_back(
    conn: AsyncConnection, subscriber_id: int, topics: Iterable[str], *, since: datetime, now: datetime
) -> None:
    """Plan anew what was refused since an instant only because the reader had left these topics."""
    refused = select(deliveries.c.id, editions.c.topics).where(
        deliveries.c.edition_id == editions.c.id,
        deliveries.c.subscriber_id == subscriber_id,
        deliveries.c.state == DeliveryStatus.REFUSED,
        deliveries.c.reply == LEFT,
        deliveries.c.updated_at >= since,
    )
    wanted = {*topics}
    ids = [row.id for row in await conn.execute(refused) if not wanted.isdisjoint(row.topics)]
    values = {"state": DeliveryStatus.PLANNED, "due_at": now, "reply": ""}
    await _moved(conn, ids, (DeliveryStatus.REFUSED,), values, now)


async def list_all(conn: AsyncConnection, *, state: str = "", limit: int = 100_000) -> list[Delivery]:
    """Read the ledger, oldest first."""
    statement = select(deliveries).order_by(deliveries.c.id).limit(limit)
    if state:
        statement = statement.where(deliveries.c.state == state)
    return [read_row(row) for row in await conn.execute(statement)]


async def get(conn: AsyncConnection, ids: Sequence[int]) -> dict[int, Delivery]:
    """Read deliveries by id; those that there are not are missing."""
    found: dict[int, Delivery] = {}
    for start in range(0, len(ids), BATCH):
        rows = await conn.execute(select(deliveries).where(deliveries.c.id.in_(ids[start : start + BATCH])))
        found.update((row.id, read_row(row)) for row in rows)
    return found


async def retry(conn: AsyncConnection, ids: Sequence[int], *, now: datetime) -> set[int]:
    """Plan these anew, due at once, under the Message-ID they had; return those that were.

    Only what is held, refused or deferred: what was accepted is never sent again, and what a worker has in
    its hands is the worker's. `uncertain` and the attempts stay as they are. The time after which a mail is
    given up begins anew, and it waits in the queue of all: its lane may be forgotten.
    """
    return await _moved(conn, ids, RETRIED, _anew(now), now)


async def retry_all(conn: AsyncConnection, state: DeliveryStatus, *, now: datetime) -> int:
    """Plan all anew that are in this state, one of `RETRIED`; return how many.

    Raises:
        ValueError: the state is none of those.
    """
    if state not in RETRIED:
        raise ValueError(f"{state}: never sent again by hand")
    values = {**_anew(now), **_taken(now)}
    done = await conn.execute(update(deliveries).where(deliveries.c.state == state).values(**values))
    return done.rowcount


async def hold(conn: AsyncConnection, ids: Sequence[int], *, now: datetime) -> set[int]:
    """Keep these from being sent until `retry`; return those that were waiting, and only those are held."""
    return await _moved(conn, ids, WAITING, {"state": DeliveryStatus.HELD}, now)


async def give_up(conn: AsyncConnection, ids: Sequence[int], *, now: datetime) -> set[int]:
    """Close these as refused, though nobody refused them; return those that were open and in nobody's hands.

    Their last words stay, behind ours. `retry` opens them again.
    """
    reply = literal(GIVEN_UP) + case((deliveries.c.reply == "", ""), else_=literal(": ") + deliveries.c.reply)
    closed = {"state": DeliveryStatus.REFUSED, "due_at": now, "reply": reply}
    return await _moved(conn, ids, GIVEN, closed, now)


def _anew(now: datetime) -> dict[str, Any]:
    return {"state": DeliveryStatus.PLANNED, "planned_at": now, "due_at": now, "lane": ""}


def _taken(now: datetime) -> dict[str, Any]:
    """Take a delivery out of all hands: who had it learns by the fence that it is theirs no more."""
    return {"lease_until": None, "fence": deliveries.c.fence + 1, "updated_at": now}


async def _moved(
    conn: AsyncConnection,
    ids: Sequence[int],
    states: Sequence[DeliveryStatus],
    values: Mapping[str, Any],
    now: datetime,
) -> set[int]:
    """Move those of these that are in one of the states; the states are looked at in the same statement."""
    moved: set[int] = set()
    for start in range(0, len(ids), BATCH):
        statement = update(deliveries).where(
            deliveries.c.id.in_(ids[start : start + BATCH]), deliveries.c.state.in_(states)
        )
        rows = await conn.execute(statement.values(**values, **_taken(now)).returning(deliveries.c.id))
        moved.update(row.id for row in rows)
    return moved


async def newest_of(conn: AsyncConnection, subscriber_id: int, *, limit: int) -> list[Delivery]:
    """Read the newest mails of one reader, newest first."""
    mine = select(deliveries).where(deliveries.c.subscriber_id == subscriber_id)
    newest = mine.order_by(deliveries.c.planned_at.desc(), deliveries.c.id.desc()).limit(limit)
    return [read_row(row) for row in await conn.execute(newest)]


async def counts(conn: AsyncConnection) -> dict[str, int]:
    """Count deliveries by state."""
    rows = await conn.execute(select(deliveries.c.state, func.count()).group_by(deliveries.c.state))
    return {row[0]: row[1] for row in rows}
