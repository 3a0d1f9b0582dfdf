"""Why an article is in a topic or not: the whole rule, with what each part of it found in the text.

Nothing here asks the index: every line is looked at, so this is also what the index is tested against.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from syndicator.match.evaluate import (
    Look,
    admits_language,
    admits_source,
    fitting,
    needs_way,
    ways,
    weigh,
)
from syndicator.match.fields import STORY, Reading
from syndicator.model import And, Near, Not, Or, Pattern, Term

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from syndicator.match.evaluate import Finding, Piece
    from syndicator.model import Article, Category, Expr, Match, Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One place in the article: characters (half open) of its original text, and the words there.

    `field` is title, text, summary (where the article has no text), url, source, lang, or tag and author: of
    the last two there may be several, and `start` and `end` count in the one that `text` is cut of.
    """

    field: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """One part of the rule, as the admin wrote it, and whether it holds.

    `role` is the list that a line stands in (any, all, none, mask, tags, query), or langs or sources; it is
    empty below a line. `found` is filled for words and expressions, below NOT too, and for NEAR with what
    stands near enough.
    """

    role: str
    label: str
    held: bool
    found: tuple[Found, ...] = ()
    children: tuple[Branch, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What a topic makes of an article. `match` is what the index gives; None where the article is dropped.

    `marks` are the places that counted, by field (see `Found`) and merged: for highlighting, tags and authors
    left out.
    """

    match: Match | None
    score: float
    verdict: str
    branches: tuple[Branch, ...]
    marks: Mapping[str, tuple[tuple[int, int], ...]]


def trace(topic: Topic, article: Article) -> Trace:
    """Look at every part of a topic's rule."""
    look = Look(Reading(article))
    finding = weigh(topic, ways(topic), look)
    admitted = admits_source(topic, article) and admits_language(topic, article)
    branches = (*_limits(topic, article), *_lines(topic, look))
    match = finding.match(topic) if admitted else None
    return Trace(
        match=match,
        score=finding.score,
        verdict=_verdict(topic, article, finding, branches),
        branches=branches,
        marks=_marks(finding.pieces, look.reading),
    )


def _limits(topic: Topic, article: Article) -> list[Branch]:
    found = []
    if topic.languages:
        held = admits_language(topic, article)
        found.append(Branch(role="langs", label=", ".join(topic.languages), held=held))
    if topic.sources:
        held = admits_source(topic, article)
        found.append(Branch(role="sources", label=", ".join(topic.sources), held=held))
    return found


def _lines(topic: Topic, look: Look) -> list[Branch]:
    """Every line of every list; masks first, by what they blind the others to."""
    rule = topic.rule
    look.mask(())
    found = [_branch(term, look, role="mask") for term in rule.mask]
    look.mask(rule.mask)
    found += [_tag(tag, look.reading) for tag in rule.tags]
    found += [_branch(line, look, role="any") for line in rule.any]
    if rule.query is not None:
        found.append(_branch(rule.query, look, role="query"))
    found += [_branch(line, look, role="all") for line in rule.all]
    found += [_branch(line, look, role="none") for line in rule.none]
    return found


def _branch(expr: Expr, look: Look, role: str = "") -> Branch:
    held = look.hold(expr) is not None
    found: tuple[Found, ...] = ()
    children: tuple[Branch, ...] = ()
    if isinstance(expr, Term | Pattern):
        found = _found(look.pieces(expr), look.reading)
    elif isinstance(expr, Near):
        found = _found(look.hold(expr) or (), look.reading)
        children = tuple(_branch(term, look) for term in (*expr.left, *expr.right))
    elif isinstance(expr, Not):
        children = (_branch(expr.part, look),)
    elif isinstance(expr, And | Or):
        children = tuple(_branch(part, look) for part in expr.parts)
    return Branch(role=role, label=_label(expr), held=held, found=found, children=children)


def _label(expr: Expr) -> str:
    if expr.source:
        return expr.source
    return " ".join(expr.tokens) if isinstance(expr, Term) else type(expr).__name__.upper()


def _tag(category: Category, reading: Reading) -> Branch:
    tags = tuple(dict.fromkeys(fitting(category, reading)))
    found = tuple(Found(field="tag", start=0, end=len(tag), text=tag) for tag in tags)
    return Branch(role="tags", label=category.source or category.spellings[0], held=bool(tags), found=found)


def _found(pieces: Iterable[Piece], reading: Reading) -> tuple[Found, ...]:
    """Return the places of all words of `pieces`, each once, in the order of the text."""
    found = {}
    for piece in sorted(pieces, key=lambda piece: piece[:3]):
        for number, start, end in _places(piece, reading):
            text = reading.texts(piece.stream)[number]
            one = Found(
                field=_field(piece.stream, number, reading), start=start, end=end, text=text[start:end]
            )
            found[one.field, number, start, end] = one
    return tuple(found.values())


def _places(piece: Piece, reading: Reading) -> Iterable[tuple[int, int, int]]:
    if piece.characters is not None:
        return [piece.characters]
    return [reading.place(piece.stream, span) for span in piece.spans]


def _field(stream: str, number: int, reading: Reading) -> str:
    if stream != STORY:
        return stream
    return "title" if number == 0 else "text" if reading.article.text else "summary"


def _marks(pieces: Sequence[Piece], reading: Reading) -> dict[str, tuple[tuple[int, int], ...]]:
    """Merge the places of what counted."""
    spans: dict[str, list[tuple[int, int]]] = {}
    for piece in pieces:
        for number, start, end in _places(piece, reading):
            if piece.stream not in ("tag", "author"):
                spans.setdefault(_field(piece.stream, number, reading), []).append((start, end))
    return {field: _merged(found) for field, found in spans.items()}


def _merged(spans: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _verdict(topic: Topic, article: Article, finding: Finding, branches: Iterable[Branch]) -> str:
    """Say in one sentence why the article is kept or dropped; the first reason that is enough."""
    if not admits_language(topic, article):
        return f"dropped: its language is {article.language}, the topic takes {', '.join(topic.languages)}"
    if not admits_source(topic, article):
        return f"dropped: its source is {article.source}, the topic takes {', '.join(topic.sources)}"
    held = {
        role: [one for one in branches if one.role == role and one.held] for role in ("any", "query", "tags")
    }
    for branch in branches:
        if branch.role == "none" and branch.held:
            return f"dropped: {branch.label} of `none` is there"
        if branch.role == "all" and not branch.held:
            return f"dropped: {branch.label} of `all` is not there"
    if needs_way(topic) and not any(held.values()):
        return f"dropped: {_missing(topic)}"
    needed = f"{topic.min_score:g} {'is' if topic.min_score == 1 else 'are'} needed"
    points = f"{finding.score:g} {'point' if finding.score == 1 else 'points'}, {needed}"
    return f"kept: {points}" if finding.score >= topic.min_score else f"dropped: {points}"


def _missing(topic: Topic) -> str:
    way = "the query does not hold" if topic.rule.query is not None else "no line of `any` holds"
    if not topic.rule.tags:
        return way
    return f"{way} and no tag fits" if ways(topic) else "no tag fits"
