"""The numbers that the chart of readers is drawn by."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from syndicator.web.chart import MOST, Level, levels

FIRST = date(2026, 1, 1)


def drawn(**days: tuple[int, int, int]):
    chart = levels({FIRST + timedelta(days=int(n[1:])): Level(*level) for n, level in days.items()})
    assert chart
    return chart, [(bar.matched, bar.gained, bar.lost) for bar in chart.bars]


def test_a_day_without_a_count_is_as_the_day_before():
    chart, bars = drawn(d0=(10, 2, 0), d3=(9, 1, 2))
    assert bars == [(10, 2, 0), (10, 0, 0), (10, 0, 0), (9, 1, 2)]
    assert chart.first == datetime(2026, 1, 1, tzinfo=UTC)
    assert [mark.count for mark in chart.marks if mark.count > 0] == [10, 5]
    assert chart.bars[0].middle > chart.bars[0].y, "who joined stands on top"
    assert abs(chart.bars[3].lost_height - 2 * chart.bars[3].gained_height) < 0.02


def test_many_days_are_put_together_as_the_last_of_them_with_all_that_moved():
    days = {FIRST + timedelta(days=n): Level(100 + n, 3, 2) for n in range(3 * MOST)}
    chart = levels(days)
    assert chart
    assert (len(chart.bars), chart.days) == (MOST, 3)
    assert (chart.bars[0].matched, chart.bars[0].gained, chart.bars[0].lost) == (102, 9, 6)


def test_who_came_and_went_within_a_bar_is_not_drawn_above_who_reads():
    _, bars = drawn(d0=(1, 5, 4))
    assert bars == [(1, 1, 4)]
    _, bars = drawn(d0=(0, 0, 0))
    assert bars == [(0, 0, 0)]


def test_without_a_count_there_is_no_chart():
    assert levels({}) is None
