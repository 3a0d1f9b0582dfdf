"""Charts and marks, as they are drawn."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndicator.cli.drawing import bar, columns, marked, over_days
from syndicator.text.marks import clip

FIRST = date(2026, 11, 1)


@pytest.mark.parametrize(
    ("count", "most", "drawn"),
    [(0, 8, ""), (0, 0, ""), (8, 8, "████"), (4, 8, "██"), (1, 8, "▌"), (1, 1000, "▏"), (999, 1000, "████")],
)
def test_bars(count, most, drawn):
    assert bar(count, most, 4) == drawn


def test_columns_show_whatever_is_not_nothing():
    assert columns([0, 1, 8, 16, 100], 2) == ["    █", " ▁▁▃█"]
    assert columns([], 2) == ["", ""]
    assert columns([0, 0], 1) == [""]


def test_a_chart_has_both_axes():
    counts = {FIRST: 2, FIRST + timedelta(days=3): 4}
    assert over_days(counts, FIRST, FIRST + timedelta(days=4), width=20, height=1) == [
        "4 ▕▄▄       ██",
        "   1 Nov 5 Nov 2026",
    ]


def test_more_days_than_fit_are_put_together():
    counts = {FIRST + timedelta(days=n): 1 for n in range(100)}
    drawn = over_days(counts, FIRST, FIRST + timedelta(days=99), width=25, height=1)
    assert drawn == ["4 ▕" + "█" * 25, "   1 Nov          8 Feb 2027  a column is 4 days"]


def test_one_day_is_a_chart_too():
    assert over_days({FIRST: 3}, FIRST, FIRST, width=20, height=1) == ["3 ▕██", "   1 Nov 2026"]


@given(
    counts=st.dictionaries(st.integers(0, 400), st.integers(0, 9999), min_size=1), width=st.integers(10, 90)
)
def test_no_chart_is_wider_than_asked(counts, width):
    by_day = {FIRST + timedelta(days=place): count for place, count in counts.items()}
    drawn = over_days(by_day, min(by_day), max(by_day), width=width)
    assert all(len(row.partition("▕")[2]) <= width for row in drawn[:-1])


def test_marks_are_brackets_elsewhere_than_on_a_terminal():
    assert marked("a ship and a boat", [(2, 6), (13, 17)], terminal=False).plain == "a [ship] and a [boat]"
    shown = marked("a ship", [(2, 6)], terminal=True)
    assert (shown.plain, [(span.start, span.end) for span in shown.spans]) == ("a ship", [(2, 6)])


LONG = "one two three four five six seven eight nine ten"


@pytest.mark.parametrize(
    ("spans", "length", "cut"),
    [
        ([], 99, LONG),
        ([], 20, "one two three four …"),
        ([(4, 7)], 20, "one [two] three four …"),
        ([(34, 39)], 20, "… [eight] nine ten"),
        ([(0, 3), (34, 39)], 20, "[one] two three four …"),
    ],
)
def test_a_text_is_cut_around_its_first_mark(spans, length, cut):
    text, inside = clip(LONG, spans, length)
    assert marked(text, inside, terminal=False).plain == cut


@given(text=st.text("ab 诈\n", max_size=90), length=st.integers(5, 40), data=st.data())
def test_marks_stay_on_their_words(text, length, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(start + 5, len(text))))
    if start == end:
        return
    cut, inside = clip(text, [(start, end)], length)
    assert len(cut) <= length + 4
    (place,) = inside
    assert text[start:end].replace("\n", " ").startswith(cut[place[0] : place[1]])
    assert place[0] < place[1]
