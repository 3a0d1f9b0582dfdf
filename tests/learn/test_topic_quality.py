"""Rules on labelled news: what docs/quality.md promises, without the judgements, which take a minute."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from syndicator.catalog import load_topics

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def bench():
    path = ROOT / "bench" / "topics.py"
    spec = importlib.util.spec_from_file_location("bench_topics", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["bench_topics"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    yield module
    del sys.modules["bench_topics"]


@pytest.fixture(scope="module")
def topics():
    return {**load_topics(ROOT / "config" / "topics"), **load_topics(ROOT / "bench" / "topics")}


def test_every_label_has_its_topic(bench, topics):
    assert {label.topic for label in bench.LABELS} <= topics.keys()


def test_the_rules_are_as_good_as_promised(bench, topics, corpus):
    found = {}
    for label in bench.LABELS[:7]:
        items = bench.read(label, topics[label.topic], corpus / "topics")
        truth = [item.is_in for item in items]
        given = [bench.is_in_rule(item, topics[label.topic]) for item in items]
        found[label.topic] = bench.score(truth, given)[2]
    fraud = found.pop("telecom-fraud")
    assert fraud >= 0.90
    assert found["china"] >= 0.86
    assert sum(found.values()) / len(found) >= 0.80


def test_the_score_is_the_score(bench):
    assert bench.score([True, True, False, False], [True, False, True, False]) == (0.5, 0.5, 0.5)
    assert bench.score([True], [False]) == (0.0, 0.0, 0.0)
