from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from syndicator.fetch.lanes import Lanes, Paused

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


async def crowd(lanes: Lanes, hosts: list[str]) -> tuple[int, dict[str, int]]:
    """Send one visitor to each of `hosts`; return the most at once, in all and by host."""
    inside: list[str] = []
    most, by_host = 0, dict.fromkeys(hosts, 0)

    async def visit(host: str) -> None:
        nonlocal most
        async with lanes.enter(host):
            inside.append(host)
            most = max(most, len(inside))
            by_host[host] = max(by_host[host], inside.count(host))
            for _ in range(3):
                await asyncio.sleep(0)
            inside.remove(host)

    await asyncio.gather(*(visit(host) for host in hosts))
    return most, by_host


async def test_limits_in_all_and_by_host() -> None:
    lanes = Lanes(total=5, per_host=2)
    assert await crowd(lanes, ["a"] * 9 + ["b"] * 9 + ["c"] * 9) == (5, {"a": 2, "b": 2, "c": 2})


async def test_a_queue_for_one_host_takes_no_turn_from_others() -> None:
    lanes = Lanes(total=3, per_host=2)
    reached = asyncio.Event()

    async def slow() -> None:
        async with lanes.enter("slow"):
            await reached.wait()

    async def quick() -> None:
        async with lanes.enter("quick"):
            reached.set()

    async with asyncio.timeout(5):
        await asyncio.gather(*(slow() for _ in range(10)), quick())


async def test_hosts_are_forgotten_also_after_errors_and_cancellation() -> None:
    lanes = Lanes(total=1, per_host=1)
    with pytest.raises(ZeroDivisionError):
        async with lanes.enter("a"):
            raise ZeroDivisionError
    async with lanes.enter("a"):
        waiting = [asyncio.create_task(crowd(lanes, [host])) for host in ("a", "b")]
        while len(lanes) < 2:
            await asyncio.sleep(0)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    assert len(lanes) == 0
    assert await crowd(lanes, ["a", "b"]) == (1, {"a": 1, "b": 1})
    assert len(lanes) == 0


async def begin(lanes: Lanes, host: str, spacing: float, begun: list[float]) -> None:
    async with lanes.enter(host, spacing=timedelta(seconds=spacing)):
        begun.append(asyncio.get_running_loop().time())


async def test_requests_to_one_host_begin_apart() -> None:
    lanes, begun = Lanes(total=9, per_host=4), list[float]()
    await asyncio.gather(*(begin(lanes, "a", 0.05, begun) for _ in range(6)))
    await begin(lanes, "a", 0.05, begun)  # also where nobody waited
    assert all(later - earlier >= 0.049 for earlier, later in pairwise(begun))


async def test_who_waits_for_spacing_takes_no_turn_from_others() -> None:
    lanes, others = Lanes(total=1, per_host=9), list[float]()
    async with asyncio.timeout(5):
        waiting = [asyncio.create_task(begin(lanes, "slow", 60, [])) for _ in range(5)]
        await asyncio.sleep(0)
        for n in range(20):
            await begin(lanes, f"quick{n}", 0, others)
    assert len(others) == 20
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_a_lane_is_forgotten_when_its_spacing_is_over() -> None:
    lanes = Lanes(total=1, per_host=1)
    await begin(lanes, "a", 0.02, [])
    assert len(lanes) == 1
    await asyncio.sleep(0.05)
    assert len(lanes) == 0


async def test_a_pause_turns_away_also_those_who_wait() -> None:
    now = [NOW]
    lanes = Lanes(total=9, per_host=1, clock=lambda: now[0])
    async with lanes.enter("a"):
        waiting = [asyncio.create_task(begin(lanes, "a", 0, [])) for _ in range(3)]
        await asyncio.sleep(0)
        lanes.pause("a", NOW + HOUR)
        lanes.pause("a", NOW + HOUR / 2)  # shortens nothing
    for turned in await asyncio.gather(*waiting, return_exceptions=True):
        assert isinstance(turned, Paused)
        assert turned.left == HOUR
    await begin(lanes, "b", 0, [])
    now[0] = NOW + HOUR
    await begin(lanes, "a", 0, [])


async def test_a_pause_that_a_wrong_clock_has_set_does_not_last() -> None:
    now = [NOW + 60 * 365 * 24 * HOUR]
    lanes = Lanes(total=1, per_host=1, clock=lambda: now[0])
    lanes.pause("a", now[0] + HOUR)
    now[0] = NOW
    await begin(lanes, "a", 0, [])
