"""Training: determined by the judgements alone, and honest about whether it helps."""

from __future__ import annotations

import random
import subprocess
import sys
from dataclasses import replace

import pytest
from opinions import TOPIC, confused, opinions

from syndicator.errors import SyndicatorError
from syndicator.learn import weigh
from syndicator.learn.record import from_json, to_json
from syndicator.learn.train import TooFew, f1, train
from syndicator.learn.weigh import lift, strongest
from syndicator.match import Index


@pytest.mark.parametrize("counts", [(0, 0), (9, 50), (50, 9), (200, 0)])
def test_too_few_of_either_kind_are_refused(counts):
    with pytest.raises(TooFew, match=f"{counts[0]} accepted, {counts[1]} rejected") as caught:
        train("china", opinions(*counts))
    assert "at least 10 of each" in caught.value.hint


def test_ten_of_each_are_enough_to_try():
    lesson = train("china", opinions(10, 10))
    assert (lesson.figures.accepted, lesson.figures.rejected) == (10, 10)


def test_what_can_be_told_apart_is_learned_and_holds_for_articles_never_seen():
    lesson = train("china", opinions(30, 30))
    assert lesson.is_better
    assert lesson.figures.f1 > 0.9 > lesson.figures.rule_f1
    strangers = opinions(40, 40, seed=77)
    truth = [judgement.verdict == "accept" for judgement, _ in strangers]
    kept = [
        weigh(lesson.learned, "filter", replace(judgement.article, key=f"new-{place}"), match) is not None
        for place, (judgement, match) in enumerate(strangers)
    ]
    assert f1(truth, kept) > 0.9


def test_where_there_is_nothing_to_learn_it_is_not_switched_on():
    assert not train("china", confused(60)).is_better


def test_what_the_rule_does_not_find_is_never_counted_as_found():
    told = [(judgement, None) for judgement, _ in opinions(20, 20)]
    lesson = train("china", told)
    assert (lesson.figures.f1, lesson.figures.rule_f1, lesson.is_better) == (0.0, 0.0, False)


def test_the_order_of_judgements_does_not_matter():
    told = opinions(20, 20)
    shuffled = list(told)
    random.Random(5).shuffle(shuffled)
    assert train("china", told) == train("china", shuffled)


def test_another_process_with_other_hashes_learns_the_same():
    code = (
        "import sys; sys.path.insert(0, 'tests')\n"
        "from opinions import opinions\nfrom syndicator.learn.train import train\n"
        "print(train('china', opinions(15, 15)).learned.version)"
    )
    made = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PATH": ""},
        ).stdout
        for seed in ("1", "2")
    }
    assert made == {train("china", opinions(15, 15)).learned.version + "\n"}


def test_the_strongest_words_are_those_that_tell():
    towards, away = strongest(train("china", opinions(40, 40)).learned.weights, most=5)
    assert {"trade", "export", "porcelain", "teapot"} & {*towards, *away}
    assert not {"the", "of", "china"} & {*towards, *away}
    assert not set(towards) & set(away)


def test_everyday_words_are_no_suggestion():
    weights = {"export": 2.0, "said": 3.0, "teapot": -2.0, "today": -3.0, "source:wire": 9.0}
    lifts = {
        "export": lift(9, 10, 30, 1_000), "said": lift(9, 10, 900, 1_000),
        "teapot": lift(8, 10, 10, 1_000), "today": lift(5, 10, 600, 1_000),
    }  # fmt: skip
    assert strongest(weights, most=5, lifts=lifts) == (["export"], ["teapot"])
    assert strongest(weights, most=5) == (["said", "export"], ["today", "teapot"])


def test_chinese_is_learned_by_pairs_of_characters():
    told = []
    for place, (judgement, match) in enumerate(opinions(20, 20)):
        word = "出口贸易增长" if judgement.verdict == "accept" else "瓷器茶壶拍卖"
        one = replace(judgement.article, title=f"中国{word}", text=f"第{place}篇 {word}")
        told.append((replace(judgement, article=one), match))
    lesson = train("china", told)
    assert lesson.is_better
    towards, away = strongest(lesson.learned.weights, most=5)
    assert "贸易" in towards
    assert "瓷器" in away


def test_what_is_stored_weighs_as_what_was_learned():
    told = opinions(20, 20)
    learned = train("china", told).learned
    again = from_json("china", learned.version, to_json(learned))
    assert again == learned
    for judgement, match in told:
        assert weigh(again, "rank", judgement.article, match) == weigh(
            learned, "rank", judgement.article, match
        )


def test_huge_texts_take_no_more_than_their_beginnings():
    told = opinions(10, 10)
    judgement, match = told[0]
    huge = replace(judgement.article, text="trade " * 200_000, title="China " * 100_000)
    lesson = train("china", [(replace(judgement, article=huge), match), *told[1:]])
    assert weigh(lesson.learned, "rank", huge, next(iter(Index([TOPIC]).match(huge))))


def test_without_the_library_a_command_is_told_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(SyndicatorError, match="scikit-learn is not installed") as caught:
        train("china", opinions(10, 10))
    assert "syndicator[learn]" in caught.value.hint
