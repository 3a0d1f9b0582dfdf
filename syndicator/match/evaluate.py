"""One topic against one article: does its rule hold, how well, and because of what."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from syndicator.match.explain import because
from syndicator.match.fields import STORY, stream_of
from syndicator.match.operators import find, join, search
from syndicator.match.score import distinct, score
from syndicator.model import And, Match, Near, Not, Or, Pattern, Term

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from syndicator.match.fields import Reading, Span
    from syndicator.match.score import Hit
    from syndicator.model import Article, Category, Expr, Topic


class Piece(NamedTuple):
    """One place that speaks for a rule; of NEAR all from the first word to the second, which are `spans`."""

    stream: str
    start: int
    end: int
    leaves: tuple[Term | Pattern, ...]
    spans: tuple[Span, ...]
    characters: tuple[int, int, int] | None = None  # of a regular expression: text, start, end


class Look:
    """What each leaf finds in one article, looked up once for all topics that share it."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.known: dict[tuple[int, ...], Finding] = {}  # of topics that ask for nothing but these lines
        self._found: dict[int, list[Piece]] = {}  # by the id of a leaf, which outlives this look
        self._masked: dict[str, set[int]] = {}  # stream → positions that the present topic does not see

    def mask(self, terms: Sequence[Term]) -> None:
        """Blind all later answers to what `terms` cover; none of them lifts it."""
        self._masked = {}
        if not terms:
            return
        covered: dict[str, set[int]] = defaultdict(set)
        for term in terms:
            for piece in self.pieces(term):
                covered[piece.stream].update(range(piece.start, piece.end))
        self._masked = covered

    def pieces(self, leaf: Term | Pattern) -> list[Piece]:
        """Where a leaf is, outside of what is masked."""
        found = self._found.get(id(leaf))
        if found is None:
            found = self._found[id(leaf)] = _pieces(leaf, self.reading)
        if found and self._masked and (masked := self._masked.get(found[0].stream)):
            return [piece for piece in found if masked.isdisjoint(range(piece.start, piece.end))]
        return found

    def hold(self, expr: Expr, *, wanted: bool = True) -> list[Piece] | None:
        """Return what speaks for `expr` (or, not `wanted`, for its negation); None if it does not hold.

        What is not there speaks for nothing: a negation that holds is an empty list.
        """
        if isinstance(expr, Term | Pattern | Near):
            found = self._near(expr) if isinstance(expr, Near) else self.pieces(expr)
            return (found or None) if wanted else (None if found else [])
        if isinstance(expr, Not):
            return self.hold(expr.part, wanted=not wanted)
        if isinstance(expr, And) is wanted:
            return self._each(expr, wanted=wanted)
        held = [pieces for part in expr.parts if (pieces := self.hold(part, wanted=wanted)) is not None]
        return [piece for pieces in held for piece in pieces] if held else None

    def _each(self, expr: And | Or, *, wanted: bool) -> list[Piece] | None:
        gathered: list[Piece] = []
        for part in expr.parts:
            pieces = self.hold(part, wanted=wanted)
            if pieces is None:
                return None
            gathered += pieces
        return gathered

    def _near(self, near: Near) -> list[Piece]:
        left = {piece[1:3]: piece for term in near.left for piece in self.pieces(term)}
        if not left:
            return []
        right = {piece[1:3]: piece for term in near.right for piece in self.pieces(term)}
        stream = stream_of(near.left[0].field)
        pairs = join(list(left), list(right), near.distance, self.reading.stream(stream))
        return [
            Piece(stream, one[0], other[1], _both(left, right, one, other), (one, other))
            for one, other in pairs
        ]


def _both(
    left: Mapping[Span, Piece], right: Mapping[Span, Piece], one: Span, other: Span
) -> tuple[Term | Pattern, ...]:
    """Return the leaves of a pair as the rule has them, whatever their order in the text."""
    if one in left and other in right:
        return left[one].leaves + right[other].leaves
    return left[other].leaves + right[one].leaves


def _pieces(leaf: Term | Pattern, reading: Reading) -> list[Piece]:
    stream = stream_of(leaf.field)
    if isinstance(leaf, Term):
        return [Piece(stream, *span, (leaf,), (span,)) for span in find(leaf, reading)]
    return [Piece(stream, *span, (leaf,), (span,), place) for span, place in search(leaf, reading)]


