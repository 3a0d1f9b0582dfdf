"""Weighing: another score or no match, never a match that was none; and nothing that is stored can harm."""

from __future__ import annotations

import json
import math
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opinions import TOPIC

from syndicator.learn import heeded, weigh
from syndicator.learn.features import POINTS, features
from syndicator.learn.record import FORM, MOST_WEIGHTS, fingerprint, from_json, made, to_json
from syndicator.model import Article, Figures, Match

FIGURES = Figures(accepted=30, rejected=30, rule_f1=0.6, f1=0.9)
TRADE = Article(source="wire", key="a", title="China trade", text="Trade grows.")
CUPS = Article(source="wire", key="b", title="China teapot", text="A porcelain teapot.")
MATCH = Match(topic="china", score=3, because=("title: china",))


def learned(weights=None, *, bias=0.0, threshold=0.5, verdicts=None):
    given = {"trade": 5.0, "teapot": -5.0} if weights is None else weights
    return made(
        "china", weights=given, bias=bias, threshold=threshold, verdicts=verdicts or {}, figures=FIGURES
    )


def test_off_and_nothing_learned_change_nothing():
    assert weigh(None, "filter", CUPS, MATCH) is MATCH
    assert weigh(learned(), "off", CUPS, MATCH) is MATCH
    assert weigh(learned({}, bias=-9), "filter", CUPS, MATCH) is MATCH


def test_rank_changes_scores_and_says_why():
    better, worse = (weigh(learned(), "rank", one, MATCH) for one in (TRADE, CUPS))
    assert better.score > 3 > worse.score
    assert better.because[0] == "title: china"
    assert better.because[1].startswith("judged alike: +")
    assert better.because[1].endswith("(trade)")
    assert worse.because[1].startswith("judged alike: -")
    assert worse.because[1].endswith("(teapot)")


def test_filter_removes_what_is_below_the_threshold():
    assert weigh(learned(), "filter", CUPS, MATCH) is None
    assert weigh(learned(), "filter", TRADE, MATCH) is not None
    assert weigh(learned(threshold=0.0), "filter", CUPS, MATCH) is not None


def test_what_was_judged_itself_is_as_the_admin_said():
    said = learned(verdicts={"wire\ta": False, "wire\tb": True})
    assert weigh(said, "filter", TRADE, MATCH) is None
    kept = weigh(said, "filter", CUPS, MATCH)
    assert (kept.score, kept.because[-1]) == (9, "judged: accepted")
    low = weigh(said, "rank", TRADE, MATCH)
    assert (low.score, low.because[-1]) == (0, "judged: rejected")


def test_each_topic_is_weighed_as_it_wants():
    others = {"china": TOPIC}
    found = (MATCH, Match(topic="tea", score=2, because=("title: teapot",)))
    assert [match.topic for match in heeded(found, CUPS, others, {"china": learned()})] == ["tea"]
    assert heeded(found, CUPS, others, {"tea": learned()}) == found


words = st.sampled_from(["trade", "teapot", "china", "source:wire", POINTS, "grows", "中国"])
numbers = st.floats(-1e6, 1e6)


@given(
    weights=st.dictionaries(words, numbers),
    bias=numbers,
    threshold=st.floats(0, 1),
    title=st.text(max_size=40),
    text=st.text(max_size=80),
    score=st.floats(0, 1e9),
    mode=st.sampled_from(["rank", "filter"]),
)
def test_it_never_adds_and_stays_within_bounds(weights, bias, threshold, title, text, score, mode):
    article = Article(source="wire", key="x", title=title, text=text)
    match = Match(topic="china", score=score, because=())
    weighed = weigh(learned(weights, bias=bias, threshold=threshold), mode, article, match)
    if mode == "rank":
        assert weighed is not None
    if weighed is not None:
        assert weighed.topic == "china"
        assert math.isfinite(weighed.score)
        assert abs(weighed.score - score) <= 6.001
        assert weighed.score >= 0


@given(title=st.text(max_size=60), text=st.text(max_size=200))
def test_the_words_of_an_article_have_length_one_together(title, text):
    found = features(Article(source="", key="x", title=title, text=text), MATCH)
    length = math.fsum(value**2 for name, value in found.items() if ":" not in name)
    assert length == pytest.approx(1) or length == 0
    assert found[POINTS] == 2


HOSTILE = {
    "nothing": None,
    "a list": [],
    "no form": {},
    "another form": {"form": FORM + 1},
    "not a number": {"weights": {"trade": math.nan}},
    "infinite": {"weights": {"trade": math.inf}},
    "infinite bias": {"bias": -math.inf},
    "too large": {"weights": {"trade": 1e300}},
    "an integer too large for a float": {"bias": 10**400},
    "a word": {"weights": {"trade": "5"}},
    "true": {"threshold": True},
    "a list of weights": {"weights": [1, 2]},
    "too many": {"weights": {f"w{n}": 1.0 for n in range(MOST_WEIGHTS + 1)}},
    "verdicts that are none": {"verdicts": {"wire\ta": "no"}},
    "figures that are none": {"figures": {"accepted": "many"}},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_cannot_be_used_counts_as_nothing_learned(name):
    value = HOSTILE[name]
    if isinstance(value, dict) and value and name != "another form":
        value = to_json(learned()) | value
    read = from_json("china", "v1", value)
    assert (read.version, read.weights) == ("v1", {})
    assert weigh(read, "filter", CUPS, MATCH) is MATCH


def test_it_is_plain_json():
    one = learned(verdicts={"wire\ta": True})
    assert from_json("china", one.version, json.loads(json.dumps(to_json(one)))) == one


def test_the_fingerprint_follows_what_decides():
    from dataclasses import replace

    off, rank = replace(TOPIC, learn="off", fingerprint="f"), replace(TOPIC, learn="rank", fingerprint="f")
    filter_ = replace(rank, learn="filter")
    one, other = learned(), learned({"trade": 5.1})
    assert fingerprint(off, one) == fingerprint(rank, None) == "f"
    made_ = [fingerprint(rank, one), fingerprint(rank, other), fingerprint(filter_, one)]
    assert len({"f", *made_}) == 4


def test_a_huge_article_is_weighed_by_its_beginning():
    huge = Article(source="wire", key="x", title="China " * 50_000, text="trade " * 500_000)
    assert len(features(huge, MATCH)) < 10
    assert weigh(learned(), "filter", huge, MATCH) is not None


def test_weighing_imports_no_library_of_numbers():
    code = (
        "import sys, syndicator.pipeline, syndicator.learn.weigh\n"
        "print(sorted({'sklearn', 'scipy', 'joblib'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
