"""What came back: a row for each mail or refusal, taken once, and how far the mailbox for it was read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import delete, func, select

from syndicator.controls import without_controls
from syndicator.store.dialect import insert
from syndicator.store.schema import deliveries, return_cursors, returns
from syndicator.store.subscribers import key

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.model import Fate, Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One row. `delivery` is None where no token of ours vouches for it: then it changed nothing."""

    id: int
    at: datetime
    kind: str
    delivery: int | None
    address: str
    reason: str
    verdict: str
    status: str
    hard: bool
    final: bool
    effect: str  # suppressed, ended, told, limit; empty: it changed nothing
    excerpt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The delivery that something came back for."""

    delivery: int
    edition: str
    subscriber: int
    address: str


async def keep(
    conn: AsyncConnection,
    *,
    hash_: str,
    kind: str,
    now: datetime,
    subject: Subject | None,
    address: str,
    refusal: Refusal | None,
    effect: str,
    excerpt: str,
) -> bool:
    """Write a row; False if the same was taken before. `address` is the mail's word, if we know no better.

    PostgreSQL keeps no NUL: what strangers wrote comes in without control characters.
    """
    about = without_controls(subject.address if subject else address)
    values: dict[str, Any] = {
        "hash": hash_, "at": now, "kind": kind, "delivery_id": subject.delivery if subject else None,
        "address": about, "address_key": key(about), "effect": effect,
        "excerpt": without_controls(excerpt),
        "reason": refusal.reason if refusal else "", "verdict": refusal.verdict if refusal else "",
        "status": refusal.status if refusal else "", "hard": bool(refusal and refusal.hard),
        "final": bool(refusal and refusal.final),
    }  # fmt: skip
    statement = insert(conn, returns).values(**values).on_conflict_do_nothing(index_elements=["hash"])
    return (await conn.execute(statement.returning(returns.c.id))).first() is not None


async def is_known(conn: AsyncConnection, hash_: str) -> bool:
    """Whether a mail was taken before."""
    return (await conn.execute(select(returns.c.id).where(returns.c.hash == hash_))).first() is not None


async def refusals(conn: AsyncConnection, address: str, *, since: datetime) -> list[tuple[datetime, Fate]]:
    """Read the final refusals of an address that a token vouches for: when, and the verdict."""
    rows = await conn.execute(
        select(returns.c.at, returns.c.verdict).where(
            returns.c.address_key == key(address),
            returns.c.at >= since,
            returns.c.final,
            returns.c.delivery_id.is_not(None),
            returns.c.verdict != "",
        )
    )
    return [(row.at, cast("Fate", row.verdict)) for row in rows]


async def count(conn: AsyncConnection, *, since: datetime, effect: str = "", forged: bool = False) -> int:
    """Count the rows since an instant: all, those of an effect, or those that nobody vouches for."""
    where = [returns.c.at >= since]
    if effect:
        where.append(returns.c.effect == effect)
    if forged:
        where.append(returns.c.delivery_id.is_(None))
    return int((await conn.execute(select(func.count()).select_from(returns).where(*where))).scalar_one())


async def count_taken(conn: AsyncConnection, *, since: datetime) -> int:
    """Count the mails since an instant that a token vouches for; a refusal at SMTP time is no mail."""
    where = (returns.c.at >= since, returns.c.delivery_id.is_not(None), returns.c.kind != "refusal")
    return int((await conn.execute(select(func.count()).select_from(returns).where(*where))).scalar_one())


async def list_newest(conn: AsyncConnection, *, kind: str = "", limit: int = 1_000) -> list[Kept]:
    """Read what came back, newest first."""
    statement = select(returns).order_by(returns.c.id.desc()).limit(limit)
    if kind:
        statement = statement.where(returns.c.kind == kind)
    return [
        Kept(
            id=row.id, at=row.at, kind=row.kind, delivery=row.delivery_id, address=row.address,
            reason=row.reason, verdict=row.verdict, status=row.status, hard=row.hard, final=row.final,
            effect=row.effect, excerpt=row.excerpt,
        )
        for row in await conn.execute(statement)
    ]  # fmt: skip


async def subject(
    conn: AsyncConnection, *, delivery: int = 0, reader: tuple[int, str] | None = None
) -> Subject | None:
    """Find a delivery by its id, or by (subscriber, edition)."""
    where = [deliveries.c.id == delivery]
    if reader:
        where = [deliveries.c.subscriber_id == reader[0], deliveries.c.edition_id == reader[1]]
    row = (await conn.execute(select(deliveries).where(*where))).first()
    if row is None:
        return None
    return Subject(delivery=row.id, edition=row.edition_id, subscriber=row.subscriber_id, address=row.address)


async def cursor(conn: AsyncConnection, place: str) -> str:
    """Read how far a mailbox was read; empty at first."""
    found = await conn.execute(select(return_cursors.c.cursor).where(return_cursors.c.place == place))
    return found.scalar_one_or_none() or ""


async def move_cursor(conn: AsyncConnection, place: str, cursor_: str) -> None:
    """Remember how far a mailbox was read."""
    statement = insert(conn, return_cursors).values(place=place, cursor=cursor_)
    await conn.execute(statement.on_conflict_do_update(index_elements=["place"], set_={"cursor": cursor_}))


async def purge(conn: AsyncConnection, *, before: datetime) -> int:
    """Forget what came back before an instant; return how many rows."""
    return (await conn.execute(delete(returns).where(returns.c.at < before))).rowcount
