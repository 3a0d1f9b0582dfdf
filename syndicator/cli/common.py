"""What commands share: the config folder, an open program, tables, JSON, and the log."""

from __future__ import annotations

import json
import os
import sys
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, MutableMapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from syndicator.model import Catalog
    from syndicator.pipeline.parts import Parts
    from syndicator.settings import Settings
    from syndicator.store import Store


@dataclass(frozen=True, slots=True)
class Context:
    """What the options before the command say."""

    config: Path

    def settings(self) -> Settings:
        """Read syndicator.yaml; `ConfigError` with every problem of that file."""
        from syndicator.catalog import load_settings

        return load_settings(self.config, os.environ)

    def load(self) -> tuple[Settings, Catalog, str]:
        """Read everything: settings, catalog, and the catalog's text; `ConfigError` with all problems."""
        from syndicator.catalog import dump, load_all

        settings, catalog = load_all(self.config, os.environ)
        return settings, catalog, dump(self.config)


def start(main: Coroutine[Any, Any, Any]) -> Any:
    """Run a command's coroutine to its end."""
    import asyncio

    return asyncio.run(main)


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[Store]:
    """Open the database alone, upgraded; fine beside a running daemon."""
    from syndicator.store import Store

    store = Store(settings.database_url)
    try:
        await store.upgrade()
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def look(ctx: Context) -> AsyncIterator[tuple[Settings, Catalog, Store]]:
    """Open what a command that looks needs, beside a running daemon too.

    While the files have problems they are told on stderr, and the last good catalog stands in, as it does
    for the daemon.

    Raises:
        ConfigError: syndicator.yaml itself has problems, or there is no last good catalog.
    """
    from syndicator.catalog import load_dump
    from syndicator.errors import ConfigError
    from syndicator.store import catalogs

    settings = ctx.settings()
    async with open_store(settings) as store:
        try:
            catalog = ctx.load()[1]
        except ConfigError as error:
            async with store.read() as conn:
                last = await catalogs.latest(conn)
            if last is None:
                raise
            say(f"{error.message}\nuntil this is mended, what was last in force counts")
            catalog = load_dump(last[1], fetch=settings.fetch, config=settings.config, environ=os.environ)
        yield settings, catalog, store


@asynccontextmanager
async def open_parts(
    settings: Settings, catalog: Catalog, clock: Callable[[], datetime] | None = None
) -> AsyncIterator[Parts]:
    """Open the whole program for a command that only looks; the catalog is in force in this process only."""
    from syndicator.assembly import assemble
    from syndicator.clock import utc_now
    from syndicator.match.index import Index
    from syndicator.pipeline.parts import Current

    async with assemble(settings, clock=clock or utc_now) as parts:
        parts.current = Current(catalog=catalog, index=Index(catalog.topics.values()))
        yield parts


def fetch_once(address: str, ctx: Context) -> tuple[bytes, str, str]:
    """Fetch an address as the daemon would; give the body, its content type, and where it was found.

    The config says who asks; these commands also work without one.

    Raises:
        ParseError: it could not be fetched; the kind is the fetcher's.
    """
    from pathlib import Path

    from syndicator import __version__
    from syndicator.errors import ConfigError, ParseError
    from syndicator.fetch import Fetcher
    from syndicator.fetch.websub import user_agent
    from syndicator.model import Fetched, FetchFailed, FetchResult, Source, SourceState
    from syndicator.settings import Fetch

    settings = None
    with suppress(ConfigError):
        settings = ctx.settings()
    # Whoever types an address can reach it anyway: the guard against private ones would only be in the way.
    source = Source(name="typed", url=address, allow_private=True)

    agent = user_agent(settings) if settings else f"syndicator/{__version__}"

    async def pull() -> FetchResult:
        async with Fetcher(Fetch(), user_agent=agent, files_root=Path()) as fetcher:
            return await fetcher.fetch(source, SourceState(name=source.name, url=address))

    result = start(pull())
    if isinstance(result, Fetched):
        return result.body, result.content_type, result.url
    if isinstance(result, FetchFailed):
        raise ParseError(result.kind, result.message)
    raise ParseError("http", "answered 304 (not modified) to a question without conditions")


def print_json(value: Any) -> None:
    """Write a value as JSON on stdout."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, empty: str) -> None:
    """Write rows as a table on stdout; `empty` goes to stderr where there is none.

    Columns whose name ends in `#` hold numbers and are aligned to the right.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from syndicator.controls import without_controls

    listed = list(rows)
    if not listed:
        say(empty)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column.rstrip("#"), justify="right" if column.endswith("#") else "left")
    for row in listed:
        table.add_row(*(Text(without_controls(cell)) for cell in row))
    console = Console(width=None if sys.stdout.isatty() else 200, highlight=False)
    console.print(table)


def say(words: str) -> None:
    """Write words for a person, on stderr; strangers' words among them steer no terminal."""
    from syndicator.controls import without_controls

    sys.stderr.write(without_controls(words) + "\n")


def rfc3339(instant: datetime | None) -> str | None:
    """Write an instant as RFC 3339 in UTC, to the second."""
    return instant.isoformat(timespec="seconds").replace("+00:00", "Z") if instant else None


def ago(instant: datetime | None, now: datetime) -> str:
    """Say how long ago or ahead an instant is, in one short word: `5 min ago`, `in 2 h`, `never`."""
    if instant is None:
        return "never"
    seconds = (now - instant).total_seconds()
    size = abs(seconds)
    for limit, unit, name in ((90, 1, "s"), (5400, 60, "min"), (172_800, 3600, "h")):
        if size < limit:
            return _phrase(f"{round(size / unit)} {name}", ahead=seconds < 0)
    return _phrase(f"{round(size / 86_400)} days", ahead=seconds < 0)


def _phrase(span: str, *, ahead: bool) -> str:
    return f"in {span}" if ahead else f"{span} ago"


def configure_log(level: str = "info") -> None:
    """Send log lines to stderr: coloured words on a terminal, key=value lines elsewhere."""
    import logging

    import structlog

    terminal = sys.stderr.isatty()
    renderer: Any = (
        structlog.dev.ConsoleRenderer(colors="NO_COLOR" not in os.environ)
        if terminal
        else structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"])
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%H:%M:%S" if terminal else "iso", utc=not terminal),
            structlog.processors.format_exc_info,
            _plain,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    # Libraries speak through `logging`; only their warnings matter to an admin.
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s"
    )
    logging.getLogger("apscheduler").setLevel(logging.ERROR)


def _plain(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Write instants and tuples as people read them, and drop what is empty."""
    from datetime import datetime

    shown: dict[str, Any] = {}
    for name, value in event.items():
        if value is None or value in ("", ()):
            continue
        if isinstance(value, datetime):
            value = rfc3339(value)  # noqa: PLW2901
        elif isinstance(value, tuple | list):
            value = ",".join(str(item) for item in value)  # noqa: PLW2901
        shown[name] = value
    return shown


def parse_time(text: str) -> datetime:
    """Read an RFC 3339 time; a `typer.BadParameter` says what is wrong. Without a zone it is UTC."""
    from datetime import UTC, datetime

    import typer

    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"'{text}' is no time; try 2026-11-24T07:00:00Z") from None
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
