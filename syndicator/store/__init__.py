"""Rows are the truth: one schema on SQLite and PostgreSQL, one file per noun.

`Store` hands out connections; the functions in the files beside this one take such a connection as their
first argument, so that whoever calls decides what commits together.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from syndicator.store import migrate
from syndicator.store.dialect import engines, translate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncConnection


class Store:
    """A database at an SQLAlchemy address, e.g. `sqlite+aiosqlite:///var/syndicator.db`.

    Errors of the driver come out as `StoreError` with plain words. Close it in the loop that used it.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._writer, self._reader = engines(url)

    async def upgrade(self) -> None:
        """Bring the schema to this program's version; `SchemaTooNew` where it is beyond."""
        async with self.read() as conn:
            if await conn.run_sync(migrate.current) == migrate.HEAD:
                return
        async with self._translated(), self._writer.connect() as conn:
            await conn.run_sync(migrate.upgrade)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection in a transaction that commits at the end, or rolls back on any error."""
        async with self._translated(), self._writer.begin() as conn:
            yield conn

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection that sees one state of the database and writes nothing."""
        async with self._translated(), self._reader.connect() as conn:
            yield conn

    async def close(self) -> None:
        """Close all connections."""
        await self._reader.dispose()
        await self._writer.dispose()

    @asynccontextmanager
    async def _translated(self) -> AsyncIterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            if plain := translate(error):
                raise plain from error
            raise
