"""Pure: politeness. When is the next pull of a source, and what do we remember of this one.

| the pull brought        | rhythm (`interval`)          | next pull after                                |
|-------------------------|------------------------------|------------------------------------------------|
| something new           | halved                       | the rhythm                                     |
| nothing new, or a 304   | half as long again           | the rhythm                                     |
| a failure               | stays                        | `min_interval`, doubled with each in a row     |
| "gone"                  | stays                        | never: the source is stopped                   |

The rhythm stays within the source's `min_interval` and `max_interval`, and so do freshness and `ttl`, which
lengthen it: a 304 that does not repeat them cannot shorten what the publisher asked for. Retry-After goes
beyond every bound.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from syndicator.model import Fetched, FetchFailed, FetchResult, NotModified, Source, SourceState

if TYPE_CHECKING:
    from datetime import datetime

SPREAD = 0.1
"""The share by which a wait is shortened or lengthened, so that sources do not march in step."""

FASTER = 0.5
SLOWER = 1.5

REFRESH = timedelta(days=7)
"""A body older than this is fetched once without validators: servers forget to change them."""

NONE = timedelta(0)


def settle(
    state: SourceState,
    source: Source,
    result: FetchResult,
    *,
    now: datetime,
    jitter: float,
    ttl: timedelta | None = None,
    changed: bool = False,
    title: str = "",
    homepage: str = "",
    digest: str = "",
) -> SourceState:
    """Return what to remember of `source` after a pull that brought `result` at `now`.

    `jitter` is in [0, 1) and spreads the waits. Of a Fetched: `ttl`, `title` and `homepage` as the feed says
    them, `changed` if it held anything new, `digest` the hash of its body. `name` and `fence` stay. What was
    learnt at another address (`state.url`) is forgotten.
    """
    before = replace(state if state.url == source.url else _moved(state, source), last_pull_at=now)
    match result:
        case FetchFailed():
            return _after_failure(before, source, result, now=now, jitter=jitter)
        case NotModified():
            after = _with_validators(before, result, now=now)
        case Fetched():
            after = replace(
                before,
                title=title or before.title,
                homepage=homepage or before.homepage,
                etag=result.etag,
                last_modified=result.last_modified,
                body_hash=digest,
                last_change_at=now if changed else before.last_change_at,
            )
    asked = max(result.fresh_for or NONE, ttl or NONE)
    interval = rhythm(before.interval, source, changed=changed, asked=asked)
    return replace(
        after,
        state="ok",
        failures=0,
        last_error="",
        last_success_at=now,
        interval=interval,
        next_pull_at=now + _spread(interval, source, jitter=jitter, at_least=_within(asked, source)),
    )


def rhythm(interval: timedelta, source: Source, *, changed: bool, asked: timedelta) -> timedelta:
    """Return the wait that follows `interval` (zero: none yet), within the bounds of `source`.

    It is at least what the publisher `asked` for, as far as the bounds allow.
    """
    found = interval * (FASTER if changed else SLOWER) if interval else source.min_interval
    return _within(max(found, asked), source)


def backoff(failures: int, source: Source) -> timedelta:
    """Return the wait after that many failures in a row (1 or more)."""
    doublings = min(failures - 1, 30)  # 2 ** 30 minutes are two thousand years
    return _within(min(source.min_interval * 2**doublings, source.max_interval), source)


def _after_failure(
    before: SourceState, source: Source, result: FetchFailed, *, now: datetime, jitter: float
) -> SourceState:
    failed = replace(before, failures=before.failures + 1, last_error=result.message)
    if result.kind == "gone":
        return replace(failed, state="stopped", next_pull_at=None)
    wait = backoff(failed.failures, source)
    at_least = max(source.min_interval, result.retry_after or NONE)
    return replace(
        failed,
        state="failing",
        next_pull_at=now + _spread(wait, source, jitter=jitter, at_least=at_least),
    )


def _moved(state: SourceState, source: Source) -> SourceState:
    """Keep of a source with a new address only what is not about the old one."""
    return SourceState(
        name=state.name,
        url=source.url,
        last_success_at=state.last_success_at,
        last_change_at=state.last_change_at,
        fence=state.fence,
    )


def _with_validators(before: SourceState, result: NotModified, *, now: datetime) -> SourceState:
    if _is_stale(before, now):
        return replace(before, etag="", last_modified="")
    return replace(
        before,
        etag=result.etag or before.etag,
        last_modified=result.last_modified or before.last_modified,
    )


def _is_stale(before: SourceState, now: datetime) -> bool:
    """Whether another REFRESH has passed since the last change between the last success and `now`."""
    if before.last_change_at is None or before.last_success_at is None:
        return False
    then, this = before.last_success_at - before.last_change_at, now - before.last_change_at
    return this // REFRESH > then // REFRESH


def _within(wait: timedelta, source: Source) -> timedelta:
    return max(source.min_interval, min(wait, source.max_interval))


def _spread(wait: timedelta, source: Source, *, jitter: float, at_least: timedelta) -> timedelta:
    """Return a wait around `wait`, evenly over what of ± SPREAD lies within the bounds and not too early."""
    centre = max(wait, at_least)
    earliest = max(centre * (1 - SPREAD), source.min_interval, at_least)
    latest = max(earliest, min(centre * (1 + SPREAD), source.max_interval))
    return earliest + (latest - earliest) * jitter
