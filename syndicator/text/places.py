"""`spans`: where the tokens stand in the text as it was written, so that they can be marked there.

Folding makes text longer and shorter, but it looks only at what stands together: a character and what joins
it (marks, invisible characters, the other parts of a Hangul syllable). So text is cut into such pieces, each
is folded by itself, and the places of the pieces are the places of what they were folded to.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final
from unicodedata import normalize

import regex

from syndicator.text.folding import fold
from syndicator.text.words import bare, found

if TYPE_CHECKING:
    from collections.abc import Callable

# What composes with the character before it: marks, vowels and finals of Hangul, one vowel sign of Kirat Rai.
_JOINS: Final = regex.compile(r"[\p{M}\u1161-\u1175\u11a8-\u11c2\U00016d67]")
_UNSEEN: Final = (
    "\u00ad\u061c\u200b\u200c\u200d\u200e\u200f"  # soft hyphen, joiners, direction
    "\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)


def spans(text: str) -> list[tuple[str, int, int]]:
    """Give each of `tokens(text)` with the place in `text` that it was read from: (token, start, end).

    Places are in order, and `fold(text[start:end])` contains the token. It holds more, and places have
    characters in common, only where one character stands for several tokens or for signs too (`㍿`, `½`,
    `⑴`), or where a mark or a Hangul vowel lacks its letter. Marks are part of a place; a possessive 's, an
    elided article and invisible characters at the end are not.
    """
    starts, ends, folded = aligned(text, fold)
    places = []
    for match in found(folded):
        token, skipped = bare(match[0])
        begin = match.start() + skipped
        places.append((token, starts[begin], ends[begin + len(token) - 1]))
    return places


def aligned(text: str, form: Callable[[str], str]) -> tuple[list[int], list[int], str]:
    """Bring `text` into a form (`fold`, or a normal form of Unicode) piece by piece.

    Tells for each character of the outcome where its piece starts and ends in `text`, and the outcome.
    """
    joining = {char for char in set(text) if _joins(char)}
    at = [i for i, char in enumerate(text) if char not in joining or not i or text[i - 1].isspace()]
    pieces = [text[start:end] for start, end in pairwise([*at, len(text)])]
    formed = {piece: form(piece) for piece in set(pieces)}
    length = {piece: _visible(piece) for piece in formed}
    starts = [start for start, piece in zip(at, pieces, strict=True) for _ in formed[piece]]
    ends = [start + length[piece] for start, piece in zip(at, pieces, strict=True) for _ in formed[piece]]
    return starts, ends, "".join([formed[piece] for piece in pieces])


def _joins(char: str) -> bool:
    folded = normalize("NFD", fold(char))
    return not folded or _JOINS.match(folded) is not None


def _visible(piece: str) -> int:
    """Length of `piece` without what cannot be seen at its end."""
    return max(1, len(piece.rstrip(_UNSEEN)))
