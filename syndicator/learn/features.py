"""An article as features: its folded words, pairs of characters where a script writes no spaces, and signs.

Words weigh by how often they come and where; the whole of them has length 1, so that long articles are not
louder than short ones. Signs (`source:bbc`, `tag:china`, `rule:points`) have a colon, which no word has.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from syndicator.text import is_unspaced, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syndicator.model import Article, Match

TITLE: Final = 3.0  # what a word counts in the headline,
LEAD: Final = 2.0  # among the first words of the body, and 1 further on
LEAD_WORDS: Final = 60
LONGEST: Final = 10_000  # characters of a body that are looked at
SIGN: Final = 0.3  # weight of a source or tag, beside words that have length 1 together
POINTS: Final = "rule:points"  # what the rule says, which is worth more than any word
MOST_TAGS: Final = 20
MOST_POINTS: Final = 1_000.0


def features(article: Article, match: Match | None) -> dict[str, float]:
    """Return what is known of an article; `match` is what the rule says of it."""
    return own(article) | said(match)


def said(match: Match | None) -> dict[str, float]:
    """Return what the rule says of an article, as a feature."""
    points = min(match.score, MOST_POINTS) if match else 0.0
    return {POINTS: math.log2(1 + points)}


def own(article: Article) -> dict[str, float]:
    """Return the features of an article that are the same for every topic."""
    counts: dict[str, float] = {}
    for word in _words(article.title[:LONGEST]):
        counts[word] = counts.get(word, 0) + TITLE
    for place, word in enumerate(_words((article.text or article.summary)[:LONGEST])):
        counts[word] = counts.get(word, 0) + (LEAD if place < LEAD_WORDS else 1)
    found = {word: 1 + math.log(count) for word, count in counts.items()}
    length = math.sqrt(math.fsum(value * value for value in found.values())) or 1.0
    found = {word: value / length for word, value in found.items()}
    return found | dict.fromkeys(_signs(article), SIGN)


def is_word(feature: str) -> bool:
    """Whether a feature is a word, and not a sign."""
    return ":" not in feature


def _words(text: str) -> Iterator[str]:
    """Yield words, and each two neighbours of a script without spaces as one."""
    before = ""
    for token in tokens(text):
        if not is_unspaced(token):
            before = ""
            if len(token) > 1:
                yield token
            continue
        if before:
            yield before + token
        before = token


def _signs(article: Article) -> Iterator[str]:
    if article.source:
        yield f"source:{article.source}"
    for tag in article.tags[:MOST_TAGS]:
        if folded := " ".join(tokens(tag[:200])):
            yield f"tag:{folded}"
