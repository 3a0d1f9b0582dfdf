"""Pure: how long a publisher asks us to stay away, and at which hours.

| asked by                                   | counts from | at most                | kept over pulls in    |
|--------------------------------------------|-------------|------------------------|-----------------------|
| Retry-After of 429 and 503                 | the answer  | 30 days (headers.py)   | `fresh_until`         |
| Cache-Control max-age, Expires             | the answer  | source.max_interval    | `fresh_until`         |
| RSS ttl, sy:updatePeriod ÷ updateFrequency | the pull    | source.max_interval    | `cadence`             |
| RSS skipHours, skipDays                    | the clock   | whole days and hours   | `cadence`             |

A ttl of a year is a mistake, or a way to be forgotten: the admin's `max_interval` bounds it. Retry-After is
meant for us, so only our own patience bounds it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from syndicator.model import Cadence, Source, SourceState

NONE = timedelta(0)
HOUR = timedelta(hours=1)
HOURS_OF_A_WEEK = 7 * 24
SPREAD_INTO_HOUR = 0.5
"""The share of the first allowed hour over which those who waited for it come back."""


def within(wait: timedelta, source: Source) -> timedelta:
    """Bound a wait by what the admin allows for `source`."""
    return max(source.min_interval, min(wait, source.max_interval))


def lifetime(state: SourceState, fresh_for: timedelta | None, source: Source) -> timedelta:
    """Return how long an answer counts as fresh, zero if nobody says.

    `fresh_for` is what the answer itself says, None if it is silent. A silent 304 has the lifetime of the
    answer that it confirms (RFC 9111 4.3.4), which `state`, from before it, still tells.
    """
    if fresh_for is not None:
        return min(fresh_for, source.max_interval)
    until, since = state.fresh_until, state.last_success_at
    if until is None or since is None:
        return NONE
    if state.failures and state.last_pull_at and until > state.last_pull_at:
        return NONE  # a Retry-After stands there
    return max(NONE, min(until - since, source.max_interval))


def asked(cadence: Cadence, fresh: timedelta, source: Source) -> timedelta:
    """Return the longest of what the feed and the answer ask for, as far as `source` lets them."""
    said = (fresh, cadence.ttl or NONE, cadence.update_every or NONE)
    return min(max(said), source.max_interval)


def allowed_from(at: datetime, cadence: Cadence, *, jitter: float) -> datetime:
    """Return `at`, or the next time after it that is in no hour and on no day that the feed skips.

    Whoever skips every hour, or every day, has not meant it: that list is ignored. Those who wait for the
    same hour come back spread over its first half (`jitter` in [0, 1)).
    """
    hours = frozenset(cadence.skip_hours) if len(set(range(24)) - set(cadence.skip_hours)) else frozenset()
    days = frozenset(cadence.skip_days) if len(set(range(7)) - set(cadence.skip_days)) else frozenset()

    def is_skipped(moment: datetime) -> bool:
        return moment.hour in hours or moment.weekday() in days

    if not is_skipped(at):
        return at
    whole = at.replace(minute=0, second=0, microsecond=0)
    later = (whole + HOUR * step for step in range(1, HOURS_OF_A_WEEK + 1))
    free = next((moment for moment in later if not is_skipped(moment)), None)
    return at if free is None else free + HOUR * SPREAD_INTO_HOUR * jitter
