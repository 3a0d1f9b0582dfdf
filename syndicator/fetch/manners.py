"""Pure: politeness. When is the next pull of a source, and what do we remember of this one.

| the pull brought        | rhythm (`interval`)          | next pull after                                |
|-------------------------|------------------------------|------------------------------------------------|
| new articles            | towards half of their gap    | the rhythm                                     |
| nothing new, or a 304   | longer once it is quiet      | the rhythm                                     |
| either, while pushed to | as above                     | PUSHED, if that is longer                      |
| mails                   | `min_interval`               | the rhythm; at once if there are more          |
| a failure               | stays                        | `min_interval`, doubled with each in a row     |
| "paused"                | stays; it was not even asked | what is left of the pause of its host          |
| "gone"                  | stays                        | never: the source is stopped                   |

Never before the latest of what the publisher asks for (`freshness`), at no hour that the feed skips, and
within the source's `min_interval` and `max_interval`; Retry-After goes beyond every bound. The parts:
`rhythm` (how often), `freshness` (what publishers ask for), `moved` (redirects), `health` (for admins).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from syndicator.fetch.freshness import NONE, allowed_from, asked, lifetime
from syndicator.fetch.health import Health, health
from syndicator.fetch.moved import address, adoption, after_bad, after_good
from syndicator.fetch.rhythm import backoff, delay, interval, spread
from syndicator.hosts import host_group
from syndicator.model import FetchFailed, NotModified, Received, SourceState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from syndicator.model import Cadence, Fetched, FetchResult, Source

__all__ = ["Health", "HostPause", "address", "adoption", "due_host_pause", "health", "not_before", "settle"]

PAUSED = "paused"
"""The kind of a FetchFailed that never left the house: its host group has asked for a pause."""

UNSAID = timedelta(minutes=15)
"""How long a host is left alone that says 429 and not for how long."""

REFRESH = timedelta(days=7)
"""A body older than this is fetched once without validators: servers forget to change them."""


PUSHED = timedelta(hours=6)
"""How far apart pulls are while a hub is trusted to announce news: it may still lose some."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostPause:
    """No source of the host group is to be pulled before `until`."""

    host: str
    until: datetime


def due_host_pause(result: FetchResult, now: datetime) -> HostPause | None:
    """Return the pause that an answer puts upon its host group: 429 always, 503 if it says how long."""
    if not isinstance(result, FetchFailed) or result.status not in (429, 503):
        return None
    wait = result.retry_after or (UNSAID if result.status == 429 else None)
    host = host_group(result.url)
    return HostPause(host=host, until=now + wait) if host and wait else None


def not_before(state: SourceState, source: Source, at: datetime) -> datetime:
    """Return `at`, or the first moment after it at which the publisher lets us come back.

    For who wants to ask sooner than `settle` said: freshness, Retry-After, cadence and skipped hours go on.
    What was learnt at another address counts for nothing.
    """
    if state.url != source.url:
        return at
    asked_for = asked(state.cadence, NONE, source)
    earliest = [at, state.fresh_until or at, (state.last_pull_at + asked_for) if state.last_pull_at else at]
    return allowed_from(max(earliest), state.cadence, jitter=0)


def settle(
    state: SourceState,
    source: Source,
    result: FetchResult,
    *,
    now: datetime,
    jitter: float,
    cadence: Cadence | None = None,
    changed: bool = False,
    title: str = "",
    homepage: str = "",
    digest: str = "",
    published: Sequence[datetime] = (),
) -> SourceState:
    """Return what to remember of `source` after a pull that brought `result` at `now`.

    `jitter` is in [0, 1) and spreads the waits. Of a Fetched: `cadence`, `title` and `homepage` as the feed
    says them, `digest` the hash of its body, `changed` if it held new articles, `published` their instants.
    `name` and `fence` stay. What was learnt at another address (`state.url`) is forgotten.
    """
    before = state if state.url == source.url else _at_new_address(state, source)
    if isinstance(result, FetchFailed):
        return _after_failure(before, source, result, now=now, jitter=jitter)
    after = replace(
        before if isinstance(result, Received) else _renewed(before, source, result, now=now),
        state="ok",
        failures=0,
        last_error="",
        last_pull_at=now,
        last_success_at=now,
        last_change_at=now if changed else before.last_change_at,
        delay=delay(before, published, now=now),
    )
    if isinstance(result, Received):
        return _after_mail(after, source, result, now=now, jitter=jitter)
    if not isinstance(result, NotModified):
        after = replace(
            after_good(after, source, result),
            title=title or before.title,
            homepage=homepage or before.homepage,
            body_hash=digest,
            cadence=cadence or after.cadence,
        )
    rhythm = interval(before, source, changed=changed, published=published, now=now)
    return _due(replace(after, interval=rhythm), source, before, now=now, jitter=jitter)


