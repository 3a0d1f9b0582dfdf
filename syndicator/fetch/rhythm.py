"""Pure: how often a source is worth asking, found from when its articles come; and how long after failures.

The wait aims at half the time between two articles: an article then lies about a quarter of that time
before we see it, and about every second request brings something. It moves there by steps, because one
busy hour is no rhythm; silence stretches it, news brings it back.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from syndicator.fetch.freshness import NONE, within

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from syndicator.model import Source, SourceState

AIM = 0.5  # of the time between two articles
FASTER = 1 / 3  # the most that one pull shortens the wait to
SLOWER = 1.5  # the most that one pull stretches it to
SILENCE = 1.25  # what a pull without news stretches it by, once the source is silent for longer than usual
NEWEST = 12  # articles of a first pull that the rhythm is read from: older ones tell of older times

SPREAD = 0.1
"""The share by which a wait is shortened or lengthened, so that sources do not march in step."""

LONGEST = timedelta(days=31)
"""No wait is longer, whoever asks for it. The store takes what is much farther ahead for a clock's fault."""

SMOOTHING = 0.2
"""The weight of the newest articles in the average delay."""
LATEST = timedelta(days=7)
"""An article that was published longer ago is an old one shown again, and says nothing about delay."""


def interval(
    state: SourceState, source: Source, *, changed: bool, published: Sequence[datetime], now: datetime
) -> timedelta:
    """Return the wait that follows, without what the publisher asks for.

    `state` is from before the pull; `changed` whether it brought new articles (edits are no rhythm),
    `published` when these were published, as far as they say.
    """
    if not state.interval:
        return within(_gap_in(published, now) * AIM, source) if published else source.min_interval
    if changed:
        found = _gap_since(state.last_change_at, max(len(published), 1), now) or state.interval
        return within(min(max(found * AIM, state.interval * FASTER), state.interval * SLOWER), source)
    silent = now - state.last_change_at if state.last_change_at else None
    is_quiet = silent is None or silent > state.interval / AIM
    return within(state.interval * (SILENCE if is_quiet else 1.0), source)


def backoff(failures: int, source: Source) -> timedelta:
    """Return the wait after that many failures in a row (1 or more): doubled each time, up to the maximum."""
    doublings = min(failures - 1, 30)  # 2 ** 30 minutes are two thousand years
    return within(min(source.min_interval * 2**doublings, source.max_interval), source)


def spread(wait: timedelta, source: Source, *, jitter: float, at_least: timedelta, wide: bool) -> timedelta:
    """Return a wait around `wait`, evenly over ± SPREAD of it, within the bounds and never under `at_least`.

    Only an `at_least` beyond the maximum (Retry-After) leads beyond it. `wide` is for those that come in a
    crowd, just added or after a downtime: they are scattered over a whole turn, and the next one is no crowd.
    """
    centre = max(wait, at_least)
    earliest = max(centre * (1 - SPREAD), source.min_interval, at_least)
    most = max(source.max_interval, at_least * (1 + SPREAD) if at_least > source.max_interval else NONE)
    latest = max(earliest, min(centre * (2 if wide else 1 + SPREAD), most))
    return min(earliest + (latest - earliest) * jitter, LONGEST)


def delay(state: SourceState, published: Sequence[datetime], *, now: datetime) -> timedelta | None:
    """Return how late articles reach us on average; `published` are the new ones' instants.

    What a first pull brings was there before us and does not count.
    """
    late = [now - at for at in published if NONE <= now - at <= LATEST]
    if not late or state.last_success_at is None:
        return state.delay
    mean = sum(late, NONE) / len(late)
    return mean if state.delay is None else state.delay + (mean - state.delay) * SMOOTHING


def _gap_in(published: Sequence[datetime], now: datetime) -> timedelta:
    """The mean time between the newest of these and now."""
    newest = sorted((at for at in published if at <= now), reverse=True)[:NEWEST]
    return (now - newest[-1]) / len(newest) if newest else NONE


def _gap_since(last: datetime | None, count: int, now: datetime) -> timedelta | None:
    """The mean time between articles since the last ones came, None where that cannot be told."""
    return (now - last) / count if last and now > last else None
