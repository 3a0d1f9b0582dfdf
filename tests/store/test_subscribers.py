"""Subscribers: one per address, ties that end and start anew, and who is due in a slot."""

from __future__ import annotations

from datetime import time, timedelta

from shelf import NOW
from sqlalchemy import select

from syndicator.model import DigestPlan, Rule, Slot, Topic
from syndicator.store import due as turns
from syndicator.store import editions, subscribers, topics
from syndicator.store.schema import subscribers as readers

SLOT = Slot(frequency="daily", at=time(7), zone="Asia/Shanghai")


async def add(store, address, *topics, slot=None, state="active", now=NOW - timedelta(days=1)):
    async with store.write() as conn:
        id_ = await subscribers.put(conn, address, language="", slot=slot, now=now)
        await subscribers.subscribe(conn, id_, topics, state=state, now=now)
    return id_


async def due(store, *, run_id=1, topics=("china", "fraud"), default=("china",), limit=9, slot=SLOT):
    async with store.read() as conn:
        return await turns.due(
            conn, slot, run_id=run_id, fired_at=NOW, topics=topics, default_topics=default, limit=limit
        )


async def test_an_address_in_another_case_is_the_same_reader(store):
    first = await add(store, "Anna@X.example", "china")
    assert await add(store, "anna@x.example", "fraud") == first
    async with store.read() as conn:
        reader = await subscribers.find(conn, "ANNA@x.example")
    assert reader.topics == {"china": "active", "fraud": "active"}


async def test_a_schedule_is_kept_when_only_topics_are_added(store):
    await add(store, "a@x.example", "china", slot=SLOT)
    await add(store, "a@x.example", "fraud")
    async with store.read() as conn:
        assert (await subscribers.find(conn, "a@x.example")).subscriber.slot == SLOT
        assert await turns.own_slots(conn) == [SLOT]


async def test_who_is_due(store):
    by_topic = await add(store, "a@x.example", "china", "fraud")  # only china's own plan is this slot
    by_choice = await add(store, "b@x.example", "china", "fraud", slot=SLOT)
    await add(store, "c@x.example", "china", slot=Slot(frequency="daily", at=time(8), zone="UTC"))
    await add(store, "d@x.example", "china", state="pending")
    await add(store, "e@x.example", "china", now=NOW + timedelta(seconds=1))  # after the slot fired
    await add(store, "f@x.example", "gone", slot=SLOT)  # not in the catalog
    found = [(tie.subscriber.id, tie.topic) for tie in await due(store)]
    assert found == [(by_topic, "china"), (by_choice, "china"), (by_choice, "fraud")]


async def test_a_schedule_holds_from_when_it_was_chosen(store):
    id_ = await add(store, "a@x.example", "china", slot=SLOT)
    second = timedelta(seconds=1)
    for slot, now, is_due in ((SLOT, NOW + second, True), (None, NOW, True), (SLOT, NOW + second, False)):
        async with store.write() as conn:
            await subscribers.reschedule(conn, id_, slot, now=now)
        assert bool(await due(store)) is is_due, (slot, now)
    async with store.write() as conn:
        await subscribers.put(conn, "a@x.example", language="", slot=SLOT, now=NOW + 2 * second)
        assert await conn.scalar(select(readers.c.scheduled_at)) == NOW + second, "it is the same"


async def test_a_topic_remembers_when_it_took_its_slot(store):
    async def sync(hour, now):
        plan = DigestPlan(slot=Slot(frequency="daily", at=time(hour), zone="UTC"))
        topic = Topic(slug="china", title="China", rule=Rule(), digest=plan)
        async with store.write() as conn:
            await topics.sync(conn, [topic], now=now)
            return await topics.changed_slots(conn, NOW)

    assert await sync(7, NOW + timedelta(days=1)) == {}, "it never had another"
    assert await sync(8, NOW + timedelta(days=2)) == {"china": NOW + timedelta(days=2)}
    assert await sync(8, NOW + timedelta(days=3)) == {"china": NOW + timedelta(days=2)}


async def test_a_chunk_holds_whole_subscribers(store):
    for name in "abc":
        await add(store, f"{name}@x.example", "china", "fraud", slot=SLOT)
    ties = await due(store, limit=2)
    assert len(ties) == 4
    async with store.write() as conn:
        await turns.settle(conn, [tie.id for tie in ties], run_id=1, cursor=42)
    rest = await due(store, limit=2)
    assert {tie.subscriber.address for tie in rest} == {"c@x.example"}
    assert {tie.cursor for tie in await due(store, run_id=2)} == {42, None}


async def test_ending_twice_is_harmless_and_who_comes_back_keeps_the_cursor(store):
    id_ = await add(store, "a@x.example", "china")
    async with store.write() as conn:
        await turns.settle(conn, [1], run_id=1, cursor=42)
        assert await subscribers.end(conn, id_, ["china"], now=NOW) == 1
        assert await subscribers.end(conn, id_, None, now=NOW) == 0
    assert await due(store, run_id=2) == []
    await add(store, "a@x.example", "china", now=NOW)
    (tie,) = await due(store, run_id=2)
    assert (tie.cursor, tie.since_at) == (42, NOW), "nothing they had is sent again"


async def test_adding_again_does_not_reset_an_active_subscription(store):
    await add(store, "a@x.example", "china")
    async with store.write() as conn:
        await turns.settle(conn, [1], run_id=1, cursor=42)
    await add(store, "a@x.example", "china", state="pending")
    await add(store, "a@x.example", "china", now=NOW)
    (tie,) = await due(store, run_id=2)
    assert (tie.cursor, tie.since_at) == (42, NOW - timedelta(days=1))


async def test_pending_becomes_active(store):
    await add(store, "a@x.example", "china", state="pending")
    assert await due(store) == []
    await add(store, "a@x.example", "china")
    assert len(await due(store)) == 1


async def test_suppressions(store):
    async with store.write() as conn:
        await subscribers.suppress(conn, "Dead@x.example", "unknown user", now=NOW)
        await subscribers.suppress(conn, "dead@x.example", "later reason", now=NOW)
        found = await subscribers.suppressed(conn, ["DEAD@X.example", "alive@x.example"])
    assert {key: s.reason for key, s in found.items()} == {"dead@x.example": "unknown user"}


async def test_removing_erases(store):
    await add(store, "a@x.example", "china")
    async with store.write() as conn:
        assert await subscribers.remove(conn, "A@x.example")
        assert not await subscribers.remove(conn, "a@x.example")
        assert await subscribers.list_all(conn) == []
        assert await subscribers.counts(conn) == {}


async def test_a_slot_runs_once_a_day(store):
    async with store.write() as conn:
        for cutoff in (7, 8):
            await editions.open_run(conn, SLOT.key, "2026-11-24", fired_at=NOW, cutoff=cutoff, now=NOW)
        (run,) = await editions.open_runs(conn)
        assert run.cutoff == 7
        assert Slot.of_key(run.slot) == SLOT
        assert await editions.lock_run(conn, run.id)
        await editions.close_run(conn, run.id)
        assert not await editions.lock_run(conn, run.id)
        assert await editions.open_runs(conn) == []
