"""`syndicator suppressions`: addresses that are never written to, with the reasons."""

from __future__ import annotations

import csv
import sys
from pathlib import Path  # noqa: TC003 - typer looks at it
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from syndicator.model import Suppression

app = typer.Typer(help="Suppressions: addresses that are never written to.", no_args_is_help=True)
Address = Annotated[str, typer.Argument(metavar="ADDRESS", help="An e-mail address.")]

COLUMNS: Final = ("address", "reason", "created_at")
MANUAL: Final = "by hand"
MAX_ROWS: Final = 5_000_000


@app.command("list")
def list_(
    ctx: typer.Context,
    reason: Annotated[str, typer.Option(help="Only those with this reason, e.g. complaint.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List suppressed addresses with the reason and since when.

    Example: `syndicator suppressions list --reason complaint`
    """
    from syndicator.cli.common import start

    start(_list(ctx, reason, json=json))


@app.command("add")
def add(
    ctx: typer.Context,
    address: Address,
    reason: Annotated[str, typer.Option(help="Why, in a word or two.")] = MANUAL,
) -> None:
    """Never write to an address again; the first reason stays.

    Example: `syndicator suppressions add anna@example.org --reason "asked by phone"`
    """
    from syndicator.cli.common import start
    from syndicator.cli.subscribers import check_address

    start(_add(ctx, check_address(address), _words(reason)))


@app.command("remove")
def remove(ctx: typer.Context, address: Address) -> None:
    """Let an address be written to again. Subscriptions that have ended stay so.

    Example: `syndicator suppressions remove anna@example.org`
    """
    from syndicator.cli.common import start

    start(_remove(ctx, address))


@app.command("import")
def import_(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="Columns: address, reason, created_at.")],
) -> None:
    """Add addresses from a CSV file; only the column `address` is needed. All or nothing.

    Those that are suppressed already keep their reason. An export of another system does, if its column has
    that name.

    Example: `syndicator suppressions import old-system.csv`
    """
    from syndicator.cli.common import start

    start(_import(ctx, file))


@app.command("export")
def export(ctx: typer.Context) -> None:
    """Write all suppressions to stdout as CSV: address, reason, created_at.

    Example: `syndicator suppressions export > suppressions.csv`
    """
    from syndicator.cli.common import start

    start(_export(ctx))


async def _list(ctx: typer.Context, reason: str, *, json: bool) -> None:
    from syndicator.cli.common import open_store, print_json, print_table, rfc3339
    from syndicator.store import suppressions

    async with open_store(ctx.obj.settings()) as store, store.read() as conn:
        found = [each async for each in suppressions.listing(conn, reason=reason)]
    rows = [(each.address, each.reason, rfc3339(each.created_at) or "") for each in found]
    if json:
        print_json([dict(zip(COLUMNS, row, strict=True)) for row in rows])
        return
    print_table(("address", "reason", "since"), rows, empty="nobody is suppressed")


async def _add(ctx: typer.Context, address: str, reason: str) -> None:
    from syndicator.cli.common import open_store, say
    from syndicator.clock import utc_now
    from syndicator.model import Suppression
    from syndicator.store import suppressions

    one = Suppression(address=address, reason=reason, created_at=utc_now())
    async with open_store(ctx.obj.settings()) as store, store.write() as conn:
        new = await suppressions.add(conn, [one])
    say(f"{address}: {'suppressed' if new else 'was suppressed already'}")


async def _remove(ctx: typer.Context, address: str) -> None:
    from syndicator.cli.common import open_store, say
    from syndicator.errors import NotFound
    from syndicator.store import suppressions

    async with open_store(ctx.obj.settings()) as store, store.write() as conn:
        if not await suppressions.remove(conn, address):
            raise NotFound(f"suppression: there is no {address}", hint="syndicator suppressions list")
    say(f"{address}: may be written to again")


async def _import(ctx: typer.Context, file: Path) -> None:
    from syndicator.cli.common import open_store, say
    from syndicator.clock import utc_now
    from syndicator.store import suppressions

    found = list(_rows(file, utc_now()))
    async with open_store(ctx.obj.settings()) as store, store.write() as conn:
        new = await suppressions.add(conn, found)
    say(f"{new} added, {len(found) - new} known already")


async def _export(ctx: typer.Context) -> None:
    from syndicator.cli.common import open_store, rfc3339
    from syndicator.store import suppressions

    written = csv.writer(sys.stdout, lineterminator="\n")
    written.writerow(COLUMNS)
    async with open_store(ctx.obj.settings()) as store, store.read() as conn:
        async for each in suppressions.listing(conn):
            written.writerow((each.address, each.reason, rfc3339(each.created_at)))


def _rows(file: Path, now: datetime) -> Iterator[Suppression]:
    """Read the file; the first row that is wrong is named with its line. Raises BadParameter (exit 2)."""
    from syndicator.address import parse
    from syndicator.cli.common import parse_time
    from syndicator.model import Suppression

    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            table = csv.DictReader(opened)
            if "address" not in (table.fieldnames or ()):
                raise _wrong(file, 1, "there is no column `address`; name it in the first line")
            for row in table:
                if table.line_num > MAX_ROWS:
                    raise _wrong(file, table.line_num, f"more than {MAX_ROWS:,} lines; cut the file")
                address = (row["address"] or "").strip()
                if parse(address) is None:
                    raise _wrong(file, table.line_num, f"'{address[:70]}' is no e-mail address")
                at = (row.get("created_at") or "").strip()
                try:
                    since = parse_time(at) if at else now
                except typer.BadParameter as error:
                    raise _wrong(file, table.line_num, f"created_at: {error}") from None
                yield Suppression(
                    address=address, reason=_words(row.get("reason") or "") or "imported", created_at=since
                )
    except (OSError, UnicodeError, csv.Error) as error:
        raise typer.BadParameter(f"{file}: {getattr(error, 'strerror', None) or error}") from error


def _wrong(file: Path, line: int, what: str) -> typer.BadParameter:
    return typer.BadParameter(f"{file}:{line}: {what}")


def _words(text: str) -> str:
    """Make one short line of a reason."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())[:100]
