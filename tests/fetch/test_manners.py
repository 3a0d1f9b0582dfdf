from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndicator.fetch.manners import settle
from syndicator.model import Fetched, FetchFailed, FetchResult, NotModified, Source, SourceState

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
URL = "https://news.example/feed"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SOURCE = Source(name="a", url=URL, min_interval=10 * MINUTE, max_interval=10 * HOUR)
KNOWN = SourceState(
    name="a",
    url=URL,
    state="ok",
    title="News",
    homepage="https://news.example/",
    etag='"1"',
    last_modified="then",
    body_hash="h1",
    last_pull_at=NOW - HOUR,
    last_success_at=NOW - HOUR,
    last_change_at=NOW - 2 * HOUR,
    next_pull_at=NOW,
    interval=HOUR,
    fence=7,
)
FETCHED = Fetched(url=URL, body=b"<rss/>", etag='"2"', last_modified="now")
BROKEN = FetchFailed(kind="timeout", message="news.example was not done after 60 seconds")
MIDDLE = 0.5


# What is remembered -----------------------------------------------------------------------------------


def test_a_body_with_news() -> None:
    after = settle(
        replace(KNOWN, failures=3, last_error="x", state="failing"),
        SOURCE,
        FETCHED,
        now=NOW,
        jitter=MIDDLE,
        changed=True,
        title="New name",
        digest="h2",
    )
    assert after == replace(
        KNOWN,
        title="New name",
        etag='"2"',
        last_modified="now",
        body_hash="h2",
        last_pull_at=NOW,
        last_success_at=NOW,
        last_change_at=NOW,
        interval=30 * MINUTE,
        next_pull_at=NOW + 30 * MINUTE,
    )


def test_a_body_without_news_and_without_validators() -> None:
    bare = Fetched(url=URL, body=b"<rss/>")
    after = settle(KNOWN, SOURCE, bare, now=NOW, jitter=MIDDLE, digest="h2")
    assert (after.etag, after.last_modified, after.body_hash) == ("", "", "h2")
    assert (after.interval, after.last_change_at) == (90 * MINUTE, KNOWN.last_change_at)


def test_a_304() -> None:
    after = settle(KNOWN, SOURCE, NotModified(etag='"3"'), now=NOW, jitter=MIDDLE)
    assert after == replace(
        KNOWN,
        etag='"3"',
        last_pull_at=NOW,
        last_success_at=NOW,
        interval=90 * MINUTE,
        next_pull_at=NOW + 90 * MINUTE,
    )


def test_a_failure_keeps_what_we_know() -> None:
    after = settle(KNOWN, SOURCE, BROKEN, now=NOW, jitter=MIDDLE)
    assert after == replace(
        KNOWN,
        state="failing",
        failures=1,
        last_error=BROKEN.message,
        last_pull_at=NOW,
        next_pull_at=after.next_pull_at,
    )


def test_gone_stops() -> None:
    gone = FetchFailed(
        kind="gone", status=410, message="news.example has removed this feed for good (410 Gone)"
    )
    after = settle(KNOWN, SOURCE, gone, now=NOW, jitter=MIDDLE)
    assert (after.state, after.next_pull_at, after.last_error) == ("stopped", None, gone.message)


@pytest.mark.parametrize("result", [FETCHED, NotModified(), BROKEN])
def test_at_a_new_address_nothing_of_the_old_one_counts(result: FetchResult) -> None:
    moved = replace(SOURCE, url="https://other.example/feed")
    after = settle(replace(KNOWN, failures=5, state="failing"), moved, result, now=NOW, jitter=0)
    assert after.url == moved.url
    assert (after.fence, after.name) == (7, "a")
    assert after.failures == (1 if result is BROKEN else 0)
    assert after.title == ""
    assert '"1"' not in repr(after)
    assert "h1" not in repr(after)
    assert after.next_pull_at == NOW + SOURCE.min_interval


@pytest.mark.parametrize(
    ("age", "since", "forgotten"),
    [
        (DAY, HOUR, False),
        (7 * DAY, HOUR, True),
        (8 * DAY, HOUR, False),
        (14 * DAY, DAY, True),
        (30 * DAY, 9 * DAY, True),
    ],
)
def test_once_a_week_validators_are_forgotten(age: timedelta, since: timedelta, forgotten: bool) -> None:
    state = replace(KNOWN, last_change_at=NOW - age, last_success_at=NOW - since)
    after = settle(state, SOURCE, NotModified(etag='"3"'), now=NOW, jitter=MIDDLE)
    assert (after.etag, after.last_modified) == (("", "") if forgotten else ('"3"', "then"))
    assert after.body_hash == "h1"


