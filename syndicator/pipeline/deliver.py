"""deliver: planned deliveries → a mail server or the Maildir; a commit before DATA, one after the answer.

Nothing is on the wire without its row saying so: what is killed before `sending` is sent again, what is
killed after it is counted as uncertain, and only those.
"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta
from typing import TYPE_CHECKING

from syndicator.deliver.retry import next_attempt
from syndicator.deliver.transport import Outcome
from syndicator.digest.message import message_id
from syndicator.errors import DeliveryError, StoreError
from syndicator.model import Delivery, DeliveryStatus, Edition
from syndicator.pipeline.letters import Letters
from syndicator.pipeline.parts import OWED_FOR, Summary, giving_back, log, together
from syndicator.store import deliveries, editions, subscribers
from syndicator.store.subscribers import key

if TYPE_CHECKING:
    from syndicator.pipeline.parts import Parts

BATCH = 200
LEASE = timedelta(minutes=30)  # for a batch, before its bytes are on the wire
ANSWER = timedelta(seconds=720)  # RFC 5321 4.5.3.2.6 gives the final answer 600 s
RECORD_TRIES = 30
RECORD_PAUSE = 2.0  # seconds; with the database's own patience some minutes in all, less than `ANSWER`
RESEND_AFTER = timedelta(minutes=5)  # an uncertain one is sent again, under the same Message-ID


class LeaseLost(Exception):
    """Another worker took the delivery since our lease ended: it must not be sent by us."""


async def deliver(parts: Parts, *, limit: int = BATCH) -> Summary:
    """Send up to `limit` deliveries that are due, as many at once as there are connections."""
    now = parts.clock()
    with giving_back(parts.owed_deliveries, now) as owed:
        async with parts.store.write() as conn:
            await deliveries.release(conn, owed, now=now)
            batch = await deliveries.claim(conn, now=now, lease=LEASE, limit=limit)
    if not batch:
        return Summary()
    async with parts.store.read() as conn:
        names = {delivery.edition for delivery in batch}
        found = {name: edition for name in names if (edition := await editions.get(conn, name))}
        topics = {name: edition.topics for name, edition in found.items()}
        ended = await deliveries.ended(conn, batch, topics)
        barred = await subscribers.suppressed(conn, {delivery.address for delivery in batch})
    letters = Letters(parts)
    connections = asyncio.Semaphore(parts.settings.mail.connections)

    async def one(delivery: Delivery) -> Summary:
        if delivery.id in ended:
            return await _refuse(parts, delivery, "the reader left before it was sent")
        if suppression := barred.get(key(delivery.address)):
            return await _refuse(parts, delivery, f"suppressed: {suppression.reason}")
        async with connections:
            if parts.stopping.is_set():
                return Summary()
            return await _attempt(parts, letters, delivery, found[delivery.edition])

    try:
        return await together(one(delivery) for delivery in batch)
    finally:
        if parts.stopping.is_set():  # what was not begun, or was cancelled before it was, is for anybody
            async with parts.store.write() as conn:
                await deliveries.release(conn, batch, now=parts.clock())


async def _refuse(parts: Parts, delivery: Delivery, reason: str) -> Summary:
    async with parts.store.write() as conn:
        await deliveries.record(
            conn, delivery, DeliveryStatus.REFUSED, reply=reason, now=parts.clock(), attempted=False
        )
    return Summary(refused=1)


async def _attempt(parts: Parts, letters: Letters, delivery: Delivery, edition: Edition) -> Summary:
    """Send one message and record how it ended; trouble with the database ends the attempt, not the batch."""
    name = message_id(edition.id, delivery.subscriber, parts.settings.mail.sender)

    async def before_data() -> None:
        async with parts.store.write() as conn:
            sending = await deliveries.begin_sending(
                conn, delivery, message_id=name, now=parts.clock(), lease=ANSWER
            )
        if not sending:
            raise LeaseLost

    try:
        message = letters.of(edition, subscriber=delivery.subscriber, address=delivery.address)
        outcome = await parts.transport.send(message, before_data=before_data)
    except LeaseLost:
        return Summary()
    except DeliveryError as error:
        outcome = Outcome(kind="deferred", reply=error.message)
    except StoreError as error:
        parts.owed_deliveries[delivery] = parts.clock() + OWED_FOR
        log.error("cannot deliver", address=delivery.address, error=error.message)
        return Summary()
    return await _keep(parts, delivery, outcome)


async def _keep(parts: Parts, delivery: Delivery, outcome: Outcome) -> Summary:
    """Record an outcome, again and again while the database is away: what is forgotten is sent twice."""
    for _ in range(RECORD_TRIES):
        try:
            return await _record(parts, delivery, outcome)
        except StoreError as error:
            # If it stays away: the row says `sending`, and the end of its lease makes it uncertain.
            log.error("cannot record a delivery", delivery=delivery.id, error=error.message)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(parts.stopping.wait(), RECORD_PAUSE)
            break
    return Summary()


async def _record(parts: Parts, delivery: Delivery, outcome: Outcome) -> Summary:
    now, mail = parts.clock(), parts.settings.mail
    assert delivery.planned_at is not None  # noqa: S101  the column is NOT NULL
    attempts = delivery.attempts + 1
    again = next_attempt(
        attempts, planned_at=delivery.planned_at, now=now, give_up=mail.give_up, jitter=parts.jitter()
    )
    state, due_at = DeliveryStatus.ACCEPTED, None
    match outcome.kind:
        case "refused":
            state = DeliveryStatus.REFUSED
        case "uncertain":
            hold = mail.uncertain == "hold" or again is None
            state = DeliveryStatus.HELD if hold else DeliveryStatus.DEFERRED
            due_at = now + RESEND_AFTER
        case "deferred" if again is None:
            state = DeliveryStatus.REFUSED
        case "deferred":
            state, due_at = DeliveryStatus.DEFERRED, again
    unsure = outcome.kind == "uncertain"
    async with parts.store.write() as conn:
        await deliveries.record(
            conn, delivery, state, reply=outcome.reply, now=now, due_at=due_at, uncertain=unsure
        )
        if outcome.suppress:
            await subscribers.suppress(conn, delivery.address, outcome.suppress, now=now)
    if outcome.kind != "accepted":
        log.warning(
            "mail not accepted",
            outcome=outcome.kind,
            address=delivery.address,
            reply=outcome.reply,
            next_at=due_at,
        )
    return Summary(
        sent=int(outcome.kind == "accepted"),
        deferred=int(state is DeliveryStatus.DEFERRED and not unsure),
        refused=int(state is DeliveryStatus.REFUSED),
        uncertain=int(unsure),
    )


async def reap(parts: Parts, *, everything: bool = False) -> tuple[int, int]:
    """Take back what dead workers held; `everything` where no other process can hold a lease."""
    async with parts.store.write() as conn:
        clean, unsure = await deliveries.reap(
            conn, now=parts.clock(), hold=parts.settings.mail.uncertain == "hold", everything=everything
        )
    if unsure:
        log.warning("mails whose outcome is unknown", count=unsure, policy=parts.settings.mail.uncertain)
    return clean, unsure
