"""Who may read a private topic: a key for each reader, of which only a hash is kept."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime  # noqa: TC003  a field's type
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from syndicator.store.dialect import insert
from syndicator.store.schema import feed_keys

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedKey:
    """A key as lists show it: whose it is, and until when it worked (None: it works)."""

    topic: str
    label: str
    created_at: datetime
    revoked_at: datetime | None


async def add(conn: AsyncConnection, topic: str, label: str, token: str, *, now: datetime) -> bool:
    """Let whoever has this token read a topic; False if a key with this label works there already."""
    mine = (feed_keys.c.topic == topic, feed_keys.c.label == label, feed_keys.c.revoked_at.is_(None))
    if (await conn.execute(select(feed_keys.c.id).where(*mine))).first():
        return False
    values = {"topic": topic, "label": label, "hash": _hash(token), "created_at": now}
    await conn.execute(insert(conn, feed_keys).values(values))
    return True


async def list_all(conn: AsyncConnection, topic: str | None = None) -> list[FeedKey]:
    """Read the keys of one topic or of all, by topic and age."""
    statement = select(feed_keys).order_by(feed_keys.c.topic, feed_keys.c.id)
    if topic is not None:
        statement = statement.where(feed_keys.c.topic == topic)
    return [
        FeedKey(topic=row.topic, label=row.label, created_at=row.created_at, revoked_at=row.revoked_at)
        for row in await conn.execute(statement)
    ]


async def revoke(conn: AsyncConnection, topic: str, label: str, *, now: datetime) -> bool:
    """End a key at once; False if no key with this label works."""
    mine = (feed_keys.c.topic == topic, feed_keys.c.label == label, feed_keys.c.revoked_at.is_(None))
    return (await conn.execute(update(feed_keys).where(*mine).values(revoked_at=now))).rowcount > 0


async def topic_of(conn: AsyncConnection, token: str) -> str | None:
    """Return the topic that a token lets read; None for one that is unknown or revoked.

    The database finds the row by a hash, which nobody can choose; what it found is compared in constant time.
    """
    wanted = _hash(token)
    statement = select(feed_keys.c.topic, feed_keys.c.hash, feed_keys.c.revoked_at)
    row = (await conn.execute(statement.where(feed_keys.c.hash == wanted))).first()
    agrees = hmac.compare_digest(row.hash if row else _hash(wanted), wanted)
    return str(row.topic) if row and agrees and row.revoked_at is None else None


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
