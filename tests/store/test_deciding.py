"""What an admin may do to a row of the ledger, in each of its states, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from shelf import NOW
from sqlalchemy import select, update

from syndicator.model import DeliveryStatus as Status
from syndicator.model import Edition
from syndicator.store import deliveries, editions
from syndicator.store.schema import deliveries as table

LATER = NOW + timedelta(hours=1)
STATES = list(Status)


@pytest.fixture
async def each(store):
    """One delivery in each state: number n is in the state STATES[n - 1]."""
    edition = Edition(
        id="e1", slot="daily@07:00@UTC", subject="S", html="<p>", text="t", topics=("china",), language="en",
        articles=1, created_at=NOW,
    )  # fmt: skip
    async with store.write() as conn:
        await editions.add(conn, 1, edition)
        readers = [(n, f"{state}@x.example") for n, state in enumerate(STATES, 1)]
        await deliveries.plan(conn, "e1", readers, now=NOW)
        for n, state in enumerate(STATES, 1):
            values = {"state": state, "uncertain": 1, "message_id": "<m>", "fence": 5}
            await conn.execute(update(table).where(table.c.id == n).values(**values))
    return store


async def states(store):
    async with store.read() as conn:
        return [row.state for row in await conn.execute(select(table.c.state).order_by(table.c.id))]


@pytest.mark.parametrize(
    ("move", "from_", "to"),
    [
        (deliveries.retry, {Status.HELD, Status.REFUSED, Status.DEFERRED}, Status.PLANNED),
        (deliveries.hold, {Status.PLANNED, Status.DEFERRED}, Status.HELD),
        (deliveries.give_up, {Status.PLANNED, Status.DEFERRED, Status.HELD}, Status.REFUSED),
    ],
)
async def test_only_what_may_move_moves(each, move, from_, to):
    async with each.write() as conn:
        moved = await move(conn, [*range(1, len(STATES) + 1), 99], now=LATER)
    assert {STATES[n - 1] for n in moved} == from_
    assert await states(each) == [to if state in from_ else state for state in STATES]
    async with each.read() as conn:
        found = await deliveries.get(conn, list(range(1, 100)))
    assert set(found) == set(range(1, len(STATES) + 1))
    for n, one in found.items():
        assert (one.uncertain, one.message_id) == (1, "<m>"), "what was known of it stays known"
        assert one.fence == (6 if n in moved else 5), "a worker that had it must lose it"
        assert one.due_at == (LATER if n in moved and move is not deliveries.hold else NOW)


async def test_all_of_a_state_are_retried_and_no_accepted_one_ever(each):
    async with each.write() as conn:
        assert await deliveries.retry_all(conn, Status.REFUSED, now=LATER) == 1
        assert await deliveries.retry_all(conn, Status.REFUSED, now=LATER) == 0
        for state in set(STATES) - set(deliveries.RETRIED):
            with pytest.raises(ValueError, match="never sent again"):
                await deliveries.retry_all(conn, state, now=LATER)
    assert await states(each) == [Status.PLANNED if state is Status.REFUSED else state for state in STATES]


async def test_more_numbers_than_one_statement_takes(each):
    many = [n + 1_000 for n in range(2 * deliveries.BATCH)]
    async with each.write() as conn:
        assert await deliveries.hold(conn, [*many, 1], now=LATER) == {1}


async def test_what_was_retried_is_claimed_and_what_is_held_is_not(each):
    async with each.write() as conn:
        await deliveries.hold(conn, [1], now=LATER)
        await deliveries.retry(conn, [STATES.index(Status.REFUSED) + 1], now=LATER)
        got = await deliveries.claim(conn, now=LATER, lease=timedelta(minutes=1), limit=9)
    assert {one.address for one in got} == {"refused@x.example", "deferred@x.example"}
