"""Works side by side: a fault in one harms no other, and none is left running behind."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from syndicator.errors import StoreError
from syndicator.pipeline.parts import Summary, giving_back, together


async def work(seconds: float, done: list[float], fault: BaseException | None = None) -> Summary:
    await asyncio.sleep(seconds)
    if fault:
        raise fault
    done.append(seconds)
    return Summary(pulled=1)


async def test_a_fault_is_logged_and_the_others_count():
    done: list[float] = []
    with capture_logs() as said:
        total = await together([work(0.02, done), work(0, done, KeyError("ours")), work(0.01, done)])
    assert total == Summary(pulled=2)
    assert done == [0.01, 0.02], "nobody was left behind"
    assert [line["event"] for line in said] == ["a fault of ours"]


async def test_being_cancelled_cancels_all():
    done: list[float] = []
    task = asyncio.create_task(together([work(0.05, done), work(0.05, done)]))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(0.1)
    assert done == []


def test_what_is_owed_is_owed_until_it_was_given_back():
    now = datetime(2026, 11, 24, tzinfo=UTC)
    owed = {"ripe": now, "later": now + timedelta(seconds=1)}
    with pytest.raises(StoreError), giving_back(owed, now) as ripe:
        raise StoreError("locked")
    assert set(owed) == {"ripe", "later"}
    with giving_back(owed, now) as ripe:
        assert ripe == ["ripe"]
    assert set(owed) == {"later"}
