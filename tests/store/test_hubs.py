"""Subscriptions at hubs as rows: one for a source, cheap where nothing changes, and news for the sources."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from shelf import NOW
from sqlalchemy import event

from syndicator.model import Source
from syndicator.store import hubs, schema, sources

A, B, C = (f"https://{name}.example/hub" for name in "abc")
TOPIC = "https://wire.example/feed"
DAY = timedelta(days=1)


async def wish(store, urls=(A,), topic=TOPIC, *, source="wire", now=NOW):
    async with store.write() as conn:
        await hubs.wish(conn, source, urls, topic, now)


async def rows(store):
    async with store.read() as conn:
        return await hubs.list_all(conn)


async def change(store, hub, **changes):
    async with store.write() as conn:
        await hubs.record(conn, replace(hub, **changes))


async def only(store):
    (hub,) = await rows(store)
    return hub


async def verify(store, **changes):
    values = {"state": "verified", "lease_until": NOW + 9 * DAY, "next_at": NOW + 8 * DAY, "base_url": "x"}
    await change(store, await only(store), **(values | changes))


async def tidy(store, *, now=NOW, **more):
    async with store.write() as conn:
        await hubs.tidy(conn, now, **({"base_url": "x"} | more))


async def test_a_wish_comes_back_as_it_was_written(store):
    await wish(store, (A, B))
    hub = await only(store)
    assert (hub.source, hub.hub_url, hub.hub_urls, hub.topic_url) == ("wire", A, (A, B), TOPIC)
    assert (hub.state, hub.next_at) == ("wished", NOW)
    assert len(hub.token) == 32
    assert 40 < len(hub.secret) < 200
    told = replace(
        hub, state="verified", attempts=2, next_at=None, asked_until=NOW, lease_until=NOW, problem="p",
        heard_at=NOW, trusted_until=NOW, look_at=NOW, looks=1, looked_at=NOW, ignored=3, base_url="b",
    )  # fmt: skip
    await change(store, told)
    assert await only(store) == told
    async with store.read() as conn:
        assert await hubs.by_token(conn, hub.token) == told
        assert await hubs.by_token(conn, hub.token[:-1]) is None
    assert hub.token not in repr(hub)
    assert hub.secret not in repr(hub)


async def test_tokens_and_secrets_are_never_the_same(store):
    for name in ("wire", "post"):
        await wish(store, source=name)
    made = [key for hub in await rows(store) for key in (hub.token, hub.secret)]
    assert len(set(made)) == 4


async def test_the_same_wish_costs_one_read(store):
    await wish(store)
    before, said = await only(store), []
    async with store.write() as conn:
        engine = conn.engine.sync_engine
        listen = lambda *arguments: said.append(arguments[2])  # noqa: E731
        event.listen(engine, "before_cursor_execute", listen)
        await hubs.wish(conn, "wire", (A,), TOPIC, NOW + DAY)
        event.remove(engine, "before_cursor_execute", listen)
    assert [statement.partition(" ")[0] for statement in said] == ["SELECT"]
    assert await only(store) == before


async def test_another_order_of_the_same_hubs_changes_no_subscription(store):
    await wish(store, (A, B))
    before = await only(store)
    await wish(store, (B, A))
    assert await only(store) == replace(before, hub_urls=(B, A))


@pytest.mark.parametrize(("urls", "topic"), [((B,), TOPIC), ((A,), TOPIC + "/new")])
async def test_a_new_hub_or_topic_takes_the_place_of_the_old(store, urls, topic):
    await wish(store)
    await verify(store, look_at=NOW)
    await wish(store, urls, topic, now=NOW + DAY)
    old, new = await rows(store)
    assert (old.state, old.hub_url, old.next_at, old.look_at) == ("leaving", A, NOW + DAY, None)
    assert (new.state, new.hub_url, new.topic_url) == ("wished", urls[0], topic)
    assert {old.token, old.secret}.isdisjoint({new.token, new.secret})
    await wish(store, urls, topic)
    assert len(await rows(store)) == 2


async def test_a_feed_that_names_no_hub_any_more_lets_it_lapse(store):
    await wish(store)
    await verify(store)
    await wish(store, (), "")
    hub = await only(store)
    assert (hub.state, hub.next_at) == ("verified", None)
    await tidy(store, now=NOW + 9 * DAY - timedelta(seconds=1))
    assert await only(store) == hub
    await tidy(store, now=NOW + 9 * DAY)
    assert await rows(store) == []


async def test_a_hub_that_comes_back_in_time_is_renewed_at_once(store):
    await wish(store)
    await verify(store)
    await wish(store, (), "")
    await wish(store, now=NOW + DAY)
    assert (await only(store)).next_at == NOW + DAY


async def test_a_wish_that_was_never_fulfilled_is_dropped(store):
    await wish(store)
    await wish(store, (), "")
    assert await rows(store) == []


async def test_claiming_takes_what_is_due_the_longest_waiting_first(store):
    await wish(store, now=NOW)
    await wish(store, source="post", now=NOW - DAY)
    async with store.write() as conn:
        assert [hub.source for hub in await hubs.claim(conn, now=NOW, limit=9)] == ["post", "wire"]
        assert [hub.source for hub in await hubs.claim(conn, now=NOW, limit=1)] == ["post"]
        assert await hubs.claim(conn, now=NOW - 2 * DAY, limit=9) == []


async def test_a_row_that_was_verified_meanwhile_is_not_the_same(store):
    await wish(store)
    asked = await only(store)
    async with store.write() as conn:
        assert await hubs.same(conn, asked) == asked
    await verify(store)
    async with store.write() as conn:
        assert await hubs.same(conn, asked) is None


@pytest.mark.parametrize("how", ["left the catalog", "stopped", "switched off"])
async def test_sources_that_are_no_longer_pulled_leave_their_hubs(store, how):
    await wish(store)
    await verify(store)
    async with store.write() as conn:
        if how == "left the catalog":
            await sources.sync(conn, [Source(name="post", url="https://post.example/feed")])
        elif how == "stopped":
            await conn.execute(schema.sources.update().values(state="stopped"))
    await tidy(store, everything=how == "switched off")
    hub = await only(store)
    assert (hub.state, hub.next_at) == ("leaving", NOW)


async def test_a_new_address_of_ours_is_told_to_the_hubs(store):
    await wish(store)
    await verify(store)
    await tidy(store)
    assert (await only(store)).next_at == NOW + 8 * DAY
    await tidy(store, base_url="https://moved.example")
    assert (await only(store)).next_at == NOW


# What sources are told --------------------------------------------------------------------------------


async def pushed_until(store):
    async with store.write() as conn:
        await hubs.tell_sources(conn)
        return {state.name: state.pushed_until for state in await sources.list_all(conn)}


async def test_a_lease_counts_from_the_first_push_on(store):
    await wish(store)
    await verify(store)
    assert await pushed_until(store) == {"wire": None, "post": None}
    await verify(store, trusted_until=NOW)
    assert await pushed_until(store) == {"wire": NOW + 9 * DAY, "post": None}
    await change(store, await only(store), state="leaving")
    assert await pushed_until(store) == {"wire": None, "post": None}


async def test_a_change_that_no_push_came_before_ends_the_trust(store):
    await wish(store)
    await verify(store, trusted_until=NOW)
    for changed_at, trusted in ((NOW, True), (NOW + timedelta(seconds=1), False)):
        async with store.write() as conn:
            await conn.execute(schema.sources.update().values(last_change_at=changed_at))
        assert ((await pushed_until(store))["wire"] is not None) is trusted


async def test_what_a_pull_under_way_overwrites_is_told_again(store):
    """A pull writes back the state it began with."""
    await wish(store)
    async with store.write() as conn:
        before = await sources.claim(conn, now=NOW, lease=DAY, limit=9)
    await verify(store, trusted_until=NOW)
    assert (await pushed_until(store))["wire"]
    async with store.write() as conn:
        for state in before:
            assert await sources.record(conn, state)
    assert (await pushed_until(store))["wire"]


async def test_with_nothing_left_there_is_nothing_to_do(store):
    async def is_empty():
        async with store.read() as conn:
            return await hubs.is_empty(conn)

    assert await is_empty()
    await wish(store)
    await verify(store, trusted_until=NOW)
    await pushed_until(store)
    assert not await is_empty()
    async with store.write() as conn:
        await hubs.forget(conn, await only(store))
    assert not await is_empty(), "a source still believes in it"
    await pushed_until(store)
    assert await is_empty()


# Looks ------------------------------------------------------------------------------------------------


async def looks(store, *, now=NOW, **more):
    async with store.write() as conn:
        return await hubs.looks(conn, now=now, **more)


async def test_a_source_that_is_being_pulled_waits(store):
    await wish(store)
    await verify(store, look_at=NOW)
    async with store.write() as conn:
        await sources.claim(conn, now=NOW, lease=DAY, limit=9)
    assert await looks(store) == []
    assert len(await looks(store, now=NOW + DAY)) == 1
    async with store.write() as conn:
        await sources.release(conn)
    hub = await only(store)
    assert await looks(store) == [(hub, None, None)]
    assert await looks(store, only=hub.id) == [(hub, None, None)]
    assert await looks(store, only=hub.id + 1) == []
    assert await looks(store, now=NOW - DAY) == []


@pytest.mark.parametrize("state", ["failing", "ok"])
@pytest.mark.parametrize("who", ["wire", "post"])
async def test_only_a_host_in_trouble_can_ask_to_wait(store, state, who):
    """Freshness of a good answer ends with a push: that is what pushes are for."""
    await wish(store)
    await verify(store, look_at=NOW)
    async with store.write() as conn:
        await conn.execute(schema.sources.update().values(host="example", last_change_at=NOW - DAY))
        trouble = {"state": state, "fresh_until": NOW + DAY}
        await conn.execute(schema.sources.update().where(schema.sources.c.name == who).values(trouble))
    ((_, changed_at, paused_until),) = await looks(store)
    assert (changed_at, paused_until) == (NOW - DAY, NOW + DAY if state == "failing" else None)


async def test_hubs_that_said_no_can_be_asked_again(store):
    await wish(store)
    later = NOW + 7 * DAY
    await change(store, await only(store), state="refused", next_at=later, problem="x; fetch.allow_private y")
    for names, words, moved in ((["post"], "", False), (None, "allow%private", False), (["wire"], "", True)):
        async with store.write() as conn:
            await hubs.retry(conn, now=NOW, names=names, refused_as=words)
        assert (await only(store)).next_at == (NOW if moved else later)
    await change(store, await only(store), next_at=later)
    async with store.write() as conn:
        await hubs.retry(conn, now=NOW, refused_as="fetch.allow_private")
    assert (await only(store)).next_at == NOW
    await change(store, await only(store), state="verified", next_at=later)
    async with store.write() as conn:
        await hubs.retry(conn, now=NOW)
    assert (await only(store)).next_at == later
