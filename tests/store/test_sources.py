"""Claiming sources: one holder at a time, and a late one writes nothing."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from shelf import NOW

from syndicator.model import Source
from syndicator.store import sources

LEASE = timedelta(minutes=10)


async def claim(store, *, now=NOW, limit=9):
    async with store.write() as conn:
        return await sources.claim(conn, now=now, lease=LEASE, limit=limit)


async def record(store, state):
    async with store.write() as conn:
        return await sources.record(conn, state)


async def test_a_new_source_is_due_at_once_and_held_for_the_lease(store):
    assert {state.name for state in await claim(store)} == {"wire", "post"}
    assert await claim(store) == []
    assert len(await claim(store, now=NOW + LEASE)) == 2


async def test_a_write_with_an_old_fence_is_refused(store):
    (old, *_) = await claim(store, limit=1)
    (new, *_) = [s for s in await claim(store, now=NOW + LEASE) if s.name == old.name]
    assert not await record(store, replace(old, etag="old"))
    assert await record(store, replace(new, etag="new"))


async def test_what_was_recorded_comes_back(store):
    (state, *_) = await claim(store, limit=1)
    told = replace(
        state, state="ok", title="The Wire", etag='W/"x"', last_modified="nonsense", failures=0,
        last_success_at=NOW, next_pull_at=NOW + timedelta(hours=1), interval=timedelta(minutes=20),
    )  # fmt: skip
    await record(store, told)
    async with store.read() as conn:
        assert told in await sources.list_all(conn)
    assert state.name not in {s.name for s in await claim(store, now=NOW + timedelta(minutes=59))}
    assert state.name in {s.name for s in await claim(store, now=NOW + timedelta(hours=1))}


async def test_a_stopped_source_stays_stopped_until_its_address_changes(store):
    for state in await claim(store):
        await record(store, replace(state, state="stopped"))
    assert await claim(store, now=NOW + timedelta(days=99)) == []
    async with store.write() as conn:
        await sources.sync(conn, [Source(name="wire", url="https://elsewhere.example/")])
    assert [state.name for state in await claim(store)] == ["wire"]


async def test_a_source_that_leaves_the_catalog_is_remembered(store):
    for state in await claim(store):
        await record(store, replace(state, state="ok", etag="kept"))
    async with store.write() as conn:
        await sources.sync(conn, [])
        assert await sources.list_all(conn) == []
        await sources.sync(conn, [Source(name="wire", url="https://wire.example/feed")])
        (back,) = await sources.list_all(conn)
    assert back.etag == "kept"


async def test_two_claimers_never_get_the_same_source(store):
    async with store.write() as conn:
        await sources.sync(conn, [Source(name=f"s{i}", url=f"https://s{i}.example/") for i in range(40)])
    taken = await asyncio.gather(*(claim(store, limit=7) for _ in range(8)))
    names = [state.name for batch in taken for state in batch]
    assert len(names) == len(set(names))
    rest = [state.name for state in await claim(store, limit=99)]
    assert sorted(names + rest) == sorted(f"s{i}" for i in range(40))


async def test_released_sources_are_due_again(store):
    (state, *_) = await claim(store, limit=1)
    async with store.write() as conn:
        await sources.release(conn, [state.name])
    assert state.name in {s.name for s in await claim(store)}


async def test_what_a_wrong_clock_has_set_does_not_last(store):
    far = NOW + timedelta(days=60 * 365)
    for state in await claim(store, now=far):
        await record(store, replace(state, state="ok", next_pull_at=far + timedelta(hours=1)))
    assert len(await claim(store)) == 2


async def test_a_wait_that_a_publisher_asked_for_is_kept(store):
    for state in await claim(store):
        await record(store, replace(state, next_pull_at=NOW + timedelta(days=30)))
    assert await claim(store) == []
