"""A chart of articles or readers over time, as numbers that a template draws: percent and pixels. Pure.

Upwards stands what the rule takes, what it gains on top of what it had; downwards what it loses. So with
readers: upwards who reads, who joined on top; downwards who left.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syndicator.pipeline.trial import Tally

MOST: Final = 48  # bars, so that each can be seen on a phone
HEIGHT: Final = 128  # pixels, of all bars
HEAD: Final = 12  # pixels, for half of the number at the highest line
LABEL: Final = 18  # pixels, that a number needs
WIDEST: Final = 5.0  # percent


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One day, or some days together: from `at` on. `x` and `width` are percent, the rest pixels."""

    at: datetime
    matched: int
    gained: int
    lost: int
    x: float
    width: float
    y: float  # the top of what is gained
    middle: float  # the top of what stays
    kept_height: float
    gained_height: float
    lost_height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A day below the axis."""

    at: datetime
    x: float
    anchor: Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A number beside the axis of counts; below nothing it is negative."""

    count: int
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """All of it; `base` is where nothing is."""

    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    marks: tuple[Mark, ...]
    days: int  # that one bar stands for
    base: float
    height: float
    first: datetime
    last: datetime


def chart(by_day: Mapping[date, Tally]) -> Chart | None:
    """Draw the days from the first to the last article; None where there is none."""
    days = sorted(day for day, tally in by_day.items() if tally.matched or tally.lost)
    if not days:
        return None
    span = (days[-1] - days[0]).days + 1
    step = -(-span // MOST)
    amount = -(-span // step)
    sums = [[0, 0, 0] for _ in range(amount)]
    for day in days:
        tally = by_day[day]
        place = (day - days[0]).days // step
        for number, count in enumerate((tally.matched, tally.gained, tally.lost)):
            sums[place][number] += count
    return _drawn(days[0], days[-1], step, sums)


class Level(NamedTuple):
    """How many read at the end of a day, and who came and went on it."""

    readers: int
    joined: int
    left: int


def levels(by_day: Mapping[date, Level]) -> Chart | None:
    """Draw readers from the first day to the last; a day without a count has that of the day before."""
    if not by_day:
        return None
    first, last = min(by_day), max(by_day)
    span = (last - first).days + 1
    step = -(-span // MOST)
    found: list[list[int]] = []
    level = Level(0, 0, 0)
    for number in range(span):
        known = by_day.get(first + timedelta(days=number))
        level = known or Level(level.readers, 0, 0)
        if number % step == 0:
            found.append([0, 0, 0])
        found[-1][0] = level.readers
        found[-1][1] += level.joined
        found[-1][2] += level.left
    for bar in found:  # who joined and left again within one bar is not among who reads
        bar[1] = min(bar[0], bar[1])
    return _drawn(first, last, step, found)


def _drawn(first: date, last: date, step: int, sums: Sequence[list[int]]) -> Chart:
    amount = len(sums)
    top = _round(max(matched for matched, _, _ in sums))
    deepest = max(lost for _, _, lost in sums)
    scale = HEIGHT / max(top + deepest, 1)
    base = HEAD + top * scale
    bars = tuple(
        _bar(first + timedelta(days=place * step), place, amount, counts, base, scale)
        for place, counts in enumerate(sums)
    )
    return Chart(
        bars=bars,
        ticks=_ticks(bars, last),
        marks=_marks(top, deepest, base, scale),
        days=step,
        base=base,
        height=HEAD + HEIGHT,
        first=_at(first),
        last=_at(last),
    )


def _bar(day: date, place: int, amount: int, counts: list[int], base: float, scale: float) -> Bar:
    matched, gained, lost = counts
    slot = 100 / amount
    width = min(slot * 0.8, WIDEST)
    middle = base - (matched - gained) * scale
    return Bar(
        at=_at(day),
        matched=matched,
        gained=gained,
        lost=lost,
        x=round(place * slot + (slot - width) / 2, 3),
        width=round(width, 3),
        y=round(middle - gained * scale, 2),
        middle=round(middle, 2),
        kept_height=round((matched - gained) * scale, 2),
        gained_height=round(gained * scale, 2),
        lost_height=round(lost * scale, 2),
    )


def _marks(top: int, deepest: int, base: float, scale: float) -> tuple[Mark, ...]:
    """Give the highest number, its half, nothing, and the deepest where they do not run into each other."""
    counts = [top, 0, -deepest] if deepest else [top, 0]
    if top % 2 == 0 and top * scale > 2 * LABEL:
        counts.insert(1, top // 2)
    marks = [Mark(count=count, y=round(base - count * scale, 2)) for count in counts]
    return tuple(mark for mark in marks if mark.count >= 0 or deepest * scale >= LABEL)


def _ticks(bars: tuple[Bar, ...], last: date) -> tuple[Tick, ...]:
    if len(bars) == 1:
        return (Tick(at=bars[0].at, x=50, anchor="middle"),)
    ends = (Tick(at=bars[0].at, x=0, anchor="start"), Tick(at=_at(last), x=100, anchor="end"))
    if len(bars) < 5:
        return ends
    middle = bars[len(bars) // 2]
    return (ends[0], Tick(at=middle.at, x=round(middle.x + middle.width / 2, 3), anchor="middle"), ends[1])


def _round(most: int) -> int:
    """Return the next number up that is good to read on an axis."""
    size = 1
    while True:
        for digit in (1, 2, 4, 5, 6, 8):
            if most <= digit * size:
                return digit * size
        size *= 10


def _at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
