"""Runs of slots: whose they are, when they are late, what the ledger has of them, and what is foreseen."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from fleet import NOW, Host
from mortal import Killed, Mortal
from shelf import article
from sqlalchemy import event, select

from syndicator import pipeline
from syndicator.model import DigestPlan, Match, Slot
from syndicator.pipeline.runs import open_due
from syndicator.pipeline.upcoming import upcoming
from syndicator.store import articles, deliveries, editions, leave, matches, subscribers
from syndicator.store.schema import slot_runs
from syndicator.store.schema import subscriptions as ties

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

composing = import_module("syndicator.pipeline.compose")  # the package has a verb of that name
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
INSTANT = Slot(frequency="instant", at=time(0), zone="UTC")


def daily(hour: int, zone: str = "UTC") -> Slot:
    return Slot(frequency="daily", at=time(hour), zone=zone)


class Desk:
    """One host with a topic that is mailed at seven; it is six in the morning of a Tuesday."""

    def __init__(self, host: Host) -> None:
        self.host, self.now, self.count = host, NOW - HOUR, 0
        host.clock = lambda: self.now

    async def reader(self, name: str, slot: Slot | None = None) -> int:
        async with self.host.parts.store.write() as conn:
            id_ = await subscribers.put(conn, f"{name}@reader.example", language="", slot=slot, now=self.now)
            await subscribers.subscribe(conn, id_, ["ships"], state="active", now=self.now)
        return id_

    async def publish(self, topic: str = "ships") -> None:
        self.count += 1
        given = article(str(self.count))
        async with self.host.parts.store.write() as conn:
            (new,) = (await articles.upsert(conn, given.source, [given], now=self.now)).new
            hit = Match(topic=topic, score=3, because=("title: ship",))
            await matches.record(conn, {new.id: [hit]}, now=self.now)

    async def at(self, hour: float, day: int = 0) -> int:
        """Compose at an hour of that day from now; return how many mails that planned."""
        midnight = datetime(self.now.year, self.now.month, self.now.day, tzinfo=self.now.tzinfo)
        self.now = midnight + day * DAY + hour * HOUR
        return (await pipeline.compose(self.host.parts)).planned

    async def runs(self) -> list[tuple[str, str, str, int]]:
        async with self.host.parts.store.read() as conn:
            rows = await conn.execute(select(slot_runs).order_by(slot_runs.c.id))
            return [(row.slot, row.local_date, row.state, row.deliveries) for row in rows]

    async def articles(self, reader: int) -> list[int]:
        """How many articles each mail of a reader told."""
        async with self.host.parts.store.read() as conn:
            mails = await deliveries.newest_of(conn, reader, limit=99)
            found = [await editions.get(conn, mail.edition) for mail in reversed(mails)]
        return [edition.articles for edition in found if edition]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    host = Host(tmp_path / "config", f"sqlite+aiosqlite:///{tmp_path / 'syndicator.db'}")
    host.topic("ships", any=["ship"], digest={"at": "07:00"})
    made = Desk(host)
    await host.start()
    yield made
    await host.stop()


async def test_a_run_without_news_is_in_the_ledger(desk: Desk) -> None:
    await desk.reader("anna")
    assert await desk.at(7.02) == 0
    assert await desk.runs() == [("daily@07:00@UTC", "2026-11-24", "done", 0)]


async def test_topics_and_hours_that_nobody_has_are_not_asked_about(desk: Desk) -> None:
    await desk.reader("anna")
    catalog = desk.host.parts.current.catalog
    ships = catalog.topics["ships"]
    others = {
        f"t{n}": replace(ships, slug=f"t{n}", digest=DigestPlan(slot=daily(n % 24, f"Etc/GMT+{n % 9}")))
        for n in range(300)
    }
    desk.host.parts.current = replace(
        desk.host.parts.current, catalog=replace(catalog, topics={"ships": ships} | others)
    )
    desk.now = NOW + HOUR / 60
    said: list[tuple[str, Any]] = []
    async with desk.host.parts.store.read() as conn:
        engine = conn.engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *args: said.append((args[2], args[3])))
    _, runs = await open_due(desk.host.parts)
    assert [run.slot for run in runs] == ["daily@07:00@UTC"]
    assert len(said) < 20
    assert max(len(given) for _, given in said) < 50


async def test_an_hour_that_is_past_is_that_of_tomorrow(desk: Desk) -> None:
    anna = await desk.reader("anna", daily(20))
    await desk.publish()
    desk.now += 2 * HOUR  # eight: nobody else has an hour before
    async with desk.host.parts.store.write() as conn:
        await subscribers.reschedule(conn, anna, daily(8), now=desk.now + HOUR / 60)
        await subscribers.reschedule(conn, anna, daily(8), now=desk.now + HOUR)  # no other: no change
    assert await desk.at(8.5) == 0
    assert await desk.at(20.5) == 0
    assert await desk.at(8.02, day=1) == 1
    async with desk.host.parts.store.write() as conn:
        await subscribers.reschedule(conn, anna, daily(20), now=desk.now)
    await desk.publish()
    assert await desk.at(20.02) == 1, "an hour to come is that of today"
    assert await desk.articles(anna) == [1, 1]


async def test_a_topic_that_moves_to_an_hour_that_is_past_is_mailed_tomorrow(desk: Desk) -> None:
    await desk.reader("anna")
    await desk.publish()
    assert await desk.at(7.02) == 1
    await desk.publish()
    desk.now += 6 * HOUR
    desk.host.topic("ships", any=["ship"], digest={"at": "12:00"})
    await desk.host.edit()
    assert await desk.at(13.5) == 0
    assert await desk.at(12.02, day=1) == 1


async def test_who_wants_news_at_once_need_not_wait_for_the_next(desk: Desk) -> None:
    anna = await desk.reader("anna", INSTANT)
    await desk.publish()
    assert await desk.at(6.2) == 1
    bo = await desk.reader("bo", INSTANT)
    async with desk.host.parts.store.write() as conn:
        await leave.pause(conn, anna, until=None, now=desk.now)
    await desk.publish()
    assert await desk.at(6.4) == 1
    async with desk.host.parts.store.write() as conn:
        await leave.resume(conn, anna, now=desk.now)
    assert await desk.at(6.6) == 1
    assert await desk.at(6.8) == 0
    assert (await desk.articles(anna), await desk.articles(bo)) == ([1, 1], [2])


async def test_a_run_that_is_too_late_goes_with_the_next(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    readers = [await desk.reader(name) for name in ("anna", "bo", "cy")]
    await desk.publish()
    monkeypatch.setattr(composing, "CHUNK", 2)
    store = desk.host.parts.store
    desk.host.parts.store = Mortal(store, 2)  # type: ignore[assignment]  # opens the run, and mails two
    with pytest.raises(Killed):
        await desk.at(7.02)
    desk.host.parts.store = store
    await desk.publish()
    assert await desk.at(20) == 0, "thirteen hours late"
    assert await desk.at(7.02, day=1) == 3
    assert [await desk.articles(reader) for reader in readers] == [[1, 1], [1, 1], [2]]
    assert await desk.runs() == [
        ("daily@07:00@UTC", "2026-11-24", "late", 2),
        ("daily@07:00@UTC", "2026-11-25", "done", 3),
    ]


async def test_a_zone_that_this_machine_does_not_know_holds_up_nobody_else(desk: Desk) -> None:
    await desk.reader("anna", daily(7))
    await desk.reader("bo", daily(7, "Atlantis/Center"))
    await desk.publish()
    assert await desk.at(7.02) == 1
    desk.now += DAY
    assert [run.slot for run in await upcoming(desk.host.parts)] == [daily(7)]


async def test_readers_with_windows_of_their_own_are_all_mailed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, 8):
        await desk.publish()
        await desk.reader(f"r{number}")
    async with desk.host.parts.store.write() as conn:
        for number in range(1, 8):  # as if each had had another last mail
            await conn.execute(ties.update().where(ties.c.subscriber_id == number).values(cursor=7 - number))
    monkeypatch.setattr(composing, "RENDERED", 2)
    assert await desk.at(7.02) == 7
    assert [await desk.articles(number) for number in range(1, 8)] == [[n] for n in range(1, 8)]


async def test_readers_whose_places_differ_by_other_topics_alone_share_an_edition(desk: Desk) -> None:
    await desk.publish("trees")
    for name in ("anna", "bo"):
        await desk.reader(name)
    await desk.publish()
    async with desk.host.parts.store.write() as conn:
        await conn.execute(ties.update().where(ties.c.subscriber_id == 1).values(cursor=1))
    assert await desk.at(7.02) == 2
    async with desk.host.parts.store.read() as conn:
        assert len(await editions.list_all(conn)) == 1


async def test_who_is_suppressed_is_mailed_nothing_and_nothing_is_made_for_them(desk: Desk) -> None:
    anna = await desk.reader("anna")
    await desk.publish()
    async with desk.host.parts.store.write() as conn:
        await subscribers.suppress(conn, "anna@reader.example", "unknown user", now=desk.now)
    assert await desk.at(7.02) == 0
    async with desk.host.parts.store.read() as conn:
        assert await editions.list_all(conn) == []
        assert await conn.scalar(select(ties.c.cursor).where(ties.c.subscriber_id == anna)) == 1


async def test_a_plan_counts_who_will_be_back_by_then(desk: Desk) -> None:
    anna, bo, cy = [await desk.reader(name) for name in ("anna", "bo", "cy")]
    async with desk.host.parts.store.write() as conn:
        await leave.pause(conn, anna, until=desk.now + HOUR / 2, now=desk.now)
        await leave.pause(conn, bo, until=desk.now + 2 * HOUR, now=desk.now)
        await leave.pause(conn, cy, until=None, now=desk.now)
    di = await desk.reader("di", daily(9))
    async with desk.host.parts.store.write() as conn:
        await leave.pause(conn, di, until=desk.now + HOUR, now=desk.now)
    await desk.publish()
    desk.now += HOUR / 60
    found = {run.slot.at.hour: (run.readers, run.mails) for run in await upcoming(desk.host.parts)}
    assert found == {7: (1, 1), 9: (1, 1)}
