"""Judgements as lines: written and read back the same, and nothing else is taken for one."""

from __future__ import annotations

import json

import pytest
from opinions import SEEN

from syndicator.learn.exchange import LONGEST_LINE, BadLine, from_line, kept, to_line
from syndicator.learn.features import LONGEST
from syndicator.model import Article, Judgement

ONE = Judgement(
    topic="china",
    article=Article(
        source="wire",
        key="a",
        url="https://wire.example/a",
        title="中国 trade",
        text="Line one.\nLine two: 贸易.",
        tags=("China",),
        authors=("Anna", "博"),
        language="zh",
    ),
    verdict="reject",
    by="anna",
    at=SEEN,
)
PLAIN = json.loads(to_line(ONE))


def test_what_is_written_is_read_back():
    line = to_line(ONE)
    assert "\n" not in line
    assert from_line(line.encode(), topic="china") == ONE


def test_a_line_of_others_needs_no_more_than_who_and_what():
    said = {"source": "wire", "key": "a", "verdict": "accept", "at": "2026-11-27T00:00:00"}
    read = from_line(json.dumps(said).encode(), topic="china")
    assert (read.verdict, read.at, read.article.title) == ("accept", SEEN, "")


def test_a_huge_article_is_kept_by_its_beginning():
    huge = Article(source="wire", key="a", title="t" * 10**6, text="x" * 10**7, tags=("t" * 10**5,) * 5000)
    small = kept(huge)
    assert (len(small.title), len(small.text), len(small.tags)) == (2000, LONGEST, 100)
    line = to_line(Judgement(topic="china", article=small, verdict="accept", at=SEEN))
    assert from_line(line.encode(), topic="china").article == small


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"[]", "not an object"),
        (b"{", "not JSON"),
        (b"[" * 200_000, "nested too deep|not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b" " * (LONGEST_LINE + 1), "longer than"),
        ({"verdict": "maybe"}, "neither accept nor reject"),
        ({"verdict": ["accept"]}, "neither accept nor reject"),
        ({"topic": "japan"}, "of another topic: japan"),
        ({"source": ""}, "source is no text"),
        ({"key": 7}, "key is no text"),
        ({"key": "博" * 400}, "key is longer than 1,000 octets"),
        ({"at": "yesterday"}, "at is no time"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "at is no time"),
        ({"at": None}, "at is no text"),
        ({"title": {"a": 1}}, "title is no text"),
        ({"text": "a\0b"}, "characters that are none"),
        ({"tags": "China"}, "tags is no list"),
        ({"tags": ["China", 3]}, "tags is no text"),
        ({"title": "half \ud83d"}, "characters that are none"),
    ],
)
def test_what_is_no_judgement_is_refused(line, why):
    given = line if isinstance(line, bytes) else json.dumps(PLAIN | line).encode()
    with pytest.raises(BadLine, match=why):
        from_line(given, topic="china")
