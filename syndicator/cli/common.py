"""What commands share: the config folder, an open program, times; and what `terminal` writes."""

from __future__ import annotations

import os
import re
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from syndicator.cli.terminal import print_json, print_table, put, say

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
    from datetime import datetime
    from pathlib import Path

    from syndicator.catalog.edit import Edit
    from syndicator.model import Catalog
    from syndicator.pipeline.parts import Parts
    from syndicator.settings import Settings
    from syndicator.store import Store

__all__ = [
    "Context",
    "Looking",
    "ago",
    "fetch_once",
    "in_force",
    "last_good",
    "look",
    "looking",
    "open_parts",
    "open_standing",
    "open_store",
    "parse_since",
    "parse_time",
    "print_json",
    "print_table",
    "put",
    "rfc3339",
    "say",
    "start",
]


@dataclass(frozen=True, slots=True)
class Context:
    """What the options before the command say."""

    config: Path

    def settings(self, *, sends: bool = False) -> Settings:
        """Read syndicator.yaml; `ConfigError` with every problem of that file.

        Passwords and keys that cannot be read are a problem only for who `sends`: as a rule the service alone
        may read them.
        """
        from syndicator.catalog import load_settings

        return load_settings(self.config, os.environ, unread=None if sends else [])

    def load(self, *, sends: bool = False) -> Edit:
        """Read everything; `ConfigError` with all problems but tests that fail. `sends` as in `settings`."""
        from syndicator.catalog import load_edit

        return load_edit(self.config, os.environ, unread=None if sends else [])


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


@dataclass(frozen=True, slots=True)
class Looking:
    """What a command that looks has open; `troubles` says what of the files is not in force, and why."""

    settings: Settings
    catalog: Catalog
    store: Store
    troubles: Sequence[str] = ()


@asynccontextmanager
async def looking(ctx: Context) -> AsyncIterator[Looking]:
    """Open what a command that looks needs, beside a running daemon too.

    While the files have problems the last good catalog stands in, as it does for the daemon.

    Raises:
        ConfigError: syndicator.yaml itself has problems, or there is no last good catalog.
    """
    settings = ctx.settings()
    async with open_store(settings) as store:
        catalog, troubles = await in_force(ctx, settings, store)
        yield Looking(settings, catalog, store, troubles)


async def in_force(ctx: Context, settings: Settings, store: Store) -> tuple[Catalog, Sequence[str]]:
    """Load the catalog, or the last good one while the files have problems; and say what those are.

    Raises:
        ConfigError: there is none.
    """
    from syndicator.catalog import load_dump
    from syndicator.errors import ConfigError

    last = await last_good(store)
    try:
        standing = ctx.load().settle(last)
    except ConfigError as error:
        if last is None:
            raise
        catalog = load_dump(last, fetch=settings.fetch, config=settings.config, environ=os.environ)
        return catalog, [error.message, "until this is mended, what was last in force counts"]
    return standing.catalog, standing.said()


@asynccontextmanager
async def look(ctx: Context) -> AsyncIterator[tuple[Settings, Catalog, Store]]:
    """Open the same as `looking`; what is not in force is told on stderr."""
    async with looking(ctx) as found:
        for trouble in found.troubles:
            say(trouble)
        yield found.settings, found.catalog, found.store


async def last_good(store: Store) -> str | None:
    """Read the dump of the catalog that was last in force."""
    from syndicator.store import catalogs

    async with store.read() as conn:
        last = await catalogs.latest(conn)
    return last[1] if last else None


@asynccontextmanager
async def open_parts(edit: Edit, clock: Callable[[], datetime] | None = None) -> AsyncIterator[Parts]:
    """Open the whole program for a command that only looks; the catalog is in force in this process only."""
    from syndicator.assembly import assemble
    from syndicator.clock import utc_now

    async with assemble(edit.settings, clock=clock or utc_now) as parts:
        for fault in parts.broken_templates:
            say(f"note: {fault.message}: the packaged one serves")
        await _put_in_force(parts, edit.settle(await last_good(parts.store)).catalog)
        yield parts


