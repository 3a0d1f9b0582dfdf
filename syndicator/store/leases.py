"""How rows of the two outboxes are taken: mails of editions and mails to one person have the same columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from syndicator.model import DeliveryStatus

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from sqlalchemy import ColumnElement, Row, Table
    from sqlalchemy.ext.asyncio import AsyncConnection


async def take(
    conn: AsyncConnection,
    table: Table,
    *which: ColumnElement[bool],
    now: datetime,
    lease: timedelta,
    limit: int,
) -> list[Row[*tuple[Any, ...]]]:
    """Lease up to `limit` of these rows that are due, the longest waiting first; give them by number.

    What another worker is taking at this moment is passed by (`SKIP LOCKED` on PostgreSQL).
    """
    due = (
        select(table.c.id)
        .where(*which, table.c.due_at <= now)
        .order_by(table.c.due_at, table.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = await conn.execute(
        update(table)
        .where(table.c.id.in_(due.scalar_subquery()))
        .values(state=DeliveryStatus.LEASED, fence=table.c.fence + 1, lease_until=now + lease, updated_at=now)
        .returning(table)
    )
    return sorted(rows, key=lambda row: row.id)
