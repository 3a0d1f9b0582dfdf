"""When soft refusals are too many: a table of cases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from syndicator.deliver.bounce.score import LIMIT, is_too_much, score

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def days(verdict, *ago: float):
    return [(NOW - timedelta(days=each), verdict) for each in ago]


@pytest.mark.parametrize(
    ("refusals", "points"),
    [
        ([], 0),
        (days("dead", 0), 1),
        (days("deferred", 0), 0.5),
        (days("ours", 0, 1, 2, 3, 4), 0),
        (days("dead", 0, 0.1, 0.2), 1),  # a day counts once
        (days("deferred", 0) + days("dead", 0.1), 1),  # by its worst
        (days("dead", 30), 0.5),
        (days("dead", 60), 0.25),
        (days("dead", 121), 0),
        (days("dead", -1), 1),  # a clock that was put back
    ],
)
def test_points(refusals, points: float) -> None:
    assert score(refusals, NOW) == pytest.approx(points, abs=0.01)


@pytest.mark.parametrize(
    ("refusals", "too_much"),
    [
        (days("dead", *range(3)), False),
        (days("dead", *range(4)), True),
        (days("deferred", *range(6)), False),
        (days("deferred", *range(7)), True),
        (days("dead", 0, 7, 14), False),  # a weekly digest
        (days("dead", 0, 7, 14, 21), True),
        (days("dead", 0, 30, 60, 90), False),  # a monthly one, never
        (days("ours", *range(100)), False),
    ],
)
def test_when_it_is_too_much(refusals, too_much: bool) -> None:
    assert is_too_much(refusals, NOW) is too_much
    assert is_too_much(refusals, NOW + timedelta(days=200)) is False
    assert LIMIT > 2, "one day, however bad, is not enough"