@asynccontextmanager
async def open_standing(ctx: Context) -> AsyncIterator[Parts]:
    """Open the whole program, with the last good catalog while the files have problems; they are told.

    Sources are as the files say. Rules are those in force on all hosts: a pull stores nothing by others.
    """
    from dataclasses import replace

    from syndicator.assembly import assemble
    from syndicator.errors import SyndicatorError
    from syndicator.pipeline import catch_up

    settings = ctx.settings()
    async with assemble(settings) as parts:
        catalog, troubles = await in_force(ctx, settings, parts.store)
        for trouble in troubles:
            say(trouble)
        if not await catch_up(parts):
            raise SyndicatorError("this program cannot read the catalog in force", hint="upgrade it")
        if parts.current.stamp.id:
            rules = replace(parts.current.catalog, sources=catalog.sources)
            parts.current = replace(parts.current, catalog=rules)
        else:
            await _put_in_force(parts, catalog)
        yield parts


async def _put_in_force(parts: Parts, catalog: Catalog) -> None:
    from syndicator.match.index import Index
    from syndicator.pipeline.learn import read_learned
    from syndicator.pipeline.parts import Current
    from syndicator.store.catalogs import Stamp

    learned = await read_learned(parts.store)
    stamp = Stamp(0, {topic: one.version for topic, one in learned.items()})
    parts.current = Current(
        catalog=catalog, index=Index(catalog.topics.values()), learned=learned, stamp=stamp
    )


def fetch_once(address: str, ctx: Context, kind: Literal["feed", "page"] = "feed") -> tuple[bytes, str, str]:
    """Fetch an address as the daemon would; give the body, its content type, and where it was found.

    The config says who asks; these commands also work without one. A person asks for it, once: robots.txt
    is not.

    Raises:
        ParseError: it could not be fetched; the kind is the fetcher's.
    """
    from pathlib import Path

    from syndicator import __version__
    from syndicator.errors import ConfigError, ParseError
    from syndicator.fetch import Fetcher
    from syndicator.fetch.remedy import hint
    from syndicator.fetch.websub import user_agent
    from syndicator.model import Fetched, FetchFailed, FetchResult, Source, SourceState
    from syndicator.settings import Fetch

    settings = None
    with suppress(ConfigError):
        settings = ctx.settings()
    # Whoever types an address can reach it anyway: the guard against private ones would only be in the way.
    source = Source(name="typed", url=address, kind=kind, allow_private=True)

    agent = user_agent(settings) if settings else f"syndicator/{__version__}"

    async def pull() -> FetchResult:
        async with Fetcher(Fetch(robots=False), user_agent=agent, files_root=Path()) as fetcher:
            return await fetcher.fetch(source, SourceState(name=source.name, url=address))

    result = start(pull())
    if isinstance(result, Fetched):
        return result.body, result.content_type, result.url
    if isinstance(result, FetchFailed):
        raise ParseError(result.kind, result.message, hint=hint(result.message))
    raise ParseError("http", "answered 304 (not modified) to a question without conditions")


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


_SPAN: Final = re.compile(r"([0-9]{1,4})([mhdw])")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_since(text: str, now: datetime) -> datetime:
    """Read when something begins: a time, or how long ago, such as 3d, 12h or 2w."""
    from datetime import timedelta

    import typer

    if found := _SPAN.fullmatch(text.strip()):
        return now - timedelta(**{_UNITS[found[2]]: int(found[1])})
    try:
        return parse_time(text)
    except typer.BadParameter:
        what = f"'{text}' is no time; write 12h, 3d or 2w, or one such as 2026-11-24T07:00:00Z"
        raise typer.BadParameter(what, param_hint="--since") from None


def parse_time(text: str) -> datetime:
    """Read an RFC 3339 time; a `typer.BadParameter` says what is wrong. Without a zone it is UTC."""
    from datetime import UTC, datetime

    import typer

    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"'{text}' is no time; try 2026-11-24T07:00:00Z") from None
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
