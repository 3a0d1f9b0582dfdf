"""Why an article is in a topic, in short words: `title: telecom fraud`, `lead: 电信诈骗 ×2`, `tag: China`."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from syndicator.match.score import ZONES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from syndicator.match.score import Hit
    from syndicator.model import Term

MOST: Final = 8  # reasons; a rule of 500 terms must not fill a page

_DRESS: Final = re.compile(r'^[A-Za-z]+[:：]|["“”„＂]')


def because(
    hits: Iterable[Hit], terms: Sequence[Term], tags: Iterable[str], others: Iterable[Term]
) -> tuple[str, ...]:
    """Say each reason once: hits of the story by zone, then the publisher's tags, then other fields."""
    counts = Counter((zone, spoken(terms[number])) for zone, number in hits)
    reasons = [
        f"{ZONES[zone]}: {word} ×{count}" if count > 1 else f"{ZONES[zone]}: {word}"
        for (zone, word), count in sorted(counts.items(), key=lambda item: item[0][0])
    ]
    reasons += [f"tag: {tag}" for tag in tags]
    reasons += [f"{term.field}: {spoken(term)}" for term in others]
    said = tuple(dict.fromkeys(reasons))
    return said if len(said) <= MOST else (*said[:MOST], f"and {len(said) - MOST} more")


def spoken(term: Term) -> str:
    """Return the term as the admin wrote it, without its field and quotation marks."""
    return _DRESS.sub("", term.source) or " ".join(term.tokens)
