"""Rows of lanes, and the queues of letters that wait for them, on each database."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update

from syndicator.model import Edition, Lane, Sign, Used
from syndicator.store import Store, deliveries, editions, lanes, subscribers
from syndicator.store.dialect import lock_lanes
from syndicator.store.schema import deliveries as table

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
LEASE = timedelta(minutes=30)


async def test_a_lane_is_remembered_counted_and_opened_again(store: Store) -> None:
    lane = Lane(
        name="relay one", until=NOW + LEASE, sign=Sign.BUSY, reason="421", failures=2, refusals=1, width=3,
        taken=4,
    )  # fmt: skip
    used = Used(tokens=3, at=NOW - LEASE, day=NOW.date(), today=12)
    async with store.write() as conn:
        await lanes.save(conn, [lane, Lane(name="*")], now=NOW)
        await lanes.save(conn, [lane], now=NOW)
        assert await lanes.used(conn, "relay one") is None
        await lanes.count(conn, "relay one", used, now=NOW)
        await lanes.count(conn, "new", used, now=NOW)
    async with store.write() as conn:
        assert await lanes.load(conn) == [Lane(name="*"), Lane(name="new"), lane]
        assert await lanes.used(conn, "relay one") == used
        assert await lanes.sent_today(conn, NOW) == {"relay one": 12, "new": 12}
        assert await lanes.sent_today(conn, NOW + timedelta(days=1)) == {}
        assert await lanes.resume(conn, "relay one", now=NOW)
        assert not await lanes.resume(conn, "nobody", now=NOW)
        assert Lane(name="relay one") in await lanes.load(conn)
        assert await lanes.used(conn, "relay one") == used, "an admin's word makes no day longer"


async def test_letters_of_a_lane_stand_in_nobody_elses_way(store: Store) -> None:
    async with store.write() as conn:
        edition = Edition(
            id="e1", slot="daily@07:00@UTC", subject="S", html="<p>", text="t", topics=("ships",),
            language="en", articles=1, created_at=NOW,
        )  # fmt: skip
        await editions.add(conn, 1, edition)
        readers = []
        for number in range(6):
            address = f"r{number}@{'slow' if number < 4 else 'any'}.example"
            readers.append((await subscribers.put(conn, address, language="", slot=None, now=NOW), address))
        await deliveries.plan(conn, "e1", readers, now=NOW)
        waiting = await lanes.waiting(conn, now=NOW, limit=5)
        assert [address for _, address in waiting] == [address for _, address in readers[:5]]
        assert await lanes.waiting(conn, now=NOW - LEASE, limit=5) == []
        await lanes.set_aside(conn, [id_ for id_, _ in waiting[:4]], "slow.example")
        await lanes.save(conn, [Lane(name="slow.example"), Lane(name="idle.example")], now=NOW)
        assert await lanes.queued(conn, "slow.example") == 4
    async with store.write() as conn:
        free = await deliveries.claim(conn, now=NOW, lease=LEASE, limit=5)
        assert [each.address for each in free] == ["r4@any.example", "r5@any.example"]
        slow = await deliveries.claim(conn, now=NOW, lease=LEASE, limit=2, lane="slow.example")
        assert [(each.address, each.lane) for each in slow] == [
            ("r0@slow.example", "slow.example"), ("r1@slow.example", "slow.example")
        ]  # fmt: skip
        await lanes.set_aside(conn, [free[0].id], "slow.example")
        found = await conn.scalar(select(table.c.lane).where(table.c.id == free[0].id))
        assert found == "", "what a worker has is the worker's"
        await deliveries.release(conn, [replace(free[0], lane="idle.example")], now=NOW)
        assert await lanes.queued(conn, "idle.example") == 1
        assert await lanes.purge(conn, before=NOW + LEASE) == 0, "somebody waits there"
        assert sorted(await lanes.due(conn, NOW)) == ["idle.example", "slow.example"]
        assert await lanes.due(conn, NOW - LEASE) == []
        await deliveries.claim(conn, now=NOW, lease=LEASE, limit=2, lane="idle.example")
        assert await lanes.due(conn, NOW) == ["slow.example"]
        assert await lanes.purge(conn, before=NOW + LEASE) == 0, "who has it may give it back"
        await conn.execute(update(table).where(table.c.id == free[0].id).values(state="accepted"))
        assert await lanes.purge(conn, before=NOW) == 0
        assert await lanes.purge(conn, before=NOW + LEASE) == 1
    later = NOW + timedelta(days=99)
    async with store.write() as conn:
        await conn.execute(update(table).where(table.c.id == slow[0].id).values(state="refused"))
        assert await deliveries.retry(conn, [slow[0].id], now=later) == {slow[0].id}
        (again,) = (await deliveries.get(conn, [slow[0].id])).values()
        assert (again.lane, again.planned_at) == ("", later), "its time to be given up begins anew"
        await lanes.set_aside(conn, [again.id], "gone.example")
        await lanes.purge(conn, before=NOW)
        assert await lanes.queued(conn, "gone.example") == 0, "a lane that nobody knows, nobody looks into"


async def test_two_hosts_count_a_lane_that_has_no_row_one_after_the_other(
    store: Store, database_url: str
) -> None:
    other = Store(database_url)
    order = []

    async def count(host: Store, name: str, pause: float) -> None:
        async with host.write() as conn:
            await lock_lanes(conn)
            before = await lanes.used(conn, "*")
            order.append((name, before.today if before else 0))
            await asyncio.sleep(pause)
            today = 5 + (before.today if before else 0)
            await lanes.count(conn, "*", Used(tokens=0, at=NOW, day=NOW.date(), today=today), now=NOW)

    await asyncio.gather(count(store, "one", 0.1), count(other, "two", 0.1))
    await other.close()
    assert [today for _, today in order] == [0, 5]