def _renewed(
    before: SourceState, source: Source, result: Fetched | NotModified, *, now: datetime
) -> SourceState:
    """Take over validators and freshness, as every answer brings them (RFC 9111 4.3.4)."""
    confirmed = result.fresh_for if isinstance(result, NotModified) else result.fresh_for or NONE
    fresh = lifetime(before, confirmed, source)
    is_stale = isinstance(result, NotModified) and _is_stale(before, now)
    return replace(
        before,
        etag="" if is_stale else result.etag,
        last_modified="" if is_stale else result.last_modified,
        fresh_until=now + fresh if fresh else None,
        host=host_group(address(source, before)),
    )


def _due(
    after: SourceState, source: Source, before: SourceState, *, now: datetime, jitter: float
) -> SourceState:
    fresh = after.fresh_until - now if after.fresh_until else NONE
    is_pushed = after.pushed_until is not None and after.pushed_until > now
    wait = spread(
        max(after.interval, min(PUSHED, source.max_interval)) if is_pushed else after.interval,
        source,
        jitter=jitter,
        at_least=asked(after.cadence, fresh, source),
        wide=_came_in_a_crowd(before, now),
    )
    return replace(after, next_pull_at=allowed_from(now + wait, after.cadence, jitter=jitter))


def _came_in_a_crowd(before: SourceState, now: datetime) -> bool:
    """Whether a source was just added, or waited for longer than its turn: then many others did too."""
    return before.last_pull_at is None or (
        before.next_pull_at is not None and now - before.next_pull_at > before.interval / 2
    )


def _after_mail(
    after: SourceState, source: Source, result: Received, *, now: datetime, jitter: float
) -> SourceState:
    """A mailbox is our own or our provider's: it is asked at an even pace, and emptied without a pause."""
    wait = spread(source.min_interval, source, jitter=jitter, at_least=NONE, wide=False)
    return replace(
        after,
        etag=result.etag,
        interval=source.min_interval,
        next_pull_at=now if result.more else now + wait,
    )


def _after_failure(
    before: SourceState, source: Source, result: FetchFailed, *, now: datetime, jitter: float
) -> SourceState:
    asked_for = result.retry_after or NONE
    if result.kind == PAUSED:
        wait = spread(NONE, replace(source, min_interval=NONE), jitter=jitter, at_least=asked_for, wide=False)
        return replace(before, next_pull_at=allowed_from(now + wait, before.cadence, jitter=jitter))
    failed = replace(
        before,
        state="failing",
        failures=before.failures + 1,
        last_error=result.message,
        last_pull_at=now,
        moved_url="",
        moved_count=0,
        host=host_group(address(source, before)),
        fresh_until=now + asked_for if asked_for else before.fresh_until,
    )
    if fallen := after_bad(failed, source, result):
        failed = fallen
    elif result.kind == "gone":
        return replace(failed, state="stopped", next_pull_at=None)
    at_least = max(source.min_interval, asked_for, asked(failed.cadence, NONE, source))
    wait = spread(backoff(failed.failures, source), source, jitter=jitter, at_least=at_least, wide=False)
    return replace(failed, next_pull_at=allowed_from(now + wait, failed.cadence, jitter=jitter))


def _at_new_address(state: SourceState, source: Source) -> SourceState:
    """Keep of a source with a new address only what is not about the old one."""
    return SourceState(
        name=state.name,
        url=source.url,
        host=host_group(source.url),
        last_success_at=state.last_success_at,
        last_change_at=state.last_change_at,
        identity=state.identity,
        fence=state.fence,
    )


def _is_stale(before: SourceState, now: datetime) -> bool:
    """Whether another REFRESH has passed since the last change between the last success and `now`."""
    if before.last_change_at is None or before.last_success_at is None:
        return False
    then, this = before.last_success_at - before.last_change_at, now - before.last_change_at
    return this // REFRESH > then // REFRESH
