"""The rows of a list of subscribers: one reader a line, and what is wrong with a line that is none.

A line is a row: an address, a topic and an hour hold no line breaks. So a quote that is never closed spoils
its own line and not the file.
"""

from __future__ import annotations

import csv
import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast, get_args

import typer

from syndicator.cli.subscribers.common import read_format, read_slot
from syndicator.model.segments import MAX_ATTRIBUTES, MAX_LENGTH, is_name, is_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path
    from typing import BinaryIO

    from syndicator.model import Catalog, Format, Slot
    from syndicator.store.roster import Listed

COLUMNS: Final = ("address", "topics", "frequency", "at", "zone", "language", "format", "state", "until")
ATTRIBUTE: Final = "attr:"  # begins the name of a column that holds an attribute
NEEDED: Final = ("address", "topics")
MAX_LINE: Final = 8_000  # bytes
MAX_LINES: Final = 5_000_000
SHOWN: Final = 70  # characters of a value in a report
DELIMITERS: Final = ",;\t"


@dataclass(eq=False)
class Rejected(Exception):
    """A row that was not taken, why, and what to do."""

    line: int
    column: str
    value: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        about = f"{self.column} '{self.value}' " if self.value else f"{self.column} " if self.column else ""
        return f"{self.line}: {about}{self.problem}; {self.remedy}"

    def as_dict(self) -> dict[str, Any]:
        """Give what a program reads."""
        return asdict(self)


class Table(NamedTuple):
    """An open list: what its first line names, in this order."""

    columns: tuple[str, ...]
    delimiter: str

    @property
    def unknown(self) -> list[str]:
        """The columns that say nothing to us."""
        return [name for name in self.columns if name not in COLUMNS and not name.startswith(ATTRIBUTE)]


def read_head(opened: BinaryIO, file: Path) -> Table:
    """Read the first line; BadParameter (exit 2) if it does not name what is needed, each once."""
    first = opened.readline(MAX_LINE).decode("utf-8-sig", "replace").strip("\r\n")
    delimiter = max(DELIMITERS, key=first.count)
    columns = tuple(name.strip().lower() for name in next(csv.reader([first], delimiter=delimiter), []))
    for name in NEEDED:
        if name not in columns:
            what = f"{file}:1: there is no column `{name}`; the first line names the columns: "
            raise typer.BadParameter(what + ", ".join(COLUMNS))
    for name in columns:
        if name.startswith(ATTRIBUTE) and not is_name(name.removeprefix(ATTRIBUTE)):
            what = f"{file}:1: the column `{name[:SHOWN]}` names no attribute; write one such as attr:plan"
            raise typer.BadParameter(what)
    twice = next(
        (
            name
            for name in columns
            if (name in COLUMNS or name.startswith(ATTRIBUTE)) and columns.count(name) > 1
        ),
        None,
    )
    if twice:
        raise typer.BadParameter(f"{file}:1: the column `{twice}` is there twice; keep one")
    return Table(columns, delimiter)


def read_rows(opened: BinaryIO, table: Table) -> Iterator[tuple[int, dict[str, str] | Rejected]]:
    """Read the lines that are not empty: their number, and the cells by column or why there are none."""
    for number in range(2, MAX_LINES):
        line = opened.readline(MAX_LINE)
        if not line:
            return
        if len(line) == MAX_LINE and not line.endswith(b"\n"):
            while (rest := opened.readline(MAX_LINE)) and not rest.endswith(b"\n"):
                pass
            yield number, Rejected(number, "", "", f"is longer than {MAX_LINE:,} bytes", "cut it")
            continue
        if text := line.decode("utf-8", "replace").strip("\r\n"):
            yield number, _cells(number, text, table)
    uncut = Rejected(MAX_LINES, "", "", "and what follows was not read", "cut the file in two")
    yield MAX_LINES, uncut


def _cells(number: int, text: str, table: Table) -> dict[str, str] | Rejected:
    try:
        (cells,) = csv.reader([text], delimiter=table.delimiter, strict=True)
    except (csv.Error, ValueError):
        return Rejected(number, "", "", "has a quote that is never closed", 'write " twice within quotes')
    if len(cells) > len(table.columns):
        problem = f"has {len(cells)} cells, the first line {len(table.columns)}"
        return Rejected(number, "", "", problem, "put topics between spaces, or quotes around the cell")
    padded = [*cells, *[""] * (len(table.columns) - len(cells))]
    return {name: cell.strip() for name, cell in zip(table.columns, padded, strict=True)}


