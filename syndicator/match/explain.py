"""Why an article is in a topic, in short words: `title: telecom fraud`, `lead: 电信诈骗 ×2`, `tag: China`."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from syndicator.match.score import ZONES
from syndicator.model import Pattern

if TYPE_CHECKING:
    from collections.abc import Iterable

    from syndicator.match.score import Hit
    from syndicator.model import Term

MOST: Final = 8  # reasons; a rule of 500 terms must not fill a page

_DRESS: Final = re.compile(r'^[A-Za-z]+[:：]|["“”„＂]')


def because(hits: Iterable[Hit], tags: Iterable[str], others: Iterable[Term | Pattern]) -> tuple[str, ...]:
    """Say each reason once: hits of the story by zone, then the publisher's tags, then other fields."""
    counts = Counter((zone, " … ".join(map(spoken, leaves))) for zone, leaves in hits)
    reasons = [
        f"{ZONES[zone]}: {word} ×{count}" if count > 1 else f"{ZONES[zone]}: {word}"
        for (zone, word), count in sorted(counts.items(), key=lambda item: item[0][0])
    ]
    reasons += [f"tag: {tag}" for tag in tags]
    reasons += [f"{leaf.field}: {spoken(leaf)}" for leaf in others]
    said = tuple(dict.fromkeys(reasons))
    return said if len(said) <= MOST else (*said[:MOST], f"and {len(said) - MOST} more")


def spoken(leaf: Term | Pattern) -> str:
    """Return a leaf as the admin wrote it, a word without its field and quotation marks."""
    if isinstance(leaf, Pattern):
        return f"/{leaf.regex}/"
    return _DRESS.sub("", leaf.source) or " ".join(leaf.tokens)
