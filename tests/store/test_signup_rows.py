"""Sign-ups as rows: what runs does not change by them, the newest counts, and what nobody confirms goes."""

from __future__ import annotations

from datetime import time, timedelta

from shelf import NOW

from syndicator.model import Rule, Slot, Topic
from syndicator.store import leave, preferences, signups, subscribers, topics

DAILY = Slot(frequency="daily", at=time(7), zone="UTC")
WEEKLY = Slot(frequency="weekly", at=time(9), zone="Asia/Shanghai")
WEEK = timedelta(days=7)


async def put(store, *topics, address="ada@reader.example", slot=DAILY, now=NOW):
    async with store.write() as conn:
        return await signups.put(conn, address, topics=topics, language="zh", slot=slot, now=now)


async def confirm(store, id_):
    async with store.write() as conn:
        waiting = await signups.get(conn, id_)
        await signups.confirm(conn, waiting, waiting.choice.topics if waiting.choice else (), now=NOW)


async def expire(store, before):
    async with store.write() as conn:
        return await signups.expire(conn, before=before)


async def reader(store, address="ada@reader.example"):
    async with store.read() as conn:
        found = await subscribers.find(conn, address)
    return found and (found.topics, found.subscriber.slot, found.subscriber.language)


async def test_a_new_address_waits_and_the_newest_choice_counts(store):
    first = await put(store, "ships", "trains")
    assert await reader(store) == ({"ships": "pending", "trains": "pending"}, DAILY, "zh")
    second = await put(store, "trains", "planes", address="ADA@reader.example", slot=None)
    assert (second.subscriber, second.address) == (first.subscriber, "ada@reader.example")
    assert second.choice.said != first.choice.said
    assert (await reader(store))[0] == {"planes": "pending", "trains": "pending"}
    await confirm(store, first.subscriber)
    assert await reader(store) == ({"planes": "active", "trains": "active"}, None, "zh")
    await confirm(store, first.subscriber)
    assert await expire(store, NOW + WEEK) == 0
    assert (await reader(store))[0] == {"planes": "active", "trains": "active"}


async def test_who_reads_keeps_what_they_have(store):
    async with store.write() as conn:
        id_ = await subscribers.put(conn, "ada@reader.example", language="en", slot=DAILY, now=NOW)
        await subscribers.subscribe(conn, id_, ["ships", "left"], state="active", now=NOW)
        await subscribers.end(conn, id_, ["left"], now=NOW)
    same = await put(store, "ships", slot=WEEKLY)
    assert (same.choice, same.topics) == (None, ("ships",))
    more = await put(store, "ships", "left", "trains", slot=WEEKLY)
    assert (more.choice.topics, more.choice.adds) == (("left", "trains"), True)
    assert await reader(store) == ({"ships": "active", "left": "ended", "trains": "pending"}, DAILY, "en")
    await confirm(store, id_)
    assert await reader(store) == ({"ships": "active", "left": "active", "trains": "active"}, DAILY, "en")


async def test_who_has_left_may_come_back_with_another_schedule(store):
    async with store.write() as conn:
        id_ = await subscribers.put(conn, "ada@reader.example", language="en", slot=DAILY, now=NOW)
        await subscribers.subscribe(conn, id_, ["ships"], state="active", now=NOW)
        await subscribers.end(conn, id_, None, now=NOW)
    await put(store, "ships", slot=WEEKLY)
    assert await reader(store) == ({"ships": "ended"}, DAILY, "en"), "it has ended, whatever somebody asks"
    assert await expire(store, NOW + WEEK) == 1
    assert await reader(store) == ({"ships": "ended"}, DAILY, "en"), "nor is it forgotten"
    await put(store, "ships", slot=WEEKLY)
    await confirm(store, id_)
    assert await reader(store) == ({"ships": "active"}, WEEKLY, "zh")


