from __future__ import annotations

import asyncio

import pytest

from syndicator.fetch.lanes import Lanes


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
