"""Deliveries and lanes together, with real rows and a real server: fair turns, limits, alarms, restarts."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from deliver.smtp_script import POLITE, ScriptedServer
from sqlalchemy import update

from syndicator import pipeline
from syndicator.assembly import assemble
from syndicator.daemon import TICKS
from syndicator.deliver.lanes.board import ALL, relay_lane
from syndicator.errors import StoreError
from syndicator.model import Edition, Sign
from syndicator.pipeline import lanes as pipeline_lanes
from syndicator.pipeline.destinations import look
from syndicator.post import Post
from syndicator.reload import Reloader
from syndicator.settings import Allowance, Mail, Quiet, Relay, Settings, WarmUp
from syndicator.store import deliveries, editions, lanes, notices, subscribers, transactional
from syndicator.store.schema import deliveries as table
from syndicator.workers import Workers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from syndicator.pipeline.parts import Parts

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PIPELINING = {"EHLO": POLITE["EHLO"].replace("250-SIZE", "250-PIPELINING\r\n250-SIZE")}


class House:
    """A program with a mail server; `now` is its time. It may be opened again on the same database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = NOW

    def settings(self, mail: Mail) -> Settings:
        return Settings(config=self.folder, root=self.folder, state=self.folder, mail=mail)

    def open(self, server: ScriptedServer, **keys: Any) -> Any:
        mail = Mail(
            transport="smtp", host=server.host, port=server.port, connections=1, sender="n@a.example",
            timeout=timedelta(seconds=20),
        )  # fmt: skip
        return assemble(self.settings(replace(mail, **keys)), clock=lambda: self.now)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    async with ScriptedServer(PIPELINING) as made:
        yield made


async def plan(parts: Parts, **counts: int) -> None:
    """Plan an edition for so many readers at DOMAIN.example, those of the first domain first."""
    edition = Edition(
        id="e1", slot="daily@07:00@UTC", subject="S", html="<p>", text="t", topics=("ships",),
        language="en", articles=1, created_at=NOW,
    )  # fmt: skip
    async with parts.store.write() as conn:
        await editions.add(conn, 1, edition)
        for domain, count in counts.items():
            readers = []
            for number in range(count):
                address = f"r{number}@{domain}.example"
                id_ = await subscribers.put(conn, address, language="", slot=None, now=NOW)
                await subscribers.subscribe(conn, id_, ["ships"], state="active", now=NOW)
                readers.append((id_, address))
            await deliveries.plan(conn, edition.id, readers, now=NOW)


async def sent(parts: Parts) -> Counter[str]:
    """Count what was accepted, by domain."""
    async with parts.store.read() as conn:
        found = await deliveries.list_all(conn, state="accepted")
    return Counter(each.address.rpartition("@")[2].removesuffix(".example") for each in found)


async def alarms(parts: Parts) -> list[str]:
    async with parts.store.read() as conn:
        return [each.text for each in await notices.list_open(conn) if each.kind == "lane"]


async def test_a_slow_destination_stands_in_nobodys_way(house: House, server: ScriptedServer) -> None:
    limits = {"slow.example": Allowance(per_minute=12)}
    async with house.open(server, domains=limits) as parts:
        await plan(parts, slow=60, any=5)
        assert (await pipeline.deliver(parts, limit=4)).sent == 4
        assert (await sent(parts)) == {"slow": 2, "any": 2}, "the first batch looked beyond all of them"
        for _ in range(4):
            await pipeline.deliver(parts, limit=4)
        assert (await sent(parts)) == {"slow": 2, "any": 5}
        async with parts.store.read() as conn:
            assert await lanes.queued(conn, "slow.example") == 58
            waiting = await deliveries.list_all(conn, state="planned")
        assert {each.attempts for each in waiting} == {0}
        house.now += MINUTE / 2
        assert (await pipeline.deliver(parts)).sent == 2
    async with house.open(server) as parts:  # the limit is gone from the config: nobody is forgotten
        assert (await pipeline.deliver(parts)).sent == 56


