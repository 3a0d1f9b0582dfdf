"""deliver: planned deliveries → a mail server or the Maildir.

Nothing is on the wire without its row saying so: what is killed before `sending` is sent again, what is
killed after it is counted as uncertain, and only those.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from syndicator.digest.taken import without
from syndicator.errors import StoreError
from syndicator.pipeline import lanes
from syndicator.pipeline.outbox import Outbox
from syndicator.pipeline.parts import OWED_FOR, Summary, giving_back, log
from syndicator.store import deliveries, editions, preferences, retractions, subscribers
from syndicator.store.subscribers import key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.model import Delivery, Edition
    from syndicator.pipeline.lanes import Claimed
    from syndicator.pipeline.parts import Parts

BATCH = 200
TAKEN_BACK = "an article in it was taken back"  # and nothing is left, or it cannot be told apart
LEASE = timedelta(minutes=30)  # for a batch, before its bytes are on the wire


async def deliver(parts: Parts, *, limit: int = BATCH) -> Summary:
    """Send up to `limit` deliveries that are due, as many at once as there are connections."""
    now = parts.clock()
    with giving_back(parts.owed_deliveries, now) as owed:
        async with parts.store.write() as conn:
            await deliveries.release(conn, owed, now=now)
            claimed = await lanes.claim(parts, conn, now=now, lease=LEASE, limit=limit)
    parts.lanes.committed()
    while claimed.moved and not claimed.batch and not parts.stopping.is_set():
        async with parts.store.write() as conn:
            claimed = await lanes.claim(parts, conn, now=now, lease=LEASE, limit=limit)
        parts.lanes.committed()
    batch = claimed.batch
    if not batch:
        return Summary()
    outbox = None
    try:
        outbox = await _outbox(parts, batch)
        await parts.transport.run(outbox)
    except StoreError as error:
        log.error("cannot deliver", error=error.message)
    finally:
        if outbox:
            await outbox.close()
        if outbox:
            claimed.begun = outbox.begun
        await _settle(parts, claimed, outbox.untouched if outbox else batch)
    return outbox.summary if outbox else Summary()


async def _outbox(parts: Parts, batch: Sequence[Delivery]) -> Outbox:
    """Gather what the batch needs, and refuse at once what must not be sent."""
    async with parts.store.read() as conn:
        names = {delivery.edition for delivery in batch}
        found = {name: edition for name in names if (edition := await editions.get(conn, name))}
        left = {name: await _left(parts, conn, edition) for name, edition in found.items()}
        topics = {name: edition.topics for name, edition in found.items()}
        ended = await deliveries.ended(conn, batch, topics)
        barred = await subscribers.suppressed(conn, {delivery.address for delivery in batch})
        manners = await preferences.manners(conn, {delivery.subscriber for delivery in batch})
    gone = [delivery.id for delivery in batch if delivery.edition in found and not left[delivery.edition]]
    reasons = (
        dict.fromkeys(gone, TAKEN_BACK)
        | {
            delivery.id: f"suppressed: {suppression.reason}"
            for delivery in batch
            if (suppression := barred.get(key(delivery.address)))
        }
        | dict.fromkeys(ended, deliveries.LEFT)
    )
    whole = {name: left[name] or edition for name, edition in found.items()}
    outbox = Outbox(parts, [delivery for delivery in batch if delivery.id not in reasons], whole, manners)
    for delivery in batch:
        if delivery.id in reasons:
            await outbox.refuse(delivery, reasons[delivery.id])
    return outbox


async def _left(parts: Parts, conn: AsyncConnection, edition: Edition) -> Edition | None:
    """Leave out of an edition what was taken back since it was made; None if it must not go any more."""
    taken = await retractions.addresses(conn, edition.shown)
    topics = parts.current.catalog.topics
    titles = [topics[slug].title for slug in edition.topics if slug in topics]
    return without(edition, taken, titles or [parts.settings.site.title])


async def _settle(parts: Parts, claimed: Claimed, untouched: Sequence[Delivery]) -> None:
    """Write what lanes have heard, and leave to anybody what was not begun."""
    if not (untouched or claimed.granted or claimed.counted or parts.lanes.has_changed):
        return
    try:
        async with parts.store.write() as conn:
            await lanes.settle(parts, conn, claimed, untouched, parts.clock())
        parts.lanes.committed()
    except StoreError as error:
        log.error("cannot give deliveries back", error=error.message)
        parts.owed_deliveries.update(dict.fromkeys(untouched, parts.clock() + OWED_FOR))


async def reap(parts: Parts, *, everything: bool = False) -> tuple[int, int]:
    """Take back what dead workers held; `everything` where no other process can hold a lease."""
    async with parts.store.write() as conn:
        clean, unsure = await deliveries.reap(
            conn, now=parts.clock(), hold=parts.settings.mail.uncertain == "hold", everything=everything
        )
    if unsure:
        log.warning("mails whose outcome is unknown", count=unsure, policy=parts.settings.mail.uncertain)
    return clean, unsure
