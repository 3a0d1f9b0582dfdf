"""A redirect becomes a source's address slowly, and ceases to be one quickly."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from syndicator.fetch.manners import adoption, settle
from syndicator.fetch.moved import FALLS_BACK, GOOD_PULLS, address
from syndicator.model import Fetched, FetchFailed, FetchResult, NotModified, Source, SourceState

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
OLD, NEW = "https://old.example/feed", "https://new.example/feed"
SOURCE = Source(name="a", url=OLD)
KNOWN = SourceState(
    name="a",
    url=OLD,
    state="ok",
    last_success_at=NOW,
    last_change_at=NOW,
    interval=timedelta(hours=6),
    etag='"1"',
)
MOVED = Fetched(url=NEW, body=b"x", permanent_url=NEW, etag='"2"')
STAYS = Fetched(url=OLD, body=b"x")
BROKEN = FetchFailed(kind="timeout", message="new.example was not done")
GONE = FetchFailed(kind="gone", status=410, message="new.example has removed this feed for good")


def after(state: SourceState, *results: FetchResult) -> SourceState:
    for result in results:
        state = settle(state, SOURCE, result, now=NOW, jitter=0.5)
        state = replace(state, interval=KNOWN.interval)
    return state


ADOPTED = after(KNOWN, *[MOVED] * GOOD_PULLS)


def test_adopted_after_several_good_pulls_at_the_same_place() -> None:
    almost = after(KNOWN, *[MOVED] * (GOOD_PULLS - 1))
    assert (almost.adopted_url, almost.moved_url, almost.moved_count) == ("", NEW, GOOD_PULLS - 1)
    assert address(SOURCE, almost) == OLD
    assert (ADOPTED.adopted_url, ADOPTED.moved_count, ADOPTED.host) == (NEW, 0, "new.example")
    assert address(SOURCE, ADOPTED) == NEW
    assert adoption(almost, ADOPTED, SOURCE) == f"has moved for good to {NEW}: write that into its file"
    assert adoption(ADOPTED, ADOPTED, SOURCE) == ""


def test_a_busy_hour_is_no_proof() -> None:
    state = replace(KNOWN, interval=timedelta(minutes=15))
    for _ in range(95):
        state = replace(settle(state, SOURCE, MOVED, now=NOW, jitter=0.5), interval=timedelta(minutes=15))
    assert state.adopted_url == ""
    assert settle(state, SOURCE, MOVED, now=NOW, jitter=0.5).adopted_url == NEW


@pytest.mark.parametrize(
    ("between", "count"),
    [(NotModified(), 5), (STAYS, 1), (BROKEN, 1), (replace(MOVED, permanent_url=NEW + "2"), 1)],
)
def test_in_a_row(between: FetchResult, count: int) -> None:
    state = after(KNOWN, *[MOVED] * 3, between, MOVED)
    assert state.moved_count == (4 if count == 5 else 1)


def test_a_pause_breaks_no_row() -> None:
    paused = FetchFailed(kind="paused", message="x", retry_after=timedelta(hours=1))
    assert after(KNOWN, *[MOVED] * 4, paused, MOVED).adopted_url == NEW


@pytest.mark.parametrize("target", ["http://new.example/feed", OLD, ""])
def test_never_adopted(target: str) -> None:
    assert after(KNOWN, *[replace(MOVED, permanent_url=target)] * 9).adopted_url == ""


def test_a_failing_place_is_given_up() -> None:
    failing = after(ADOPTED, *[BROKEN] * (FALLS_BACK - 1))
    assert address(SOURCE, failing) == NEW
    back = after(failing, BROKEN)
    assert (address(SOURCE, back), back.etag, back.host) == (OLD, "", "old.example")
    assert adoption(failing, back, SOURCE) == "new.example fails: asking the configured address again"


def test_gone_there_is_not_gone_here() -> None:
    back = after(ADOPTED, GONE)
    assert (back.state, back.adopted_url) == ("failing", "")
    assert back.next_pull_at is not None
    assert after(back, GONE).state == "stopped"


def test_a_new_configured_address_forgets_it() -> None:
    source = replace(SOURCE, url="https://third.example/")
    assert address(source, ADOPTED) == source.url
    state = settle(ADOPTED, source, STAYS, now=NOW, jitter=0)
    assert (state.adopted_url, state.moved_url, state.host) == ("", "", "third.example")


def test_it_may_move_on_and_back() -> None:
    third = replace(MOVED, permanent_url="https://third.example/")
    assert after(ADOPTED, *[third] * GOOD_PULLS).adopted_url == "https://third.example/"
    home = after(ADOPTED, *[replace(MOVED, permanent_url=OLD)] * GOOD_PULLS)
    assert (home.adopted_url, home.host) == ("", "old.example")
