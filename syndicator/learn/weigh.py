"""What was learned, put to use on a match of the rule: another score, or no match. It never makes one.

A dot product in plain Python over the article's own features: no library, and no more time than the
article has words.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from syndicator.learn.features import is_word, own, said
from syndicator.model import reference

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syndicator.model import Article, Learn, Learned, Match, Topic

POINTS: Final = 6  # that the score gains or loses at most
SHOWN: Final = 3  # words that are named in the reason
STEEPEST: Final = 30.0  # beyond it a chance is 0 or 1 to any reader


def weigh(
    learned: Learned | None,
    mode: Learn,
    article: Article,
    match: Match,
    *,
    words: Mapping[str, float] | None = None,
) -> Match | None:
    """Return `match` with the score and reasons that judgements of others like it give it.

    `rank` changes no more than the score; with `filter` None says that the article is none of the topic's.
    What was judged itself is kept or removed as the admin said. `words` are `features.own` of the article,
    where they are known already.
    """
    if learned is None or mode == "off" or not learned.weights:
        return match
    found = {**(own(article) if words is None else words), **said(match)}
    pull = _pull(learned, found)
    chance = 1 / (1 + math.exp(-pull))
    judged = learned.verdicts.get(reference(article))
    if mode == "filter" and (judged is False or (judged is None and chance < learned.threshold)):
        return None
    points = POINTS * (2 * chance - 1) if judged is None else float(POINTS if judged else -POINTS)
    return replace(
        match,
        score=max(0.0, match.score + points),
        because=(*match.because, _reason(learned, found, points, judged=judged)),
    )


def heeded(
    found: Sequence[Match], article: Article, topics: Mapping[str, Topic], learned: Mapping[str, Learned]
) -> tuple[Match, ...]:
    """Weigh all matches of an article, each as its topic wants it; the best first, then by slug."""
    known = [match.topic for match in found if match.topic in learned and match.topic in topics]
    modes = {topic: topics[topic].learn for topic in known}
    if all(mode == "off" for mode in modes.values()):
        return tuple(found)
    words = own(article)
    weighed = (
        weigh(learned.get(match.topic), modes.get(match.topic, "off"), article, match, words=words)
        for match in found
    )
    return tuple(sorted(filter(None, weighed), key=lambda match: (-match.score, match.topic)))


def strongest(
    weights: Mapping[str, float], *, most: int, lifts: Mapping[str, float] | None = None
) -> tuple[list[str], list[str]]:
    """Name the words that pull most towards the topic, and those that pull most away.

    `lifts` says how much more common a word is among the articles that were judged so than elsewhere (see
    `lift`): what is common everywhere is no word for a rule, and left out.
    """
    told = {
        word: weight * (1.0 if lifts is None else max(0.0, lifts.get(word, 0.0)))
        for word, weight in weights.items()
        if is_word(word)
    }
    words = sorted(((strength, word) for word, strength in told.items() if strength), reverse=True)
    towards = [word for strength, word in words[:most] if strength > 0]
    away = [word for strength, word in reversed(words[-most:]) if strength < 0]
    return towards, away


def lift(inside: int, of: int, elsewhere: int, articles: int) -> float:
    """Say how much a word is of some articles: the logarithm of its share in them against that elsewhere.

    `inside` of `of` articles have it, and `elsewhere` of `articles` in all. Smoothed, so that a word which a
    single article has says little.
    """
    return math.log((inside + 0.5) / (of + 1)) - math.log((elsewhere + 0.5) / (articles + 1))


def _pull(learned: Learned, found: Mapping[str, float]) -> float:
    """Sum up; the sum is exact, so that the order of words does not matter on any host."""
    terms = (value * learned.weights[name] for name, value in found.items() if name in learned.weights)
    return max(-STEEPEST, min(STEEPEST, math.fsum((learned.bias, *terms))))


def _reason(learned: Learned, found: Mapping[str, float], points: float, *, judged: bool | None) -> str:
    """Say it in words that an admin reads: `judged alike: +1.3 (caller, scam)`."""
    if judged is not None:
        return "judged: accepted" if judged else "judged: rejected"
    share = [
        (abs(value * learned.weights[name]), name)
        for name, value in found.items()
        if is_word(name) and (learned.weights.get(name, 0) > 0) == (points > 0) and name in learned.weights
    ]
    words = ", ".join(name for _, name in sorted(share, reverse=True)[:SHOWN])
    return f"judged alike: {points:+.1f}" + (f" ({words})" if words else "")
