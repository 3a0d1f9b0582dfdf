"""Where the tokens of a text stand in it, and how they are written there."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unicodedata import normalize

import regex

from syndicator.text import fold, tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

_CLUSTER = regex.compile(r"\X")


def spans(text: str) -> list[tuple[str, int, int]]:
    """Return each token of `text` with its half-open span of characters."""
    folded, origin = [], []
    for cluster in _CLUSTER.finditer(text):
        piece = fold(cluster[0])
        folded.append(piece)
        origin += [cluster.span()] * len(piece)
    whole, at, found = "".join(folded), 0, []
    for token in tokens(text):
        start = whole.find(token, at)
        if start < 0:
            start = at
        at = min(start + len(token), len(origin))
        found.append((token, origin[min(start, len(origin) - 1)][0], origin[at - 1][1]))
    return found


def forms_of(text: str) -> tuple[str, ...]:
    """Return the tokens of `text` as they are written in it."""
    return forms_at(text, spans(text))


def forms_at(text: str, places: Sequence[tuple[str, int, int]]) -> tuple[str, ...]:
    """Cut the words at `places` out of `text`, in one normal form, so that equal signs are equal."""
    return tuple(normalize("NFC", text[start:end]) for _, start, end in places)
