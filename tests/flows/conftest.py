"""The whole program, on each database."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from program import Program
from stalling import StallingServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def program(tmp_path: Path, database_url: str, sqlite_pattern: Path) -> Iterator[Program]:
    """On SQLite and on PostgreSQL."""
    made = Program(tmp_path, database=database_url)
    if database_url.startswith("sqlite"):
        prepare(made, sqlite_pattern)
    yield made
    made.close()


@pytest.fixture
def embedded(tmp_path: Path, sqlite_pattern: Path) -> Iterator[Program]:
    """On SQLite alone, for what does not touch the database."""
    made = Program(tmp_path)
    prepare(made, sqlite_pattern)
    yield made
    made.close()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Program]:
    """On SQLite, with no database yet."""
    made = Program(tmp_path)
    yield made
    made.close()


def prepare(program: Program, pattern: Path) -> None:
    """Give a program the schema, so that it need not make it."""
    (program.folder / "var").mkdir()
    shutil.copyfile(pattern, program.folder / "var" / "syndicator.db")


@pytest.fixture
def stalling() -> Iterator[StallingServer]:
    """A mail server that keeps silent where it is told to: `stalling.box.stall_at("RCPT")`."""
    with StallingServer() as server:
        yield server
