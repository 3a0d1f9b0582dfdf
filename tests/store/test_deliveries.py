"""The ledger of mail: each state is a commit, and what a dead worker held comes back as what it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from shelf import NOW

from syndicator.model import DeliveryStatus as Status
from syndicator.model import Edition
from syndicator.store import deliveries, editions, progress

LEASE = timedelta(minutes=30)


@pytest.fixture
async def planned(store):
    edition = Edition(
        id="e1", slot="daily@07:00@UTC", subject="S", html="<p>", text="t", topics=("china",), language="en",
        articles=1, created_at=NOW,
    )  # fmt: skip
    async with store.write() as conn:
        assert await editions.add(conn, 1, edition)
        assert not await editions.add(conn, 1, edition)
        await deliveries.plan(conn, "e1", [(1, "a@x.example"), (2, "b@x.example")], now=NOW)
    async with store.read() as conn:
        assert await editions.get(conn, "e1") == edition
    return store


async def claim(store, now=NOW):
    async with store.write() as conn:
        return await deliveries.claim(conn, now=now, lease=LEASE, limit=9)


async def begin(store, delivery, now=NOW):
    async with store.write() as conn:
        return await progress.begin(conn, [progress.Begun(delivery, "<m>")], now=now, lease=LEASE) == 1


async def record(conn, delivery, state, *, now, **said):
    return await progress.record(conn, [progress.Ended(delivery, state, **said)], now=now)


async def listed(store):
    async with store.read() as conn:
        return await deliveries.list_all(conn)


async def test_planning_twice_plans_once(planned):
    async with planned.write() as conn:
        await deliveries.plan(conn, "e1", [(2, "b@x.example"), (3, "c@x.example")], now=NOW)
    assert [d.subscriber for d in await listed(planned)] == [1, 2, 3]


async def test_the_way_of_an_accepted_mail(planned):
    one, two = await claim(planned)
    assert await claim(planned) == []
    assert await begin(planned, one)
    assert not await begin(planned, one), "only a leased delivery may begin"
    async with planned.write() as conn:
        assert await record(conn, one, Status.ACCEPTED, reply="250 ok", now=NOW)
    done, waiting = await listed(planned)
    assert (done.state, done.attempts, done.message_id, done.reply) == (Status.ACCEPTED, 1, "<m>", "250 ok")
    assert waiting.state == Status.LEASED
    assert waiting.id == two.id
    assert await claim(planned, now=NOW + 2 * LEASE) == [], "a lease that is over is the reaper's, not ours"


async def test_a_deferred_mail_waits_for_its_time(planned):
    one, _ = await claim(planned)
    later = NOW + timedelta(hours=1)
    async with planned.write() as conn:
        await record(conn, one, Status.DEFERRED, reply="450", now=NOW, due_at=later)
    assert await claim(planned, now=later - timedelta(seconds=1)) == []
    (again,) = await claim(planned, now=later)
    assert (again.id, again.attempts, again.uncertain) == (one.id, 1, 0)


@pytest.mark.parametrize(("hold", "state"), [(False, Status.PLANNED), (True, Status.HELD)])
async def test_what_a_dead_worker_held(planned, hold, state):
    one, two = await claim(planned)
    await begin(planned, one)
    async with planned.write() as conn:
        assert await deliveries.reap(conn, now=NOW, hold=hold) == (0, 0), "the leases are not over"
        assert await deliveries.reap(conn, now=NOW + LEASE, hold=hold) == (1, 1)
    first, second = await listed(planned)
    assert (first.state, first.uncertain) == (state, 1)
    assert (second.state, second.uncertain) == (Status.PLANNED, 0)
    async with planned.write() as conn:  # the dead worker was only slow
        assert not await record(conn, two, Status.ACCEPTED, reply="", now=NOW)
    assert not await begin(planned, two)


async def test_many_begin_and_end_at_once_and_only_what_is_ours(planned):
    one, two = await claim(planned)
    stale = replace(two, fence=two.fence - 1)
    both = [progress.Begun(one, "<1>"), progress.Begun(stale, "<2>")]
    async with planned.write() as conn:
        assert await progress.begin(conn, both, now=NOW, lease=LEASE) == 1
        ended = [progress.Ended(each, Status.ACCEPTED, "250 ok") for each in (one, stale)]
        assert await progress.record(conn, ended, now=NOW) == 1
        assert await progress.begin(conn, [], now=NOW, lease=LEASE) == 0
    assert [(d.state, d.message_id) for d in await listed(planned)] == [
        (Status.ACCEPTED, "<1>"),
        (Status.LEASED, ""),
    ]


async def test_reaping_everything_ignores_leases(planned):
    await claim(planned)
    async with planned.write() as conn:
        assert await deliveries.reap(conn, now=NOW, hold=False, everything=True) == (2, 0)


async def test_uncertain_never_falls(planned):
    one, _ = await claim(planned)
    await begin(planned, one)
    async with planned.write() as conn:
        await record(conn, one, Status.DEFERRED, reply="?", now=NOW, due_at=NOW, uncertain=True)
    (again, *_) = await claim(planned)
    await begin(planned, again)
    async with planned.write() as conn:
        await record(conn, again, Status.ACCEPTED, reply="250", now=NOW)
    (done, *_) = await listed(planned)
    assert (done.state, done.attempts, done.uncertain) == (Status.ACCEPTED, 2, 1)


async def test_release_gives_back_only_what_was_not_begun(planned):
    one, two = await claim(planned)
    await begin(planned, one)
    async with planned.write() as conn:
        await deliveries.release(conn, [one, two], now=NOW)
        assert await deliveries.counts(conn) == {"sending": 1, "planned": 1}
