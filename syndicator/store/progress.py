"""How mails move through the ledger while they are sent: one statement for all that share a commit.

leased ─begin→ sending ─record→ accepted, deferred, refused or held. A row is changed only by whoever holds it
(`fence`): what was taken away meanwhile stays as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sqlalchemy import bindparam, update

from syndicator.model import Delivery, DeliveryStatus
from syndicator.store.schema import deliveries

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from sqlalchemy.ext.asyncio import AsyncConnection

_OURS: Final = (deliveries.c.id == bindparam("row"), deliveries.c.fence == bindparam("holds"))
_NOW: Final = bindparam("now", type_=deliveries.c.updated_at.type)
# Built once: each mail needs both.
_BEGIN: Final = (
    update(deliveries)
    .where(*_OURS, deliveries.c.state == DeliveryStatus.LEASED)
    .values(
        state=DeliveryStatus.SENDING,
        attempts=bindparam("tries"),
        message_id=bindparam("named"),
        lease_until=bindparam("until", type_=deliveries.c.lease_until.type),
        updated_at=_NOW,
    )
)
_RECORD: Final = (
    update(deliveries)
    .where(*_OURS)
    .values(
        state=bindparam("is"),
        reply=bindparam("said"),
        due_at=bindparam("due", type_=deliveries.c.due_at.type),
        attempts=bindparam("tries"),
        uncertain=deliveries.c.uncertain + bindparam("unsure"),
        lease_until=None,
        updated_at=_NOW,
    )
)


class Begun(NamedTuple):
    """A delivery that the next bytes on the wire may deliver, under this Message-ID."""

    delivery: Delivery
    message_id: str


class Ended(NamedTuple):
    """How an attempt ended; `attempted` is False if none was made. `due_at` None: at once, or never."""

    delivery: Delivery
    state: DeliveryStatus
    reply: str
    due_at: datetime | None = None
    uncertain: bool = False
    attempted: bool = True


async def begin(conn: AsyncConnection, steps: Sequence[Begun], *, now: datetime, lease: timedelta) -> int:
    """Say that these are being sent; return how many are: the lease of the others was lost.

    Which ones it does not tell. Who needs to know goes back, and asks for each by itself.
    """
    if not steps:
        return 0
    rows = [
        {"row": each.id, "holds": each.fence, "tries": each.attempts + 1, "named": name, "until": now + lease,
         "now": now}
        for each, name in steps
    ]  # fmt: skip
    return (await conn.execute(_BEGIN, rows)).rowcount


async def record(conn: AsyncConnection, steps: Sequence[Ended], *, now: datetime) -> int:
    """Write how these ended and give their leases back; return how many were still ours."""
    if not steps:
        return 0
    rows = [
        {"row": each.delivery.id, "holds": each.delivery.fence, "is": each.state, "said": each.reply,
         "due": each.due_at or now, "tries": each.delivery.attempts + int(each.attempted),
         "unsure": int(each.uncertain), "now": now}
        for each in steps
    ]  # fmt: skip
    return (await conn.execute(_RECORD, rows)).rowcount
