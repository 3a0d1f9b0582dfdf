"""`fold`: what text is compared by."""

from __future__ import annotations

import re
from itertools import groupby
from typing import Final
from unicodedata import combining, normalize

import regex  # the standard library's `re` knows neither scripts nor combining marks

from syndicator.text.hanzi import SIMPLIFIED, TRADITIONAL

# What no normal form unifies. Looked up after decomposition and casefolding, so that capitals, full-width
# and accented forms need no row of their own.
_LETTERS: Final = {"ß": "ss", "ø": "o", "ł": "l", "ı": "i", "đ": "d", "æ": "ae", "œ": "oe"}
_APOSTROPHES: Final = "`´‘’‚‛ʹʻʼʽˈ′‵׳ꞌ"
_DASHES: Final = "‐‑‒–—―−⸺⸻֊־〜〰゠"
_TABLE: Final = _LETTERS | dict.fromkeys(_APOSTROPHES, "'") | dict.fromkeys(_DASHES, "-")
_IN_TABLE: Final = re.compile(f"[{''.join(_TABLE)}]")

# Zero-width, bidi and variation marks, soft hyphens, fillers; rings and keycaps around a character; and the
# Arabic mark that only stretches a word.
_INVISIBLE: Final = regex.compile(r"[\p{Default_Ignorable_Code_Point}\p{Me}ـ]+")
_ACCENTS: Final = regex.compile(r"(?<=[\p{Latin}\p{Greek}])\p{M}+|(?<=е)\u0308+")

# Long runs of what may be marks; and of what is a mark, or becomes one, or stands among them and goes.
_NO_MARK: Final = (
    "\\x00-\\u00ac\\u00ae-\\u02ff\\u0370-\\u0482\\u048a-\\u0590\\u0e01-\\u0e30\\u0e40-\\u0e46\\u1e00-\\u1fff"
    "\\u3000-\\u3029\\u3030-\\u3098\\u309b-\\u3163\\u3165-\\ua66e\\uac00-\\ud7ff\\uff01-\\uff9d"
)
_PERHAPS_PILED: Final = re.compile(f"[^{_NO_MARK}][^{_NO_MARK}]{{29}}")  # so written, thrice as quick
_PILED: Final = regex.compile(r"[\p{M}\p{Default_Ignorable_Code_Point}ـﾞﾟ\uFE70-\uFE7F]{30,}")

_SIMPLER: Final = str.maketrans(TRADITIONAL, SIMPLIFIED)
_BEYOND: Final = "\U00020000"
# Tried as single characters, those outside the first plane would take ten times as long as this range.
_PERHAPS_TRADITIONAL: Final = re.compile(
    f"[{''.join(char for char in TRADITIONAL if char < _BEYOND)}{_BEYOND}-\U0003ffff]"
)


def fold(text: str) -> str:
    """Return what `text` is compared by; equal for spellings that a reader takes for the same.

    As `unify`, and traditional characters give way to simplified ones, one by one and in all languages that
    use them: Japanese 電車 is Chinese 电车.
    """
    text = unify(text)
    if text.isascii() or not _PERHAPS_TRADITIONAL.search(text):
        return text
    return text.translate(_SIMPLER)


def unify(text: str) -> str:
    """Fold all but traditional characters. Names of stored articles are made of this: it must not change.

    NFKC and casefolding as in Unicode's compatibility caseless match (D146), then: apostrophes and dashes
    unified, invisible marks dropped, combining marks dropped after Latin and Greek letters only (elsewhere
    they tell words apart), and a few letters spelt out (ё→е, ß→ss, ø→o …).
    """
    if text.isascii():
        return text.lower().replace("`", "'")
    if _PERHAPS_PILED.search(text):
        text = _PILED.sub(_in_order, text)
    text = _decomposed(text.replace("´", "'"))
    text = _INVISIBLE.sub("", text)
    text = _IN_TABLE.sub(lambda found: _TABLE[found[0]], text)
    return normalize("NFC", _ACCENTS.sub("", text))


def _decomposed(text: str) -> str:
    return normalize("NFKD", normalize("NFKD", text.casefold()).casefold())


def _in_order(piled: regex.Match[str]) -> str:
    """Put marks in the order that they come to in any case: `normalize` needs n² steps for n of them."""
    marks = _INVISIBLE.sub("", "".join([_decomposed(char) for char in piled[0]]))
    runs = groupby(marks, key=lambda mark: combining(mark) > 0)
    return "".join(["".join(sorted(run, key=combining)) for _, run in runs])
