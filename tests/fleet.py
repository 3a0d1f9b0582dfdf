"""Several hosts on one database, each a whole program with a config folder of its own, in one process."""

from __future__ import annotations

import json
import os
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from newsroom import Story, rss

from syndicator import pipeline
from syndicator.assembly import assemble
from syndicator.catalog import load_dump, load_settings
from syndicator.match.index import Index
from syndicator.pipeline.learn import read_learned
from syndicator.pipeline.parts import Current
from syndicator.reload import Reloader, first_catalog
from syndicator.store import catalogs, matches, sources, topics
from syndicator.store.articles import scan
from syndicator.store.restart import restart
from syndicator.store.schema import matches as match_rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from syndicator.pipeline.parts import Parts

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


@dataclass
class Host:
    """A program: `start` it, edit its folder and `tick`, `pull`, `restart` it at will."""

    config: Path
    database_url: str
    clock: Callable[[], datetime] = lambda: NOW
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    parts: Parts = field(init=False)
    reloader: Reloader = field(init=False)

    def __post_init__(self) -> None:
        for name in ("sources", "topics"):
            (self.config / name).mkdir(parents=True)
        (self.config / "syndicator.yaml").write_text(json.dumps({"mail": {"from": "Desk <d@desk.example>"}}))

    def topic(self, slug: str, **keys: Any) -> None:
        """Write a topic's file."""
        (self.config / "topics" / f"{slug}.yaml").write_text(json.dumps({"title": slug, **keys}))

    def aliases(self, **named: list[str]) -> None:
        (self.config / "aliases.yaml").write_text(json.dumps(named))

    def publish(self, source: str, *told: Story) -> None:
        """Write the feed of a source."""
        (self.config / f"{source}.xml").write_bytes(rss(source, *told))

    def sources(self, *names: str) -> None:
        listed = [{"name": name, "url": f"file:{name}.xml"} for name in names]
        (self.config / "sources" / "all.yaml").write_text(json.dumps({"sources": listed}))

    async def start(self) -> Self:
        settings = replace(load_settings(self.config, os.environ), database=self.database_url)
        self.parts = await self._stack.enter_async_context(assemble(settings, clock=self.clock))
        self.reloader = Reloader(self.parts)
        await first_catalog(self.parts)
        return self

    async def stop(self) -> None:
        await self._stack.aclose()
        self._stack = AsyncExitStack()

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    async def edit(self) -> None:
        """Take over the folder as it is."""
        self.reloader.ask()
        await self.reloader.reload()

    async def tick(self) -> bool:
        """Do what the daemon does every few seconds, if no file was saved."""
        return await self.reloader.reload()

    async def pull(self, *names: str) -> None:
        """Pull sources whatever their schedule says."""
        async with self.parts.store.write() as conn:
            await restart(conn, names)
        await pipeline.pull(self.parts, only=names)

    async def states(self) -> dict[str, str]:
        async with self.parts.store.read() as conn:
            return {state.name: state.state for state in await sources.list_all(conn)}


Rows = set[tuple[str, int, int]]  # topic, article, score


async def stored(host: Host) -> Rows:
    """Read the matches that count; those of a topic that left are as they were when it did."""
    async with host.parts.store.read() as conn:
        there = match_rows.c.topic.in_(await topics.fingerprints(conn))
        rows = await conn.execute(match_rows.select().where(match_rows.c.active, there))
        return {(row.topic, row.article_id, row.score) for row in rows}


async def right(host: Host) -> Rows:
    """Match every stored article by what is in force, from nothing but the database."""
    store = host.parts.store
    async with store.read() as conn:
        kept = await catalogs.latest(conn)
        assert kept
        catalog = load_dump(kept.dump, config=host.config, environ=os.environ)
        articles = [each async for chunk in scan(conn) for each in chunk]
    index = Index(catalog.topics.values())
    rules = Current(catalog=catalog, index=index, learned=await read_learned(store))
    return {(hit.topic, each.id, round(hit.score)) for each in articles for hit in rules.match(each.article)}


async def titles(host: Host, topic: str) -> set[str]:
    async with host.parts.store.read() as conn:
        return {one.article.title for one in await matches.newest(conn, topic, limit=99)}
