"""Stories by way of the verbs: a pull that brings a copy, a topic that comes later, a purge."""

from __future__ import annotations

import json
from datetime import timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

from copies import BAKERY, HARBOUR
from fetch.origin import NOW, answer
from newsroom import Story, rss
from world import a_world

from syndicator import pipeline
from syndicator.catalog import dump, load_all
from syndicator.store import matches, stories

if TYPE_CHECKING:
    from pathlib import Path

    from world import World

DATE = format_datetime(NOW - timedelta(hours=2))
FERRY = answer(rss("Wire", Story("1", "The ferry across the bay stops", HARBOUR, date=DATE)))
COPY = answer(rss("Post", Story("2", "No more boats", HARBOUR, date=DATE)))
BREAD = answer(rss("Wire", Story("3", "A baker may burn his oven at night", BAKERY, date=DATE)))
BREAD_COPY = answer(rss("Post", Story("4", "Bread at night", BAKERY, date=DATE)))


async def shown(world: World, topic: str) -> list[tuple[str, list[str]]]:
    async with world.parts.store.read() as conn:
        found = await matches.newest(conn, topic, limit=9, once=True)
    return [(one.article.title, [each.source for each in one.also_in]) for one in found]


async def count(world: World) -> int:
    async with world.parts.store.read() as conn:
        return len(await stories.places(conn, range(1, 9)))


async def test_what_two_sources_bring_is_one_story_after_a_restart_too(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        world.add("wire", "a.example/feed", FERRY)
        await world.open()
        await world.pull()
        world.add("post", "b.example/feed", COPY)
        await world.restart()
        await world.pull()
        assert await shown(world, "all") == [("The ferry across the bay stops", ["Post"])]


async def test_what_is_in_no_topic_is_grouped_when_a_topic_comes(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        world.add("wire", "a.example/feed", BREAD)
        world.add("post", "b.example/feed", BREAD_COPY)
        parts = (await world.open()).parts
        await world.pull()
        assert await count(world) == 0, "nobody is shown it"
        topic = {"title": "Bread", "any": ["baker*"], "min_score": 0}
        (tmp_path / "config" / "topics" / "bread.yaml").write_text(json.dumps(topic))
        settings, catalog = load_all(tmp_path / "config", {})
        await pipeline.apply(parts, catalog, dump(settings.config))
        ((_, also_in),) = await shown(world, "bread")
        assert len(also_in) == 1


async def test_a_purge_takes_signatures_that_nothing_is_compared_with(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        world.add("wire", "a.example/feed", FERRY)
        parts = (await world.open()).parts
        await world.pull()
        async with parts.store.read() as conn:
            assert len(await stories.known(conn, [1])) == 1
        world.now += timedelta(days=9)
        await pipeline.purge(parts)
        async with parts.store.read() as conn:
            assert await stories.known(conn, [1]) == {}
            assert len(await stories.places(conn, [1])) == 1, "its story stays"
