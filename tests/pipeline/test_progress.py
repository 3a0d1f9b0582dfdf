"""How fast mail goes, and why it does not: pure tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from syndicator.model import DeliveryStatus
from syndicator.pipeline.progress import CAUSES, grouped, pace
from syndicator.store.outbox import Replies

NOW = datetime(2026, 11, 27, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ago", "rate"),
    [
        ([], 0),
        ([2], 1),  # one a minute, and not thirty
        ([0, 10, 20, 30], 4),
        ([0] * 120 + [120], 60.5),
        ([280, 300], 0.4),  # it has stopped
    ],
)
def test_pace(ago, rate):
    assert pace([NOW - timedelta(seconds=each) for each in ago], NOW) == rate


def test_the_same_words_to_many_are_one_cause():
    said = [
        Replies(f"550 5.1.1 <r{n}@mail.example>: unknown, session {n}f7c2a9", n, NOW + timedelta(seconds=n))
        for n in range(1, 5)
    ]
    said += [
        Replies("421 4.7.28 unusual rate", 3, NOW),
        Replies("the reader left before it was sent", 2, NOW),
    ]
    first, rate, left = grouped(DeliveryStatus.REFUSED, said)
    assert (first.times, first.reason, first.is_ours) == (10, "user-unknown", False)
    assert first.example == said[3].reply, "the newest"
    assert (rate.reason, rate.is_ours) == ("rate", True)
    assert (left.times, left.reason) == (2, "")


def test_of_very_many_causes_the_most_frequent_are_told():
    words = [f"450 {chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(200)]
    found = grouped(DeliveryStatus.DEFERRED, [Replies(each, n, NOW) for n, each in enumerate(words)])
    assert [each.times for each in found] == list(range(199, 199 - CAUSES, -1))
