from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndicator.deliver.retry import PAUSES, SPREAD, next_attempt

PLANNED = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
DAYS = timedelta(days=4)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("attempts", "passed", "jitter", "expected"),
    [
        (1, timedelta(0), 0.0, MINUTE),
        (2, MINUTE, 0.0, 6 * MINUTE),
        (3, 6 * MINUTE, 0.0, 21 * MINUTE),
        (4, 21 * MINUTE, 0.0, 81 * MINUTE),
        (5, 2 * HOUR, 0.0, 4 * HOUR),
        (6, 4 * HOUR, 0.0, 8 * HOUR),
        (7, 8 * HOUR, 0.0, 14 * HOUR),
        (8, 14 * HOUR, 0.0, 20 * HOUR),
        (500, 14 * HOUR, 0.0, 20 * HOUR),
        (4, timedelta(0), 0.5, HOUR * 0.875),
        (0, timedelta(0), 0.0, MINUTE),  # uncertain before the first attempt was counted
        (9, DAYS - HOUR, 0.0, DAYS),  # one last time, at the end of the span
        (9, DAYS - timedelta(microseconds=1), 0.9, DAYS),
        (9, DAYS, 0.0, None),
        (9, DAYS + HOUR, 0.0, None),
        (1, DAYS, 0.0, None),
        (1, -HOUR, 0.0, -HOUR + MINUTE),  # the clock was set back
    ],
)
def test_when(attempts: int, passed: timedelta, jitter: float, expected: timedelta | None) -> None:
    found = next_attempt(attempts, planned_at=PLANNED, now=PLANNED + passed, give_up=DAYS, jitter=jitter)
    assert found == (None if expected is None else PLANNED + expected)


def test_the_pauses_grow_to_six_hours() -> None:
    assert list(PAUSES) == sorted(PAUSES)
    assert (PAUSES[0], PAUSES[-1]) == (MINUTE, 6 * HOUR)


@given(
    st.integers(1, 1000),
    st.timedeltas(timedelta(0), timedelta(days=10)),
    st.timedeltas(timedelta(0), timedelta(days=10)),
    st.floats(0, 1, exclude_max=True),
)
def test_it_goes_on_and_comes_to_an_end(
    attempts: int, passed: timedelta, give_up: timedelta, jitter: float
) -> None:
    now = PLANNED + passed
    found = next_attempt(attempts, planned_at=PLANNED, now=now, give_up=give_up, jitter=jitter)
    if found is None:
        assert passed >= give_up
    else:
        assert now < found <= PLANNED + give_up
        assert found - now <= PAUSES[-1]
        assert found == PLANNED + give_up or found - now >= PAUSES[0] * (1 - SPREAD)


def test_a_whole_life() -> None:
    now, attempts = PLANNED, 0
    while True:
        attempts += 1
        again = next_attempt(attempts, planned_at=PLANNED, now=now, give_up=DAYS, jitter=0.0)
        if again is None:
            break
        now = again
    assert (now, attempts) == (PLANNED + DAYS, 22)
