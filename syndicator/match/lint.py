"""Traps in a rule that is no mistake: told as warnings, in force all the same. Pure.

Some show in the rule itself, others only beside the words of the archive (`Vocabulary`).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from syndicator.match.checks import is_positive, leaves_of
from syndicator.match.fields import STORY, stream_of
from syndicator.match.implied import implies
from syndicator.model import And, Not, Or, Pattern, Term

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from syndicator.model import Expr, Rule

ENOUGH: Final = 1000  # articles in which a word that never occurred is worth a warning
MOST_LINES: Final = 400  # compared with each other
WORDS: Final = 5  # named in one warning

# Forms of a word that its stem is meant to find; the last letter may be doubled before them (scammer).
_FORMS: Final = re.compile(
    r"(?:e?s|e?d|e?r|e?rs|ors?|ings?|ly|al|als|ally|y|ies|an|ans|ns?|ians?|ish|ese|ic|ics|ism|ists?|tic|"
    r"ions?|ments?|ness|ful|less|like|wide|proof|sters?|ulent(?:ly)?|ulence|en|er[en]n?|es)?"
)


@dataclass(frozen=True, slots=True)
class Trap:
    """One warning: the list and the place in it (from 0; of a mask and a query -1), what, and what to do."""

    list: str
    number: int
    source: str
    what: str
    remedy: str


@dataclass(frozen=True)
class Vocabulary:
    """The words of some articles: of each, in how many it stands; and which of the asked pairs were seen."""

    articles: int
    words: Mapping[str, int]
    pairs: frozenset[tuple[str, str]] = frozenset()

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self.words)

    def beginning(self, stem: str) -> list[str]:
        """All words that begin with `stem`."""
        end = start = bisect_left(self._sorted, stem)
        while end < len(self._sorted) and self._sorted[end].startswith(stem):
            end += 1
        return self._sorted[start:end]

    def has(self, term: Term) -> bool:
        """Whether the words of a term may have stood side by side; yes where that was not looked at."""
        *whole, last = term.tokens
        ends = self.beginning(last) if term.prefix else [last] if last in self.words else []
        steady = term.tokens[:-1] if term.prefix else term.tokens
        return bool(ends) and all(w in self.words for w in whole) and self.pairs.issuperset(pairwise(steady))


def pairs_of(rules: Iterable[Rule]) -> frozenset[tuple[str, str]]:
    """Give the pairs of words that `Vocabulary.has` asks for."""
    found: set[tuple[str, str]] = set()
    for rule in rules:
        for _, _, line in _ways(rule):
            for leaf in leaves_of(line):
                if isinstance(leaf, Term):
                    found |= set(pairwise(leaf.tokens[:-1] if leaf.prefix else leaf.tokens))
    return frozenset(found)


def traps(rule: Rule) -> Iterator[Trap]:
    """Find what shows in the rule itself."""
    yield from _excluding(rule)
    yield from _implied(rule)
    yield from _shut_out(rule)
    yield from _idle_masks(rule)


def traps_among(rule: Rule, known: Vocabulary) -> Iterator[Trap]:
    """Find what shows beside the words of the archive."""
    yield from _wide_stems(rule, known)
    if known.articles >= ENOUGH:
        yield from _unheard(rule, known)


def _ways(rule: Rule) -> Iterator[tuple[str, int, Expr]]:
    """Yield what an article is asked for: list, place and line."""
    for name, lines in (("any", rule.any), ("all", rule.all)):
        for number, line in enumerate(lines):
            yield name, number, line
    if rule.query is not None:
        yield "query", -1, rule.query


def _excluding(rule: Rule) -> Iterator[Trap]:
    """Lines of `all` that ask for nothing; an alternative that can only exclude is no line at all."""
    for number, line in enumerate(rule.all):
        if not is_positive(line):
            what = "this line can only exclude"
            yield Trap("all", number, line.source, what, "move what stands behind NOT to `none`")


def _implied(rule: Rule) -> Iterator[Trap]:
    """Lines of `any` that add nothing, because another holds wherever they do."""
    lines = rule.any[:MOST_LINES]
    for number, line in enumerate(lines):
        for place, other in enumerate(lines):
            if place == number or not implies(line, other):
                continue
            same = implies(other, line)
            if same and number < place:
                continue  # of two equal ones the second is told
            what = f"the same as {other.source}" if same else f"holds only where {other.source} does"
            yield Trap(
                "any", number, line.source, f"{what}, on line {place + 1} of `any`", "delete one of them"
            )
            break


def _shut_out(rule: Rule) -> Iterator[Trap]:
    """Lines that never count, because one of `none` is there wherever they hold."""
    for name, number, line in _ways(rule):
        if barred := next((other for other in rule.none if implies(line, other)), None):
            what = f"never counts: wherever it holds, {barred.source} of `none` is there"
            yield Trap(name, number, line.source, what, "delete one of them")


def _idle_masks(rule: Rule) -> Iterator[Trap]:
    """Masks without a word that the rule looks for."""
    lines = [*rule.any, *rule.all, *rule.none, *([rule.query] if rule.query is not None else [])]
    leaves = [leaf for line in lines for leaf in leaves_of(line)]
    if any(isinstance(leaf, Pattern) for leaf in leaves):
        return  # what a regular expression finds cannot be told
    looked_for = [leaf for leaf in leaves if isinstance(leaf, Term)]
    whole = {(stream_of(t.field), word) for t in looked_for for word in _whole(t)}
    stems = {(stream_of(t.field), t.tokens[-1]) for t in looked_for if t.prefix}
    for mask in rule.mask:
        stream = stream_of(mask.field)
        touched = any((stream, word) in whole for word in mask.tokens) or any(
            word.startswith(stem) for at, stem in stems if at == stream for word in mask.tokens
        )
        last = mask.tokens[-1]
        if mask.prefix and not touched:
            touched = any(word.startswith(last) for at, word in whole | stems if at == stream)
        if not touched:
            what = f"masks nothing: the rule looks for no word of {mask.source}"
            yield Trap("mask", -1, mask.source, what, "delete it")


def _whole(term: Term) -> tuple[str, ...]:
    return term.tokens[:-1] if term.prefix else term.tokens


def _wide_stems(rule: Rule, known: Vocabulary) -> Iterator[Trap]:
    """Stems that find other words than forms of their own."""
    told: set[str] = set()
    for name, number, line in _ways(rule):
        for leaf in leaves_of(line):
            if not isinstance(leaf, Term) or not leaf.prefix or len(leaf.tokens) > 1:
                continue
            stem = leaf.tokens[0]
            if stem in told or stream_of(leaf.field) != STORY:
                continue
            told.add(stem)
            others = [word for word in known.beginning(stem) if not _is_form(word, stem)]
            if others:
                ranked = sorted(others, key=lambda word: (-known.words[word], word))
                listed = ", ".join(f"{word} ({known.words[word]:,})" for word in ranked[:WORDS])
                more = f" and {len(others) - WORDS:,} more words" if len(others) > WORDS else ""
                what = f"{stem}* also finds {listed}{more} in the archive"
                yield Trap(name, number, line.source, what, "write the words out, or mask the others")


def _is_form(word: str, stem: str) -> bool:
    rest = word.removeprefix(stem)
    doubled = rest[1:] if rest[:1] == stem[-1:] else rest
    return bool(_FORMS.fullmatch(rest) or _FORMS.fullmatch(doubled))


def _unheard(rule: Rule, known: Vocabulary) -> Iterator[Trap]:
    """One warning a list for all terms in it that never occurred; spellings of aliases are not told."""
    missing: dict[str, list[tuple[int, str, str]]] = {}
    for name, number, line in _ways(rule):
        for leaf in _own_leaves(line):
            if isinstance(leaf, Term) and stream_of(leaf.field) == STORY and not known.has(leaf):
                missing.setdefault(name, []).append(
                    (number, line.source, leaf.source or " ".join(leaf.tokens))
                )
    for name, found in missing.items():
        listed = list(dict.fromkeys(word for _, _, word in found))
        more = f" and {len(listed) - WORDS:,} more" if len(listed) > WORDS else ""
        what = f"never occurred in {known.articles:,} articles: {', '.join(listed[:WORDS])}{more}"
        yield Trap(name, found[0][0], found[0][1], what, "check the spelling, or leave it for what may come")


def _own_leaves(expr: Expr) -> Iterator[Term | Pattern]:
    """Yield the leaves that are looked for and stand in the line itself, not in an alias."""
    if isinstance(expr, And | Or):
        if not (isinstance(expr, Or) and expr.alias):
            for part in expr.parts:
                yield from _own_leaves(part)
    elif not isinstance(expr, Not):
        yield from leaves_of(expr)
