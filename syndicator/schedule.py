"""When a slot is due: pure arithmetic on local dates.

Nothing here runs anything. A slot is unique by local date: of a time that autumn repeats the first counts;
one that does not exist in spring is taken as much later as the clock is put on; a day that a zone skipped has
none. APScheduler's CronTrigger tells the same (a test compares them), and is no help with sums.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

if TYPE_CHECKING:
    from syndicator.model import Slot

DAYS = {"daily": range(7), "weekdays": range(5), "weekly": range(1)}  # Monday is 0
TOO_LATE = timedelta(hours=12)  # a run later than this merges into the next one
TOO_LATE_WEEKLY = timedelta(days=3)  # the next one is far
LONGEST_PATIENCE = timedelta(days=4)  # what is older is too late for any slot
LONGEST_PAUSE = timedelta(days=9)  # between two fires of any slot, and a day more
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fire:
    """One due moment of a slot; `local_date` names it in the ledger."""

    at: datetime  # aware UTC
    local_date: str  # ISO, in the slot's zone


def is_known(slot: Slot) -> bool:
    """Whether this machine knows the zone of a slot; one that was written elsewhere may be newer."""
    try:
        ZoneInfo(slot.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # the name of a folder, or of none
        return False
    return True


def _fire(slot: Slot, zone: ZoneInfo, day: date) -> Fire | None:
    """Give the fire of a local date, if it has one."""
    if day.weekday() not in DAYS[slot.frequency]:
        return None
    at = datetime.combine(day, slot.at, zone).astimezone(UTC)
    return Fire(at=at, local_date=day.isoformat()) if at.astimezone(zone).date() == day else None


def last_fire(slot: Slot, now: datetime) -> Fire | None:
    """Find the newest fire that is not after `now`; None for `instant`, which has no hour.

    Raises ZoneInfoNotFoundError where this machine does not know the slot's zone (`is_known`).
    """
    if slot.frequency == "instant":
        return None
    zone = ZoneInfo(slot.zone)
    today = now.astimezone(zone).date()
    days = (today - back * DAY for back in range(LONGEST_PAUSE.days + 1))
    return next((fire for day in days if (fire := _fire(slot, zone, day)) and fire.at <= now), None)


def next_fire(slot: Slot, now: datetime) -> Fire | None:
    """Find the first fire after `now`; None for `instant`. Raises as `last_fire` does."""
    if slot.frequency == "instant":
        return None
    zone = ZoneInfo(slot.zone)
    today = now.astimezone(zone).date()
    days = (today + on * DAY for on in range(LONGEST_PAUSE.days + 1))
    return next((fire for day in days if (fire := _fire(slot, zone, day)) and fire.at > now), None)


def is_too_late(slot: Slot, at: datetime, now: datetime) -> bool:
    """Whether a run that was due `at` is left to the next one, which will hold its articles too."""
    return now - at > (TOO_LATE_WEEKLY if slot.frequency == "weekly" else TOO_LATE)
