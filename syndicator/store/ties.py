"""One reader's subscriptions, with the place up to which each has been told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from syndicator.model import Subscription
from syndicator.store.schema import subscriptions

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.model import Subscriber


async def active(conn: AsyncConnection, subscriber: Subscriber) -> list[Subscription]:
    """Read what a subscriber gets mail for, by topic."""
    own = subscriptions.c
    rows = await conn.execute(
        select(own.id, own.topic, own.state, own.since_at, own.cursor)
        .where(own.subscriber_id == subscriber.id, own.state == "active")
        .order_by(own.topic)
    )
    return [
        Subscription(
            id=row.id,
            subscriber=subscriber,
            topic=row.topic,
            state=row.state,
            since_at=row.since_at,
            cursor=row.cursor,
        )
        for row in rows
    ]
