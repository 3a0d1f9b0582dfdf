"""Traps in rules: which are told and, as important, which are not."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from syndicator.match import Index, parse_line, parse_rule
from syndicator.match.implied import implies
from syndicator.match.lint import Vocabulary, pairs_of, traps, traps_among
from syndicator.model import Article, Term, Topic

IMPLIED = [
    ("ship", "ship"),
    ("ship", "SHIP"),
    ("ship", "ship*"),
    ("ships", "ship*"),
    ("shipyard*", "ship*"),
    ('"a ship came"', '"ship came"'),
    ('"a ship came"', '"ship cam*"'),
    ("title:ship", "ship"),
    ("lead:ship", "body:ship"),
    ("lead:ship", "ship"),
    ("ship harbour", "ship"),
    ("ship harbour", "harbour ship"),
    ("ship OR ships", "ship*"),
    ("ship", "ship OR boat"),
    ("ship harbour", "boat OR harbour"),
    ("ship NEAR/3 harbour", "ship"),
    ("(ship OR ships) NEAR/3 harbour", "ship*"),
    ("ship NEAR/3 harbour", "ship NEAR/5 harbour"),
    ("ship NEAR/3 harbour", "harbour NEAR/3 (ship OR boat)"),
    ("ship NOT boats", "ship"),
    ("ship NOT boat", "ship NOT boat"),
    ("电信诈骗", "诈骗"),
    ("tag:ship", "tag:ship*"),
]
NOT_IMPLIED = [
    ("ship", "ships"),
    ("ship*", "ship"),
    ("ship*", "shipyard*"),
    ("ship", "title:ship"),
    ("title:ship", "body:ship"),
    ("ship", "ship harbour"),
    ('"ship came"', '"came ship"'),
    ('"a ship"', '"a ship came"'),
    ("ship OR boat", "ship"),
    ("ship NEAR/5 harbour", "ship NEAR/3 harbour"),
    ("(ship OR boat) NEAR/3 harbour", "ship"),
    ("=Ship", "=ship"),
    ("ship", "=Ship"),
    ("tag:ship", "ship"),
    ("scampi", "scams*"),
]


@pytest.mark.parametrize(("one", "other"), IMPLIED)
def test_a_line_that_another_implies(one, other):
    assert implies(parse_line(one), parse_line(other))


@pytest.mark.parametrize(("one", "other"), NOT_IMPLIED)
def test_a_line_that_no_other_implies(one, other):
    assert not implies(parse_line(one), parse_line(other))


WORDS = st.sampled_from(["ship", "ships", "shipyard", "boat", "port"])
ATOMS = st.one_of(
    WORDS,
    st.builds("{}*".format, st.sampled_from(["ship", "shi", "boa"])),
    st.builds('"{} {}"'.format, WORDS, WORDS),
    st.builds('"{} {}*"'.format, WORDS, st.sampled_from(["ship", "boat"])),
    st.builds("{}:{}".format, st.sampled_from(["title", "lead", "body"]), WORDS),
    st.builds("{} NEAR/{} {}".format, WORDS, st.integers(0, 2), WORDS),
    st.builds("({} OR {}) NEAR/{} {}*".format, WORDS, WORDS, st.integers(0, 2), st.just("ship")),
)
LINES = st.one_of(
    ATOMS,
    st.builds("({}) AND ({})".format, ATOMS, ATOMS),
    st.builds("({}) OR ({})".format, ATOMS, ATOMS),
    st.builds("({}) NOT ({})".format, ATOMS, ATOMS),
)
TEXTS = st.lists(WORDS, max_size=6).map(" ".join)


def holds(line: str, article: Article) -> bool:
    topic = Topic(slug="t", title="T", rule=parse_rule(any=[line]), min_score=0)
    return bool(Index([topic]).match(article))


@given(one=LINES, other=LINES, title=TEXTS, text=TEXTS)
@example(one='"ship boat"', other="ship", title="ship boat", text="")
def test_what_is_implied_holds_wherever_the_other_does(one, other, title, text):
    """The law: never wrongly yes."""
    if implies(parse_line(one), parse_line(other)):
        article = Article(source="s", key="k", title=title, text=text)
        assert not holds(one, article) or holds(other, article)


TRAPS = [
    ({"any": ["ship"]}, []),
    ({"any": ["ship", "boat", "ship*"]}, ["any 0: holds only where ship* does, on line 3 of `any`"]),
    ({"any": ["Ship", "ship"]}, ["any 1: the same as Ship, on line 1 of `any`"]),
    ({"any": ["ship"], "all": ["NOT boat"]}, ["all 0: this line can only exclude"]),
    ({"query": "ship NOT (boat OR port)"}, []),
    (
        {"any": ['"a ship"', "boat"], "none": ["ship*"]},
        ["any 0: never counts: wherever it holds, ship* of `none` is there"],
    ),
    ({"any": ["china"], "mask": ['"bone china"']}, []),
    ({"any": ["chin*"], "mask": ['"bone china"']}, []),
    ({"any": ["china"], "mask": ['"bone chin*"']}, []),
    ({"any": ["诈骗"], "mask": ["欺诈骗取"]}, []),
    ({"any": ["china"], "none": ["bone"], "mask": ['"bone dry"']}, []),
    (
        {"any": ["china"], "mask": ["porcelain"]},
        ["mask -1: masks nothing: the rule looks for no word of porcelain"],
    ),
    (
        {"any": ["tag:bone", "china"], "mask": ["bone"]},
        ["mask -1: masks nothing: the rule looks for no word of bone"],
    ),
    ({"any": ["title:/chin./"], "mask": ["bone"]}, []),
]


@pytest.mark.parametrize(("rule", "told"), TRAPS)
def test_traps_in_the_rule_itself(rule, told):
    lists = {name: value if name == "query" else list(value) for name, value in rule.items()}
    found = traps(parse_rule(**lists))
    assert [f"{trap.list} {trap.number}: {trap.what}" for trap in found] == told


def among(
    words: dict[str, int], *, articles: int = 2000, pairs: tuple[tuple[str, str], ...] = (), **rule: list[str]
):
    known = Vocabulary(articles, words, frozenset(pairs))
    return [f"{trap.list} {trap.number}: {trap.what}" for trap in traps_among(parse_rule(**rule), known)]


def test_a_stem_that_finds_other_words():
    words = {"scam": 90, "scams": 80, "scammer": 9, "scammers": 7, "scamming": 2, "scampi": 3, "scamp": 4}
    assert among(words, any=["boat", "scam*"], articles=9) == [
        "any 1: scam* also finds scamp (4), scampi (3) in the archive"
    ]
    assert among({"scam": 1, "scams": 1}, any=["scam*"]) == []
    assert among({"scampi": 1}, any=["tag:scam*", '"the scam*"'], articles=9) == [], (
        "other texts, other words"
    )


def test_terms_that_never_occurred_are_one_warning_a_list():
    words = {"a": 9, "ship": 5, "came": 5, "harbours": 1}
    seen = (("a", "ship"),)
    rule = ["ship", "boat", '"a ship"', '"ship came"', "harbour*", "(canoe OR ship)", "NOT raft ship"]
    assert among(words, pairs=seen, any=rule) == [
        'any 1: never occurred in 2,000 articles: boat, "ship came", canoe'
    ]
    assert among(words, pairs=seen, any=rule, articles=999) == [], "too few to tell"
    many = [f"word{n}x" for n in range(9)]
    (told,) = among(words, any=["ship", *many])
    assert told.endswith("word4x and 4 more")


def test_the_pairs_that_are_looked_for_are_those_of_whole_words():
    rule = parse_rule(any=['"a b cat*"', "d", "tag:x", '"e f"'], none=['"g h"'])
    assert pairs_of([rule]) == {("a", "b"), ("e", "f")}
    assert Vocabulary(1, {"a": 1, "b": 1, "cat": 1}, frozenset({("a", "b")})).has(
        Term(tokens=("a", "b", "ca"), prefix=True)
    )
