"""A feed names a hub; we subscribe, are told of news, renew, and leave: a real hub and a served app.

The log of the hub is the assertion. Time is one clock that both look at.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hub import CHALLENGE, NOW, TOPIC, House, HubServer, house, serving
from program import Program

from syndicator.model import Source, SourceState
from syndicator.pipeline.renew import renew, wish
from syndicator.store import hubs, sources

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

BODY = b"<feed xmlns='http://www.w3.org/2005/Atom'/>"
DAY = timedelta(days=1)
TICKS_IN_BETWEEN = 50


@pytest.fixture
async def home(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    async with house(tmp_path, database_url) as made:
        await made.pulled()
        yield made


@pytest.fixture
async def hub(home: House) -> AsyncIterator[HubServer]:
    async with serving(HubServer(home.clock)) as made:
        yield made


@pytest.fixture
async def other(home: House) -> AsyncIterator[HubServer]:
    async with serving(HubServer(home.clock)) as made:
        yield made


async def state_of(home: House, name: str = "wire") -> SourceState:
    async with home.parts.store.read() as conn:
        return next(state for state in await sources.list_all(conn) if state.name == name)


async def pull(home: House, *urls: str, topic: str = TOPIC, source: str = "wire") -> None:
    """What a pull does that brought a feed which names these hubs."""
    state = await state_of(home, source)
    async with home.parts.store.write() as conn:
        await wish(home.parts, conn, state, urls, topic, home.clock())


async def tick(home: House, *servers: HubServer):
    done = await renew(home.parts)
    for server in servers:
        await server.settle()
    return done


async def until(home: House, *servers: HubServer, **span: float) -> None:
    """Let time go by, with a few ticks in it."""
    for _ in range(TICKS_IN_BETWEEN):
        home.clock.now += timedelta(**span) / TICKS_IN_BETWEEN
        await tick(home, *servers)


async def test_the_whole_life(home, hub):
    await pull(home, hub.url)
    await tick(home, hub)
    (asked,) = hub.asked
    assert asked["hub.mode"] == "subscribe"
    assert asked["hub.topic"] == TOPIC
    assert asked["hub.lease_seconds"] == "864000"
    assert asked["hub.callback"].startswith(f"{home.base_url}/websub/")
    assert hub.log[1:] == [("verify", 200, CHALLENGE.encode())]
    assert hub.agents == {f"syndicator/{version()} (+{home.base_url}/)"}
    assert (await home.hub()).lease_until == NOW + 10 * DAY

    assert await hub.publish(TOPIC, BODY) == [202]
    assert await home.due() == {"wire"}
    await tick(home, hub)
    assert (await state_of(home)).pushed_until == NOW + 10 * DAY
    assert len(hub.asked) == 1, "nothing to ask for now"

    home.clock.forward(days=8.99)
    await tick(home, hub)
    assert len(hub.asked) == 1
    home.clock.forward(hours=14)
    await home.pulled(changed=False)
    await tick(home, hub)
    assert len(hub.asked) == 2, "renewed before the end"
    assert hub.asked[1] == hub.asked[0], "the same subscription, with the same secret"
    await tick(home, hub)
    assert (await state_of(home)).pushed_until > NOW + 19 * DAY

    async with home.parts.store.write() as conn:
        await sources.sync(conn, [Source(name="post", url="https://post.example/feed")])
    await tick(home, hub)
    assert hub.asked[-1]["hub.mode"] == "unsubscribe"
    assert hub.held == {}
    assert await home.hubs() == []


def version() -> str:
    from syndicator import __version__

    return __version__


async def test_a_month_without_a_gap(home, hub):
    """Every publication arrives, though leases are shorter than we asked for."""
    hub.lease = str(3 * 86400)
    await pull(home, hub.url)
    await tick(home, hub)
    for _ in range(60):
        home.clock.forward(hours=12)
        await tick(home, hub)
        assert await hub.publish(TOPIC, BODY) == [202]
    assert 9 <= len(hub.asked) <= 13
    assert len(hub.held) == 1


@pytest.mark.parametrize("status", [202, 500])
async def test_a_hub_that_verifies_before_it_answers(home, hub, status):
    """The row must be there by then, and what comes after cannot undo it."""
    hub.hasty, hub.status = True, status
    await pull(home, hub.url)
    await tick(home, hub)
    assert hub.kinds() == ["ask", "verify"]
    row = await home.hub()
    assert (row.state, row.problem, row.attempts) == ("verified", "", 0)


async def test_a_hub_that_is_not_well(home, hub):
    """503, a hang-up of verification, then health: asked again later and later, and in the end subscribed."""
    hub.statuses, times = [503, 500, 202], []
    hub.silent = True
    await pull(home, hub.url)
    for _ in range(30):
        before = len(hub.asked)
        await tick(home, hub)
        times += [home.clock() - NOW] * (len(hub.asked) - before)
        home.clock.forward(minutes=10)
    assert times == [timedelta(minutes=m) for m in (0, 10, 30)]
    row = await home.hub()
    assert (row.state, row.next_at) == ("refused", NOW + timedelta(minutes=90) + DAY)
    hub.silent = False
    await until(home, hub, days=1)
    assert (await home.hub()).state == "verified"
    assert len(hub.asked) == 4


async def test_the_words_of_a_hub_that_refuses_are_kept(home, hub):
    hub.statuses = [400]
    await pull(home, hub.url)
    await tick(home, hub)
    row = await home.hub()
    assert (row.state, row.next_at) == ("refused", NOW + 7 * DAY)
    assert row.problem == "127.0.0.1 answers 400 Bad Request: the hub's own words"
    await until(home, hub, days=6)
    assert len(hub.asked) == 1, "a no is a no"
    await until(home, hub, days=1.1)
    assert (await home.hub()).state == "verified"


async def test_the_first_hub_that_works_and_no_more_than_one(home, hub, other):
    hub.statuses = [403]
    await pull(home, hub.url, other.url)
    await tick(home, hub, other)
    assert (len(hub.asked), len(other.asked)) == (1, 0)
    await tick(home, hub, other)
    assert (len(hub.asked), len(other.asked)) == (1, 1)
    assert (await home.hub()).hub_url == other.url
    keys = [(server.asked[0]["hub.callback"], server.asked[0]["hub.secret"]) for server in (hub, other)]
    assert set(keys[0]).isdisjoint(keys[1])
    await until(home, hub, other, days=2)
    assert (len(hub.asked), len(other.asked)) == (1, 1)


async def test_a_hub_that_never_verifies_gives_way_to_the_next(home, hub, other):
    hub.silent = True
    await pull(home, hub.url, other.url)
    await until(home, hub, other, hours=12)
    assert len(hub.asked) == 3
    assert (await home.hub()).hub_url == other.url
    assert (await home.hub()).state == "verified"


async def test_a_hub_may_deny_at_any_time(home, hub, other):
    await pull(home, hub.url, other.url)
    await tick(home, hub, other)
    await hub.publish(TOPIC, BODY)
    await tick(home, hub, other)
    assert (await state_of(home)).pushed_until
    callback = hub.asked[0]["hub.callback"]
    status, _ = await hub.call(callback, mode="denied", topic=TOPIC, reason="closing down")
    assert status == 200
    assert (await state_of(home)).pushed_until is None, "polled as usual from now on"
    assert await hub.publish(TOPIC, BODY) == [410]
    await tick(home, hub, other)
    assert len(other.held) == 1


async def test_a_hub_that_denies_at_once(home, hub):
    hub.denies = "only friends"
    await pull(home, hub.url)
    await tick(home, hub)
    assert hub.kinds() == ["ask", "denied"]
    row = await home.hub()
    assert (row.state, row.problem) == ("refused", "denied: only friends")


async def test_a_publisher_who_changes_the_hub(home, hub, other):
    await pull(home, hub.url)
    await tick(home, hub, other)
    await pull(home, other.url)
    await tick(home, hub, other)
    assert [form["hub.mode"] for form in hub.asked] == ["subscribe", "unsubscribe"]
    assert hub.held == {}
    assert len(other.held) == 1
    assert (await home.hub()).hub_url == other.url


async def test_a_publisher_who_has_no_hub_any_more(home, hub):
    await pull(home, hub.url)
    await tick(home, hub)
    await hub.publish(TOPIC, BODY)
    await tick(home, hub)
    await pull(home)
    await until(home, hub, days=10.1)
    assert len(hub.asked) == 1, "not renewed, not ended: it lapses"
    assert await home.hubs() == []
    await tick(home, hub)
    assert (await state_of(home)).pushed_until is None


async def test_a_feed_without_hubs_costs_no_statement(home):
    from sqlalchemy import event

    said = []
    state = await state_of(home)
    async with home.parts.store.write() as conn:
        engine = conn.engine.sync_engine
        listen = lambda *arguments: said.append(arguments[2])  # noqa: E731
        event.listen(engine, "before_cursor_execute", listen)
        await wish(home.parts, conn, state, (), "", home.clock())
        event.remove(engine, "before_cursor_execute", listen)
    assert said == []


async def test_a_hub_elsewhere(home, hub, other):
    hub.statuses, hub.elsewhere = [307], other.url
    await pull(home, hub.url)
    await tick(home, hub, other)
    assert (len(hub.asked), len(other.asked)) == (1, 1)
    assert hub.asked[0] == other.asked[0]
    assert (await home.hub()).state == "verified"


async def test_a_hub_inside_our_network_is_never_asked(home, hub):
    await pull(home, "http://10.255.255.1/hub", hub.url)
    await tick(home, hub)
    row = await home.hub()
    assert row.hub_url == hub.url, "the guard has said no; the next one is tried"
    assert "private" in row.problem


async def test_a_push_whose_news_is_not_to_be_seen_yet(home, hub):
    """The feed comes from a cache: look again twice, and no more."""
    await pull(home, hub.url)
    await tick(home, hub)
    await hub.publish(TOPIC, BODY)
    looks = []
    for minute in range(30):
        await tick(home, hub)
        if await home.due():
            looks.append(minute)
            await home.pulled()
        home.clock.forward(minutes=1)
    assert looks == [0, 2, 12]


async def test_a_push_whose_news_was_found(home, hub):
    await pull(home, hub.url)
    await tick(home, hub)
    await hub.publish(TOPIC, BODY)
    assert await home.due() == {"wire"}
    home.clock.forward(seconds=5)
    await home.pulled(changed=True)
    await until(home, hub, minutes=30)
    assert await home.due() == set()


async def test_a_hub_that_promises_and_does_not_push_is_not_trusted(home, hub):
    await pull(home, hub.url)
    await tick(home, hub)
    await tick(home, hub)
    assert (await state_of(home)).pushed_until is None, "no push yet"
    await hub.publish(TOPIC, BODY)
    await tick(home, hub)
    assert (await state_of(home)).pushed_until
    home.clock.forward(days=1)
    await home.pulled(changed=True)
    await tick(home, hub)
    assert (await state_of(home)).pushed_until is None, "a change that it kept to itself"
    await hub.publish(TOPIC, BODY)
    await tick(home, hub)
    assert (await state_of(home)).pushed_until


async def test_switched_off_it_leaves(home, hub):
    await pull(home, hub.url)
    await tick(home, hub)
    settings = home.parts.settings
    home.parts.settings = replace(settings, fetch=replace(settings.fetch, websub="off"))
    await pull(home, hub.url, source="post")
    await tick(home, hub)
    assert hub.held == {}
    assert await home.hubs() == []


async def test_killed_between_asking_and_the_answer(home, hub):
    """The request is lost; the row asks again by itself, and nothing is doubled."""
    hub.silent = True
    await pull(home, hub.url)
    task = asyncio.create_task(renew(home.parts))
    while not hub.asked:
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert (await home.hub()).state == "asked"
    await tick(home, hub)
    assert len(hub.asked) == 1
    hub.silent = False
    home.clock.forward(hours=1)
    await tick(home, hub)
    assert (await home.hub()).state == "verified"


async def test_two_workers_ask_once(home, hub):
    for name in ("wire", "post"):
        await pull(home, hub.url, source=name, topic=f"https://{name}.example/feed")
    await asyncio.gather(*(renew(home.parts) for _ in range(4)))
    await hub.settle()
    assert len(hub.asked) == 2
    assert len(hub.held) == 2
    async with home.parts.store.read() as conn:
        assert {row.state for row in await hubs.list_all(conn)} == {"verified"}


# The program ------------------------------------------------------------------------------------------

ENTRY = (
    "<entry><id>urn:example:{0}</id><title>{0} came in</title><updated>2026-11-24T07:00:00Z</updated>"
    '<link href="https://wire.example/{0}"/><summary>It brought oranges and ships.</summary></entry>'
)


def atom(hub_url: str, self_url: str, *names: str) -> bytes:
    entries = "".join(ENTRY.format(name) for name in names)
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:example:wire</id><title>Wire</title>'
        f'<updated>2026-11-24T07:00:00Z</updated><link rel="hub" href="{hub_url}"/>'
        f'<link rel="self" href="{self_url}"/>{entries}</feed>'
    ).encode()


async def test_news_arrive_in_seconds_where_polling_takes_hours(tmp_path, http_server):
    """The daemon finds the hub in the feed, subscribes by itself, and pulls when it is pushed."""
    program, server = Program(tmp_path), http_server({})
    self_url = server.url("/feed.atom")
    async with serving(HubServer(lambda: datetime.now(UTC))) as hub:
        server.pages["/feed.atom"] = atom(hub.url, self_url, "ship")
        program.configure(fetch={"allow_private": ["127.0.0.0/8"], "websub": "on", "min_interval": "2h"})
        program.sources(wire=self_url)
        program.topic("ships", any=["oranges"], min_score=1)
        try:
            await asyncio.to_thread(program.start)
            await asyncio.to_thread(program.until, lambda: hub.held)
            assert len(server.visits("/feed.atom")) == 1
            server.pages["/feed.atom"] = atom(hub.url, self_url, "train", "ship")
            assert await hub.publish(self_url, BODY) == [202]
            arrived = lambda: b"train came in" in program.get("/topics/ships.json").body  # noqa: E731
            await asyncio.to_thread(program.until, arrived)
            assert len(server.visits("/feed.atom")) == 2, "one push, one pull"
            await asyncio.to_thread(program.stop)
            assert "Traceback" not in program.log()
        finally:
            program.close()
