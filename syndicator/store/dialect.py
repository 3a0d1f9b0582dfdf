"""The only place that knows SQLite from PostgreSQL: engines, upserts, locks, the words of their errors."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, Table, event, exc, literal, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.sql.functions import Function

from syndicator.errors import StoreError
from syndicator.store import driver

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.engine import Connection

BUSY_TIMEOUT_MS = 5_000
PATIENCE = 300  # seconds to wait for a connection: a batch of pulls may queue for the one writer
STORY_LOCK = 0x73796E73
LANE_LOCK = 0x73796E6C
ARRIVAL_LOCK = 0x73796E64  # any constant that is ours: PostgreSQL's advisory locks are numbers

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",  # readers never wait for the writer
    "PRAGMA synchronous=FULL",  # a commit survives a power cut
    f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}",
    "PRAGMA foreign_keys=ON",
)


def engines(url: str) -> tuple[AsyncEngine, AsyncEngine]:
    """Make the engines for writing and for reading; nothing is connected yet.

    SQLite gets one writer, whose transactions begin IMMEDIATE (a deferred one that turns into a writer
    fails at once instead of waiting), and a pool of readers that cannot write. PostgreSQL gets one pool.
    """
    try:
        make_url(url)
    except (ValueError, ArgumentError):  # the message would hold the password
        raise StoreError(
            "database: its address cannot be read", hint="write postgresql://USER:PASSWORD@HOST:PORT/NAME"
        ) from None
    if make_url(url).get_backend_name() == "postgresql":
        engine = create_async_engine(
            url, pool_size=10, max_overflow=10, pool_pre_ping=True, pool_timeout=PATIENCE
        )
        return engine, engine
    if path := make_url(url).database:
        try:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise translate(error) or error from error
        _keep_private(Path(path))
    writer = create_async_engine(url, pool_size=1, max_overflow=0, pool_timeout=PATIENCE)
    reader = create_async_engine(url, pool_size=4, max_overflow=4)
    _prepare_sqlite(writer, begin="BEGIN IMMEDIATE", pragmas=SQLITE_PRAGMAS)
    _prepare_sqlite(reader, begin="BEGIN", pragmas=(*SQLITE_PRAGMAS[2:], "PRAGMA query_only=ON"))
    return writer, reader


def _keep_private(path: Path) -> None:
    """Keep the addresses of readers from other accounts of this machine; a group may be let in by hand.

    SQLite gives the files beside it (-wal, -shm) the mode of the database. What cannot be done here SQLite
    will meet again, and say.
    """
    if path.name == ":memory:":
        return
    with suppress(OSError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    for each in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
        with suppress(OSError):
            if each.stat().st_mode & 0o007:
                each.chmod(0o600)


def _prepare_sqlite(engine: AsyncEngine, *, begin: str, pragmas: tuple[str, ...]) -> None:
    @event.listens_for(engine.sync_engine, "do_connect")
    def connect(dialect: Any, _record: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        return dialect.loaded_dbapi.connect(*arguments, async_creator_fn=driver.connect, **named)

    @event.listens_for(engine.sync_engine, "connect")
    def connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions on its own
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def began(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


def insert(conn: AsyncConnection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Begin an INSERT that knows ON CONFLICT, in this connection's dialect."""
    return postgresql.insert(table) if conn.dialect.name == "postgresql" else sqlite.insert(table)


def position(conn: AsyncConnection, column: ColumnElement[str], needle: str) -> ColumnElement[int]:
    """Find a string in a column as it stands, character by character: from 1 on, 0 for none."""
    name = "strpos" if conn.dialect.name == "postgresql" else "instr"
    found: ColumnElement[int] = Function(name, column, literal(needle), type_=Integer())
    return found


async def limit_time(conn: AsyncConnection, seconds: float) -> None:
    """End statements of this transaction that take longer, with a StoreError; SQLite has no such limit."""
    if conn.dialect.name == "postgresql":
        await conn.execute(text(f"SET LOCAL statement_timeout = {int(seconds * 1000)}"))


async def lock_arrivals(conn: AsyncConnection, *, exclusive: bool) -> None:
    """Order arrivals and cuts until this transaction ends.

    Match numbers are given before they can be seen: a cut at the highest visible number could pass by a
    lower one that commits later, and its article would never be mailed. So who inserts matches holds this
    lock shared, who cuts a window holds it exclusively. SQLite's single writer needs nothing.
    """
    if conn.dialect.name == "postgresql":
        call = "pg_advisory_xact_lock" if exclusive else "pg_advisory_xact_lock_shared"
        await conn.execute(text(f"SELECT {call}({ARRIVAL_LOCK})"))


async def lock_stories(conn: AsyncConnection) -> None:
    """Let nobody else group articles until this transaction ends: two that tell one story must meet.

    Take it after `lock_arrivals`, and before any row that other pulls write too.
    """
    if conn.dialect.name == "postgresql":
        await conn.execute(text(f"SELECT pg_advisory_xact_lock({STORY_LOCK})"))


async def lock_lanes(conn: AsyncConnection) -> None:
    """Let nobody else count letters or write lanes until this transaction ends.

    A lane that nobody has counted yet has no row to lock, and rows that two hosts lock in two orders lock
    both hosts.
    """
    if conn.dialect.name == "postgresql":
        await conn.execute(text(f"SELECT pg_advisory_xact_lock({LANE_LOCK})"))


REMEDIES = (  # what the driver says, what it means, what to do
    ("database is locked", "another program holds the database", "close other programs that have it open"),
    ("QueuePool limit", "too many wait for the database", "close other programs that have it open"),
    ("disk is full", "the disk is full", "free some space; nothing that was stored is lost"),
    ("disk I/O error", "the disk failed or is full", "check the disk; nothing that was stored is lost"),
    (
        "readonly database",
        "the database cannot be written",
        "check the owner and mode of its file and folder",
    ),
    ("unable to open", "the database cannot be opened", "check that its folder exists and can be written"),
    ("not a database", "the file is not a database", "move it away, or restore a backup"),
    ("statement timeout", "the answer took too long", "ask for less at once"),
    ("malformed", "the database is damaged", "restore a backup"),
    ("connection failed", "the database server does not answer", "check its address and that it runs"),
    ("invalid connection option", "its address has an unknown option", "correct what stands behind the ?"),
    ("connection refused", "the database server does not answer", "check its address and that it runs"),
    ("terminating connection", "the database server is going down", "it is tried again by itself"),
    ("server closed the connection", "the database server went away", "it is tried again by itself"),
)


def translate(error: exc.SQLAlchemyError | OSError) -> StoreError | None:
    """Say in plain words what a driver's error means; None for one that is a fault of ours."""
    if isinstance(error, OSError):
        return StoreError(f"database: {error.strerror or error}", hint="check the disk and its rights")
    if isinstance(error, PoolTimeout):
        return StoreError("database: too much at once, no connection came free", hint="it is tried again")
    if not isinstance(error, exc.DBAPIError | exc.TimeoutError):
        return None
    said = str(getattr(error, "orig", None) or error)
    for words, meaning, remedy in REMEDIES:
        if words in said:
            return StoreError(f"database: {meaning}", hint=remedy)
    if isinstance(error, exc.OperationalError | exc.InterfaceError):
        return StoreError(f"database: {said.splitlines()[0] if said else 'failed'}")
    return None
