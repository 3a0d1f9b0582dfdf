"""When refusals that are not hard are too many: a score that each day's worst adds to, time takes from."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from syndicator.model import Fate

WEIGHTS: Final[Mapping[Fate, float]] = {"dead": 1.0, "deferred": 0.5, "ours": 0.0}
"""What a final refusal adds, by its verdict. A refusal of us says nothing about the address."""

HALF_LIFE: Final = timedelta(days=30)
LIMIT: Final = 3.0
"""A daily digest passes it on the fourth day where a mailbox is disabled, on the seventh where it is full."""

MEMORY: Final = timedelta(days=120)
"""Refusals older than this no longer count."""


def score(refusals: Iterable[tuple[datetime, Fate]], now: datetime) -> float:
    """Add up refusals (when, what they said) as of `now`; a day counts once, by the worst of it."""
    days: dict[date, float] = {}
    for at, verdict in refusals:
        age = max(now - at, timedelta(0))
        if age <= MEMORY:
            weight = WEIGHTS[verdict] * 0.5 ** (age / HALF_LIFE)
            days[at.date()] = max(days.get(at.date(), 0.0), weight)
    return sum(days.values())


def is_too_much(refusals: Iterable[tuple[datetime, Fate]], now: datetime) -> bool:
    """Whether an address has refused so often that it is written to no more."""
    return score(refusals, now) > LIMIT
