"""The four measures. Each takes turns with what it is compared with, and returns every sample."""

from __future__ import annotations

import asyncio
import io
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import aiohttp
import feedparser
from desk import LATER, SOON, Desk
from feeds import daily, wire
from stopwatch import STAGES, pull_by_part

from syndicator import pipeline
from syndicator.pipeline.parts import Summary
from syndicator.store import sources

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from pathlib import Path

    from feeds import Feed
    from origin import Origin

    from syndicator.pipeline.parts import Parts

DAILIES: Final = 24  # sources that tell one story more from pull to pull
WIRES: Final = 4  # sources that change; a topic's feed shows ten articles of one source
STAGGER: Final = 0.83  # seconds between changes under the daemon, out of step with its ticks of 5 s
PATIENCE: Final = 60.0  # seconds until a change that is not seen is given up
KEEP_ALIVE: Final = 1.0  # seconds, as the fetcher has it; between polls of one host minutes pass
CONCURRENCY: Final = 64

Samples = dict[str, list[float]]


@dataclass(slots=True)
class Results:
    """Samples by name, in seconds unless the name says otherwise, and what was counted beside them."""

    samples: Samples = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, value: float) -> None:
        self.samples.setdefault(name, []).append(value)


async def _all_due(parts: Parts) -> Summary:
    total = Summary()
    while total.add(await pipeline.pull(parts)):
        pass
    if total.failed:
        raise RuntimeError(f"{total.failed} pulls failed; see the log")
    return total


async def _settled(parts: Parts) -> None:
    """Pull and publish all that is due."""
    await _all_due(parts)
    while Summary().add(await pipeline.publish(parts)):
        pass


# From "feed changed" to "in the topic's feed" ------------------------------------------------------------


class Wires:
    """The feeds that change: a headline that nobody else has goes into each in turn."""

    def __init__(self, origin: Origin, first_host: int) -> None:
        self._origin = origin
        self._news: list[list[str]] = [[] for _ in range(WIRES)]
        self.urls = {f"wire-{n}": origin.url(first_host + n, f"wire-{n}") for n in range(WIRES)}

    async def reset(self) -> None:
        for number, news in enumerate(self._news):
            news.clear()
            await self._origin.put(f"wire-{number}", wire(news))

    async def change(self, count: int) -> bytes:
        """Publish change number `count`; return what to look for."""
        mark, news = f"Change {count:03} from China", self._news[count % WIRES]
        news.append(mark)
        await self._origin.put(f"wire-{count % WIRES}", wire(news))
        return mark.encode()


async def latency(desk: Desk, wires: Wires, changes: int, results: Results) -> None:
    """Call the verbs in this process right after each change: nothing waits for a tick."""
    await wires.reset()
    async with desk.opened() as (parts, clock):
        await _settled(parts)
        for count in range(changes):
            clock.ahead += SOON
            mark = await wires.change(count)
            began = time.perf_counter()
            await pipeline.pull(parts)
            committed = time.perf_counter()
            await pipeline.publish(parts)
            written = time.perf_counter()
            if mark not in desk.published.read_bytes():
                raise RuntimeError(f"change {count} is not in {desk.published}")
            results.add("change.pull", committed - began)
            results.add("change.publish", written - committed)
            results.add("change.all", written - began)


async def latency_of_daemon(desk: Desk, wires: Wires, changes: int, results: Results) -> None:
    """Change feeds while the daemon runs, and look at its topic feed over HTTP every 50 ms."""
    await wires.reset()
    with desk.daemon():
        async with aiohttp.ClientSession() as session:
            await _until(session, desk, lambda page: b"Old news" in page)
            began: dict[bytes, float] = {}
            watching = asyncio.create_task(_watch(session, desk, began, changes))
            for count in range(changes):
                mark = await wires.change(count)
                began[mark] = time.perf_counter()
                await asyncio.sleep(STAGGER)
            seen = await watching
    for mark, moment in seen.items():
        results.add("change.daemon", moment - began[mark])


async def _watch(
    session: aiohttp.ClientSession, desk: Desk, began: Mapping[bytes, float], changes: int
) -> dict[bytes, float]:
    seen: dict[bytes, float] = {}

    def look(page: bytes) -> bool:
        moment = time.perf_counter()
        seen.update({mark: moment for mark in began if mark not in seen and mark in page})
        return len(seen) == changes

    await _until(session, desk, look)
    return seen