async def test_a_limit_holds_however_far_behind_letters_stand(
    house: House, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("syndicator.pipeline.lanes.PEEKS", 1)
    async with house.open(server, domains={"slow.example": Allowance(per_minute=6)}) as parts:
        await plan(parts, slow=30, any=3)
        assert (await pipeline.deliver(parts, limit=4)).sent == 1
        assert (await pipeline.deliver(parts, limit=4)).sent == 1, "it digs until it finds what may go"
        assert (await pipeline.deliver(parts, limit=4)).sent == 2
        assert await sent(parts) == {"slow": 1, "any": 3}


async def test_a_warm_up_counts_by_the_day_whoever_restarts(house: House, server: ScriptedServer) -> None:
    warm = WarmUp(start=date(2026, 12, 1), per_day=(3, 5))
    async with house.open(server, warm_up=warm) as parts:
        await plan(parts, any=10)
        assert (await pipeline.deliver(parts, limit=2)).sent == 2
    async with house.open(server, warm_up=warm) as parts:
        assert (await pipeline.deliver(parts)).sent == 1
        assert (await pipeline.deliver(parts)).sent == 0
        async with parts.store.read() as conn:
            (all_,) = [each for each in await look(conn, parts.settings.mail, house.now) if each.name == ALL]
        assert all_.said == "* waits until 2026-12-02 00:00:00 UTC: its warm-up lets 3 go today"
        house.now = datetime(2026, 12, 2, tzinfo=UTC)
        assert (await pipeline.deliver(parts)).sent == 5
        assert await alarms(parts) == []
    async with house.open(server) as parts:  # it is gone from the config
        assert (await pipeline.deliver(parts)).sent == 2


async def test_a_pause_and_who_is_not_written_to_take_nothing_of_the_warm_up(house: House) -> None:
    busy = {**PIPELINING, "DOT 3": "421 4.3.2 busy|drop"}
    warm = WarmUp(start=date(2026, 12, 1), per_day=(9,))
    async with ScriptedServer(busy, PIPELINING) as server, house.open(server, warm_up=warm) as parts:
        await plan(parts, any=15)
        async with parts.store.write() as conn:
            await subscribers.suppress(conn, "r0@any.example", "complaint", now=NOW)
        assert (await pipeline.deliver(parts)).sent == 2
        house.now += MINUTE
        assert (await pipeline.deliver(parts)).sent == 6, "the third of the first ones was tried"
        assert (await pipeline.deliver(parts)).sent == 0


async def test_many_lanes_with_limits_leave_a_batch_to_one(house: House, server: ScriptedServer) -> None:
    limits = {f"d{number}.example": Allowance(per_minute=6000) for number in range(60)}
    async with house.open(server, domains=limits) as parts:
        await plan(parts, d7=30)
        assert (await pipeline.deliver(parts, limit=20)).sent == 20
        assert (await pipeline.deliver(parts, limit=20)).sent == 10


async def test_a_pause_is_remembered_though_it_could_not_be_saved(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited = {**PIPELINING, "DOT 2": "421 4.7.28 rate|drop"}
    async with ScriptedServer(limited, PIPELINING) as server, house.open(server) as parts:
        await plan(parts, any=4)
        settle = pipeline_lanes.settle

        async def fail(*args: Any) -> None:
            await settle(*args)
            raise StoreError("the disk is full")

        monkeypatch.setattr(pipeline_lanes, "settle", fail)
        assert (await pipeline.deliver(parts)).sent == 1
        monkeypatch.undo()
        async with parts.store.write() as conn:
            await conn.execute(update(table).where(table.c.state != "accepted").values(due_at=NOW))
        assert (await pipeline.deliver(parts)).sent == 0
        async with parts.store.read() as conn:
            assert [each.sign for each in await lanes.load(conn)] == [Sign.SILENCE]


async def test_quiet_hours_hold_for_whom_a_limit_made_late(house: House, server: ScriptedServer) -> None:
    house.now = NOW.replace(hour=23)
    quiet = Quiet(start=time(22), end=time(6), strict=True)
    async with house.open(server, quiet=quiet) as parts:
        await plan(parts, any=2)
        assert (await pipeline.deliver(parts)).sent == 0
        async with parts.store.read() as conn:
            waiting = await deliveries.list_all(conn, state="planned")
        six = datetime(2026, 12, 2, 6, tzinfo=UTC)
        assert [(each.due_at, each.attempts) for each in waiting] == [(six, 0)] * 2
        house.now = six
        assert (await pipeline.deliver(parts)).sent == 2


async def test_a_clock_that_jumped_ends_no_lane(house: House, server: ScriptedServer) -> None:
    async with house.open(server, domains={"slow.example": Allowance(per_minute=12)}) as parts:
        await plan(parts, slow=9)
        house.now += timedelta(days=3650)
        assert (await pipeline.deliver(parts)).sent == 2
        house.now = NOW
        await pipeline.deliver(parts)
        house.now += MINUTE
        assert (await pipeline.deliver(parts)).sent == 2


async def test_a_pause_outlives_the_process_and_costs_no_attempt(house: House) -> None:
    busy = {**PIPELINING, "MAIL 2": "421 4.7.28 unusual rate|drop"}
    async with ScriptedServer(busy, PIPELINING) as server:
        async with house.open(server) as parts:
            await plan(parts, any=6)
            first = await pipeline.deliver(parts)
            assert (first.sent, first.deferred) == (1, 1)
            async with parts.store.read() as conn:
                waiting = await deliveries.list_all(conn, state="planned")
            assert [each.attempts for each in waiting] == [0] * 4
            assert {each.due_at for each in waiting} == {NOW + 10 * MINUTE}
        house.now += 9 * MINUTE
        async with house.open(server) as parts:
            await pipeline.deliver(parts)
            assert len(server.said) == 1, "another process leaves it alone as well"
            house.now += MINUTE
            assert (await pipeline.deliver(parts)).sent == 5
        assert len(server.said) == 2


async def test_who_refuses_us_is_left_alone_and_somebody_is_told(house: House) -> None:
    spam = {**PIPELINING, "DOT": "550 5.7.1 Message rejected as spam"}
    async with ScriptedServer(spam, PIPELINING) as server, house.open(server) as parts:
        await plan(parts, any=30)
        assert (await pipeline.deliver(parts)).refused == 3
        name = relay_lane(f"{server.host}:{server.port}")
        assert parts.lanes.lane(name).sign == Sign.OURS
        (told,) = await alarms(parts)
        assert "does not take our mail: 550 5.7.1" in told
        async with parts.store.read() as conn:
            assert not await subscribers.suppressed(conn, ["r0@any.example", "r1@any.example"])
        house.now += 61 * MINUTE
        assert (await pipeline.deliver(parts)).sent == 27
        assert await alarms(parts) == [], "it takes our mail again"


async def test_a_server_that_calls_everybody_unknown_is_not_believed(house: House) -> None:
    unknown = {**PIPELINING, "RCPT": "550 5.1.1 User unknown"}
    async with ScriptedServer(unknown) as server, house.open(server) as parts:
        await plan(parts, any=60)
        found = await pipeline.deliver(parts)
        assert (found.refused, found.deferred) == (29, 3)
        (told,) = await alarms(parts)
        assert "it calls most of our readers unknown: 550 5.1.1" in told
        async with parts.store.read() as conn:
            addresses = [f"r{number}@any.example" for number in range(60)]
            assert len(await subscribers.suppressed(conn, addresses)) == 29


@pytest.mark.parametrize("step", ["MAIL", "CONNECT"])
async def test_who_refuses_us_before_a_recipient_is_named_is_not_used(house: House, step: str) -> None:
    reply = "554 5.7.1 Client host blocked using Spamhaus|drop"
    async with ScriptedServer({**PIPELINING, step: reply}) as bad, ScriptedServer(PIPELINING) as good:
        relays = tuple(
            Relay(name=name, host=each.host, port=each.port, connections=1)
            for name, each in (("bad", bad), ("good", good))
        )
        async with house.open(good, relays=relays) as parts:
            await plan(parts, any=20)
            assert (await pipeline.deliver(parts)).sent == 20
            (told,) = await alarms(parts)
            assert told.startswith("relay bad does not take our mail")


async def test_confirmations_have_a_worker_of_their_own(house: House, server: ScriptedServer) -> None:
    facts = dict.fromkeys(("topics", "frequency", "at", "zone", "days", "known"), "")
    facts["url"] = "https://a.example/c"
    async with house.open(server) as parts:
        verbs = Workers(parts, Reloader(parts), Post(parts, print), print).table()
        async with parts.store.write() as conn:
            await transactional.enqueue(
                conn, kind="confirm", address="new@b.example", language="en", subscriber=None,
                facts=facts, now=NOW, until=NOW + timedelta(days=3),
            )  # fmt: skip
        assert not await verbs["deliver"]()
        assert server.messages == [], "a batch of editions may take ten minutes"
        assert await verbs["notify"]()
        assert len(server.messages) == 1
    assert TICKS["notify"] == 5


async def test_relays_with_a_limit_take_their_part_of_a_minute(house: House) -> None:
    async with ScriptedServer(PIPELINING) as one, ScriptedServer(PIPELINING) as two:
        relays = tuple(
            Relay(name=name, host=each.host, port=each.port, per_minute=minute, connections=1)
            for name, each, minute in (("one", one, 12), ("two", two, 24))
        )
        async with house.open(one, relays=relays) as parts:
            await plan(parts, any=20)
            assert (await pipeline.deliver(parts)).sent == 6
            assert (await pipeline.deliver(parts)).sent == 0
            house.now += MINUTE / 6
            assert (await pipeline.deliver(parts)).sent == 6
        assert (len(one.messages), len(two.messages)) == (4, 8)


async def test_what_was_tried_too_long_is_given_up(house: House) -> None:
    server = ScriptedServer({"CONNECT": "421 busy|drop"})
    async with server, house.open(server, give_up=timedelta(hours=1)) as parts:
        await plan(parts, any=3)
        async with parts.store.write() as conn:
            await conn.execute(update(table).values(planned_at=NOW - timedelta(hours=2)))
        assert (await pipeline.deliver(parts)).refused == 1
        async with parts.store.read() as conn:
            untried = await deliveries.list_all(conn, state="planned")
        assert [each.attempts for each in untried] == [0, 0], "the server was never asked about them"
