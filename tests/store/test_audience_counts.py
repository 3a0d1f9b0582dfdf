"""How many read a topic, by day: rows, however often and wherever they are counted."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from syndicator.store import audience, leave, subscribers

DAY = timedelta(days=1)
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
TOPICS = ("ships", "trains")


async def join(store, name, *, now, topic="ships", state="active"):
    async with store.write() as conn:
        id_ = await subscribers.put(conn, f"{name}@reader.example", language="", slot=None, now=now)
        await subscribers.subscribe(conn, id_, [topic], state=state, now=now)
    return id_


async def look(store, now):
    async with store.write() as conn:
        return await audience.count(conn, TOPICS, now=now)


async def told(store, topic="ships", since=date(2026, 1, 1)):
    async with store.read() as conn:
        found = await audience.over_time(conn, since=since, topic=topic)
    return [
        (each.day[-2:], each.active, each.pending, each.paused, each.ended, each.joined, each.gone)
        for each in found.get(topic, [])
    ]


async def test_days_follow_from_rows(store):
    assert await look(store, NOW) == 0
    for name in ("anna", "bo"):
        await join(store, name, now=NOW - 9 * DAY)  # before anybody counted
    cy = await join(store, "cy", now=NOW - timedelta(hours=1))
    await join(store, "dan", now=NOW, state="pending")
    await join(store, "eve", now=NOW, topic="gone")
    assert await look(store, NOW) == 1
    assert await told(store) == [("20", 3, 1, 0, 0, 1, 0)]

    late = NOW + timedelta(hours=14)  # after the last look of that day, in it
    fay = await join(store, "fay", now=late)
    async with store.write() as conn:
        await subscribers.end(conn, cy, None, now=late)
    next_day = NOW + DAY
    for _ in range(2):  # twice, or on two hosts
        await look(store, next_day)
        assert await told(store) == [("20", 3, 1, 0, 0, 1, 0), ("21", 3, 1, 0, 1, 1, 1)]
    async with store.write() as conn:
        await leave.pause(conn, fay, until=None, now=next_day)
        await subscribers.remove(conn, "bo@reader.example")
    await look(store, next_day + timedelta(hours=1))
    assert (await told(store))[-1] == ("21", 1, 1, 1, 1, 0, 1), (
        "who pauses has not gone; who is erased leaves no row"
    )

    after_downtime = NOW + 10 * DAY
    await look(store, after_downtime)
    assert [row[0] for row in await told(store)] == ["20", "21", "30"]
    assert (await told(store))[-1][1:] == (1, 1, 1, 1, 0, 0)
    assert len(await told(store, since=date(2026, 11, 21))) == 2
    assert await told(store, "trains") == []


@pytest.mark.parametrize("hours", [0, 23])
async def test_who_comes_and_goes_is_told_on_both_sides(store, hours):
    await look(store, NOW)
    await join(store, "anna", now=NOW - 3 * DAY)
    await look(store, NOW)
    then = NOW + timedelta(hours=hours, minutes=1)
    id_ = await join(store, "bo", now=then)
    async with store.write() as conn:
        await subscribers.end(conn, id_, None, now=then)
    await look(store, NOW + DAY)
    assert (await told(store))[-1][5:] == (1, 1)
