from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndicator.fetch.manners import PUSHED, HostPause, due_host_pause, not_before, settle
from syndicator.model import (
    Cadence,
    Fetched,
    FetchFailed,
    FetchResult,
    Letter,
    NotModified,
    Received,
    Source,
    SourceState,
)
from syndicator.store.sources import FARTHEST

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
    host="news.example",
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
        published=[NOW - 30 * MINUTE, NOW - 90 * MINUTE],
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
        delay=HOUR,
        interval=30 * MINUTE,
        next_pull_at=NOW + 30 * MINUTE,
    )


def test_a_body_without_news_and_without_validators() -> None:
    bare = Fetched(url=URL, body=b"<rss/>")
    after = settle(KNOWN, SOURCE, bare, now=NOW, jitter=MIDDLE, digest="h2")
    assert (after.etag, after.last_modified, after.body_hash) == ("", "", "h2")
    assert (after.interval, after.last_change_at) == (HOUR, KNOWN.last_change_at)


def test_a_304() -> None:
    after = settle(KNOWN, SOURCE, NotModified(etag='"3"'), now=NOW, jitter=MIDDLE)
    assert after == replace(
        KNOWN,
        etag='"3"',
        last_modified="",
        last_pull_at=NOW,
        last_success_at=NOW,
        next_pull_at=NOW + HOUR,
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
    confirmed = NotModified(etag='"3"', last_modified="new")
    after = settle(state, SOURCE, confirmed, now=NOW, jitter=MIDDLE)
    assert (after.etag, after.last_modified) == (("", "") if forgotten else ('"3"', "new"))
    assert after.body_hash == "h1"


# When -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("interval", "quiet_for", "new", "expected"),
    [
        (0, 120, [], 10),  # the first pull, without dates
        (0, 120, [60, 120, 180], 30),  # of articles an hour apart
        (0, 120, [6000], 600),
        (40, 120, [30, 60, 90], 20),  # one in 40 minutes
        (40, 120, [90], 60),  # one in 120
        (60, 120, [5] * 60, 20),  # a busy hour is no rhythm: by a third at most
        (15, 120, [5] * 60, 10),  # not under the minimum
        (60, 6000, [5], 90),
        (500, 6000, [5], 600),  # not over the maximum
        (43200, 120, [5], 600),  # the maximum was lowered
        (60, 100, [], 60),  # not quiet for longer than usual
        (60, 130, [], 75),
        (590, 6000, [], 600),
    ],
)
def test_the_rhythm(interval: int, quiet_for: int, new: list[int], expected: int) -> None:
    state = replace(KNOWN, interval=interval * MINUTE, last_change_at=NOW - quiet_for * MINUTE)
    published = [NOW - ago * MINUTE for ago in new]
    after = settle(
        state, SOURCE, FETCHED, now=NOW, jitter=0, changed=bool(new) or not interval, published=published
    )
    assert after.interval == pytest.approx(expected * MINUTE, abs=timedelta(seconds=1))
    assert after.next_pull_at == NOW + max(after.interval * 0.9, SOURCE.min_interval)


def test_undated_articles_have_a_rhythm_too() -> None:
    after = settle(KNOWN, SOURCE, FETCHED, now=NOW, jitter=0, changed=True)
    assert after.interval == HOUR, "one article in two hours"


@pytest.mark.parametrize(("every", "days"), [(HOUR, 9), (6 * HOUR, 30), (20 * MINUTE, 3)])
def test_an_even_source_is_read_in_time_and_not_too_often(every: timedelta, days: int) -> None:
    state, now, pulls, seen, late = SourceState(name="a"), NOW, 0, NOW, []
    while now < NOW + days * DAY:
        appeared = [NOW + every * n for n in range(int((now - NOW) / every) + 1)]
        new = [at for at in appeared if at > seen]
        late += [now - at for at in new]
        seen = max(appeared)
        state = settle(state, SOURCE, FETCHED, now=now, jitter=0.5, changed=bool(new), published=new)
        pulls, now = pulls + 1, state.next_pull_at or now
    assert pulls <= 3 * days * DAY / every + 10
    assert sum(late, timedelta(0)) / len(late) <= every / 2


# What publishers ask for --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fresh_for", "cadence", "expected"),
    [
        (None, Cadence(ttl=2 * HOUR), 2 * HOUR),
        (None, Cadence(update_every=3 * HOUR), 3 * HOUR),
        (4 * HOUR, Cadence(ttl=2 * HOUR), 4 * HOUR),
        (HOUR, Cadence(ttl=2 * HOUR, update_every=MINUTE), 2 * HOUR),
        (365 * DAY, Cadence(), 10 * HOUR),  # the admin's maximum
        (None, Cadence(ttl=365 * DAY), 10 * HOUR),
        (MINUTE, Cadence(ttl=MINUTE), 54 * MINUTE),  # the rhythm is longer
    ],
)
@pytest.mark.parametrize("jitter", [0, 0.99])
def test_never_before_the_latest(
    fresh_for: timedelta | None, cadence: Cadence, expected: timedelta, jitter: float
) -> None:
    fetched = replace(FETCHED, fresh_for=fresh_for)
    state = settle(KNOWN, SOURCE, fetched, now=NOW, jitter=jitter, cadence=cadence)
    assert state.next_pull_at is not None
    assert NOW + expected <= state.next_pull_at <= NOW + max(expected * 1.25, SOURCE.min_interval)
    # A 304 that says nothing confirms it all; so does one after a failure.
    for failing in (False, True):
        now = state.next_pull_at
        if failing:
            state = settle(state, SOURCE, BROKEN, now=now, jitter=0)
            assert state.next_pull_at is not None
            now = state.next_pull_at
        state = settle(state, SOURCE, NotModified(), now=now, jitter=0)
        assert state.next_pull_at is not None
        assert state.next_pull_at - now >= expected


