"""The program's database, asked and filled beside it: quicker than a command for each question."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any

import psycopg

from syndicator.catalog import load_settings
from syndicator.model import Slot
from syndicator.store import Store, subscribers

if TYPE_CHECKING:
    from program import Program

INSTANT = Slot(frequency="instant", at=time(0), zone="UTC")
DAILY = Slot(frequency="daily", at=time(7), zone="UTC")


def rows(program: Program, question: str) -> list[tuple[Any, ...]]:
    """Ask the database beside the program; nothing where there is no such table yet."""
    address = program.settings["database"]
    if address == "sqlite":
        path = program.folder / "var" / "syndicator.db"
        with (
            contextlib.suppress(sqlite3.OperationalError),
            contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as conn,
        ):
            return conn.execute(question).fetchall()
        return []
    with contextlib.suppress(psycopg.errors.UndefinedTable), psycopg.connect(address) as conn:
        return conn.execute(question).fetchall()
    return []


def count(program: Program, table: str) -> int:
    return sum(row[0] for row in rows(program, f"SELECT count(*) FROM {table}"))


def add_readers(
    program: Program, number: int, *, topic: str = "ships", slot: Slot = DAILY, since: datetime | None = None
) -> None:
    """Add readers as `subscribers add --confirmed` would, all in one transaction."""

    async def add() -> None:
        store = Store(load_settings(program.config, {}).database_url)
        await store.upgrade()
        now = since or datetime.now(UTC)
        async with store.write() as conn:
            for i in range(number):
                id_ = await subscribers.put(conn, f"r{i}@reader.example", language="", slot=slot, now=now)
                await subscribers.subscribe(conn, id_, [topic], state="active", now=now)
        await store.close()

    asyncio.run(add())
