"""Whether two articles tell one story. Pure: features of two articles → a verdict with the figures behind it.

The share of shingles that the shorter text has in common with the longer one decides, and guards say no
where texts are alike for another reason: reports that differ by their numbers or names only, round-ups that
hold many stories, boilerplate. In doubt two stories stay two: told twice is better than never told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syndicator.stories.signatures import Features

Kind: TypeAlias = Literal["copy", "version", "told", "headline", "apart"]
Guard: TypeAlias = Literal["text", "time", "title", "numbers", "names", "subject", "part", "source"]

WINDOW: Final = timedelta(days=7)  # between two articles of one story
COPY: Final = 0.80  # containment of a copy, whatever its title is
VERSION: Final = 0.50  # of another version, soon after, under a similar title
TOLD: Final = 0.35  # of the same story told otherwise
SOON: Final = timedelta(hours=36)

_TITLE: Final = 0.5  # Jaccard of two titles that are alike
_NUMBERS: Final = 0.9  # share of the shorter text's numbers that the longer one has too
_NAMES: Final = 0.75
_SHORT: Final = 40  # shingles; a shorter text may be boilerplate and needs its title's support
_SUPPORT: Final = 0.8  # share of one title's words that the other article has somewhere
_PARTICULAR: Final = (0.95, 14, 1)  # containment, shingles, names and numbers: a short text that is no phrase
_QUOTED: Final = (14, 5)  # shingles of a whole short text, words of a title that was taken from it
_EXCERPT: Final = (0.9, 3, 0.98)  # title, its words, share of a short text's words that the longer one has
_PART: Final = 1 / 3  # of the longer text; less of it may be one item of a round-up
_SAME_LEAD: Final = 0.3  # share of the longer text's beginning
_EDITED: Final = (0.96, 100, 0.6)  # containment, shingles, numbers: a long text with a figure corrected


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What two articles are to each other; `against` are the guards that said no."""

    kind: Kind
    containment: float  # of the shorter text in the longer one
    size: int  # shingles of the shorter text
    title: float  # Jaccard
    numbers: float = 1.0  # shares of the shorter text's that the longer one has
    names: float = 1.0
    gap: timedelta | None = None
    against: tuple[Guard, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether the two tell one story."""
        return self.kind != "apart"

    @property
    def strength(self) -> float:
        """How sure it is; orders verdicts of one article."""
        return self.containment + self.title / 10 if self.is_same else 0.0


def judge(one: Features[Any], other: Features[Any]) -> Verdict:
    """Judge two articles by their features, both of words or both of hashes. Symmetric."""
    short, long = sorted((one, other), key=_order)
    size = len(short.shingles)
    share = len(short.shingles & long.shingles) / size if size else 0.0
    title = _jaccard(one.title, other.title)
    gap = abs(one.at - other.at) if one.at and other.at else None
    if share < TOLD or one.is_bare != other.is_bare:
        return Verdict(kind="apart", containment=share, size=size, title=title, gap=gap, against=("text",))
    asked = [(short, long)] if size < len(long.shingles) else [(short, long), (long, short)]
    numbers = min(_share(each.numbers, of.words) for each, of in asked)
    names = min(_share(each.names, of.words) for each, of in asked)
    found = (
        _headline(one, other, gap) if one.is_bare else _text(short, long, share, title, numbers, names, gap)
    )
    kind, against = found
    if gap is not None and gap > WINDOW:
        against = (*against, "time")
    return Verdict(
        kind="apart" if against else kind,
        containment=share,
        size=size,
        title=title,
        numbers=numbers,
        names=names,
        gap=gap,
        against=against,
    )


class Judged(NamedTuple):
    """A verdict about the article `key`."""

    key: int
    verdict: Verdict


def best(mine: Features[int] | None, known: Mapping[int, Features[int] | None]) -> list[Judged]:
    """Give those of `known` that tell the story of `mine`, the surest first."""
    if mine is None:
        return []
    found = [Judged(key, judge(mine, other)) for key, other in known.items() if other is not None]
    return sorted(
        (each for each in found if each.verdict.is_same),
        key=lambda each: (-each.verdict.strength, each.key),
    )


def _text(
    short: Features[Any],
    long: Features[Any],
    share: float,
    title: float,
    numbers: float,
    names: float,
    gap: timedelta | None,
) -> tuple[Kind, tuple[Guard, ...]]:
    """Judge two texts: what they would be, and the guards against it."""
    kind: Kind = "copy" if share >= COPY else "version" if share >= VERSION else "told"
    is_soon = gap is not None and gap <= SOON
    size = len(short.shingles)
    against: list[Guard] = []
    enough, at_least, alike = _EDITED
    is_edit = share >= enough and size >= at_least and numbers >= alike and is_soon
    is_own = bool(short.source) and short.source == long.source
    is_series = title >= _TITLE and short.counts != long.counts and bool(short.counts and long.counts)
    is_series = is_series and (is_own or share < enough)
    if (numbers < _NUMBERS or is_series) and not is_edit:
        against.append("numbers")
    if names < _NAMES:
        against.append("names")
    if short.subject - long.words and long.subject - short.words:  # notices that follow one pattern
        against.append("subject")
    if kind == "copy":
        if size < _SHORT and not _is_supported(short, long, share):
            against.append("title")
    else:
        if not is_soon:
            against.append("time")
        if title < _TITLE:
            against.append("title")
        if size < _SHORT and not (kind == "version" and not is_own and _is_excerpt(short, long, title)):
            against.append("text")
        if kind == "told" and is_own:
            against.append("source")
    is_part = size < _PART * len(long.shingles)
    if is_part and title < _TITLE and _share(long.lead, short.shingles) < _SAME_LEAD:
        against.append("part")
    return kind, tuple(against)


def _is_supported(short: Features[Any], long: Features[Any], share: float) -> bool:
    """Whether two short texts are about one thing: by their titles, or by what the text itself names.

    Boilerplate stands under any title; where a title was made of the words of a text, the text is no phrase.
    """
    if min(_share(short.title, long.words), _share(long.title, short.words)) >= _SUPPORT:
        return True
    whole, shingles, facts = _PARTICULAR
    if share < whole or (short.source and short.source == long.source):
        return False
    if (
        len(short.shingles) >= shingles
        and min(len(each.names | each.numbers) for each in (short, long)) >= facts
    ):
        return True
    enough, title = _QUOTED
    is_whole = short.shingles == long.shingles and len(short.shingles) >= enough
    return is_whole and any(
        len(each.title) >= title and _share(each.title, each.subject) >= _SUPPORT for each in (short, long)
    )


def _is_excerpt(short: Features[Any], long: Features[Any], title: float) -> bool:
    """Whether a short text under the same title says nothing that the longer one does not.

    Where sentences were left out few shingles are whole, but all words, names and numbers are there.
    """
    alike, words, known = _EXCERPT
    return title >= alike and len(short.title) >= words and _share(short.words, long.words) >= known


def _headline(
    one: Features[Any], other: Features[Any], gap: timedelta | None
) -> tuple[Kind, tuple[Guard, ...]]:
    """Judge two articles of which nothing but equal headlines is known."""
    against: list[Guard] = []
    if not one.is_telling:
        against.append("title")
    if one.source and one.source == other.source:
        against.append("source")
    if gap is None or gap > SOON:
        against.append("time")
    return "headline", tuple(against)


def _order(features: Features[Any]) -> tuple[int, int]:
    return len(features.shingles), len(features.words)


def _share(these: frozenset[Any], those: frozenset[Any]) -> float:
    return len(these & those) / len(these) if these else 1.0


def _jaccard(one: frozenset[Any], other: frozenset[Any]) -> float:
    either = len(one | other)
    return len(one & other) / either if either else 0.0
