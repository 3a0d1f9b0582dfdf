"""`fold`: what text is compared by."""

from __future__ import annotations

import re
from typing import Final
from unicodedata import normalize

import regex  # the standard library's `re` knows neither scripts nor combining marks

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


def fold(text: str) -> str:
    """Return what `text` is compared by; equal for spellings that a reader takes for the same.

    NFKC and casefolding as in Unicode's compatibility caseless match (D146), then: apostrophes and dashes
    unified, invisible marks dropped, combining marks dropped after Latin and Greek letters only (elsewhere
    they tell words apart), and a few letters spelt out (ё→е, ß→ss, ø→o …).
    """
    if text.isascii():
        return text.lower().replace("`", "'")
    text = normalize("NFKD", text.replace("´", "'").casefold())
    text = normalize("NFKD", text.casefold())
    text = _INVISIBLE.sub("", text)
    text = _IN_TABLE.sub(lambda found: _TABLE[found[0]], text)
    return normalize("NFC", _ACCENTS.sub("", text))
