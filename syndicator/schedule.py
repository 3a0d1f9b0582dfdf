"""When a slot is due: pure arithmetic on APScheduler's CronTrigger, used as a calculator.

Nothing here runs anything. A slot is unique by local date, because a daily cron fires twice in the hour
that autumn repeats; in spring a time that does not exist is taken at the first instant after the gap.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

if TYPE_CHECKING:
    from syndicator.model import Slot

DAYS = {"daily": "mon-sun", "weekdays": "mon-fri", "weekly": "mon"}
TOO_LATE = timedelta(hours=12)  # a run later than this merges into the next one
LONGEST_PAUSE = timedelta(days=9)  # between two fires of any slot, and a day more


@dataclass(frozen=True, slots=True, kw_only=True)
class Fire:
    """One due moment of a slot; `local_date` names it in the ledger."""

    at: datetime  # aware UTC
    local_date: str  # ISO, in the slot's zone


@lru_cache(maxsize=4096)
def _trigger(slot: Slot) -> CronTrigger:
    return CronTrigger(
        day_of_week=DAYS[slot.frequency],
        hour=slot.at.hour,
        minute=slot.at.minute,
        second=0,
        timezone=ZoneInfo(slot.zone),
    )


def _fires(slot: Slot, start: datetime) -> list[Fire]:
    """List the fires from `start` on, for as long as two are sure to be among them."""
    trigger, found, previous = _trigger(slot), dict[str, Fire](), None
    moment = start
    while moment < start + 2 * LONGEST_PAUSE:
        fire = trigger.get_next_fire_time(previous, moment)
        instant = fire.astimezone(UTC)
        # Of the two fires in a repeated hour the first counts.
        found.setdefault(fire.date().isoformat(), Fire(at=instant, local_date=fire.date().isoformat()))
        previous, moment = fire, instant + timedelta(seconds=1)
    return list(found.values())


def last_fire(slot: Slot, now: datetime) -> Fire | None:
    """Find the newest fire that is not after `now`; None for `instant`, which has no hour."""
    if slot.frequency == "instant":
        return None
    past = [fire for fire in _fires(slot, now - LONGEST_PAUSE - timedelta(days=1)) if fire.at <= now]
    return past[-1] if past else None


def next_fire(slot: Slot, now: datetime) -> Fire | None:
    """Find the first fire after `now`; None for `instant`."""
    if slot.frequency == "instant":
        return None
    # Start a day early: the first of a repeated pair must be seen to tell the second.
    return next(fire for fire in _fires(slot, now - timedelta(days=1)) if fire.at > now)


def is_too_late(fire: Fire, now: datetime) -> bool:
    """Whether a run missed by this much is left to the next one, which will hold its articles too."""
    return now - fire.at > TOO_LATE
