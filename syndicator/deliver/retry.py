"""When a delivery that was put off is tried again. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

# After the first attempt, the second …; the last one repeats. RFC 5321 4.5.4.1 asks for 30 minutes or more
# in the long run, and a greylisting server for a few minutes at first.
PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),
    timedelta(hours=6),
)
SPREAD = 0.25  # the part of a pause that jitter may take off, so that a batch does not come back as one


def next_attempt(
    attempts: int, *, planned_at: datetime, now: datetime, give_up: timedelta, jitter: float
) -> datetime | None:
    """Say when to try again after `attempts` (≥ 1) attempts; None once `planned_at` + `give_up` has passed.

    `jitter` is in [0, 1). The last attempt falls on the very end of the span, so that none of it is wasted.
    """
    end = planned_at + give_up
    if now >= end:
        return None
    pause = PAUSES[min(max(attempts, 1), len(PAUSES)) - 1]
    return min(now + pause * (1 - SPREAD * jitter), end)
