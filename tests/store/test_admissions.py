"""Links to the admin pages work once, and sessions end, whichever host looks."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from syndicator.store import admissions
from syndicator.store.schema import admissions as table

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
SOON, LATER = NOW + timedelta(minutes=15), NOW + timedelta(hours=12)


async def test_a_link_is_used_once_even_by_many_at_a_time(store):
    async with store.write() as conn:
        await admissions.admit(conn, "a", now=NOW, until=SOON)

    async def use() -> bool:
        async with store.write() as conn:
            return await admissions.enter(conn, "a", now=NOW, until=LATER)

    assert sorted(await asyncio.gather(*(use() for _ in range(5)))) == [False] * 4 + [True]
    async with store.read() as conn:
        assert not await admissions.is_unused(conn, "a", now=NOW)
        assert await admissions.is_inside(conn, "a", now=LATER - timedelta(seconds=1))
        assert not await admissions.is_inside(conn, "a", now=LATER)


async def test_a_link_is_no_session_and_ends(store):
    async with store.write() as conn:
        await admissions.admit(conn, "a", now=NOW, until=SOON)
        assert await admissions.is_unused(conn, "a", now=NOW)
        assert not await admissions.is_inside(conn, "a", now=NOW)
        assert not await admissions.is_unused(conn, "a", now=SOON)
        assert not await admissions.enter(conn, "a", now=SOON, until=LATER)
        assert not await admissions.enter(conn, "b", now=NOW, until=LATER)


async def test_leaving_ends_one_and_closing_all(store):
    async with store.write() as conn:
        for name in "abcd":
            await admissions.admit(conn, name, now=NOW, until=SOON)
        for name in "abc":
            await admissions.enter(conn, name, now=NOW, until=LATER)
        assert await admissions.inside(conn, now=NOW) == 3
        await admissions.leave(conn, "a", now=NOW)
        assert not await admissions.is_inside(conn, "a", now=NOW)
        assert await admissions.is_inside(conn, "b", now=NOW)
        await admissions.close(conn, now=NOW)
        assert await admissions.inside(conn, now=NOW) == 0
        assert not await admissions.is_unused(conn, "d", now=NOW)


async def test_what_is_long_over_goes(store):
    async with store.write() as conn:
        await admissions.admit(conn, "a", now=NOW, until=SOON)
        await admissions.admit(conn, "b", now=SOON + timedelta(hours=25), until=LATER)
        assert await conn.scalar(select(func.count()).select_from(table)) == 1
