"""A reader's pause, as composing and delivering see it: no mail in it, nothing lost, nothing twice."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest
from fleet import NOW, Host
from newsroom import Story

from syndicator import pipeline
from syndicator.store import deliveries, editions, leave, subscribers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

DAY = timedelta(days=1)


class Desk:
    """One host with a topic that is mailed at seven, and a clock that goes from morning to morning."""

    def __init__(self, host: Host) -> None:
        self.host, self.now, self.told = host, NOW - timedelta(hours=1), list[Story]()
        host.clock = lambda: self.now

    async def reader(self, name: str) -> int:
        async with self.host.parts.store.write() as conn:
            address = f"{name}@reader.example"
            id_ = await subscribers.put(conn, address, language="", slot=None, now=self.now)
            await subscribers.subscribe(conn, id_, ["ships"], state="active", now=self.now)
        return id_

    async def pause(self, reader: int, *, until: int | None = None) -> None:
        """Pause until so many days from today, at seven."""
        end = None if until is None else self.now.replace(hour=7) + until * DAY
        async with self.host.parts.store.write() as conn:
            assert await leave.pause(conn, reader, until=end, now=self.now) == ["ships"]

    async def resume(self, reader: int) -> None:
        async with self.host.parts.store.write() as conn:
            assert await leave.resume(conn, reader, now=self.now) == ["ships"]

    async def publish(self, number: int) -> None:
        # Numbers in words, so that no two are taken for one story.
        name = ("Anchor", "Bosun", "Cargo", "Dinghy", "Ebb", "Frigate", "Gale", "Hull")[number]
        self.told.append(
            Story(name, f"{name} ship of the harbour", f"{name} " * 9, date=format_datetime(self.now))
        )
        self.host.publish("wire", *self.told)
        await self.host.pull("wire")

    async def morning(self) -> None:
        """Compose at a minute past seven, and go on to six the next day."""
        self.now += timedelta(hours=1, minutes=1)
        await pipeline.compose(self.host.parts)
        self.now += DAY - timedelta(hours=1, minutes=1)

    async def got(self, reader: int) -> list[str]:
        """The names of the ships that each mail told, in order."""
        async with self.host.parts.store.read() as conn:
            mails = reversed(await deliveries.newest_of(conn, reader, limit=99))
            texts = [(await editions.get(conn, mail.edition)).text for mail in mails]  # type: ignore[union-attr]
        return ["".join(sorted(s.guid[0] for s in self.told if s.title in text)) for text in texts]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    host = Host(tmp_path / "config", f"sqlite+aiosqlite:///{tmp_path / 'syndicator.db'}")
    host.sources("wire")
    host.publish("wire")
    host.topic("ships", any=["ship"], min_score=0, digest={"at": "07:00"})
    made = Desk(host)
    await host.start()
    yield made
    await host.stop()


async def test_each_article_once_over_pauses(desk: Desk) -> None:
    always, away, timed = [await desk.reader(name) for name in ("anna", "bo", "cy")]
    new = 0
    for day in range(8):
        if day == 2:
            await desk.pause(away)
            await desk.pause(timed, until=2)
            new = await desk.reader("di")
            await desk.pause(new)  # before a first mail
        if day == 6:
            await desk.resume(away)
            await desk.resume(new)
        await desk.publish(day)
        await desk.morning()
    assert await desk.got(always) == list("ABCDEFGH")
    assert await desk.got(away) == ["A", "B", "CDEFG", "H"]
    assert await desk.got(timed) == ["A", "B", "CDE", "F", "G", "H"], "from the minute that was said on"
    assert await desk.got(new) == ["CDEFG", "H"], "all since they came"


async def test_what_was_composed_before_a_pause_still_goes_out(desk: Desk) -> None:
    reader = await desk.reader("anna")
    await desk.publish(0)
    await desk.morning()
    await desk.pause(reader)
    await pipeline.deliver(desk.host.parts)
    async with desk.host.parts.store.read() as conn:
        assert await deliveries.counts(conn) == {"accepted": 1}
