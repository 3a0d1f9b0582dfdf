"""Small charts and marked words for a terminal, made of characters that every font has. Pure.

Elsewhere than on a terminal words are marked with [brackets], and nothing is coloured.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rich.text import Text

EIGHTHS: Final = " ▁▂▃▄▅▆▇█"
PARTS: Final = " ▏▎▍▌▋▊▉█"


def bar(count: int, most: int, width: int) -> str:
    """Draw a bar to the right; whatever is not nothing can be seen."""
    eighths = max(round(count / most * width * 8), 1) if count and most else 0
    return PARTS[8] * (eighths // 8) + (PARTS[eighths % 8] if eighths % 8 else "")


def columns(counts: Sequence[int], height: int) -> list[str]:
    """Draw columns side by side, the highest row first."""
    most = max(counts, default=0)
    levels = [max(round(count / most * height * 8), 1) if count else 0 for count in counts]
    return [
        "".join(EIGHTHS[min(max(level - row * 8, 0), 8)] for level in levels).rstrip()
        for row in reversed(range(height))
    ]


def over_days(
    counts: Mapping[date, int], first: date, last: date, *, width: int, height: int = 3
) -> list[str]:
    """Draw a chart of counts per day, or of several days where there are more than fit: with both axes."""
    days = (last - first).days + 1
    step = -(-days // width)
    begins = [first + timedelta(days=place) for place in range(0, days, step)]
    edges = [*begins, last + timedelta(days=1)]
    sums = [sum(n for day, n in counts.items() if start <= day < end) for start, end in pairwise(edges)]
    wide = max(min(width // len(sums), 3), 1)
    rows = columns([count for count in sums for _ in range(wide)], height)
    if wide > 1:  # a space between two columns
        rows = ["".join(" " if n % wide == wide - 1 else char for n, char in enumerate(row)) for row in rows]
    top = f"{max(sums):,}"
    label = [top, *[""] * (height - 1)]
    drawn = [f"{name:>{len(top)}} ▕{row}".rstrip() for name, row in zip(label, rows, strict=True)]
    return [*drawn, _axis(begins[0], last, len(top) + 2, len(sums) * wide, step)]


def _axis(first: date, last: date, indent: int, width: int, step: int) -> str:
    start, end = f"{first:%-d %b}", f"{last:%-d %b %Y}"
    line = end if first == last else start + end.rjust(max(width - len(start), len(end) + 1))
    each = f"  a column is {step} days" if step > 1 else ""
    return f"{'':{indent}}{line}{each}"


def marked(text: str, spans: Iterable[tuple[int, int]], *, terminal: bool, style: str = "") -> Text:
    """Show a text with some of its characters marked: bold and coloured, or in brackets."""
    from rich.text import Text

    made, at = Text(style=style), 0
    for start, end in sorted(spans):
        made.append(text[at:start])
        if terminal:
            made.append(text[start:end], style="bold yellow underline")
        else:
            made.append(f"[{text[start:end]}]")
        at = end
    return made.append(text[at:])
