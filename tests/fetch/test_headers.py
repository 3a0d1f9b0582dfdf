from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from syndicator.fetch.headers import LONGEST_WAIT, fresh_for, instant, plain, retry_after, validator

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
DATE = "Mon, 02 Nov 2026 09:00:00 GMT"


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("0", timedelta(0)),
        ("120", timedelta(minutes=2)),
        (" 120 ", timedelta(minutes=2)),
        ("9" * 5000, LONGEST_WAIT),
        ("999999999", LONGEST_WAIT),
        ("Mon, 02 Nov 2026 10:00:00 GMT", timedelta(minutes=30)),
        ("Mon, 02 Nov 2026 11:00:00 +0100", timedelta(minutes=30)),
        ("Monday, 02-Nov-26 10:00:00 GMT", timedelta(minutes=30)),  # RFC 850
        ("Mon Nov  2 10:00:00 2026", timedelta(minutes=30)),  # asctime
        ("Fri, 31 Dec 9999 23:59:59 -1200", None),
        ("Sun, 01 Nov 2026 10:00:00 GMT", timedelta(0)),
        ("-5", None),
        ("1.5", None),
        ("１２０", None),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after(value: str, wait: timedelta | None) -> None:
    assert retry_after({"Retry-After": value}, NOW) == wait


def test_dates_count_from_the_servers_own_clock() -> None:
    later = "Mon, 02 Nov 2026 10:00:00 GMT"
    assert retry_after({"Retry-After": later, "Date": DATE}, NOW) == timedelta(hours=1)
    assert fresh_for(CIMultiDict({"Expires": later, "Date": DATE}), NOW) == timedelta(hours=1)


@pytest.mark.parametrize(
    ("fields", "fresh"),
    [
        ({}, None),
        ({"Cache-Control": "max-age=60"}, timedelta(minutes=1)),
        ({"Cache-Control": 'public, Max-Age="60" , must-revalidate'}, timedelta(minutes=1)),
        ({"Cache-Control": "max-age=60", "Age": "45"}, timedelta(seconds=15)),
        ({"Cache-Control": "max-age=60", "Age": "90"}, timedelta(0)),
        ({"Cache-Control": "max-age=60", "Age": "x"}, timedelta(minutes=1)),
        ({"Cache-Control": "max-age=99999999999999"}, LONGEST_WAIT),
        ({"Cache-Control": "max-age=-1"}, None),
        ({"Cache-Control": "s-maxage=60"}, None),
        ({"Cache-Control": "no-cache, max-age=60"}, timedelta(0)),
        ({"Cache-Control": "max-age=60, no-store"}, timedelta(0)),
        ({"Cache-Control": "max-age=60, max-age=90"}, timedelta(seconds=90)),
        (
            {"Cache-Control": "max-age=x", "Expires": "Mon, 02 Nov 2026 12:00:00 GMT", "Date": DATE},
            timedelta(hours=3),
        ),
        ({"Cache-Control": "max-age=60", "Expires": "Mon, 02 Nov 2026 12:00:00 GMT"}, timedelta(minutes=1)),
        ({"Expires": "Mon, 02 Nov 2026 12:00:00 GMT", "Date": DATE}, timedelta(hours=3)),
        ({"Expires": "Mon, 02 Nov 2026 12:00:00 GMT"}, timedelta(hours=2, minutes=30)),
        ({"Expires": "0"}, timedelta(0)),
        ({"Expires": "-1"}, timedelta(0)),
        ({"Expires": "Mon, 02 Nov 2020 12:00:00 GMT"}, timedelta(0)),
    ],
)
def test_freshness(fields: dict[str, str], fresh: timedelta | None) -> None:
    assert fresh_for(CIMultiDict(fields), NOW) == fresh


def test_every_line_of_cache_control_counts() -> None:
    lines = CIMultiDict([("Cache-Control", "public"), ("cache-control", "max-age=60")])
    assert fresh_for(lines, NOW) == timedelta(minutes=1)


@given(
    st.dictionaries(st.sampled_from(["Retry-After", "Cache-Control", "Expires", "Date", "Age"]), st.text())
)
def test_any_text_gives_a_wait_within_bounds_or_none(fields: dict[str, str]) -> None:
    for wait in (retry_after(fields, NOW), fresh_for(CIMultiDict(fields), NOW)):
        assert wait is None or timedelta(0) <= wait <= LONGEST_WAIT


@given(st.text())
def test_any_text_is_a_date_in_utc_or_none(value: str) -> None:
    found = instant(value)
    assert found is None or found.tzinfo is UTC


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ('W/"x-gzip"', True),
        ("no quotes, 1", True),
        ('"é新"', True),
        ('"\udcff"', False),
        ('"\x00"', False),
        ('"a\r\nX: y"', False),
        ("x" * 1025, False),
    ],
)
def test_validators_are_kept_as_they_are_or_not_at_all(value: str, kept: bool) -> None:
    assert validator({"ETag": value}, "ETag") == (value if kept else "")


def test_plain_text_of_a_field() -> None:
    assert plain("text/xml;\x00 charset=\udcffutf-8") == "text/xml; charset=utf-8"
