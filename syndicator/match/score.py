"""How well a topic fits: a number from where its hits are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from syndicator.match.fields import Reading, Span
    from syndicator.model import Pattern, Term

ZONES: Final = ("title", "lead", "body")  # best first; the body here is what follows the lead


WORTH: Final = ((3, 2), (2, 3), (1, 4))  # of a zone: points of a hit, and how many hits count
TAG, OTHER = 4, 2  # points of a publisher's tag, and of any other field


class Hit(NamedTuple):
    """One place in the story that counts, with the leaves of the longest thing that was found there."""

    zone: int  # index in ZONES
    leaves: tuple[Term | Pattern, ...]


def distinct(found: Mapping[Span, tuple[Term | Pattern, ...]], reading: Reading) -> list[Hit]:
    """Make one hit of all that overlap (电信诈骗 and 诈骗 in one place are one), in the order of the text.

    `found` holds the leaves at each span of the story.
    """
    hits: list[Hit] = []
    reach = longest = 0
    for span in sorted(found):
        start, end = span
        leaves = found[span]
        if start >= reach:
            hits.append(Hit((start >= reading.body) + (start >= reading.later), leaves))
            reach, longest = end, end - start
            continue
        if end - start > longest:
            hits[-1] = Hit(hits[-1].zone, leaves)
            longest = end - start
        reach = max(reach, end)
    return hits


def score(hits: Iterable[Hit], *, tag: bool = False, other: bool = False) -> float:
    """Return `3·min(title hits, 2) + 2·min(lead hits, 3) + min(later hits, 4) + 4·tag + 2·(other field)`."""
    counts = [0, 0, 0]
    for zone, _ in hits:
        counts[zone] += 1
    zones = sum(points * min(count, most) for count, (points, most) in zip(counts, WORTH, strict=True))
    return float(zones + TAG * tag + OTHER * other)
