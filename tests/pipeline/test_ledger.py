"""The ledger of mail, with real rows, when the database fails or whoever waits for it is cancelled."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs
from test_returned import NOW, opened

from syndicator.deliver.transport import Outcome
from syndicator.model import DeliveryStatus
from syndicator.pipeline.deliver import deliver, reap
from syndicator.pipeline.ledger import Beginning, Ending, Ledger
from syndicator.pipeline.outbox import Outbox
from syndicator.pipeline.parts import Summary
from syndicator.store import deliveries, editions, erase, schema, subscribers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from test_returned import Desk

    from syndicator.model import Delivery

LEASE = timedelta(minutes=12)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with opened(tmp_path, "sqlite") as made:
        yield made


async def claimed(desk: Desk, count: int) -> list[Delivery]:
    async with desk.parts.store.write() as conn:
        return await deliveries.claim(conn, now=NOW, lease=LEASE, limit=count)


async def say(desk: Desk, statement: str) -> None:
    async with desk.parts.store.write() as conn:
        await conn.exec_driver_sql(statement)


async def states(desk: Desk) -> list[str]:
    async with desk.parts.store.read() as conn:
        return [each.state.value for each in await deliveries.list_all(conn)]


async def test_what_ended_is_written_though_the_program_stops(desk: Desk) -> None:
    (first,) = await claimed(desk, 1)
    ledger = Ledger(desk.parts, lease=LEASE)
    assert await ledger.step(None, Beginning(first, "m"))
    await say(desk, "ALTER TABLE deliveries RENAME TO away")
    with capture_logs() as told:
        ended = asyncio.create_task(ledger.step(Ending(first, DeliveryStatus.ACCEPTED, "250 kept")))
        while not told:
            await asyncio.sleep(0.01)
        await say(desk, "ALTER TABLE away RENAME TO deliveries")
        desk.parts.stopping.set()
        await ended
    assert (await states(desk))[0] == "accepted"


async def test_who_was_erased_before_the_server_refused_is_not_written_down(desk: Desk) -> None:
    first, second = await claimed(desk, 2)
    async with desk.parts.store.write() as conn:
        await erase.erase(conn, first.address, now=NOW)
    ledger = Ledger(desk.parts, lease=LEASE)
    dead = Outcome(kind="refused", reply="550 5.1.1 unknown", code=550, suppress="user-unknown")
    endings = [Ending(each, DeliveryStatus.REFUSED, dead.reply, refusal=dead) for each in (first, second)]
    await asyncio.gather(*(ledger.step(ending) for ending in endings))
    assert [each.address for each in await desk.listed()] == [second.address]
    async with desk.parts.store.read() as conn:
        assert set(await subscribers.suppressed(conn, [first.address, second.address])) == {second.address}


async def test_a_fault_in_one_harms_no_other(desk: Desk) -> None:
    first, second, third, fourth = await claimed(desk, 4)
    ledger = Ledger(desk.parts, lease=LEASE)
    assert await ledger.step(None, Beginning(first, "m"))
    done = await asyncio.gather(
        ledger.step(Ending(first, DeliveryStatus.ACCEPTED, "250 kept"), Beginning(second, "\ud800")),
        ledger.step(Ending(third, DeliveryStatus.DEFERRED, "\ud800")),
        ledger.step(None, Beginning(fourth, "m")),
        return_exceptions=True,
    )
    assert [type(each) for each in done] == [UnicodeEncodeError, UnicodeEncodeError, bool]
    assert (await states(desk))[:4] == ["accepted", "leased", "leased", "sending"]


async def test_a_lease_that_was_lost_stops_no_other(desk: Desk) -> None:
    first, second, third = await claimed(desk, 3)
    ledger = Ledger(desk.parts, lease=LEASE)
    assert await ledger.step(None, Beginning(first, "m"))
    lost = replace(second, fence=second.fence - 1)
    with capture_logs() as told:
        done = await asyncio.gather(
            ledger.step(Ending(first, DeliveryStatus.ACCEPTED, "250 kept"), Beginning(lost, "m")),
            ledger.step(None, Beginning(third, "m")),
        )
    assert (done, told) == ([False, True], [])
    assert (await states(desk))[:3] == ["accepted", "leased", "sending"]


async def test_who_was_told_that_it_failed_is_not_begun_later(desk: Desk) -> None:
    first, second, third = await claimed(desk, 3)
    ledger = Ledger(desk.parts, lease=LEASE)
    steps = []
    for each in (first, second):
        steps.append(asyncio.create_task(ledger.step(None, Beginning(each, "m"))))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    (writer,) = (task for task in asyncio.all_tasks() if task.get_name() == "ledger")
    writer.cancel()
    assert [type(each) for each in await asyncio.gather(*steps, return_exceptions=True)] == [
        asyncio.CancelledError
    ] * 2
    assert await ledger.step(None, Beginning(third, "m"))
    assert (await states(desk))[1:3] == ["leased", "sending"]


async def outbox_of(desk: Desk, count: int, **keys: object) -> Outbox:
    settings = desk.parts.settings
    desk.parts.settings = replace(settings, mail=replace(settings.mail, **keys))
    async with desk.parts.store.read() as conn:
        edition = await editions.get(conn, "e1")
    assert edition
    return Outbox(desk.parts, await claimed(desk, count), {"e1": edition}, {})


@pytest.mark.parametrize("ticks", [1, 2, 20])
async def test_who_is_cancelled_before_the_first_byte_has_sent_nothing(desk: Desk, ticks: int) -> None:
    outbox = await outbox_of(desk, 2, uncertain="hold")
    first, second = outbox.next(), outbox.next()
    assert first
    assert second
    assert await outbox.begin(first, None)
    ended = Outcome(kind="accepted", reply="250 kept")
    lane = asyncio.create_task(outbox.begin(second, (first, ended)))
    for _ in range(ticks):
        await asyncio.sleep(0)
    lane.cancel()
    with pytest.raises(asyncio.CancelledError):
        await lane
    await outbox.close()
    assert outbox.untouched == []
    assert (await states(desk))[:2] == ["accepted", "planned"]
    desk.moment += timedelta(days=1)
    assert await reap(desk.parts, everything=True) == (0, 0), "nobody waits for an admin"
    again = await claimed(desk, 5)
    assert [(each.id, each.attempts) for each in again if each.id <= 2] == [(2, 0)]


async def test_a_lease_outlasts_the_dialogue(desk: Desk) -> None:
    outbox = await outbox_of(desk, 1, timeout=timedelta(hours=1))
    letter = outbox.next()
    assert letter
    assert await outbox.begin(letter, None)
    async with desk.parts.store.read() as conn:
        table = schema.deliveries
        until = (
            await conn.execute(select(table.c.lease_until).where(table.c.state == "sending"))
        ).scalar_one()
    assert until >= NOW + timedelta(hours=2, minutes=10)
    await outbox.close()


async def test_a_batch_that_cannot_be_gathered_is_given_back(desk: Desk) -> None:
    await say(desk, "ALTER TABLE suppressions RENAME TO away")
    assert await deliver(desk.parts) == Summary()
    assert set(await states(desk)) == {"planned"}
