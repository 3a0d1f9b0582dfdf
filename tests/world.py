"""The whole way in at simulated time: real parts, a real database, and publishers that play what they like.

Every `.example` name leads to one server in this process (`fetch.origin`), whose log is what tests judge. The
clock jumps to whatever is due next, so a week takes a second.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any, Self

from fetch.hostile import HERE, Names
from fetch.origin import AGENT, NOW, Origin

from syndicator import pipeline
from syndicator.assembly import assemble
from syndicator.catalog import dump, load_all
from syndicator.fetch import Fetcher
from syndicator.pipeline.parts import Summary
from syndicator.store import notices, sources
from syndicator.store.articles import scan

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from fetch.origin import Play

    from syndicator.model import Article, SourceState
    from syndicator.pipeline.parts import Parts
    from syndicator.store.notices import Notice

MANY = 20_000  # pulls: a source that stays due is a fault, and no reason to hang


@dataclass
class World:
    """A program and the publishers that it pulls: add sources, `open` it, `restart` it at will."""

    folder: Path
    origin: Origin
    names: Names = field(default_factory=Names)
    now: datetime = NOW
    limits: dict[str, object] = field(default_factory=dict)  # fields of settings.Fetch
    listed: list[dict[str, Any]] = field(default_factory=list)
    total: Summary = field(default_factory=Summary)
    dice: Random = field(default_factory=lambda: Random(7))
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    parts: Parts = field(init=False)

    def add(self, name: str, url: str, play: Play | bytes | None = None, **keys: object) -> str:
        """Add a source at `url` (host and path), and what is played there; return its address."""
        host, _, path = url.partition("/")
        if play is not None:
            self.origin.play(url, play)
        address = self.at(f"{host}/{path}")
        self.listed.append({"name": name, "url": address, **keys})
        return address

    def at(self, url: str) -> str:
        """Give the whole address of a host and path."""
        host, _, path = url.partition("/")
        return f"http://{host}:{self.origin.port}/{path}"

    async def open(self, **limits: object) -> Self:
        """Start the program; `limits` are fields of settings.Fetch."""
        self.limits = {"spacing": timedelta(0), "allow_private": (HERE,)} | self.limits | limits
        self._write()
        settings, catalog = load_all(self.folder / "config", {})
        settings = replace(settings, fetch=replace(settings.fetch, **self.limits))  # type: ignore[arg-type]
        self.origin.clock = lambda: self.now
        parts = await self._stack.enter_async_context(assemble(settings, clock=lambda: self.now))
        fetcher = Fetcher(
            settings.fetch,
            user_agent=AGENT,
            files_root=settings.config,
            inboxes=settings.inboxes,
            inbound=settings.inbound,
            resolver=self.names,
            clock=lambda: self.now,
        )
        parts.fetcher = await self._stack.enter_async_context(fetcher)
        parts.jitter = self.dice.random
        await pipeline.apply(parts, catalog, dump(settings.config))
        await pipeline.recover(parts)
        self.parts = parts
        return self

    async def restart(self, **limits: object) -> None:
        """Stop the program and start it: what it knows afterwards it has from its database."""
        await self._stack.aclose()
        self._stack = AsyncExitStack()
        await self.open(**limits)

    def _write(self) -> None:
        config = self.folder / "config"
        for part in ("sources", "topics"):
            (config / part).mkdir(parents=True, exist_ok=True)
        settings = {"mail": {"from": "Desk <desk@desk.example>"}, "database": "sqlite"}
        topic = {"title": "All", "any": ["news", "fraud", "harbour*", "item*"], "min_score": 0}
        (config / "syndicator.yaml").write_text(json.dumps(settings))
        (config / "sources" / "all.yaml").write_text(json.dumps({"sources": self.listed}))
        (config / "topics" / "all.yaml").write_text(json.dumps(topic))

    async def pull(self) -> Summary:
        """Pull what is due now."""
        done = await pipeline.pull(self.parts)
        self.total.add(done)
        return done

    async def run(self, *, days: float = 0, restarts: bool = False, **spans: float) -> None:
        """Pull whatever comes due within that time; by a new process at each turn, if `restarts`."""
        end = self.now + timedelta(days=days, **spans)
        for _ in range(MANY):
            await self.pull()
            states = [state for state in (await self.states()).values() if state.state != "stopped"]
            due = min((state.next_pull_at or self.now for state in states), default=end)
            if due >= end:
                break
            assert due > self.now, "what has been pulled is due again at once"
            self.now = due
            if restarts:
                await self.restart()
        else:
            raise AssertionError(f"{MANY} pulls and no end")
        self.now = end

    def asked(self, url: str) -> list[datetime]:
        """When the server was asked for this host and path."""
        return [asked.at for asked in self.origin.log if asked.host + asked.path == url]

    async def states(self) -> dict[str, SourceState]:
        async with self.parts.store.read() as conn:
            return {state.name: state for state in await sources.list_all(conn)}

    async def articles(self, source: str = "") -> list[Article]:
        """Read what is stored, of one source or of all."""
        async with self.parts.store.read() as conn:
            found = [each.article async for chunk in scan(conn) for each in chunk]
        return [article for article in found if article.source == (source or article.source)]

    async def notices(self) -> list[Notice]:
        async with self.parts.store.read() as conn:
            return await notices.list_open(conn)

    async def close(self) -> None:
        await self._stack.aclose()


@asynccontextmanager
async def a_world(folder: Path, *, names: Names | None = None) -> AsyncIterator[World]:
    """Give a world with its server; what is opened in it is closed in the end."""
    async with an_origin() as origin:
        world = World(folder, origin, names or Names())
        try:
            yield world
        finally:
            await world.close()


@asynccontextmanager
async def an_origin(address: str = HERE) -> AsyncIterator[Origin]:
    """A server of `fetch.origin` at an address of this machine. Raises OSError where there is none such."""
    origin = Origin()
    tasks: set[asyncio.Task[Any]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        tasks.add(task)
        await origin.serve(reader, writer)
        tasks.discard(task)

    server = await asyncio.start_server(serve, address, 0)
    origin.port = server.sockets[0].getsockname()[1]
    try:
        yield origin
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()