def test_a_304_with_its_own_freshness_replaces_the_old_one() -> None:
    state = settle(KNOWN, SOURCE, replace(FETCHED, fresh_for=5 * HOUR), now=NOW, jitter=0)
    longer = settle(state, SOURCE, NotModified(fresh_for=9 * HOUR), now=NOW + 5 * HOUR, jitter=0)
    assert longer.next_pull_at == NOW + 14 * HOUR
    none = settle(longer, SOURCE, NotModified(fresh_for=timedelta(0)), now=NOW + 14 * HOUR, jitter=0)
    assert none.fresh_until is None
    assert none.next_pull_at is not None
    assert none.next_pull_at < NOW + 17 * HOUR


def test_a_wait_for_retry_after_is_no_freshness() -> None:
    state = settle(KNOWN, SOURCE, replace(BROKEN, retry_after=9 * DAY), now=NOW, jitter=0)
    assert state.fresh_until == NOW + 9 * DAY
    after = settle(state, SOURCE, NotModified(), now=NOW + DAY, jitter=0)
    assert after.fresh_until is None


def test_skipped_hours_and_days() -> None:
    # NOW is a Monday, 9:30; an hour later is skipped, and so is everything up to Wednesday, 1:00.
    cadence = Cadence(skip_hours=(0, *range(10, 24)), skip_days=(1,))
    state = settle(KNOWN, SOURCE, FETCHED, now=NOW, jitter=0, cadence=cadence)
    wednesday = datetime(2026, 11, 4, 1, tzinfo=UTC)
    assert state.next_pull_at == wednesday
    for result in (NotModified(), BROKEN, replace(BROKEN, kind="paused", retry_after=HOUR)):
        again = settle(state, SOURCE, result, now=NOW + HOUR, jitter=0.5)
        assert again.next_pull_at == wednesday + 15 * MINUTE


@pytest.mark.parametrize(
    "cadence", [Cadence(skip_hours=tuple(range(24))), Cadence(skip_days=tuple(range(7)))]
)
def test_who_skips_everything_has_not_meant_it(cadence: Cadence) -> None:
    state = settle(KNOWN, SOURCE, FETCHED, now=NOW, jitter=0, cadence=cadence)
    assert state.next_pull_at == NOW + 54 * MINUTE


def test_while_a_hub_pushes_we_ask_seldom() -> None:
    pushed = replace(KNOWN, pushed_until=NOW + DAY)
    after = settle(pushed, SOURCE, NotModified(), now=NOW, jitter=MIDDLE)
    assert after.next_pull_at == NOW + PUSHED
    assert after.interval == HOUR


@pytest.mark.parametrize(
    ("cadence", "fresh_for", "expected"),
    [
        (Cadence(), None, NOW + MINUTE),
        (Cadence(ttl=2 * HOUR), None, NOW + 2 * HOUR),
        (Cadence(ttl=HOUR), 3 * HOUR, NOW + 3 * HOUR),
        (Cadence(skip_hours=(9, 10)), None, NOW + 1.5 * HOUR),
    ],
)
def test_who_wants_to_ask_sooner(cadence: Cadence, fresh_for: timedelta | None, expected: datetime) -> None:
    fetched = replace(FETCHED, fresh_for=fresh_for)
    state = settle(KNOWN, SOURCE, fetched, now=NOW, jitter=0, cadence=cadence)
    assert not_before(state, SOURCE, NOW + MINUTE) == expected


# Crowds -----------------------------------------------------------------------------------------------


def test_a_crowd_is_scattered_by_its_first_pull() -> None:
    source = Source(name="a", url=URL, min_interval=15 * MINUTE, max_interval=DAY)
    crowds = {
        "added at once": SourceState(name="a"),
        "after a downtime": replace(KNOWN, interval=15 * MINUTE, next_pull_at=NOW - 9 * HOUR),
    }
    for state in crowds.values():
        ticks: dict[int, int] = {}
        for n in range(10_000):
            after = settle(state, source, FETCHED, now=NOW, jitter=n / 10_000, changed=False)
            assert after.next_pull_at is not None
            tick = int((after.next_pull_at - NOW) / timedelta(seconds=5))
            ticks[tick] = ticks.get(tick, 0) + 1
        assert max(ticks.values()) <= 60, "180 ticks in a quarter of an hour"


