"""SQLite's driver: rows, counts and errors arrive as from sqlite3 itself, by one trip to its thread."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import exc, text

from syndicator.store import driver
from syndicator.store.dialect import engines

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncEngine


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    writer, reader = engines(f"sqlite+aiosqlite:///{tmp_path}/a.db")
    async with writer.begin() as conn:
        await conn.execute(text("CREATE TABLE t (n INTEGER PRIMARY KEY, word TEXT UNIQUE)"))
    yield writer
    await writer.dispose()
    await reader.dispose()


async def test_rows_counts_and_numbers_are_those_of_the_statement(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        many = [{"word": word} for word in ("fog", "quay", "salt")]
        assert (await conn.execute(text("INSERT INTO t (word) VALUES (:word)"), many)).rowcount == 3
        one = await conn.execute(text("INSERT INTO t (word) VALUES ('tide')"))
        assert one.lastrowid == 4
        new = await conn.execute(text("INSERT INTO t (word) VALUES ('rope') RETURNING n, word"))
        assert [tuple(row) for row in new] == [(5, "rope")]
        assert (await conn.execute(text("UPDATE t SET word = word || 's' WHERE n > 3"))).rowcount == 2
        found = await conn.execute(text("SELECT word FROM t ORDER BY n"))
        assert list(found.keys()) == ["word"]
        assert found.scalars().all() == ["fog", "quay", "salt", "tides", "ropes"]
        assert (await conn.execute(text("SELECT n FROM t WHERE n > 9"))).all() == []


async def test_errors_are_the_drivers_and_the_connection_stays_usable(engine: AsyncEngine) -> None:
    with pytest.raises(exc.IntegrityError):
        async with engine.begin() as conn:
            await conn.execute(text("INSERT INTO t (word) VALUES ('fog'), ('fog')"))
    async with engine.connect() as conn:
        with pytest.raises(exc.OperationalError, match="no such table"):
            await conn.execute(text("SELECT * FROM nowhere"))
        assert (await conn.execute(text("SELECT count(*) FROM t"))).scalar_one() == 0


async def test_a_statement_is_one_trip(tmp_path: Path) -> None:
    connection = await driver.connect(str(tmp_path / "b.db"))
    asked: list[Any] = []
    put = connection._tx.put_nowait
    connection._tx = Counting(put, asked)  # type: ignore[assignment]
    try:
        cursor = await connection.cursor().__aenter__()
        await cursor.execute("SELECT 1 UNION SELECT 2")
        assert await cursor.fetchall() == [(1,), (2,)]
        await cursor.close()
        assert len(asked) == 1
        with pytest.raises(sqlite3.OperationalError):
            await cursor.execute("SELEC")
    finally:
        await connection.close()


class Counting:
    """A queue's entrance that notes who comes by."""

    def __init__(self, put: Any, seen: list[Any]) -> None:
        self._put, self._seen = put, seen

    def put_nowait(self, item: Any) -> None:
        self._seen.append(item)
        self._put(item)
