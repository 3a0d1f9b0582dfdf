"""Which of a publisher's dates are believed. None means: the day it was first seen counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

_AHEAD: Final = timedelta(days=1)  # clocks and zones are wrong by hours, embargoes by more
_EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)  # before it: an epoch, a zero, a default


def believed(moment: datetime | None, now: datetime) -> datetime | None:
    """Give the instant back where it is between 1990 and tomorrow."""
    return moment if moment and _EARLIEST <= moment <= now + _AHEAD else None


def published_and_updated(
    published: datetime | None, updated: datetime | None, now: datetime
) -> tuple[datetime | None, datetime | None]:
    """Settle both dates of an entry: what was only updated was published then; no update precedes it."""
    first = believed(published, now)
    last = believed(updated, now)
    if first is None:
        return last, None
    return first, last if last and last > first else None
