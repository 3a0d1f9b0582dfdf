"""The index against a naive evaluator that scans every text for every term: they agree, always."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syndicator.match import Index, check_rule, parse_rule, trace
from syndicator.match.checks import is_positive
from syndicator.match.fields import MOST_TOKENS, Reading
from syndicator.model import And, Article, Category, Expr, Near, Not, Or, Pattern, Rule, Term, Topic
from syndicator.text import tokens


def article(title: str = "", text: str = "", **more: object) -> Article:
    return Article(source="wire", key="1", title=title, text=text, **more)  # type: ignore[arg-type]


def because(rule: Rule, one: Article, min_score: float = 3) -> tuple[str, ...] | None:
    found = Index([Topic(slug="t", title="T", rule=rule, min_score=min_score)]).match(one)
    return found[0].because if found else None


# The oracle -------------------------------------------------------------------------------------------


Place = tuple[str, int]  # (text, position of a token in it)
Hit = frozenset[Place]


@dataclass(frozen=True)
class Naive:
    """Every place is a pair (part, position), every hit the set of its places."""

    article: Article
    masked: Hit = frozenset()

    def texts(self, name: str) -> list[tuple[str, str]]:
        a = self.article
        others = {
            "tag": a.tags,
            "source": (a.source,),
            "author": a.authors,
            "lang": (a.language,),
            "url": (a.url,),
        }
        if name in others:
            return [(f"{name}{i}", text) for i, text in enumerate(others[name])]
        title, body = ("title", a.title), ("body", a.text or a.summary)
        return {"title": [title], "lead": [body], "body": [body], "text": [title, body]}[name]

    def words(self, term: Term) -> list[Hit]:
        size = len(term.tokens)
        found = []
        for part, text in self.texts(term.field):
            words, written = tokens(text), text.split()
            if term.field == "lead":
                words = words[:60]
            for at in range(len(words) - size + 1):
                *head, last = words[at : at + size]
                *want, end = term.tokens
                if head != want or not (last.startswith(end) if term.prefix else last == end):
                    continue
                if term.forms:  # the texts of these tests have a space around each token
                    *head, last = written[at : at + size]
                    *want, end = term.forms
                    if head != want or not (last.startswith(end) if term.prefix else last == end):
                        continue
                found.append(frozenset((part, at + i) for i in range(size)))
        return [hit for hit in found if not hit & self.masked]

    def expressions(self, pattern: Pattern) -> list[Hit]:
        found = []
        for part, text in self.texts(pattern.field):
            ends = [m.end() for m in re.finditer(r"\S+", text)]
            starts = [m.start() for m in re.finditer(r"\S+", text)]
            for match in re.finditer(pattern.regex, text, re.IGNORECASE):
                at = [i for i in range(len(ends)) if starts[i] < match.end() and match.start() < ends[i]]
                found.append(frozenset((part, i) for i in at))
        return [hit for hit in found if not hit & self.masked]

    def near(self, near: Near) -> list[Hit]:
        """From all pairs: the stretches that hold no other pair that is as good for one of the two."""
        left = {hit for term in near.left for hit in self.words(term)}
        right = {hit for term in near.right for hit in self.words(term)}
        found = []
        for one in left:
            for other in right:
                (part, first), (part2, last) = min(one | other), max(one | other)
                between = last - first + 1 - len(one) - len(other)
                if part == part2 and not one & other and 0 <= between <= near.distance:
                    gap = min(max(one), max(other))[1], max(min(one), min(other))[1]
                    if gap[1] - gap[0] == between + 1:
                        found.append(frozenset((part, i) for i in range(first, last + 1)))
        return found

    def hits(self, expr: Expr, wanted: bool = True) -> list[Hit] | None:
        """What speaks for an expression; None if it does not hold."""
        if isinstance(expr, Not):
            return self.hits(expr.part, not wanted)
        if isinstance(expr, And | Or):
            parts = [self.hits(part, wanted) for part in expr.parts]
            held = [part for part in parts if part is not None]
            if len(held) < (len(parts) if isinstance(expr, And) is wanted else 1):
                return None
            return [hit for part in held for hit in part]
        look = {Term: self.words, Pattern: self.expressions, Near: self.near}[type(expr)]
        found = look(expr)
        return (found or None) if wanted else (None if found else [])


def naive_score(topic: Topic, one: Article) -> float | None:
    rule = topic.rule
    plain = Naive(one)
    naive = Naive(one, frozenset(place for term in rule.mask for hit in plain.words(term) for place in hit))
    language = one.language.split("-")[0].lower()
    if topic.languages and language and language not in {wanted.split("-")[0] for wanted in topic.languages}:
        return None
    if topic.sources and one.source not in topic.sources:
        return None
    published = {" ".join(tokens(tag)) for tag in one.tags} - {""}
    spellings = {spelling for tag in rule.tags for spelling in tag.spellings}
    tag = any(p == s or (s[-1] == "*" and p.startswith(s[:-1])) for p in published for s in spellings)
    ways = rule.any if rule.query is None else (rule.query,)
    held = [hits for line in ways if (hits := naive.hits(line)) is not None]
    if (ways or not rule.all) and not (held or tag):
        return None
    every = [naive.hits(line) for line in rule.all]
    if None in every or any(naive.hits(line) is not None for line in rule.none):
        return None
    places = [hit for hits in [*held, *every] for hit in hits or ()]
    groups: list[set[Place]] = []
    for hit in places:
        if min(hit)[0] in ("title", "body"):
            touching = [group for group in groups if group & hit]
            groups = [group for group in groups if not group & hit] + [set(hit).union(*touching)]
    starts = [min(group) for group in groups]
    title = sum(part == "title" for part, _ in starts)
    lead = sum(part == "body" and at < 60 for part, at in starts)
    later = len(starts) - title - lead
    outside = {min(hit)[0].rstrip("0123456789") for hit in places} - {"title", "body"}
    tag = tag or "tag" in outside
    points = 3 * min(title, 2) + 2 * min(lead, 3) + min(later, 4) + 4 * tag + 2 * bool(outside - {"tag"})
    return points if points >= topic.min_score else None


WORDS = ["flood", "floods", "flooding", "river", "sea", "诈", "骗", "电", "zh", "wire", "ёж", "Flood", "SEA"]
FIELDS = ["text"] * 5 + ["title", "lead", "body", "tag", "source", "author", "lang", "url"]
word = st.sampled_from(WORDS)
text = st.lists(word, max_size=8).map(" ".join)
long_text = st.tuples(text, st.sampled_from([0, 1, 52, 57, 60]), text).map(
    lambda three: " ".join([three[0], *["pad"] * three[1], three[2]])
)
articles = st.builds(
    Article,
    source=st.sampled_from(["wire", "sea"]),
    key=st.just("1"),
    title=text,
    text=long_text,
    summary=text,
    tags=st.lists(text, max_size=2).map(tuple),
    authors=st.lists(text, max_size=2).map(tuple),
    language=st.sampled_from(["", "zh", "en-GB"]),
    url=text,
)


def term_of(words: list[str], field: str, prefix: bool, exact: bool) -> Term:
    folded = tuple(token for one in words for token in tokens(one))
    return Term(tokens=folded, field=field, prefix=prefix, forms=tuple(words) if exact else ())


def near_of(left: list[Term], right: list[Term], distance: int, field: str) -> Near:
    sides = ([replace(term, field=field) for term in side] for side in (left, right))
    one, other = map(tuple, sides)
    return Near(left=one, right=other, distance=distance)


terms = st.builds(
    term_of,
    st.lists(word, min_size=1, max_size=3),
    st.sampled_from(FIELDS),
    st.booleans(),
    st.sampled_from([False, False, True]),
)
patterns = st.builds(
    Pattern,
    regex=st.sampled_from(["fl[ou]+d", "river sea", "诈|骗", "s.a$", "^(flood|zh)", "wire"]),
    field=st.sampled_from(["title", "url", "author"]),
)
nears = st.builds(
    near_of,
    st.lists(terms, min_size=1, max_size=2),
    st.lists(terms, min_size=1, max_size=2),
    st.integers(0, 4),
    st.sampled_from(["text", "text", "title", "body", "tag", "url"]),
)


def joined(below: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    parts = st.lists(below, min_size=2, max_size=3).map(tuple)
    return st.builds(And, parts=parts) | st.builds(Or, parts=parts) | st.builds(Not, part=below)


conjunctions = st.builds(And, parts=st.lists(terms, min_size=2, max_size=3).map(tuple))
exprs = terms | conjunctions | st.recursive(terms | nears | patterns, joined, max_leaves=6)
lines = st.lists(exprs, max_size=3).map(tuple)
positive = lines.map(lambda drawn: tuple(filter(is_positive, drawn)))
masks = st.just(()) | st.lists(terms, max_size=2).map(tuple)
tags = st.lists(
    st.lists(word.map(lambda w: tokens(w)[0]) | st.just("flo*"), min_size=1, max_size=2).map(
        lambda spellings: Category(spellings=tuple(spellings))
    ),
    max_size=2,
).map(tuple)
rules = (
    st.builds(Rule, any=positive, all=st.just(()) | lines, none=st.just(()) | lines, mask=masks, tags=tags)
    | st.builds(Rule, query=exprs.filter(is_positive), mask=masks, tags=tags)
).filter(lambda rule: check_rule(rule) is None)
topics = st.builds(
    Topic,
    slug=st.just("t"),
    title=st.just("T"),
    rule=rules,
    languages=st.sampled_from([(), ("zh",), ("en", "zh")]),
    sources=st.sampled_from([(), (), ("wire",)]),
    min_score=st.sampled_from([0, 1, 3, 4, 6]),
)


@settings(max_examples=1000, deadline=None)
@given(st.lists(topics, min_size=1, max_size=4), articles)
def test_index_trace_and_naive_evaluator_agree(drawn: list[Topic], one: Article) -> None:
    named = [replace(topic, slug=f"t{i}") for i, topic in enumerate(drawn)]
    expected = [(t.slug, points) for t in named if (points := naive_score(t, one)) is not None]
    found = Index(named).match(one)
    assert [(match.topic, match.score) for match in found] == sorted(expected, key=lambda p: (-p[1], p[0]))
    assert all(match.because for match in found if match.score > 0)
    by_topic = {match.topic: match for match in found}
    for topic in named:
        traced = trace(topic, one)
        assert traced.match == by_topic.get(topic.slug)
        assert traced.verdict.startswith("kept: " if traced.match else "dropped: ")


def twice(expr: Expr) -> Expr:
    return Not(part=Not(part=expr))


@settings(max_examples=200, deadline=None)
@given(topics, articles)
def test_a_rule_and_its_double_negation_agree(topic: Topic, one: Article) -> None:
    rule = topic.rule
    lists = {name: tuple(map(twice, getattr(rule, name))) for name in ("any", "all", "none")}
    query = None if rule.query is None else twice(rule.query)
    doubled = replace(topic, rule=replace(rule, **lists, query=query))
    assert check_rule(doubled.rule) == check_rule(rule)
    assert Index([doubled]).match(one) == Index([topic]).match(one)


def negated(expr: Expr) -> Expr:
    """The negation with NOT on the leaves only."""
    if isinstance(expr, Not):
        return expr.part
    if isinstance(expr, And):
        return Or(parts=tuple(map(negated, expr.parts)))
    if isinstance(expr, Or):
        return And(parts=tuple(map(negated, expr.parts)))
    return Not(part=expr)


@settings(max_examples=200, deadline=None)
@given(exprs, articles)
def test_not_goes_through_and_and_or(expr: Expr, one: Article) -> None:
    base = Term(tokens=("flood",))
    for drawn in (expr, Not(part=expr)):
        rules = [Rule(all=(base, Not(part=drawn))), Rule(all=(base, negated(drawn)))]
        first, second = (
            Index([Topic(slug="t", title="T", rule=rule, min_score=0)]).match(one) for rule in rules
        )
        assert first == second


# By hand ----------------------------------------------------------------------------------------------

TALK = parse_rule(any=["china", '"telecom fraud"', "诈骗", "电信诈骗", "fraud*"], tags=["China News"])


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (article("Telecom fraud in China"), ("title: telecom fraud", "title: china")),
        (article("电信诈骗案"), ("title: 电信诈骗",)),
        (article("", "诈骗，电信诈骗，诈骗"), ("lead: 诈骗 ×2", "lead: 电信诈骗")),
        (article("", "China " + "pad " * 60 + "fraudster fraud"), ("lead: china", "body: fraud* ×2")),
        (article("", "pad " * 59 + "China China"), ("lead: china", "body: china")),
        (article("Rain", tags=("Weather", "CHINA news")), ("tag: CHINA news",)),
        (article("Rain", tags=("China",)), None),  # tags are compared whole
        (article("Machina"), None),
        (article("Rain", "China"), None),  # 2 points
        (article("Rain", summary="China, China"), ("lead: china ×2",)),
    ],
)
def test_reasons(one: Article, expected: tuple[str, ...] | None) -> None:
    assert because(TALK, one) == expected


@pytest.mark.parametrize(
    ("title", "matches"),
    [
        ("A bone china exhibition", False),
        ("A bone china exhibition travels to China", True),
        ("Peking duck in China", False),
        ("Bone peking duck china", False),
        ("Goldpeking duckpond, China", True),
    ],
)
def test_masked_places_neither_count_nor_hide(title: str, matches: bool) -> None:
    rule = parse_rule(any=["china"], none=['"peking duck"'], mask=['"bone china"', '"peking duckpond"'])
    assert (because(rule, article(title)) is not None) is matches


def test_a_mask_keeps_a_none_line_from_hiding() -> None:
    rule = parse_rule(any=["scam*"], none=["phone"], mask=["phone-free"])
    assert because(rule, article("Scammers hate phone-free dinners")) == ("title: scam*",)
    assert because(rule, article("Scammers by phone")) is None


def test_no_phrase_crosses_from_one_text_to_the_next() -> None:
    one = article("telecom", "fraud", tags=("telecom", "fraud"))
    assert because(parse_rule(any=['"telecom fraud"', 'tag:"telecom fraud"']), one, min_score=0) is None


def test_tags_beside_all_alone_only_add() -> None:
    rule = parse_rule(all=["china", "trade"], tags=["economy"])
    assert because(rule, article("China trade")) is not None
    assert because(rule, article("China", tags=("Economy",))) is None
    scores = [
        Index([Topic(slug="t", title="T", rule=rule)]).match(article("China trade", tags=tags))[0].score
        for tags in ((), ("Economy",))
    ]
    assert scores == [6, 10]


@pytest.mark.parametrize(
    ("language", "admitted"),
    [("zh", True), ("zh-Hant-TW", True), ("ZH_cn", True), ("", True), ("und", True), ("en", False)],
)
def test_languages_by_primary_subtag(language: str, admitted: bool) -> None:
    topic = Topic(slug="t", title="T", rule=TALK, languages=("zh-CN",))
    assert bool(Index([topic]).match(article("China", language=language))) is admitted


def test_sources() -> None:
    index = Index([Topic(slug=name, title="T", rule=TALK, sources=(name,)) for name in ("wire", "times")])
    assert [match.topic for match in index.match(article("China"))] == ["wire"]


def test_best_first_then_by_slug() -> None:
    rules = {"b": ["china"], "a": ["china"], "z": ["china", "trade"]}
    index = Index([Topic(slug=slug, title="T", rule=parse_rule(any=lines)) for slug, lines in rules.items()])
    assert [(m.topic, m.score) for m in index.match(article("China trade"))] == [("z", 6), ("a", 3), ("b", 3)]


def test_score_is_capped_by_place() -> None:
    one = article("china " * 9, "china " * 99, tags=("China News",), url="https://example.org/china")
    rule = parse_rule(any=["china", "url:china"], tags=["China News"])
    (match,) = Index([Topic(slug="t", title="T", rule=rule)]).match(one)
    assert match.score == 3 * 2 + 2 * 3 + 4 + 4 + 2
    assert match.because == (
        "title: china ×9",
        "lead: china ×60",
        "body: china ×39",
        "tag: China News",
        "url: china",
    )


def test_many_reasons_are_cut() -> None:
    words = [f"word{i}" for i in range(30)]
    said = because(parse_rule(any=words), article(" ".join(words)))
    assert said is not None
    assert said[-2:] == ("title: word7", "and 22 more")


def test_nothing_in_nothing_out() -> None:
    assert Index([]).match(article("China")) == ()
    assert Index([Topic(slug="t", title="T", rule=TALK)]).match(article()) == ()


def test_of_an_endless_text_only_the_beginning_is_read() -> None:
    """A stranger's article may have a million words; rules are asked for it beside everything else."""
    reading = Reading(Article(source="a", key="1", title="word " * 50_000, text="电信诈骗" * 250_000))
    assert len(reading.stream("story").tokens) <= 2 * MOST_TOKENS + 1
    rule = parse_rule(any=["(电 OR 信 OR 诈) NEAR/100 (骗 OR 信)"])
    topic = Topic(slug="t", title="T", rule=rule, min_score=0)
    endless = Article(source="a", key="1", title="", text="电信诈骗" * 250_000)
    (match,) = Index([topic]).match(endless)
    assert trace(topic, endless).match == match
