"""In which order a digest tells what it tells: four signs, each bounded and weighted in one table.

The order depends on nothing but the candidates themselves, the time of the run and how long its window
usually is, so it is the same whoever computes it, and each rank can be explained by its figures.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import timedelta
from math import log2
from typing import TYPE_CHECKING, Final, NamedTuple

from syndicator.card import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from syndicator.model import Candidate, Frequency

HIGH_SCORE: Final = 20  # points of a match, beyond which more say nothing new
DOUBLINGS: Final = 3  # of the sources that tell a story: from eight on more say nothing new
WHOLE: Final = 2  # minutes of reading, from which on an article is no note
# What is left of an article's freshness at an age, in spans of the run (its usual window). In between it
# falls evenly: within a span hardly, so that the best of it leads; behind it quickly.
FADING: Final = ((0.0, 1.0), (1.0, 0.75), (2.0, 0.25), (4.0, 0.0))
# Characters of text that take a minute: 230 words with their spaces, or 450 of Chinese or Japanese.
MINUTE: Final = 1_400
DENSE_MINUTE: Final = 450
DENSE: Final = ("zh", "ja", "yue", "wuu")
_SPAN: Final = {"weekly": timedelta(days=7)}


class Sign(NamedTuple):
    """One sign of what matters: how much it weighs, and how it is read.

    `read` takes (candidate, age, span) and gives how much of the weight it earns, from 0 to 1, and the
    figure that says why.
    """

    kind: str
    weight: float
    read: Callable[[Candidate, timedelta, timedelta], tuple[float, int]]


class Weighed(NamedTuple):
    """What a sign said of a candidate: its figure, and the points that it earned."""

    kind: str
    figure: int
    points: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A candidate with its points, of 100, and where they come from."""

    candidate: Candidate
    points: float
    signs: tuple[Weighed, ...]  # as in SIGNS

    @property
    def why(self) -> tuple[Reason, ...]:
        """Give the reasons for its rank, what weighed most first."""
        told = sorted((sign for sign in self.signs if sign.points > 0), key=lambda sign: -sign.points)
        return tuple(Reason(sign.kind, sign.figure) for sign in told)

    @property
    def key(self) -> tuple[float, float, int]:
        """Sort by it, the best first: by points, then the newest, then what arrived last."""
        return (-self.points, -self.candidate.at.timestamp(), -self.candidate.id)


def order(candidates: Iterable[Candidate], *, at: datetime, span: timedelta) -> tuple[Ranked, ...]:
    """Rank candidates for a run that fired `at`, the best first. `span` is how long its window usually is."""
    return tuple(sorted((rank(each, at=at, span=span) for each in candidates), key=lambda each: each.key))


def rank(candidate: Candidate, *, at: datetime, span: timedelta) -> Ranked:
    """Give a candidate its points: at most the weight of each sign, 100 in all."""
    age = max(at - candidate.at, timedelta(0))
    read = [(sign, *sign.read(candidate, age, span)) for sign in SIGNS]
    signs = tuple(Weighed(sign.kind, figure, sign.weight * share) for sign, share, figure in read)
    return Ranked(candidate=candidate, points=sum(sign.points for sign in signs), signs=signs)


def span(frequency: Frequency) -> timedelta:
    """Say how long the window of a run usually is; a weekend counts as late."""
    return _SPAN.get(frequency, timedelta(days=1))


def _score(candidate: Candidate, _age: timedelta, _span: timedelta) -> tuple[float, int]:
    return min(max(candidate.score, 0), HIGH_SCORE) / HIGH_SCORE, round(candidate.score)


def _hours(_candidate: Candidate, age: timedelta, span: timedelta) -> tuple[float, int]:
    return _fading(age / span), age // timedelta(hours=1)


def _sources(candidate: Candidate, _age: timedelta, _span: timedelta) -> tuple[float, int]:
    return min(log2(max(candidate.sources, 1)), DOUBLINGS) / DOUBLINGS, candidate.sources


def _minutes(candidate: Candidate, _age: timedelta, _span: timedelta) -> tuple[float, int]:
    is_dense = candidate.language.lower().partition("-")[0] in DENSE
    minutes = candidate.characters / (DENSE_MINUTE if is_dense else MINUTE)
    return min(minutes, WHOLE) / WHOLE, round(minutes)


def _fading(spans: float) -> float:
    place = bisect_left(FADING, (spans, 0.0))
    if place == 0:
        return FADING[0][1]
    if place == len(FADING):
        return FADING[-1][1]
    (since, most), (until, least) = FADING[place - 1 : place + 1]
    return most + (least - most) * (spans - since) / (until - since)


SIGNS: Final = (
    Sign("score", 35, _score),  # how well it matches the topic's rule
    Sign("hours", 30, _hours),  # how new it is
    Sign("sources", 25, _sources),  # how many tell it: each doubling weighs the same
    Sign("minutes", 10, _minutes),  # whether there is something to read
)