# Failures ---------------------------------------------------------------------------------------------


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
    ("cadence", "due"),
    [
        (Cadence(ttl=5 * HOUR), NOW + 5 * HOUR),
        (Cadence(update_every=5 * HOUR), NOW + 5 * HOUR),
        (Cadence(skip_hours=(9, 10)), NOW + 1.5 * HOUR),
    ],
)
def test_what_the_feed_asks_for_goes_on_after_a_failure(cadence: Cadence, due: datetime) -> None:
    after = settle(replace(KNOWN, cadence=cadence), SOURCE, BROKEN, now=NOW, jitter=0)
    assert after.next_pull_at == due


def test_at_a_new_address_nobody_has_asked_for_anything() -> None:
    state = replace(KNOWN, cadence=Cadence(ttl=5 * HOUR), fresh_until=NOW + HOUR)
    assert not_before(state, replace(SOURCE, url="https://elsewhere.example/"), NOW) == NOW


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
    assert waits == pytest.approx([54, 57, 60, 63])


@pytest.mark.parametrize("jitter", [0, 0.99])
def test_no_wait_seems_to_be_the_fault_of_a_clock(jitter: float) -> None:
    source = replace(SOURCE, max_interval=3650 * DAY)
    cadence = Cadence(ttl=999 * DAY, skip_days=(0, 1, 2, 3, 4, 5), skip_hours=tuple(range(23)))
    for result in (FETCHED, replace(BROKEN, retry_after=30 * DAY)):
        state = settle(replace(KNOWN, cadence=cadence), source, result, now=NOW, jitter=jitter)
        assert state.next_pull_at is not None
        assert NOW + 30 * DAY <= state.next_pull_at <= NOW + FARTHEST


def test_a_paused_host_counts_against_none_of_its_sources() -> None:
    paused = FetchFailed(kind="paused", message="news.example has asked for a pause", retry_after=HOUR)
    after = settle(KNOWN, SOURCE, paused, now=NOW, jitter=0)
    assert after == replace(KNOWN, next_pull_at=NOW + HOUR)


@pytest.mark.parametrize(
    ("status", "retry_after", "wait"),
    [
        (429, HOUR, HOUR),
        (429, None, 15 * MINUTE),
        (503, HOUR, HOUR),
        (503, None, None),
        (500, HOUR, None),
        (404, None, None),
    ],
)
def test_what_pauses_a_host(status: int, retry_after: timedelta | None, wait: timedelta | None) -> None:
    result = replace(BROKEN, status=status, retry_after=retry_after, url="https://www.News.example:99/x")
    expected = HostPause(host="news.example", until=NOW + wait) if wait else None
    assert due_host_pause(result, NOW) == expected


# Mail -------------------------------------------------------------------------------------------------


def test_a_mailbox_is_asked_at_an_even_pace_and_emptied_without_a_pause() -> None:
    source = replace(SOURCE, kind="newsletter", url="imaps://mail.example/news")
    state = replace(KNOWN, url=source.url, failures=2, state="failing", interval=9 * HOUR)
    letters = Received(letters=(Letter(ref="1", raw=b"x"),), etag="7:12", more=True)
    after = settle(state, source, letters, now=NOW, jitter=0, changed=True, published=[NOW - HOUR])
    assert (after.etag, after.next_pull_at, after.delay) == ("7:12", NOW, HOUR)
    assert (after.state, after.failures, after.last_change_at) == ("ok", 0, NOW)
    last = settle(after, source, Received(letters=(), etag="7:12"), now=NOW, jitter=0)
    assert (last.interval, last.next_pull_at) == (10 * MINUTE, NOW + 10 * MINUTE)


# Delay ------------------------------------------------------------------------------------------------


def test_the_average_delay_leaves_out_what_was_there_before_us() -> None:
    first = settle(SourceState(name="a"), SOURCE, FETCHED, now=NOW, jitter=0, published=[NOW - 2 * HOUR])
    assert first.delay is None
    news = [NOW - 10 * MINUTE, NOW - 30 * MINUTE, NOW - 99 * DAY, NOW + HOUR]
    second = settle(first, SOURCE, FETCHED, now=NOW, jitter=0, changed=True, published=news)
    assert second.delay == 20 * MINUTE
    third = settle(second, SOURCE, FETCHED, now=NOW, jitter=0, changed=True, published=[NOW - 70 * MINUTE])
    assert third.delay == 30 * MINUTE
    assert settle(third, SOURCE, NotModified(), now=NOW, jitter=0).delay == 30 * MINUTE


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
        cadence = Cadence(ttl=ttl)
        state = settle(
            state, source, result, now=now, jitter=jitter, cadence=cadence, changed=changed, digest="d"
        )
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
                (min(span, source.max_interval) for span in (result.fresh_for, state.cadence.ttl) if span),
                default=None,
            )
        )
        assert wait >= max(source.min_interval, asked or MINUTE)
        assert wait <= max(source.max_interval, (asked or MINUTE) * 1.1)
        now = state.next_pull_at
