"""What the flood guard measures a pull by."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from shelf import NOW, article

from syndicator.store import arrivals, articles

if TYPE_CHECKING:
    from syndicator.store import Store

DAY = timedelta(days=1)


async def put(store: Store, *counts: tuple[float, int]) -> None:
    for days, count in counts:
        found = [article(f"{days}-{n}") for n in range(count)]
        async with store.write() as conn:
            await articles.upsert(conn, "wire", found, now=NOW + days * DAY)


async def habit(store: Store, days: float) -> tuple[int, float]:
    async with store.read() as conn:
        return await arrivals.busiest_and_daily(conn, "wire", now=NOW + days * DAY)


async def test_the_first_pull_and_this_one_do_not_count(store: Store) -> None:
    assert await habit(store, 0) == (0, 0)
    await put(store, (0, 50))
    assert await habit(store, 0) == (0, 0)
    assert await habit(store, 1) == (0, 0)
    await put(store, (1, 4), (2, 6), (4, 100))
    assert await habit(store, 4) == (6, pytest.approx(10 / 4))


async def test_a_day_is_measured_by_the_last_month(store: Store) -> None:
    await put(store, (0, 50), (5, 70), (40, 3))
    assert await habit(store, 60) == (3, pytest.approx(3 / 30)), "70 may have been a flood"


async def test_issues_of_a_journal_are_its_habit_for_a_year(store: Store) -> None:
    await put(store, (0, 5), (10, 45), (100, 45), (190, 2))
    assert await habit(store, 280) == (45, 0)
    assert (await habit(store, 500))[0] == 0, "a single pull of long ago"


async def test_the_first_issue_is_the_fullest_day_of_the_first_pull(store: Store) -> None:
    dates = [NOW - DAY] * 7 + [NOW - 2 * DAY] * 3 + [None] * 20
    async with store.write() as conn:
        found = [article(f"first-{n}", published_at=at) for n, at in enumerate(dates)]
        await articles.upsert(conn, "wire", found, now=NOW)
    assert await habit(store, 7) == (7, 0)
    assert await habit(store, 400) == (0, 0)


async def test_an_installation_is_settled_after_a_day(store: Store) -> None:
    async def settled(days: float) -> bool:
        async with store.read() as conn:
            return await arrivals.is_settled(conn, now=NOW + days * DAY)

    assert not await settled(9)
    await put(store, (0, 1), (8, 1))
    assert [await settled(days) for days in (0, 0.9, 1.1, 9)] == [False, False, True, True]
