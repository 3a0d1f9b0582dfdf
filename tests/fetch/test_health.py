from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from syndicator.fetch.health import Health
from syndicator.fetch.manners import health
from syndicator.model import Source, SourceState

NOW = datetime(2026, 11, 30, 9, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
URL = "https://news.example/feed"
SOURCE = Source(name="a", url=URL)
OK = SourceState(
    name="a", url=URL, state="ok", last_success_at=NOW - HOUR, last_change_at=NOW - DAY, interval=2 * HOUR
)


MOVED = replace(OK, adopted_url="https://new.example/")


def failing(failures: int, ago: timedelta | None) -> SourceState:
    since = None if ago is None else NOW - ago
    return replace(OK, state="failing", failures=failures, last_error="no answer", last_success_at=since)


@pytest.mark.parametrize(
    ("state", "word", "text"),
    [
        (SourceState(name="a"), "new", "not yet pulled"),
        (replace(OK, url="https://old.example/"), "new", "not yet pulled"),
        (OK, "ok", "asked every 2 h"),
        (
            replace(OK, delay=timedelta(minutes=9)),
            "ok",
            "asked every 2 h; its articles are 9 min old when they come",
        ),
        (failing(1, HOUR), "failing", "has failed once since 2026-11-30: no answer"),
        (failing(9, 6 * DAY), "failing", "has failed 9 times in a row since 2026-11-24: no answer"),
        (failing(4, 9 * DAY), "failing", "has failed 4 times in a row since 2026-11-21: no answer"),
        (failing(5, 7 * DAY), "dead", "has failed 5 times in a row since 2026-11-23: no answer"),
        (failing(8, None), "failing", "has failed 8 times in a row from the beginning: no answer"),
        (failing(20, None), "dead", "has failed 20 times in a row from the beginning: no answer"),
        (failing(10**9, None), "dead", "has failed 1000000000 times in a row from the beginning: no answer"),
        (
            replace(failing(1, HOUR), last_error="10.0.0.1 is a private address; allow_private can allow it"),
            "stuck",
            "has failed once since 2026-11-30: 10.0.0.1 is a private address; allow_private can allow it",
        ),
        (replace(OK, last_change_at=NOW - 29 * DAY), "ok", "asked every 2 h"),
        (
            replace(OK, last_change_at=NOW - 30 * DAY),
            "silent",
            "answers, but has had no new article for 30 days",
        ),
        (replace(OK, last_change_at=NOW - 39 * DAY, interval=4 * DAY), "ok", "asked every 4 days"),
        (replace(OK, last_change_at=NOW + 99 * 365 * DAY), "ok", "asked every 2 h"),  # a clock was wrong
        (MOVED, "moved", "has moved for good to https://new.example/: write that into its file"),
        (
            replace(OK, state="stopped", last_error="removed for good"),
            "stopped",
            "not asked any more: removed for good",
        ),
    ],
)
def test_a_word_and_a_line(state: SourceState, word: str, text: str) -> None:
    found = health(state, SOURCE, NOW)
    assert found == Health(word=word, text=text)  # type: ignore[arg-type]
    assert found.is_alarm == (word in ("stuck", "dead", "silent", "moved", "stopped"))