async def test_what_nobody_confirms_is_forgotten_and_what_an_admin_added_is_not(store):
    async with store.write() as conn:
        id_ = await subscribers.put(conn, "ben@reader.example", language="", slot=None, now=NOW)
        await subscribers.subscribe(conn, id_, ["ships"], state="pending", now=NOW)
    await put(store, "ships")
    await put(store, "ships", "trains", address="ben@reader.example")
    assert await expire(store, NOW) == 0
    assert await expire(store, NOW + WEEK) == 2
    assert await reader(store) is None
    assert (await reader(store, "ben@reader.example"))[0] == {"ships": "pending"}


async def test_a_sign_up_that_nobody_confirmed_keeps_nobody_from_their_address(store):
    async with store.write() as conn:
        id_ = await subscribers.put(conn, "old@reader.example", language="", slot=None, now=NOW)
        added = await subscribers.put(conn, "ben@reader.example", language="", slot=None, now=NOW)
        await subscribers.subscribe(conn, added, ["ships"], state="pending", now=NOW)
    asked = await put(store, "ships")
    left = await put(store, "ships", address="eve@reader.example")
    await confirm(store, left.subscriber)
    async with store.write() as conn:
        await subscribers.end(conn, left.subscriber, None, now=NOW)
    await put(store, "trains", address="eve@reader.example")
    async with store.write() as conn:
        for taken in ("ben@reader.example", "eve@reader.example"):
            assert not await preferences.move(conn, id_, taken, secret="s")
        assert await preferences.move(conn, id_, "ada@reader.example", secret="s")
        assert await signups.get(conn, asked.subscriber) is None, "its link is over"
        assert (await subscribers.find(conn, "ada@reader.example")).subscriber.id == id_


async def test_what_is_new_pauses_with_all_else(store):
    async with store.write() as conn:
        id_ = await subscribers.put(conn, "ada@reader.example", language="", slot=None, now=NOW)
        await subscribers.subscribe(conn, id_, ["ships"], state="active", now=NOW)
        await leave.pause(conn, id_, until=NOW + WEEK, now=NOW)
    await put(store, "trains")
    await confirm(store, id_)
    async with store.write() as conn:
        ties = await leave.ties(conn, id_)
        assert [(*tie[:2], tie.until_at) for tie in ties] == [
            ("ships", "paused", NOW + WEEK), ("trains", "paused", NOW + WEEK)
        ]  # fmt: skip
        await leave.resume(conn, id_, now=NOW)
    await put(store, "planes")
    await confirm(store, id_)
    assert {*(await reader(store))[0].values()} == {"active"}


async def test_whose_topics_are_all_gone_chooses_anew(store):
    ships, trains = (Topic(slug=slug, title="T", rule=Rule()) for slug in ("ships", "trains"))
    async with store.write() as conn:
        await topics.sync(conn, [ships, trains], now=NOW)
        id_ = await subscribers.put(conn, "ada@reader.example", language="en", slot=DAILY, now=NOW)
        await subscribers.subscribe(conn, id_, ["ships"], state="active", now=NOW)
        await topics.sync(conn, [trains], now=NOW)
    waiting = await put(store, "trains", slot=WEEKLY)
    assert (waiting.choice.adds, waiting.topics) == (False, ())
    await confirm(store, id_)
    assert (await reader(store))[1:] == (WEEKLY, "zh")


async def test_attempts_are_counted_and_forgotten(store):
    async with store.write() as conn:
        await signups.lock(conn)
        for minutes in (0, 5, 30):
            await signups.note(conn, "a", now=NOW - timedelta(minutes=minutes))
        await signups.note(conn, "b", now=NOW)
        assert await signups.count(conn, ("a",), since=NOW - timedelta(minutes=10)) == 2
        assert await signups.count(conn, ("a", "b"), since=NOW - timedelta(hours=1)) == 4
        await signups.purge(conn, before=NOW - timedelta(minutes=1))
        assert await signups.count(conn, ("a", "b"), since=NOW - timedelta(hours=1)) == 2
