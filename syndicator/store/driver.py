"""SQLite's driver with one trip to its thread for a statement: open, execute, fetch, close.

SQLAlchemy asks an asynchronous driver four times for a statement that reads, and each time two threads wait
for each other; for small statements that is half of what they cost. It takes all rows at once anyway.
"""

from __future__ import annotations

import sqlite3
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import aiosqlite

if TYPE_CHECKING:
    from collections.abc import Callable


class _Outcome(NamedTuple):
    """What is left of a statement when its cursor is closed."""

    rows: list[Any]
    description: Any = None
    rowcount: int = -1
    lastrowid: int | None = None


class Connection(aiosqlite.Connection):
    """A connection whose cursors live in its thread, and there no longer than one statement."""

    def cursor(self) -> Cursor:  # type: ignore[override]  # SQLAlchemy enters it, and needs no more
        """Make a cursor; the driver does not hear of it before the first statement."""
        return Cursor(self)


class Cursor:
    """As much of a cursor as SQLAlchemy uses."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._outcome = _Outcome([])
        self.arraysize = 1

    @property
    def description(self) -> Any:
        """The columns of the last statement; None where it gives no rows."""
        return self._outcome.description

    @property
    def rowcount(self) -> int:
        """How many rows the last statement changed."""
        return self._outcome.rowcount

    @property
    def lastrowid(self) -> int | None:
        """The number of the row that was inserted last."""
        return self._outcome.lastrowid

    async def __aenter__(self) -> Cursor:
        return self

    async def execute(self, sql: str, parameters: Any = ()) -> Cursor:
        """Run a statement and take its rows."""
        return await self._run(lambda cursor: cursor.execute(sql, parameters))

    async def executemany(self, sql: str, parameters: Any) -> Cursor:
        """Run a statement for each row of parameters."""
        return await self._run(lambda cursor: cursor.executemany(sql, parameters))

    async def fetchall(self) -> list[Any]:
        """Give the rows, which are here already."""
        return self._outcome.rows

    async def close(self) -> None:
        """Do nothing: it was closed when the statement ended."""

    async def _run(self, statement: Callable[[sqlite3.Cursor], object]) -> Cursor:
        connection = self._connection
        self._outcome = await connection._execute(  # type: ignore[no-untyped-call]
            _whole, connection._conn, statement
        )
        return self


def _whole(connection: sqlite3.Connection, statement: Callable[[sqlite3.Cursor], object]) -> _Outcome:
    cursor = connection.cursor()
    try:
        statement(cursor)
        rows = cursor.fetchall() if cursor.description else []
        return _Outcome(rows, cursor.description, cursor.rowcount, cursor.lastrowid)
    finally:
        cursor.close()


def connect(*arguments: Any, **named: Any) -> Connection:
    """Make a connection, to be awaited; it takes what `sqlite3.connect` takes."""
    connection = Connection(partial(sqlite3.connect, *arguments, **named), iter_chunk_size=64)
    connection._thread.daemon = True  # as SQLAlchemy has it: a forgotten one must not keep the program alive
    return connection
