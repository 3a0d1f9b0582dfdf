"""In which order a digest tells things, and the reasons that it gives for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndicator.card import Reason
from syndicator.digest.rank import SIGNS, order, rank, span
from syndicator.model import Candidate, Speaker

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def candidate(id_=1, *, score=5, hours=1.0, characters=3_000, language="en", sources=1):
    return Candidate(
        speakers=(Speaker(id_, "wire"),),
        score=score,
        at=NOW - timedelta(hours=hours),
        characters=characters,
        language=language,
        sources=sources,
    )


def points(span=DAY, **figures):
    ranked = rank(candidate(**figures), at=NOW, span=span)
    return {sign.kind: round(sign.points, 1) for sign in ranked.signs}


@pytest.mark.parametrize(
    ("sign", "figures", "expected"),
    [
        ("score", {"score": 0}, 0),
        ("score", {"score": -3}, 0),
        ("score", {"score": 10}, 17.5),
        ("score", {"score": 20}, 35),
        ("score", {"score": 99}, 35),
        ("hours", {"hours": 0}, 30),
        ("hours", {"hours": -5}, 30),  # a clock that is ahead
        ("hours", {"hours": 12}, 26.2),
        ("hours", {"hours": 24}, 22.5),
        ("hours", {"hours": 36}, 15),
        ("hours", {"hours": 48}, 7.5),
        ("hours", {"hours": 72}, 3.8),
        ("hours", {"hours": 96}, 0),
        ("hours", {"hours": 9_999}, 0),
        ("hours", {"hours": 84, "span": 7 * DAY}, 26.2),  # half its span
        ("sources", {"sources": 1}, 0),
        ("sources", {"sources": 2}, 8.3),
        ("sources", {"sources": 4}, 16.7),
        ("sources", {"sources": 8}, 25),
        ("sources", {"sources": 50}, 25),
        ("minutes", {"characters": 0}, 0),
        ("minutes", {"characters": 1_400}, 5),
        ("minutes", {"characters": 2_800}, 10),
        ("minutes", {"characters": 280_000}, 10),
        ("minutes", {"characters": 450, "language": "zh-Hans"}, 5),
        ("minutes", {"characters": 450, "language": "en"}, 1.6),
    ],
)  # fmt: skip
def test_each_sign_is_bounded(sign, figures, expected):
    assert points(**figures)[sign] == expected


def test_all_signs_together_weigh_a_hundred():
    assert sum(sign.weight for sign in SIGNS) == 100
    assert rank(candidate(score=20, hours=0, sources=8), at=NOW, span=DAY).points == 100


def test_the_reasons_come_with_what_weighed_most_first_and_leave_out_what_weighs_nothing():
    ranked = rank(candidate(score=14, hours=2.5, sources=4, characters=100), at=NOW, span=DAY)
    assert ranked.why == (Reason("hours", 2), Reason("score", 14), Reason("sources", 4), Reason("minutes", 0))
    ahead = rank(candidate(score=0, hours=-5, characters=0), at=NOW, span=DAY)
    assert ahead.why == (Reason("hours", 0),), "a clock that is ahead"
    alone = rank(candidate(score=0, hours=200, characters=0), at=NOW, span=DAY)
    assert alone.why == ()


def ids(*candidates, span=DAY):
    return [each.candidate.id for each in order(candidates, at=NOW, span=span)]


def test_of_two_that_match_alike_the_newer_the_one_that_more_tell_and_the_longer_leads():
    assert ids(candidate(1, hours=20), candidate(2, hours=2)) == [2, 1]
    assert ids(candidate(1), candidate(2, sources=3)) == [2, 1]
    assert ids(candidate(1, characters=200), candidate(2)) == [2, 1]


def test_yesterdays_news_does_not_lead_unless_it_is_much_the_greater():
    today = candidate(1, score=6, hours=3)
    assert ids(candidate(2, score=9, hours=40), today) == [1, 2]
    assert ids(candidate(2, score=9, hours=40, sources=8), today) == [2, 1]


def test_in_a_weekly_mail_the_week_counts_and_not_its_last_day():
    sunday, monday = candidate(1, score=6, hours=5), candidate(2, score=12, hours=150)
    assert ids(sunday, monday) == [1, 2]
    assert ids(sunday, monday, span=span("weekly")) == [2, 1]


def test_a_tie_goes_to_the_newer_and_then_to_what_arrived_last():
    assert ids(candidate(1, score=20, hours=0), candidate(2, score=30, hours=0)) == [2, 1]


CANDIDATES = st.lists(
    st.builds(
        candidate,
        st.integers(1, 10**6),
        score=st.integers(-50, 50) | st.floats(-50, 50),
        hours=st.floats(-100, 10_000),
        characters=st.integers(0, 10**6),
        language=st.sampled_from(["", "en", "zh-CN", "ja", "ar"]),
        sources=st.integers(0, 100),
    ),
    unique_by=lambda each: each.id,
    max_size=12,
)


@given(CANDIDATES, st.randoms())
def test_the_order_does_not_depend_on_that_of_the_candidates(found, random):
    ranked = order(found, at=NOW, span=DAY)
    shuffled = list(found)
    random.shuffle(shuffled)
    assert order(shuffled, at=NOW, span=DAY) == ranked
    assert all(0 <= each.points <= 100 for each in ranked)
    assert all(
        0 <= sign.points <= of.weight for each in ranked for sign, of in zip(each.signs, SIGNS, strict=True)
    )