@dataclass(frozen=True)
class Finding:
    """What a topic's rule found in an article: whether it holds, and all that counts either way."""

    held: bool
    pieces: Sequence[Piece]
    hits: Sequence[Hit]  # in the story
    outside: Sequence[Term | Pattern]  # what was found in other fields
    tags: Sequence[str]

    @cached_property
    def score(self) -> float:
        """The points of all that was found."""
        if not (self.tags or self.outside):
            return score(self.hits)
        tag = bool(self.tags) or any(leaf.field == "tag" for leaf in self.outside)
        return score(self.hits, tag=tag, other=any(leaf.field != "tag" for leaf in self.outside))

    @cached_property
    def because(self) -> tuple[str, ...]:
        """The reasons in words."""
        return because(self.hits, self.tags, self.outside)

    def match(self, topic: Topic) -> Match | None:
        """Make the match; None if the rule does not hold or the score is too low."""
        if not self.held or self.score < topic.min_score:
            return None
        return Match(topic=topic.slug, score=self.score, because=self.because)


def ways(topic: Topic) -> tuple[Expr, ...]:
    """The lines of which one must hold: those of `any`, or the query."""
    return topic.rule.any if topic.rule.query is None else (topic.rule.query,)


def needs_way(topic: Topic) -> bool:
    """Whether a line of `any`, the query or a tag must be there; tags beside `all` alone only add points."""
    return bool(ways(topic)) or not topic.rule.all


def evaluate(topic: Topic, candidates: Sequence[Expr], look: Look) -> Match | None:
    """Match one topic; `candidates` are the lines of `ways` that may hold, all others cannot."""
    article = look.reading.article
    if not (admits_source(topic, article) and admits_language(topic, article)):
        return None
    rule = topic.rule
    if rule.mask or rule.tags or rule.all or rule.none:
        return weigh(topic, candidates, look).match(topic)
    alike = tuple(map(id, candidates))  # a word that stands alone in a line is one object for all topics
    finding = look.known.get(alike)
    if finding is None:
        finding = look.known[alike] = weigh(topic, candidates, look)
    return finding.match(topic)


def weigh(topic: Topic, candidates: Iterable[Expr], look: Look) -> Finding:
    """Look for a topic's rule, and gather what of it was found."""
    rule = topic.rule
    look.mask(rule.mask)
    tags = [tag for one in rule.tags for tag in fitting(one, look.reading)] if rule.tags else []
    pieces: list[Piece] = []
    held = bool(tags) or not needs_way(topic)
    for line in candidates:
        if (found := look.hold(line)) is not None:
            held = True
            pieces += found
    for line in rule.all:
        if (found := look.hold(line)) is None:
            held = False
        else:
            pieces += found
    if held and rule.none:
        held = all(look.hold(line) is None for line in rule.none)
    return _gather(held, pieces, tags, look.reading)


def _gather(held: bool, pieces: Sequence[Piece], tags: Iterable[str], reading: Reading) -> Finding:
    story: dict[Span, tuple[Term | Pattern, ...]] = {}
    outside: dict[int, Term | Pattern] = {}
    for piece in pieces:
        if piece.stream == STORY:
            story.setdefault((piece.start, piece.end), piece.leaves)
        else:
            outside |= {id(leaf): leaf for leaf in piece.leaves}
    return Finding(
        held, pieces, distinct(story, reading), tuple(outside.values()), tuple(dict.fromkeys(tags))
    )


def fitting(category: Category, reading: Reading) -> list[str]:
    """The publisher's tags that fit one of a topic's, as published."""
    exact = [reading.tags[one] for one in category.spellings if one in reading.tags]
    stems = [one[:-1] for one in category.spellings if one.endswith("*")]
    return exact + [tag for stem in stems for folded, tag in reading.tags.items() if folded.startswith(stem)]


def admits_source(topic: Topic, article: Article) -> bool:
    """Whether the article's source is one of the topic's."""
    return not topic.sources or article.source in topic.sources


def admits_language(topic: Topic, article: Article) -> bool:
    """Whether the language is one of the topic's; an article that tells no language is let in."""
    if not topic.languages or (language := _primary(article.language)) in ("", "und"):
        return True
    return language in {_primary(wanted) for wanted in topic.languages}


def _primary(language: str) -> str:
    """Return the primary subtag (BCP 47): zh of zh-Hant-TW."""
    return language.replace("_", "-").partition("-")[0].lower()
