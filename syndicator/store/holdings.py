"""Everything that the database holds on one person, as plain data: what they may ask for (GDPR, article 15).

`TABLES` names each table that has an address or the number of a reader in it; a test holds it to the schema.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import or_, select

from syndicator.store.schema import (
    deliveries,
    editions,
    reader_links,
    returns,
    signups,
    subscribers,
    subscriptions,
    suppressions,
    transactional,
)
from syndicator.store.subscribers import key

if TYPE_CHECKING:
    from sqlalchemy import Select, Table
    from sqlalchemy.ext.asyncio import AsyncConnection

TABLES: Final[tuple[Table, ...]] = (
    subscribers, subscriptions, deliveries, returns, suppressions, transactional, signups,
    reader_links,
)  # fmt: skip
# How we keep them, and what opens a page of theirs: nothing about the person.
WITHHELD: Final = frozenset(
    {"shard", "address_key", "subscriber_id", "secret", "name", "hash", "fence", "lease_until", "run_id",
     "waiting", "facts"}
)  # fmt: skip

FOREIGN: Final = ("id", "kind", "address", "planned_at")  # of a mail to an address that is not theirs yet


async def of(conn: AsyncConnection, subscriber_id: int) -> dict[str, Any]:
    """Read all that is held on a reader: their own row, then lists by table, oldest first.

    Mail is found by the reader's number, what came back and what was asked for by any address that they had.
    """
    (row,) = await _rows(conn, select(subscribers).where(subscribers.c.id == subscriber_id))
    keys = {key(each) for each in await addresses(conn, subscriber_id)}
    mine = select(deliveries.c.id).where(deliveries.c.subscriber_id == subscriber_id)
    about = or_(returns.c.address_key.in_(keys), returns.c.delivery_id.in_(mine))
    notes = or_(transactional.c.address_key.in_(keys), transactional.c.subscriber_id == subscriber_id)
    told = (
        select(deliveries, editions.c.subject, editions.c.topics, editions.c.language)
        .join(editions, editions.c.id == deliveries.c.edition_id)
        .where(deliveries.c.subscriber_id == subscriber_id)
        .order_by(deliveries.c.id)
    )
    return {
        "reader": row,
        "subscriptions": await _rows(
            conn,
            select(subscriptions)
            .where(subscriptions.c.subscriber_id == subscriber_id)
            .order_by(subscriptions.c.topic),
        ),
        "deliveries": await _rows(conn, told),
        "returns": await _rows(conn, select(returns).where(about).order_by(returns.c.id)),
        "suppressions": await _rows(conn, select(suppressions).where(suppressions.c.address_key.in_(keys))),
        "notes": [
            each if key(each["address"]) in keys else {name: each[name] for name in FOREIGN}
            for each in await _rows(conn, select(transactional).where(notes).order_by(transactional.c.id))
        ],
        "signups": await _rows(
            conn,
            select(signups).where(signups.c.subscriber_id == subscriber_id).order_by(signups.c.made_at),
        ),
        "links": await _rows(
            conn,
            select(reader_links)
            .where(reader_links.c.subscriber_id == subscriber_id)
            .order_by(reader_links.c.made_at),
        ),
    }


async def addresses(conn: AsyncConnection, subscriber_id: int) -> list[str]:
    """Name the addresses that a reader has, or had: mails went to them, and nobody else has them now."""
    now = select(subscribers.c.address).where(subscribers.c.id == subscriber_id)
    once = select(deliveries.c.address).where(
        deliveries.c.subscriber_id == subscriber_id, deliveries.c.address != ""
    )
    found = {key(each): each for each in (await conn.execute(now.union(once))).scalars()}
    elsewhere = select(subscribers.c.address_key).where(
        subscribers.c.address_key.in_([*found]), subscribers.c.id != subscriber_id
    )
    for each in (await conn.execute(elsewhere)).scalars():
        del found[each]
    return sorted(found.values())


async def _rows(conn: AsyncConnection, statement: Select[Any]) -> list[dict[str, Any]]:
    rows = (await conn.execute(statement)).mappings()
    return [{name: _plain(value) for name, value in row.items() if name not in WITHHELD} for row in rows]


def _plain(value: Any) -> Any:
    return f"{value:%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, datetime) else value