# When -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("interval", "changed", "asked", "expected"),
    [
        (timedelta(0), True, None, 10 * MINUTE),  # the first pull
        (timedelta(0), False, None, 10 * MINUTE),
        (timedelta(0), True, HOUR, HOUR),
        (40 * MINUTE, True, None, 20 * MINUTE),
        (15 * MINUTE, True, None, 10 * MINUTE),  # not under the minimum
        (40 * MINUTE, False, None, HOUR),
        (9 * HOUR, False, None, 10 * HOUR),  # not over the maximum
        (40 * MINUTE, False, 2 * HOUR, 2 * HOUR),
        (40 * MINUTE, True, 2 * HOUR, 2 * HOUR),
        (40 * MINUTE, False, MINUTE, HOUR),
        (40 * MINUTE, False, 30 * DAY, 10 * HOUR),
        (30 * DAY, True, None, 10 * HOUR),  # the maximum was lowered
    ],
)
@pytest.mark.parametrize("by", ["ttl", "fresh_for"])
def test_the_rhythm(
    interval: timedelta, changed: bool, asked: timedelta | None, expected: timedelta, by: str
) -> None:
    fetched = replace(FETCHED, fresh_for=asked) if by == "fresh_for" else FETCHED
    after = settle(
        replace(KNOWN, interval=interval),
        SOURCE,
        fetched,
        now=NOW,
        jitter=0,
        changed=changed,
        ttl=asked if by == "ttl" else None,
    )
    assert after.interval == expected
    assert after.next_pull_at is not None
    earliest = max(expected * 0.9, SOURCE.min_interval, min(asked or MINUTE, SOURCE.max_interval))
    assert after.next_pull_at == NOW + earliest


@pytest.mark.parametrize(
    ("failures", "wait"),
    [(1, 10), (2, 20), (3, 40), (4, 80), (5, 160), (6, 320), (7, 600), (8, 600), (10_000, 600)],
)
def test_backoff_doubles_up_to_the_maximum(failures: int, wait: int) -> None:
    after = settle(replace(KNOWN, failures=failures - 1), SOURCE, BROKEN, now=NOW, jitter=0)
    assert after.failures == failures
    assert after.next_pull_at == NOW + max(wait * MINUTE * 0.9, SOURCE.min_interval)
    assert after.interval == KNOWN.interval


@pytest.mark.parametrize(
    ("asked", "wait"),
    [(MINUTE, 10 * MINUTE), (HOUR, HOUR), (9 * DAY, 9 * DAY)],
    ids=["less", "more", "beyond"],
)
def test_retry_after_goes_beyond_every_bound(asked: timedelta, wait: timedelta) -> None:
    after = settle(KNOWN, SOURCE, replace(BROKEN, retry_after=asked), now=NOW, jitter=0)
    assert after.next_pull_at == NOW + wait


def test_jitter_spreads_by_ten_percent_to_each_side() -> None:
    waits = []
    for jitter in (0, 0.25, 0.5, 0.75):
        after = settle(KNOWN, SOURCE, NotModified(), now=NOW, jitter=jitter)
        assert after.next_pull_at is not None
        waits.append((after.next_pull_at - NOW) / MINUTE)
    assert waits == pytest.approx([81, 85.5, 90, 94.5])


def test_a_304_that_says_nothing_does_not_shorten_what_the_publisher_asked_for() -> None:
    state = settle(KNOWN, SOURCE, FETCHED, now=NOW, jitter=0, ttl=4 * HOUR, changed=True)
    for _ in range(3):
        assert state.next_pull_at is not None
        now = state.next_pull_at
        state = settle(state, SOURCE, NotModified(), now=now, jitter=0)
        assert state.next_pull_at is not None
        assert state.next_pull_at - now >= 4 * HOUR


# Laws -------------------------------------------------------------------------------------------------

spans = st.timedeltas(min_value=timedelta(0), max_value=30 * DAY)
maybe = st.none() | spans
results: st.SearchStrategy[FetchResult] = st.one_of(
    st.builds(Fetched, url=st.just(URL), body=st.just(b"x"), fresh_for=maybe, etag=st.text(max_size=3)),
    st.builds(NotModified, fresh_for=maybe, etag=st.text(max_size=3)),
    st.builds(
        FetchFailed,
        kind=st.sampled_from(["http", "timeout", "gone"]),
        message=st.just("one line"),
        retry_after=maybe,
    ),
)


@st.composite
def sources(draw: st.DrawFn) -> Source:
    low = draw(st.timedeltas(min_value=MINUTE, max_value=DAY))
    return Source(name="a", url=URL, min_interval=low, max_interval=low + draw(spans))


@given(
    source=sources(),
    pulls=st.lists(
        st.tuples(results, st.floats(0, 1, exclude_max=True), maybe, st.booleans()), min_size=1, max_size=12
    ),
)
def test_laws(source: Source, pulls: list[tuple[FetchResult, float, timedelta | None, bool]]) -> None:
    state, now = SourceState(name="a", fence=3), NOW
    for result, jitter, ttl, changed in pulls:
        failures = state.failures
        state = settle(state, source, result, now=now, jitter=jitter, ttl=ttl, changed=changed, digest="d")
        assert (state.name, state.fence, state.url, state.last_pull_at) == ("a", 3, URL, now)
        failed = isinstance(result, FetchFailed)
        assert state.failures == (failures + 1 if failed else 0)
        assert bool(state.last_error) == failed == (state.state != "ok")
        if state.state == "stopped":
            assert state.next_pull_at is None
            return
        assert state.next_pull_at is not None
        wait = state.next_pull_at - now
        asked = (
            result.retry_after
            if isinstance(result, FetchFailed)
            else max(
                (min(span, source.max_interval) for span in (result.fresh_for, ttl) if span), default=None
            )
        )
        assert wait >= max(source.min_interval, asked or MINUTE)
        assert wait <= max(source.max_interval, asked or MINUTE)
        now = state.next_pull_at