async def _until(session: aiohttp.ClientSession, desk: Desk, good: Callable[[bytes], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            async with session.get(desk.url) as answer:
                if good(await answer.read()):
                    return
            await asyncio.sleep(0.05)


# The whole pull of changed feeds -------------------------------------------------------------------------


async def throughput(
    folder: Path, feeds: Sequence[Feed], urls: Mapping[str, str], rounds: int, results: Results
) -> None:
    """In turns, `rounds` times: all feeds into a new database, feedparser twice, all feeds part by part."""
    for number in range(rounds):
        async with Desk.write(folder / f"whole-{number}", urls).opened() as (parts, _):
            began, cpu = time.perf_counter(), time.process_time()
            did = await _all_due(parts)
            results.add("pull.wall", time.perf_counter() - began)
            results.add("pull.cpu", time.process_time() - cpu)
        results.counts |= {"articles": did.articles, "matches": did.matched}
        for name, cleaning in (("feedparser.cleaning", True), ("feedparser.bare", False)):
            results.add(name, _feedparser(feeds, cleaning=cleaning))
        async with Desk.write(folder / f"parts-{number}", urls).opened() as (parts, _):
            by_part = await pull_by_part(parts)
        for part in (*STAGES, "rest", "all"):
            results.add(f"part.{part}", by_part.get(part, 0.0))


async def changed(folder: Path, origin: Origin, rounds: int, results: Results) -> None:
    """In turns: all known feeds with one new entry each, pulled many at once, and then part by part."""
    urls = {f"daily-{number}": origin.url(number, f"daily-{number}") for number in range(DAILIES)}
    async with Desk.write(folder / "changed", urls).opened() as (parts, clock):
        for told in range(2 * rounds + 1):
            for number in range(DAILIES):
                await origin.put(f"daily-{number}", daily(number, told).body)
            clock.ahead += LATER
            await asyncio.sleep(KEEP_ALIVE * 1.2)
            cpu = time.process_time()
            if not told:
                await _all_due(parts)
            elif told % 2:
                did = await _all_due(parts)
                results.add("changed.whole", time.process_time() - cpu)
                if did.articles != DAILIES:
                    raise RuntimeError(f"{did.articles} of {DAILIES} new entries were found")
            else:
                for part, seconds in (await pull_by_part(parts)).items():
                    results.add(f"changed.{part}", seconds)


def _feedparser(feeds: Sequence[Feed], *, cleaning: bool) -> float:
    """Let feedparser read the same bytes, as its users call it: seconds of CPU."""
    began = time.process_time()
    for feed in feeds:
        feedparser.parse(
            io.BytesIO(feed.body),
            response_headers={"content-type": feed.content_type},
            sanitize_html=cleaning,
            resolve_relative_uris=cleaning,
        )
    return time.process_time() - began


# Pulls that bring nothing new ----------------------------------------------------------------------------


async def unchanged(folder: Path, urls: Mapping[str, str], rounds: int, results: Results) -> None:
    """In turns: our pull with its state committed, our fetcher alone, a bare aiohttp loop; all get a 304."""
    async with Desk.write(folder / "unchanged", urls).opened() as (parts, clock), _bare_session() as session:
        await _all_due(parts)

        async def pull() -> None:
            clock.ahead += LATER
            did = await _all_due(parts)
            if did.unchanged != len(urls):
                raise RuntimeError(f"{did.unchanged} of {len(urls)} sources were unchanged")

        async with parts.store.read() as conn:
            states = await sources.list_all(conn)
        etags = {urls[state.name]: state.etag for state in states}

        async def fetch() -> None:
            known = parts.current.catalog.sources
            await asyncio.gather(*(parts.fetcher.fetch(known[state.name], state) for state in states))

        async def bare() -> None:
            turns = asyncio.Semaphore(CONCURRENCY)
            await asyncio.gather(*(_bare_get(session, turns, url, etag) for url, etag in etags.items()))

        for _ in range(rounds):
            for name, call in (("304.pull", pull), ("304.bare", bare), ("304.fetch", fetch)):
                await asyncio.sleep(KEEP_ALIVE * 1.2)  # all connections are new, as between two polls
                results.add(name, await _cpu(call))


async def _cpu(call: Callable[[], Awaitable[Any]]) -> float:
    began = time.process_time()
    await call()
    return time.process_time() - began


def _bare_session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
    )


async def _bare_get(session: aiohttp.ClientSession, turns: asyncio.Semaphore, url: str, etag: str) -> None:
    async with turns, session.get(url, headers={"If-None-Match": etag}) as answer:
        await answer.read()
        if answer.status != 304:
            raise RuntimeError(f"{url} answered {answer.status}")
