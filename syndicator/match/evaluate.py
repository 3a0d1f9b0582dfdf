"""One topic against one article: does its rule hold, how well, and because of what."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from syndicator.match.explain import because
from syndicator.match.fields import STORY
from syndicator.match.operators import find
from syndicator.match.score import distinct, score
from syndicator.model import Match

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from syndicator.match.fields import Reading, Span
    from syndicator.model import Article, Term, Topic

Line: TypeAlias = tuple[int, ...]  # numbers of terms that must all be there


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """A topic with its terms as numbers, shared with all topics that use the same ones."""

    topic: Topic
    any: tuple[Line, ...]
    all: tuple[Line, ...]
    none: tuple[Line, ...]
    mask: Line
    tags: frozenset[str]

    @property
    def needs_any(self) -> bool:
        """Whether a line of `any` or a tag must be there; tags beside `all` alone only add to the score."""
        return bool(self.any) or not self.all


class Look:
    """What each term finds in one article, looked up once for all topics."""

    def __init__(self, terms: Sequence[Term], streams: Sequence[str], reading: Reading) -> None:
        self.terms = terms
        self.streams = streams  # of each term
        self.reading = reading
        self._found: dict[int, list[Span]] = {}
        self._masked: dict[str, set[int]] = {}  # stream → positions that the present topic does not see

    def mask(self, line: Line) -> None:
        """Blind all later answers to what the terms of `line` cover; an empty line lifts it."""
        self._masked = {}
        if not line:
            return
        covered: dict[str, set[int]] = defaultdict(set)
        for number in line:
            covered[self.streams[number]].update(at for span in self.spans(number) for at in range(*span))
        self._masked = covered

    def spans(self, number: int) -> list[Span]:
        """Where a term is, outside of what is masked."""
        found = self._found.get(number)
        if found is None:
            found = self._found[number] = find(self.terms[number], self.reading)
        if found and self._masked and (masked := self._masked.get(self.streams[number])):
            return [span for span in found if masked.isdisjoint(range(*span))]
        return found

    def hold(self, lines: Iterable[Line]) -> list[Line]:
        """Return those of `lines` whose terms are all there."""
        return [line for line in lines if all(map(self.spans, line))]


def evaluate(rule: Compiled, candidates: Iterable[Line], look: Look) -> Match | None:
    """Match one topic; `candidates` are the lines of its `any` that may hold, all others cannot."""
    if not _admits(rule.topic, look.reading.article):
        return None
    look.mask(rule.mask)
    tags = [written for tag, written in look.reading.tags.items() if tag in rule.tags] if rule.tags else []
    held = look.hold(candidates) if rule.any else []
    if rule.needs_any and not (held or tags):
        return None
    if rule.all:
        if len(look.hold(rule.all)) < len(rule.all):
            return None
        held += rule.all
    if rule.none and look.hold(rule.none):
        return None
    return _weigh(rule.topic, sorted({number for line in held for number in line}), tags, look)


def _admits(topic: Topic, article: Article) -> bool:
    """Whether source and language are the topic's; an article that tells no language is let in."""
    if topic.sources and article.source not in topic.sources:
        return False
    if not topic.languages or (language := _primary(article.language)) in ("", "und"):
        return True
    return language in {_primary(wanted) for wanted in topic.languages}


def _primary(language: str) -> str:
    """Return the primary subtag (BCP 47): zh of zh-Hant-TW."""
    return language.replace("_", "-").partition("-")[0].lower()


def _weigh(topic: Topic, numbers: Iterable[int], tags: Sequence[str], look: Look) -> Match | None:
    """Score what was found; None below the topic's `min_score`."""
    story: list[tuple[int, int, int]] = []
    outside: list[Term] = []
    for number in numbers:
        if look.streams[number] == STORY:
            story += [(start, end, number) for start, end in look.spans(number)]
        else:
            outside.append(look.terms[number])
    hits = distinct(story, look.reading)
    points = score(
        hits,
        tag=bool(tags) or any(term.field == "tag" for term in outside),
        other=any(term.field != "tag" for term in outside),
    )
    if points < topic.min_score:
        return None
    return Match(topic=topic.slug, score=points, because=because(hits, look.terms, tags, outside))
