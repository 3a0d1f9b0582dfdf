"""What commands write: data on stdout, words on stderr; strangers' words among them steer no terminal.

Texts of publishers, mails, servers and files of others may hold the signs that move a terminal's cursor, name
its window or turn text around. They go out through here, where such signs are dropped, or escaped in JSON.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from syndicator.controls import in_json, without_controls

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderResult


def print_json(value: Any) -> None:
    """Write a value as JSON on stdout."""
    sys.stdout.write(in_json(json.dumps(value, ensure_ascii=False, indent=2)) + "\n")


def put(words: str, end: str = "\n") -> None:
    """Write words for a person on stdout."""
    sys.stdout.write(without_controls(words) + end)


def say(words: str) -> None:
    """Write words for a person on stderr."""
    sys.stderr.write(without_controls(words) + "\n")


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, empty: str) -> None:
    """Write rows as a table on stdout; `empty` goes to stderr where there is none.

    Columns whose name ends in `#` hold numbers and are aligned to the right.
    """
    from rich.table import Table
    from rich.text import Text

    listed = list(rows)
    if not listed:
        say(empty)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column.rstrip("#"), justify="right" if column.endswith("#") else "left")
    for row in listed:
        table.add_row(*(Text(without_controls(cell)) for cell in row))
    screen(200).print(table)


def screen(elsewhere: int, *, soft_wrap: bool = False) -> Console:
    """Make rich's screen: as wide as the terminal, and `elsewhere` columns where there is none.

    `soft_wrap`: elsewhere lines are left as long as they are.
    """
    from rich.console import Console

    terminal = sys.stdout.isatty()
    made = Console(
        width=None if terminal else elsewhere, highlight=False, soft_wrap=soft_wrap and not terminal
    )
    made.push_render_hook(_Harmless())  # type: ignore[arg-type]  # it need not be its class
    return made


class _Harmless:
    """Drops control signs of what is drawn; the styles are put around it afterwards."""

    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        """Wrap all that is about to be drawn."""
        return [_Cleaned(one) for one in renderables]


class _Cleaned:
    def __init__(self, inner: ConsoleRenderable) -> None:
        self.inner = inner

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich.segment import Segment

        for segment in console.render(self.inner, options):
            yield Segment(without_controls(segment.text), segment.style, segment.control)
