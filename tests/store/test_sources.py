"""Claiming sources: one holder at a time, and a late one writes nothing."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from shelf import NOW
from sqlalchemy import update

from syndicator.model import Source
from syndicator.store import pauses, sources
from syndicator.store.restart import restart
from syndicator.store.schema import sources as table

LEASE = timedelta(minutes=10)


async def claim(store, *, now=NOW, limit=9, **how):
    async with store.write() as conn:
        return await sources.claim(conn, now=now, lease=LEASE, limit=limit, **how)


async def configure(store, *urls):
    async with store.write() as conn:
        await sources.sync(conn, [Source(name=f"s{n:02}", url=url) for n, url in enumerate(urls)])


async def states(store):
    async with store.read() as conn:
        return {state.name: state for state in await sources.list_all(conn)}


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


# Host groups ------------------------------------------------------------------------------------------


async def test_the_host_group_is_known_from_the_catalog_on(store):
    await configure(store, "https://www.News.example/a", "http://news.example:99/b", "file:c.xml")
    assert [state.host for state in (await states(store)).values()] == ["news.example", "news.example", ""]
    await configure(store, "https://other.example/a", "http://news.example:99/b", "file:c.xml")
    assert [state.host for state in (await states(store)).values()] == ["other.example", "news.example", ""]


async def test_rows_of_an_older_version_get_their_host_group(store):
    async with store.write() as conn:
        await conn.execute(update(table).values(host=""))
    async with store.write() as conn:
        await sources.sync(conn, [Source(name="wire", url="https://wire.example/feed")])
    assert (await states(store))["wire"].host == "wire.example"


async def test_an_adopted_host_group_stays(store):
    for state in await claim(store):
        await record(store, replace(state, adopted_url="https://new.example/", host="new.example"))
    async with store.write() as conn:
        await sources.sync(conn, [Source(name="wire", url="https://wire.example/feed")])
    assert (await states(store))["wire"].host == "new.example"


async def test_no_more_of_one_host_group_are_held_than_it_has_places_for(store):
    await configure(store, *[f"https://big.example/{n}" for n in range(30)], *["https://small.example/"] * 2)
    first = await claim(store, limit=9, per_host=3)
    assert sorted(state.host for state in first) == ["big.example"] * 3 + ["small.example"] * 2
    assert await claim(store, limit=9, per_host=3) == []
    (some, *_) = [state for state in first if state.host == "big.example"]
    await record(store, replace(some, next_pull_at=NOW + LEASE))
    assert [state.host for state in await claim(store, limit=9, per_host=3)] == ["big.example"]
    # The places of a worker that died come free with its leases.
    assert len(await claim(store, now=NOW + LEASE, limit=99, per_host=3)) == 5


async def test_files_and_mailboxes_have_no_host_and_no_limit(store):
    await configure(store, *[f"file:{n}.xml" for n in range(8)])
    assert len(await claim(store, limit=99, per_host=2)) == 8


@pytest.mark.parametrize("per_host", [None, 3])
async def test_only_some(store, per_host):
    assert [state.name for state in await claim(store, only=["post", "x"], per_host=per_host)] == ["post"]
    assert await claim(store, only=[], per_host=per_host) == []


async def test_the_longest_waiting_come_first(store):
    await configure(store, *[f"https://h{n}.example/" for n in range(6)])
    for state in await claim(store):
        due = NOW + timedelta(minutes=7 * int(state.name[1:]) % 11)
        await record(store, replace(state, next_pull_at=due))
    waiting = sorted((await states(store)).values(), key=lambda state: state.next_pull_at)
    for per_host in (None, 2):
        got = await claim(store, now=NOW + LEASE, limit=3, per_host=per_host)
        assert {state.name for state in got} == {state.name for state in waiting[:3]}
        async with store.write() as conn:
            await sources.release(conn)


async def test_a_pause_puts_off_the_group_and_spreads_it(store):
    await configure(store, *["https://www.big.example/"] * 4, "https://small.example/")
    taken = {state.name: state for state in await claim(store)}
    await record(store, replace(taken["s01"], next_pull_at=NOW + timedelta(days=2)))
    await record(store, replace(taken["s02"], state="stopped"))
    await record(store, replace(taken["s03"], next_pull_at=NOW + timedelta(minutes=1)))
    until = NOW + timedelta(hours=1)
    async with store.write() as conn:
        await sources.release(conn)
        assert await sources.pause(conn, "big.example", until, spacing=timedelta(seconds=2)) == 2
        assert await sources.pause(conn, "", until) == 0
    found = {name: state.next_pull_at for name, state in (await states(store)).items()}
    assert found == {
        "s00": until,
        "s01": NOW + timedelta(days=2),
        "s02": None,
        "s03": until + timedelta(seconds=2),
        "s04": None,
    }
    assert {state.name for state in await claim(store)} == {"s04"}


async def test_a_pause_is_the_hosts_whoever_comes_later(store):
    """Sources that are added, move there, or were under way: nobody is claimed before it is over."""
    await configure(store, "https://www.big.example/", "https://small.example/")
    first, second = await claim(store)
    until = NOW + timedelta(days=1)
    async with store.write() as conn:
        await sources.pause(conn, "big.example", until)
        await sources.pause(conn, "big.example", NOW + timedelta(hours=1))  # a shorter one changes nothing
    await record(store, replace(first, next_pull_at=NOW))
    await record(store, replace(second, next_pull_at=NOW))
    await configure(store, "https://www.big.example/?x=1", "https://big.example/b", "https://big.example/c")
    async with store.read() as conn:
        assert await pauses.running(conn, NOW) == {"big.example": until}
        assert await pauses.running(conn, until) == {}
    assert await claim(store, now=until - timedelta(seconds=1)) == []
    assert len(await claim(store, now=until)) == 3
    async with store.write() as conn:
        assert await pauses.purge(conn, NOW) == 1
        assert await pauses.purge(conn, until) == 0


async def test_an_admin_who_insists_ends_the_pause_of_the_host(store):
    await configure(store, "https://big.example/a", "https://big.example/b")
    async with store.write() as conn:
        await sources.pause(conn, "big.example", NOW + timedelta(days=1))
        await restart(conn, ["s00"])
    assert [state.name for state in await claim(store)] == ["s00"]


# Many at once -----------------------------------------------------------------------------------------


async def test_many_states_are_written_in_one_go_but_for_those_that_others_hold(store):
    await configure(store, *[f"https://h{n}.example/" for n in range(5)])
    held = await claim(store)
    (lost,) = await claim(store, now=NOW + LEASE, limit=1)
    async with store.write() as conn:
        told = [replace(state, etag="mine", next_pull_at=NOW + LEASE) for state in held]
        assert await sources.record_all(conn, told) == {s.name for s in held} - {lost.name}
        assert await sources.record_all(conn, []) == set()
    etags = {name: state.etag for name, state in (await states(store)).items()}
    assert etags == {state.name: "" if state.name == lost.name else "mine" for state in held}
    assert await claim(store) == [], "the others have given their lease back and are not due"


# What a publisher asked for ----------------------------------------------------------------------------


async def test_an_admins_wish_waits_for_the_publishers(store):
    until = NOW + timedelta(hours=1)
    for state, word in zip(await claim(store), ("ok", "failing"), strict=True):
        await record(store, replace(state, state=word, next_pull_at=until + LEASE, fresh_until=until))
    names = [*await states(store)]
    async with store.write() as conn:
        await sources.make_due(conn, names)
    assert {state.next_pull_at for state in (await states(store)).values()} == {until}
    async with store.write() as conn:
        await sources.make_due(conn, names, pushed=True)  # a hub speaks for the publisher, Retry-After stays
    assert [state.state for state in await claim(store)] == ["ok"]


async def test_what_hubs_wrote_while_a_source_was_pulled_stays(store):
    (state, *_) = await claim(store, limit=1)
    async with store.write() as conn:
        await conn.execute(update(table).values(pushed_until=NOW))
    await record(store, replace(state, etag="x"))
    assert (await states(store))[state.name].pushed_until == NOW
