"""The state of a lane, and what each sign makes of it: waiting, narrowing, growing again. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from syndicator.model import Lane, Sign

if TYPE_CHECKING:
    from datetime import datetime

LONGEST: Final = timedelta(minutes=15)
"""The longest pause that the exponential ones grow to."""

FIRST: Final = {
    Sign.SLOW: timedelta(seconds=10),
    Sign.BUSY: timedelta(seconds=10),
    Sign.DOWN: timedelta(seconds=5),
    Sign.LOGIN: timedelta(minutes=5),
}
"""The first pause of each kind; it doubles at each failure in a row."""

SILENT: Final = timedelta(minutes=10)  # what Gmail asks for at 4.7.28
REFUSED: Final = timedelta(hours=1)  # that we leave alone who refuses us
MOST_REFUSALS: Final = 3
"""Refusals of us in a row that close a lane: one may be about a single message."""

STEP: Final = 20
"""Letters that must be taken, for each connection, before one more connection is opened."""

NARROWING: Final = frozenset({Sign.SLOW, Sign.BUSY, Sign.SILENCE, Sign.OURS})


def after(lane: Lane, sign: Sign, now: datetime, *, words: str = "", connections: int = 1) -> Lane:
    """Give the lane as it is after one more outcome; the same object where nothing changes.

    `connections` is how many the limits allow, `words` why. What comes from letters that were under way when
    a pause began prolongs nothing: ten connections that hear the same 421 are one event.
    """
    if sign is Sign.LETTER:
        return lane
    if sign is Sign.FINE:
        return _better(lane, now, connections)
    if lane.waits(now) and not (sign is Sign.SILENCE and lane.sign != Sign.SILENCE):
        return lane
    if sign is Sign.OURS and lane.refusals + 1 < MOST_REFUSALS:
        return replace(lane, refusals=lane.refusals + 1)
    failures = lane.failures + 1
    return Lane(
        name=lane.name,
        until=now + _pause(sign, failures),
        sign=sign,
        reason=words,
        failures=failures,
        refusals=lane.refusals + (sign is Sign.OURS),
        width=_narrowed(lane, sign, connections),
    )


def _pause(sign: Sign, failures: int) -> timedelta:
    match sign:
        case Sign.SILENCE:
            return SILENT
        case Sign.OURS:
            return REFUSED
        case _:
            return min(FIRST[sign] * (1 << min(failures - 1, 10)), LONGEST)


def _narrowed(lane: Lane, sign: Sign, connections: int) -> int:
    if sign not in NARROWING:
        return lane.width
    if sign in (Sign.SILENCE, Sign.OURS):
        return 1
    return max(1, (lane.width or connections) // 2)


def _better(lane: Lane, now: datetime, connections: int) -> Lane:
    """Count a letter that was taken; after enough of them the lane grows, and at last all is forgotten."""
    if lane.is_clean or lane.waits(now):
        return lane
    taken, width = lane.taken + 1, lane.width or connections
    if taken < STEP * width:
        return replace(lane, taken=taken, refusals=0, failures=0 if taken >= STEP else lane.failures)
    if width + 1 >= connections:
        return Lane(name=lane.name)
    return replace(lane, taken=0, refusals=0, failures=0, width=width + 1)
