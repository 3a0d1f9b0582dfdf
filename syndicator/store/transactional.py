"""Mails to one person: a row in the transaction of the deed that asks for it, and each transition a commit.

planned ─claim→ leased ─commit before DATA→ sending ─2xx→ accepted
sending: 4xx → deferred · 5xx → refused · dot sent and no answer → deferred, counted as uncertain
leased and lease over → planned; sending and lease over → planned, counted as uncertain
planned or deferred, and its time over → refused
Nobody decides about what is uncertain: such a mail does no harm twice, and is sent under the same Message-ID.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, delete, or_, select, update

from syndicator.model import DeliveryStatus
from syndicator.model.notes import Note
from syndicator.store.dialect import insert
from syndicator.store.leases import take
from syndicator.store.schema import transactional as table
from syndicator.store.subscribers import key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime, timedelta

    from sqlalchemy import Row
    from sqlalchemy.ext.asyncio import AsyncConnection

WAITING: Final = (DeliveryStatus.PLANNED, DeliveryStatus.DEFERRED)
OVER: Final = (DeliveryStatus.ACCEPTED, DeliveryStatus.REFUSED)
WITHHELD: Final = "withheld: this address gets no more mails that strangers ask for"
LATE: Final = "its time was over before it could be sent"


def _note(row: Row[*tuple[Any, ...]]) -> Note:
    return Note(
        id=row.id,
        kind=row.kind,
        address=row.address,
        language=row.language,
        facts=row.facts,
        state=DeliveryStatus(row.state),
        planned_at=row.planned_at,
        due_at=row.due_at,
        until_at=row.until_at,
        attempts=row.attempts,
        uncertain=row.uncertain,
        message_id=row.message_id,
        reply=row.reply,
        fence=row.fence,
    )


async def enqueue(
    conn: AsyncConnection,
    *,
    kind: str,
    address: str,
    language: str,
    subscriber: int | None,
    facts: Mapping[str, str],
    now: datetime,
    until: datetime,
) -> int:
    """Plan a mail in the caller's transaction; return its number.

    One of the same kind to the same address that nobody has begun gives way to it, so that no two wait.
    Erasing the `subscriber` takes it back.
    """
    waiting = f"{kind}:{key(address)}"
    values = {
        "address": address, "language": language, "subscriber_id": subscriber, "facts": dict(facts),
        "state": DeliveryStatus.PLANNED, "planned_at": now, "due_at": now, "until_at": until,
        "updated_at": now, "lease_until": None, "attempts": 0, "reply": "",
    }  # fmt: skip
    done = await conn.execute(
        insert(conn, table)
        .values(kind=kind, address_key=key(address), waiting=waiting, **values)
        .on_conflict_do_update(index_elements=["waiting"], set_=values | {"fence": table.c.fence + 1})
        .returning(table.c.id)
    )
    return int(done.scalar_one())


async def withhold(conn: AsyncConnection, *, kind: str, address: str, subscriber: int, now: datetime) -> None:
    """Note a mail that a reader's deed asks for and that is not sent, so that it counts as one that is."""
    times = dict.fromkeys(("planned_at", "due_at", "until_at", "updated_at"), now)
    await conn.execute(
        insert(conn, table).values(
            kind=kind, address=address, address_key=key(address), subscriber_id=subscriber, facts={},
            state=DeliveryStatus.REFUSED, reply=WITHHELD, **times,
        )
    )  # fmt: skip


async def claim(conn: AsyncConnection, *, now: datetime, lease: timedelta, limit: int) -> list[Note]:
    """Take up to `limit` mails that are due, the longest waiting first; what is too late is refused."""
    late = and_(table.c.state.in_(WAITING), table.c.until_at < now)
    await conn.execute(
        update(table)
        .where(late)
        .values(state=DeliveryStatus.REFUSED, reply=LATE, facts={}, waiting=None, updated_at=now)
    )
    rows = await take(conn, table, table.c.state.in_(WAITING), now=now, lease=lease, limit=limit)
    return [_note(row) for row in rows]


async def begin(
    conn: AsyncConnection, note: Note, *, message_id: str, now: datetime, lease: timedelta
) -> bool:
    """Commit that the next bytes on the wire may deliver it; False if the lease was lost, or a newer came."""
    done = await conn.execute(
        update(table)
        .where(table.c.id == note.id, table.c.fence == note.fence, table.c.state == DeliveryStatus.LEASED)
        .values(
            state=DeliveryStatus.SENDING,
            waiting=None,
            attempts=note.attempts + 1,
            message_id=message_id,
            lease_until=now + lease,
            updated_at=now,
        )
    )
    return done.rowcount == 1


async def record(
    conn: AsyncConnection,
    note: Note,
    state: DeliveryStatus,
    *,
    reply: str,
    now: datetime,
    due_at: datetime | None = None,
    uncertain: bool = False,
) -> bool:
    """Write how an attempt ended and give the lease back; False if it was lost.

    What is over keeps no facts.
    """
    over: dict[str, Any] = {"facts": {}, "waiting": None} if state in OVER else {}
    done = await conn.execute(
        update(table)
        .where(table.c.id == note.id, table.c.fence == note.fence)
        .values(
            state=state,
            reply=reply,
            due_at=due_at or now,
            uncertain=table.c.uncertain + int(uncertain),
            lease_until=None,
            updated_at=now,
            **over,
        )
    )
    return done.rowcount == 1


async def release(conn: AsyncConnection, notes: Iterable[Note], *, now: datetime) -> None:
    """Give back what was claimed and never begun."""
    for note in notes:
        await conn.execute(
            update(table)
            .where(
                table.c.id == note.id,
                table.c.fence == note.fence,
                table.c.state == DeliveryStatus.LEASED,
            )
            .values(state=DeliveryStatus.PLANNED, lease_until=None, updated_at=now)
        )


async def reap(conn: AsyncConnection, *, now: datetime, everything: bool = False) -> int:
    """Take back what dead workers held, to be sent again; return how many are uncertain.

    `everything` ignores the leases: right when no other process can hold any.
    """
    over = or_(table.c.lease_until.is_(None), table.c.lease_until <= now)
    back: dict[str, Any] = {
        "state": DeliveryStatus.PLANNED, "lease_until": None, "fence": table.c.fence + 1,
        "updated_at": now, "due_at": now,
    }  # fmt: skip

    async def take(state: DeliveryStatus, **more: Any) -> int:
        statement = update(table).where(table.c.state == state)
        if not everything:
            statement = statement.where(over)
        return (await conn.execute(statement.values(**back, **more))).rowcount

    await take(DeliveryStatus.LEASED)
    return await take(DeliveryStatus.SENDING, uncertain=table.c.uncertain + 1)


async def list_all(conn: AsyncConnection) -> list[Note]:
    """Read all rows, the oldest first."""
    return [_note(row) for row in await conn.execute(select(table).order_by(table.c.id))]


async def forget(conn: AsyncConnection, address: str) -> int:
    """Take back all mails to an address, and their rows; return how many it were."""
    return (await conn.execute(delete(table).where(table.c.address_key == key(address)))).rowcount


async def purge(conn: AsyncConnection, *, before: datetime) -> int:
    """Delete rows that were over before this instant; return how many."""
    done = await conn.execute(delete(table).where(table.c.state.in_(OVER), table.c.updated_at < before))
    return done.rowcount