def read_row(
    number: int, cells: Mapping[str, str], catalog: Catalog, *, confirmed: bool, now: datetime
) -> Listed:
    """Read one reader; Rejected says what is wrong with the first cell that is."""
    from syndicator.address import parse
    from syndicator.store.roster import Listed, State

    def wrong(column: str, problem: str, remedy: str) -> Rejected:
        return Rejected(number, column, cells.get(column, "")[:SHOWN], problem, remedy)

    address = parse(cells["address"])
    if address is None:
        raise wrong("address", "is no e-mail address", "write name@example.org")
    topics = tuple(dict.fromkeys(cells["topics"].split()))
    if not topics:
        raise wrong("topics", "is empty", "name one or more, between spaces")
    state = cells.get("state", "").lower() or ("active" if confirmed else "pending")
    if state not in get_args(State):
        raise wrong("state", f"is none of {', '.join(get_args(State))}", "leave it empty, or name one")
    unknown = [slug for slug in topics if slug not in catalog.topics]
    if unknown and state != "ended":  # who left a topic that is gone has left it all the same
        raise wrong("topics", f"names {unknown[0][:SHOWN]}, which is no topic", "syndicator topics list")
    return Listed(
        address=str(address), topics=topics, state=cast("State", state), slot=_slot(cells, catalog, wrong),
        until=_until(cells, state, now, wrong), language=_language(cells, wrong),
        format=_format(cells, wrong), attributes=_attributes(cells, wrong),
    )  # fmt: skip


def _slot(
    cells: Mapping[str, str], catalog: Catalog, wrong: Callable[[str, str, str], Rejected]
) -> Slot | None:
    plans = (topic.digest for slug in cells["topics"].split() if (topic := catalog.topics.get(slug)))
    first = next((plan.slot for plan in plans if plan), None)
    at, zone, frequency = (cells.get(name, "") for name in ("at", "zone", "frequency"))
    try:
        return read_slot(at, zone, frequency.lower(), first)
    except typer.BadParameter as error:
        column = str(error.param_hint or "").lstrip("-")
        problem, _, remedy = error.message.partition("; ")
        raise wrong(column, problem[problem.find("' ") + 2 :], remedy or "name one of them") from None


def _until(
    cells: Mapping[str, str], state: str, now: datetime, wrong: Callable[[str, str, str], Rejected]
) -> datetime | None:
    from syndicator.cli.common import parse_time

    if state != "paused" or not cells.get("until"):
        return None
    try:
        return parse_time(cells["until"])
    except typer.BadParameter:
        raise wrong("until", "is no time", f"write one such as {now:%Y-%m-%d}T07:00:00Z") from None


def _language(cells: Mapping[str, str], wrong: Callable[[str, str, str], Rejected]) -> str:
    language = cells.get("language", "")
    if language and not (len(language) <= 35 and language.replace("-", "").isalnum() and language.isascii()):
        raise wrong("language", "is no language", "write a tag such as en or zh")
    return language


def _format(cells: Mapping[str, str], wrong: Callable[[str, str, str], Rejected]) -> Format | None:
    try:
        return read_format(cells.get("format", ""))
    except typer.BadParameter:
        raise wrong("format", "is none of html, text", "leave it empty, or name one") from None


def _attributes(cells: Mapping[str, str], wrong: Callable[[str, str, str], Rejected]) -> dict[str, str]:
    """Read the attributes that are given; an empty cell says nothing."""
    found = {}
    for column, value in cells.items():
        if value and column.startswith(ATTRIBUTE):
            if not is_value(value):
                raise wrong(column, "is no such value", f"write a line of up to {MAX_LENGTH} characters")
            found[column.removeprefix(ATTRIBUTE)] = value
    if len(found) > MAX_ATTRIBUTES:
        raise wrong("", f"has {len(found)} attributes", f"keep up to {MAX_ATTRIBUTES}")
    return found


def size_of(opened: BinaryIO) -> int:
    """Give the length of an open file; 0 of a pipe."""
    return os.fstat(opened.fileno()).st_size if opened.seekable() and hasattr(opened, "raw") else 0
