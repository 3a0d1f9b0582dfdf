"""The index against a naive evaluator that scans every text for every term: they agree, always."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syndicator.match import Index, check_rule, parse_rule
from syndicator.model import Article, Rule, Term, Topic
from syndicator.text import tokens


def article(title: str = "", text: str = "", **more: object) -> Article:
    return Article(source="wire", key="1", title=title, text=text, **more)  # type: ignore[arg-type]


def because(rule: Rule, one: Article, min_score: float = 3) -> tuple[str, ...] | None:
    found = Index([Topic(slug="t", title="T", rule=rule, min_score=min_score)]).match(one)
    return found[0].because if found else None


# The oracle -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Naive:
    """Every place is a pair (part, position), every hit the set of its places."""

    article: Article
    parts: dict[str, list[list[str]]] = field(default_factory=dict)

    def texts(self, name: str) -> list[tuple[str, list[str]]]:
        a = self.article
        title, body = ("title", tokens(a.title)), ("body", tokens(a.text or a.summary))
        others = {
            "tag": a.tags,
            "source": (a.source,),
            "author": a.authors,
            "lang": (a.language,),
            "url": (a.url,),
        }
        if name in others:
            return [(f"{name}{i}", tokens(text)) for i, text in enumerate(others[name])]
        lead = ("body", body[1][:60])
        return {"title": [title], "lead": [lead], "body": [body], "text": [title, body]}[name]

    def hits(self, term: Term, masked: frozenset[tuple[str, int]]) -> list[frozenset[tuple[str, int]]]:
        size = len(term.tokens)
        found = []
        for part, words in self.texts(term.field):
            for at in range(len(words) - size + 1):
                *head, last = words[at : at + size]
                *want, end = term.tokens
                if head == want and (last.startswith(end) if term.prefix else last == end):
                    places = frozenset((part, at + i) for i in range(size))
                    if not places & masked:
                        found.append(places)
        return found


def naive_score(topic: Topic, one: Article) -> float | None:
    rule, naive = topic.rule, Naive(one)
    none: frozenset[tuple[str, int]] = frozenset()
    masked = frozenset(place for term in rule.mask for hit in naive.hits(term, none) for place in hit)

    def holds(line: tuple[Term, ...]) -> bool:
        return all(naive.hits(term, masked) for term in line)

    language = one.language.split("-")[0].lower()
    if topic.languages and language and language not in {wanted.split("-")[0] for wanted in topic.languages}:
        return None
    if topic.sources and one.source not in topic.sources:
        return None
    tag = bool({" ".join(tokens(tag)) for tag in one.tags} & set(rule.tags))
    held = [line for line in rule.any if holds(line)]
    if (rule.any or not rule.all) and not (held or tag):
        return None
    if not all(holds(line) for line in rule.all) or any(holds(line) for line in rule.none):
        return None
    terms = {term for line in [*held, *rule.all] for term in line}
    groups: list[set[tuple[str, int]]] = []
    for term in terms:
        if term.field in ("title", "lead", "body", "text"):
            for hit in naive.hits(term, masked):
                touching = [group for group in groups if group & hit]
                groups = [group for group in groups if not group & hit] + [set(hit).union(*touching)]
    starts = [min(group) for group in groups]
    title = sum(part == "title" for part, _ in starts)
    lead = sum(part == "body" and at < 60 for part, at in starts)
    later = len(starts) - title - lead
    tag = tag or any(term.field == "tag" for term in terms)
    other = any(term.field in ("source", "author", "lang", "url") for term in terms)
    points = 3 * min(title, 2) + 2 * min(lead, 3) + min(later, 4) + 4 * tag + 2 * other
    return points if points >= topic.min_score else None


WORDS = ["flood", "floods", "flooding", "river", "sea", "诈", "骗", "电", "zh", "wire", "ёж"]
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
terms = st.builds(
    Term,
    tokens=st.lists(word.map(lambda w: tokens(w)[0]), min_size=1, max_size=3).map(tuple),
    field=st.sampled_from(["text"] * 5 + ["title", "lead", "body", "tag", "source", "author", "lang", "url"]),
    prefix=st.booleans(),
)
lines = st.lists(st.lists(terms, min_size=1, max_size=3).map(tuple), max_size=3).map(tuple)
rules = st.builds(
    Rule,
    any=lines,
    all=st.just(()) | lines,
    none=st.just(()) | lines,
    mask=st.just(()) | st.lists(terms, max_size=2).map(tuple),
    tags=st.lists(word.map(lambda w: tokens(w)[0]), max_size=2).map(tuple),
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


@settings(max_examples=200, deadline=None)
@given(st.lists(topics, min_size=1, max_size=4), articles)
def test_index_and_naive_evaluator_agree(drawn: list[Topic], one: Article) -> None:
    named = [
        Topic(
            slug=f"t{i}",
            title="T",
            rule=t.rule,
            languages=t.languages,
            sources=t.sources,
            min_score=t.min_score,
        )
        for i, t in enumerate(drawn)
    ]
    expected = [(t.slug, points) for t in named if (points := naive_score(t, one)) is not None]
    found = Index(named).match(one)
    assert [(match.topic, match.score) for match in found] == sorted(expected, key=lambda p: (-p[1], p[0]))
    assert all(match.because for match in found if match.score > 0)


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
