"""A topic that an edit made private on another host: a host that has not heard of it lets nothing out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fleet import Host
from follower import OPEN, Subscriber, ask_hub, held, put, subscribing
from hub import house
from newsroom import Story

from syndicator import pipeline
from syndicator.catalog.reader import dump_of
from syndicator.pipeline.mirror import mirror
from syndicator.store import catalogs, followers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from hub import House

SHIP = Story("ship", "A ship came in", "It brought oranges.")
SECRET = Story("yacht", "A ship of state came in", "It brought contraband.")
TOPIC = "title: Ships\nany: [ship]\npublish: {private: true}\n"


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    url = f"sqlite+aiosqlite:///{tmp_path / 'syndicator.db'}"
    async with house(tmp_path, url, websub=OPEN) as made:
        made.parts.jitter = lambda: 0.5
        await put(made, b"<feed>old</feed>")
        yield made


@pytest.fixture
async def reader() -> AsyncIterator[Subscriber]:
    async with subscribing(Subscriber()) as made:
        yield made


async def edited_elsewhere(home: House, topic: str) -> None:
    async with home.parts.store.write() as conn:
        dump = dump_of({"topics/ships.yaml": topic})
        await catalogs.record(conn, topic, dump, now=home.clock())


@pytest.mark.parametrize("topic", [TOPIC, f"{TOPIC}unheard_of: 1\n"], ids=["private", "unreadable"])
async def test_nothing_is_pushed(home, reader, topic):
    assert (await ask_hub(home, reader.url()))[0] == 202
    assert (await pipeline.confirm(home.parts)).confirmed == 1
    await edited_elsewhere(home, topic)
    await put(home, b"<feed>secret</feed>")
    await pipeline.distribute(home.parts)
    assert reader.pushes == []


async def test_nothing_is_pushed_where_the_edit_comes_between(home, reader, monkeypatch):
    assert (await ask_hub(home, reader.url()))[0] == 202
    assert (await pipeline.confirm(home.parts)).confirmed == 1
    await put(home, b"<feed>secret</feed>")
    real, asked = followers.is_anyone_due, []

    async def late(*given, **named):
        if not asked:
            await edited_elsewhere(home, TOPIC)
        asked.append(named["private"])
        return await real(*given, **named)

    monkeypatch.setattr(followers, "is_anyone_due", late)
    await pipeline.distribute(home.parts)
    assert asked == [frozenset(), frozenset({"ships"})], "it began anew"
    assert reader.pushes == []


@pytest.mark.parametrize("topic", [TOPIC, f"{TOPIC}unheard_of: 1\n"], ids=["private", "unreadable"])
async def test_nobody_becomes_a_follower(home, reader, topic):
    assert (await ask_hub(home, reader.url()))[0] == 202
    await edited_elsewhere(home, topic)
    await pipeline.confirm(home.parts)
    assert [asked["hub.mode"] for _, asked in reader.questions if asked["hub.mode"] != "denied"] == []
    assert await held(home) == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_nothing_is_mirrored_into_the_public_folder(tmp_path, database_url):
    hosts = [Host(tmp_path / name / "config", database_url) for name in ("one", "two")]
    for host in hosts:
        host.sources("wire")
        host.publish("wire", SHIP)
        host.topic("ways", any=["ship"], min_score=0)
        await host.start()
    one, two = hosts
    try:
        await one.pull("wire")
        await pipeline.publish(one.parts)
        await mirror(two.parts)
        public = two.parts.settings.public / "topics" / "ways.atom"
        assert public.exists()
        one.topic("ways", any=["ship"], min_score=0, publish={"private": True})
        await one.edit()
        one.publish("wire", SHIP, SECRET)
        await one.pull("wire")
        await pipeline.publish(one.parts)
        await mirror(two.parts)
        assert not public.exists()
        assert b"contraband" in (two.parts.settings.private / "topics" / "ways.atom").read_bytes()
    finally:
        for host in hosts:
            await host.stop()
