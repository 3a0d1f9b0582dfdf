"""Pure: how a source is doing, in a word and a line for an admin. Derived from its state, never stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, TypeAlias

from syndicator.fetch.freshness import NONE
from syndicator.fetch.moved import address
from syndicator.fetch.remedy import remedy
from syndicator.fetch.rhythm import backoff
from syndicator.model import Access

if TYPE_CHECKING:
    from datetime import datetime

    from syndicator.model import Source, SourceState

Word: TypeAlias = Literal["new", "ok", "failing", "stuck", "dead", "silent", "moved", "stopped"]

DEAD_AFTER = timedelta(days=7)
DEAD_TRIES = 5
SILENT_AFTER = timedelta(days=30)
SILENT_TURNS = 10  # of its rhythm, if that is longer

ALARMS: frozenset[Word] = frozenset({"stuck", "dead", "silent", "moved", "stopped"})
"""The words that an admin should act upon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """One word, and one line that says why; `is_alarm` if an admin should look."""

    word: Word
    text: str

    @property
    def is_alarm(self) -> bool:
        """Whether it will not get better by itself."""
        return self.word in ALARMS


def health(state: SourceState, source: Source, now: datetime) -> Health:
    """Say how `source` is doing at `now`. What is worst is said; never a secret of its address."""
    if state.state == "stopped":
        return Health(word="stopped", text=f"not asked any more: {state.last_error}")
    if state.url != source.url or state.state == "new":
        return Health(word="new", text="not yet pulled")
    if state.failures:
        return _failing(state, source, now)
    if address(source, state) != source.url:
        return Health(
            word="moved", text=f"has moved for good to {state.adopted_url}: write that into its file"
        )
    silence = now - state.last_change_at if state.last_change_at else NONE
    if silence >= max(SILENT_AFTER, SILENT_TURNS * state.interval):
        return Health(word="silent", text=f"answers, but has had no new article for {silence.days} days")
    return Health(word="ok", text=f"asked every {_span(state.interval)}{_lateness(state)}")


def _failing(state: SourceState, source: Source, now: datetime) -> Health:
    for_long = now - state.last_success_at if state.last_success_at else _tried(state.failures, source)
    since = f"since {state.last_success_at:%Y-%m-%d}" if state.last_success_at else "from the beginning"
    times = "once" if state.failures == 1 else f"{state.failures} times in a row"
    text = f"has failed {times} {since}: {state.last_error}"
    if for_long >= DEAD_AFTER and state.failures >= DEAD_TRIES:
        return Health(word="dead", text=text)
    found = remedy(state.last_error)
    is_stuck = found is not None and (found.is_ours or (found.is_of_access and source.access != Access()))
    return Health(word="stuck" if is_stuck else "failing", text=text)


def _tried(failures: int, source: Source) -> timedelta:
    """About how long that many tries in a row have taken."""
    days = DEAD_AFTER // source.max_interval + 40  # more tries than these take longer than DEAD_AFTER anyway
    return sum((backoff(count, source) for count in range(1, min(failures, days))), NONE)


def _lateness(state: SourceState) -> str:
    return "" if state.delay is None else f"; its articles are {_span(state.delay)} old when they come"


def _span(span: timedelta) -> str:
    minutes = max(1, round(span.total_seconds() / 60))
    if minutes < 120:
        return f"{minutes} min"
    return f"{round(minutes / 60)} h" if minutes < 48 * 60 else f"{round(minutes / 1440)} days"
