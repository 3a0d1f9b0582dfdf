"""The loop of pulls: side by side, given back when it ends, written only by who holds the lease."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from fetch.hostile import feed, in_turn
from fetch.origin import Asked, answer
from sqlalchemy import text
from structlog.testing import capture_logs
from world import World, a_world

from syndicator import pipeline
from syndicator.model import Entry, FetchFailed, SourceState
from syndicator.pipeline.pages import TRIES, UNREAD, Tries, tried
from syndicator.pipeline.pull import LEASE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

GOOD = answer(feed("1"))


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with a_world(tmp_path) as made:
        yield made


class Gate:
    """A publisher that answers when it is let."""

    def __init__(self, body: bytes = GOOD) -> None:
        self.body, self.reached, self.open = body, asyncio.Event(), asyncio.Event()

    async def __call__(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        self.reached.set()
        await self.open.wait()
        writer.write(self.body)


async def leases(world: World) -> int:
    async with world.parts.store.read() as conn:
        return await conn.scalar(text("SELECT count(*) FROM sources WHERE lease_until IS NOT NULL")) or 0


async def test_a_slow_source_holds_up_nobody(world: World) -> None:
    gate = Gate()
    world.add("slow", "slow.example/feed", gate)
    for n in range(12):
        world.add(f"s{n}", f"s{n}.example/feed", GOOD)
    await world.open()
    task = asyncio.create_task(pipeline.pull(world.parts, at_once=2))
    for _ in range(200):
        if len(await world.articles()) == 12:
            break
        await asyncio.sleep(0.05)
    assert len(await world.articles()) == 12
    assert not task.done()
    gate.open.set()
    assert (await task).pulled == 13


async def test_what_is_cancelled_is_due_at_once_and_nothing_of_it_is_written(world: World) -> None:
    gate = Gate()
    world.add("slow", "slow.example/feed", gate)
    await world.open()
    before = await world.states()
    task = asyncio.create_task(pipeline.pull(world.parts))
    await gate.reached.wait()
    assert await leases(world) == 1
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert await leases(world) == 0
    (after,) = (await world.states()).values()
    assert after.next_pull_at == before["slow"].next_pull_at
    gate.open.set()
    assert (await world.pull()).pulled == 1


async def test_stopping_begins_nothing_and_finishes_what_is_under_way(world: World) -> None:
    gate = Gate()
    for n in range(3):
        world.add(f"s{n}", f"s{n}.example/feed", gate)
    await world.open()
    task = asyncio.create_task(pipeline.pull(world.parts, at_once=1))
    await gate.reached.wait()
    world.parts.stopping.set()
    gate.open.set()
    assert (await task).pulled == 1
    (asked,) = world.origin.log
    assert [f"{article.source}.example" for article in await world.articles()] == [asked.host]


@pytest.mark.parametrize("body", [GOOD, answer(b"", status="500 Oops")])
async def test_who_has_lost_the_lease_writes_nothing(world: World, body: bytes) -> None:
    gate = Gate(body)
    world.add("a", "a.example/feed", gate)
    await world.open()
    late = asyncio.create_task(pipeline.pull(world.parts))
    await gate.reached.wait()
    world.now += LEASE + timedelta(seconds=1)
    world.origin.play("a.example/feed", answer(feed("1", "2")))
    assert (await world.pull()).pulled == 1
    state = (await world.states())["a"]
    with capture_logs() as logs:
        gate.open.set()
        await late
    assert logs[-1]["event"] == "another worker took over"
    assert (await world.states())["a"] == state
    assert len(await world.articles()) == 2


async def test_only_those_that_are_wanted(world: World) -> None:
    for name in "abc":
        world.add(name, f"{name}.example/feed", in_turn(GOOD))
    await world.open()
    assert (await pipeline.pull(world.parts, only=["b"])).pulled == 1
    assert [asked.host for asked in world.origin.log] == ["b.example"]


# Pages that are waited for ----------------------------------------------------------------------------

HOUR = timedelta(hours=1)
FAILURES = {  # what came instead of the page → the counts that follow, None where it is not waited for
    "timeout": (FetchFailed(kind="timeout", message=""), [1, 2, None]),
    "busy": (FetchFailed(kind="http", message="", status=503), [1, 2, None]),
    "paused": (FetchFailed(kind="paused", message="", retry_after=HOUR), [0, 0, 0]),
    "peace": (FetchFailed(kind="http", message="", status=429, retry_after=HOUR), [1, 2, None]),
    "long": (FetchFailed(kind="http", message="", status=429, retry_after=30 * HOUR), [None]),
    "gone": (FetchFailed(kind="gone", message="", status=410), [None]),
    "missing": (FetchFailed(kind="http", message="", status=404), [None]),
    "robots": (FetchFailed(kind="robots", message=""), [None]),
    "inner": (FetchFailed(kind="forbidden", message=""), [None]),
}


@pytest.mark.parametrize("name", FAILURES)
def test_how_long_a_page_is_waited_for(name: str) -> None:
    failure, expected = FAILURES[name]
    counts: dict[tuple[str, str], int] = {}
    entry = Entry(url="http://a.example/1")
    assert [Tries(counts, "a", 0).again(entry, failure) for _ in expected] == expected


def test_a_new_process_goes_on_counting_where_the_old_one_ended() -> None:
    failure, entry = FAILURES["busy"][0], Entry(url="http://a.example/1")
    counts = []
    state = SourceState(name="a", body_hash="")
    for _ in range(TRIES):
        counts.append(Tries({}, "a", tried(state)).again(entry, failure))
        state = SourceState(name="a", body_hash=f"{UNREAD}{counts[-1]}")
    assert counts == [1, 2, None]
    running = {("a", "http://a.example/0"): 2}
    assert Tries(running, "a", 2).again(entry, failure) == 1, "it knows of this one that it is new"
    assert tried(SourceState(name="a", body_hash="f" * 64)) == 0
