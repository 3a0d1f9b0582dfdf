"""The loop of `pull`: what it takes, and what it gives back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from world import a_world

from syndicator.model import Source
from syndicator.pipeline.parts import OWED_FOR
from syndicator.store import sources

if TYPE_CHECKING:
    from pathlib import Path

FEED = (
    b'<rss version="2.0"><channel><title>Quay</title><link>http://a.example/</link>'
    b"<item><guid>1</guid><title>Harbour news</title></item></channel></rss>"
)


async def test_a_source_that_this_process_does_not_know_yet_is_not_kept_from_it(tmp_path: Path) -> None:
    """A command beside the daemon may write the row of a new source before the daemon has read its file."""
    async with a_world(tmp_path) as world:
        world.add("known", "a.example/feed", FEED)
        world.origin.play("b.example/feed", FEED)
        parts = (await world.open()).parts
        catalog = parts.current.catalog
        new = Source(name="new", url=world.at("b.example/feed"))
        everything = {**catalog.sources, "new": new}
        async with parts.store.write() as conn:
            await sources.sync(conn, everything.values())
        await world.pull()
        assert (len(world.asked("a.example/feed")), world.asked("b.example/feed")) == (1, [])
        parts.current = replace(parts.current, catalog=replace(catalog, sources=everything))
        world.now += OWED_FOR + timedelta(seconds=1)
        await world.pull()
        assert len(world.asked("b.example/feed")) == 1
