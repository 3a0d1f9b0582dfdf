"""The sum that `explain` shows is the score."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndicator.match import parse_rule, sum_of, trace
from syndicator.model import Article, Topic

WORDS = st.lists(st.sampled_from(["ship", "train", "tram", "rain", "诈骗", "电信诈骗"]), max_size=9)


def topic(*lines: str, tags: tuple[str, ...] = ()) -> Topic:
    return Topic(slug="t", title="T", rule=parse_rule(any=list(lines), tags=list(tags)), min_score=0)


def lines(found: Topic, article: Article) -> list[tuple[str, int, int]]:
    return [(item.place, item.hits, item.points) for item in sum_of(found, article)]


@pytest.mark.parametrize(
    ("article", "expected"),
    [
        ({"title": "Nothing"}, []),
        ({"title": "Ship, ship, ship"}, [("title", 3, 6)]),
        ({"title": "Ship", "text": "ship " * 5}, [("title", 1, 3), ("lead", 5, 6)]),
        ({"title": "", "text": "word " * 60 + "ship"}, [("body", 1, 1)]),
        ({"title": "", "tags": ("Ships",)}, [("tag", 1, 4)]),
        ({"title": "", "authors": ("Ann Ship",)}, [("other", 1, 2)]),
    ],
)
def test_each_line_of_the_sum(article, expected):
    assert (
        lines(topic("ship", "author:ship", tags=("ships",)), Article(source="s", key="k", **article))
        == expected
    )


@given(title=WORDS, text=WORDS, tags=st.lists(st.sampled_from(["ship", "rain"]), max_size=2))
def test_the_sum_is_the_score(title, text, tags):
    article = Article(source="s", key="k", title=" ".join(title), text=" ".join(text), tags=tuple(tags))
    found = topic("ship NEAR/2 train", "tram NOT rain", "诈骗", "电信诈骗", "tag:rain", tags=("ship",))
    assert sum(item.points for item in sum_of(found, article)) == trace(found, article).score
