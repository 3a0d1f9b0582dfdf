"""How often a feed asks to be read, from the words of RSS 2.0 (ttl, skipHours, skipDays) and mod_syndication.

What would stop a source for good (every hour or every day skipped, a month and more) is bounded or dropped.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from syndicator.model import Cadence

if TYPE_CHECKING:
    from collections.abc import Iterable

WIDEST: Final = timedelta(days=30)
NARROWEST: Final = timedelta(minutes=1)

_MOST_MINUTES: Final = WIDEST // timedelta(minutes=1)
_PERIODS: Final = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(days=7),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}
_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LONGEST: Final = 15  # digits


def read(
    *,
    ttl: str = "",
    skip_hours: Iterable[str] = (),
    skip_days: Iterable[str] = (),
    period: str = "",
    frequency: str = "",
) -> Cadence:
    """Read what stands in the elements of these names; nonsense is as if it were not there.

    `ttl` is in minutes; hours are 0 to 23, and RSS 0.91's 24 is 0; `frequency` is times per `period`.
    """
    minutes = _number(ttl)
    every = _PERIODS.get(period.strip().lower())
    hours = {number % 24 for hour in skip_hours if (number := _number(hour)) is not None and number <= 24}
    days = {_DAYS.index(name) for day in skip_days if (name := day.strip().lower()) in _DAYS}
    return Cadence(
        ttl=timedelta(minutes=min(minutes, _MOST_MINUTES)) if minutes else None,
        update_every=min(max(every / (_number(frequency) or 1), NARROWEST), WIDEST) if every else None,
        skip_hours=tuple(sorted(hours)) if len(hours) < 24 else (),
        skip_days=tuple(sorted(days)) if len(days) < 7 else (),
    )


def _number(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST else None
