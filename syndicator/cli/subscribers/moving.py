"""`syndicator subscribers import` and `export`: readers as a CSV file."""

from __future__ import annotations

import csv
import os
import sys
from collections import Counter
from pathlib import Path  # noqa: TC003  typer reads the annotations
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from typing import BinaryIO, TextIO

    from syndicator.cli.subscribers.rows import Rejected
    from syndicator.model import Catalog
    from syndicator.store import Store
    from syndicator.store.roster import Listed

OUTCOMES = ("added", "changed", "known")


def import_(
    ctx: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE.csv", help="Its first line names the columns; - is stdin.")
    ],
    confirmed: Annotated[
        bool, typer.Option("--confirmed", help="All have agreed already: begin at once.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the counts and rejected rows as JSON.")] = False,
) -> None:
    """Add subscribers from a CSV file: address, topics (between spaces), frequency, at, zone, language.

    Only address and topics are needed. A column `state` (pending, active, paused, ended) says it of each row;
    without it rows are pending, or active with --confirmed. A column such as `attr:plan` sets an attribute,
    where it is not empty. Rows that are wrong are told with line, value and remedy, and the others are taken;
    then the exit code is 1.

    Nothing that is there is changed, but for attributes, what was pending and what a reader has not chosen.
    So it may be stopped, mended and repeated.

    Example: `syndicator subscribers import readers.csv --confirmed`
    """
    from syndicator.cli.common import start

    if not start(_import(ctx, file, confirmed=confirmed, json=json)):
        raise typer.Exit(1)


def export(
    ctx: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE.csv", help="Where to write; without it to stdout.")
    ] = None,
) -> None:
    """Write all subscribers as CSV, in the columns that import reads; importing it again changes nothing.

    A reader has a row for each state that their subscriptions are in. The file can be read by its owner
    alone.

    Example: `syndicator subscribers export readers.csv`
    """
    from syndicator.cli.common import say, start

    count = start(_export(ctx, file))
    if file:
        say(f"{file}: {count:,} rows")


async def _import(ctx: typer.Context, file: Path, *, confirmed: bool, json: bool) -> bool:
    """Take the file in, and say how it went; whether all rows were taken."""
    import asyncio

    from syndicator.cli.common import look, print_json, say
    from syndicator.cli.subscribers.rows import read_head

    counts: Counter[str] = Counter()
    rejected: list[Rejected] = []

    def reject(row: Rejected) -> None:
        if json:
            rejected.append(row)
        else:
            say(f"{file}:{row}")
        counts["rejected"] += 1

    try:
        with _opened(file) as opened:
            table = read_head(opened, file)
            for name in table.unknown:
                say(f"  note: column `{name[:70]}` is not read")
            async with look(ctx.obj) as (_, catalog, store):
                rows = _Rows(catalog, store, counts, reject, confirmed=confirmed)
                with _progress(opened) as move:
                    await rows.take(opened, table, move)
    except OSError as error:
        raise typer.BadParameter(f"{file}: {error.strerror}") from error
    except asyncio.CancelledError:
        say("stopped; repeat it, and it goes on with what is missing")
        raise
    finally:
        if counts and not json:
            say(", ".join(f"{counts[name]:,} {name}" for name in (*OUTCOMES, "rejected")))
    if json:
        told = {name: counts[name] for name in OUTCOMES}
        print_json(told | {"rejected": [row.as_dict() for row in rejected]})
    return not counts["rejected"]


def _opened(file: Path) -> Any:
    from contextlib import nullcontext

    return nullcontext(sys.stdin.buffer) if str(file) == "-" else file.open("rb")


def _progress(opened: BinaryIO) -> Any:
    """Show on a terminal how far the file was read; gives a function that is called with the place."""
    from contextlib import contextmanager

    @contextmanager
    def shown() -> Any:
        from rich.console import Console
        from rich.progress import Progress

        from syndicator.cli.subscribers.rows import size_of

        with Progress(
            console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()
        ) as progress:
            task = progress.add_task("importing", total=size_of(opened) or None)
            yield lambda place: progress.update(task, completed=place)

    return shown()


class _Rows:
    """Takes rows in, some at a time, each time in one transaction: stopped anywhere it can be repeated."""

    def __init__(
        self,
        catalog: Catalog,
        store: Store,
        counts: Counter[str],
        reject: Callable[[Rejected], None],
        *,
        confirmed: bool,
    ) -> None:
        from syndicator.clock import utc_now

        self._catalog, self._store, self._counts, self._reject = catalog, store, counts, reject
        self._confirmed, self._now = confirmed, utc_now()
        self._waiting: list[tuple[int, dict[str, str], Listed]] = []

    async def take(self, opened: BinaryIO, table: Any, move: Callable[[int], None]) -> None:
        """Take the whole file in."""
        from syndicator.cli.subscribers.rows import Rejected, read_row, read_rows
        from syndicator.store.roster import AT_ONCE

        for number, cells in read_rows(opened, table):
            if isinstance(cells, Rejected):
                self._reject(cells)
                continue
            try:
                one = read_row(number, cells, self._catalog, confirmed=self._confirmed, now=self._now)
            except Rejected as row:
                self._reject(row)
                continue
            self._waiting.append((number, cells, one))
            if len(self._waiting) == AT_ONCE:
                await self._write()
                move(opened.tell() if opened.seekable() else 0)
        await self._write()

    async def _write(self) -> None:
        from syndicator.cli.subscribers.rows import SHOWN, Rejected
        from syndicator.store import roster

        if not self._waiting:
            return
        async with self._store.write() as conn:
            taken = await roster.take_in(conn, [one for _, _, one in self._waiting], now=self._now)
        for (number, cells, one), each in zip(self._waiting, taken, strict=True):
            if each.outcome != "refused":
                self._counts[each.outcome] += 1
                continue
            remedy = (
                f"syndicator suppressions remove {one.address}, if it may be written to again"
                if each.about == "address"
                else "syndicator subscribers add --again, if they have agreed anew"
            )
            self._reject(Rejected(number, each.about, cells[each.about][:SHOWN], each.problem, remedy))
        self._waiting = []


async def _export(ctx: typer.Context, file: Path | None) -> int:
    from syndicator.cli.common import open_store
    from syndicator.errors import SyndicatorError

    async with open_store(ctx.obj.settings()) as store:
        if file is None:
            return await _write_rows(store, sys.stdout)
        part = file.with_name(f".{file.name}.part")
        try:
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as opened:
                count = await _write_rows(store, opened)
            part.replace(file)
        except OSError as error:
            hint = "name a file in a folder that can be written"
            raise SyndicatorError(f"{file}: {error.strerror}", hint=hint) from error
    return count


async def _write_rows(store: Store, to: TextIO) -> int:
    from syndicator.cli.subscribers.rows import ATTRIBUTE, COLUMNS
    from syndicator.store import attributes, roster

    written, count = csv.writer(to, lineterminator="\n"), 0
    async with store.read() as conn:
        noted = await attributes.names(conn)
        written.writerow((*COLUMNS, *(ATTRIBUTE + name for name in noted)))
        async for one in roster.everybody(conn):
            slot = one.slot
            written.writerow(
                (
                    one.address,
                    " ".join(one.topics),
                    slot.frequency if slot else "",
                    f"{slot.at:%H:%M}" if slot else "",
                    slot.zone if slot else "",
                    one.language,
                    one.format or "",
                    one.state,
                    _time(one.until),
                    *(one.attributes.get(name, "") for name in noted),
                )
            )
            count += 1
    return count


def _time(instant: datetime | None) -> str:
    from syndicator.cli.common import rfc3339

    return rfc3339(instant) or ""
