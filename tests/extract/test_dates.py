"""Dates as pages write them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndicator.extract.dates import from_text, in_words

DAY = datetime(2026, 3, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-03", DAY),
        ("2026-03-03T08:00:00+08:00", DAY),
        ("Tue, 03 Mar 2026 01:00:00 +0100", DAY),
        ("2026年3月3日", DAY),
        ("发布时间：2026-03-03 09:30", DAY.replace(hour=9, minute=30)),
        ("March 3rd, 2026", DAY),
        ("Mar 3, 2026 at 2:05 pm", DAY.replace(hour=14, minute=5)),
        ("Mar 3, 2026 12:30 AM", DAY.replace(minute=30)),
        ("3 March 2026", DAY),
        ("3-Mar-2026", DAY),
        ("Hafenstadt, 3. März 2026, 14:05 Uhr", DAY.replace(hour=14, minute=5)),
        ("Dienstag, 03.03.2026 - 07:15", DAY.replace(hour=7, minute=15)),
        ("03.03.26", DAY),
        ("3 mars 2026 à 18h20", DAY.replace(hour=18, minute=20)),
        ("3 de marzo de 2026", DAY),
        ("3 marca 2026", DAY),
        ("3 марта 2026", DAY),
        ("03/03/2026", DAY),
        ("3/13/2026", datetime(2026, 3, 13, tzinfo=UTC)),
        ("13/3/2026", datetime(2026, 3, 13, tzinfo=UTC)),
        ("31. Februar 2026", None),
        ("version 2.4.10", None),
        ("10.20.30.40", None),
        ("1970-01-01", None),
        ("0000-00-00", None),
        ("3000-01-01", None),
        ("in 2026", None),
        ("", None),
    ],
)
def test_dates(text: str, expected: datetime | None) -> None:
    assert from_text(text) == expected


@given(st.text(max_size=300))
def test_any_text_gives_an_instant_in_reach_or_none(text: str) -> None:
    for moment in (from_text(text), in_words(text)):
        assert moment is None or (moment.tzinfo is UTC and 1989 <= moment.year <= 2100)


@given(st.dates(date(1991, 1, 1), date(2098, 1, 1)))
def test_every_form_says_the_same_day(written: date) -> None:
    day = datetime(written.year, written.month, written.day, tzinfo=UTC)
    for form in ("%Y-%m-%d", "%d.%m.%Y", "%Y/%m/%d", "%B %d, %Y", "%d %b %Y", "%Y年%m月%d日"):
        assert from_text(written.strftime(form)) == day
