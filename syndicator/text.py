"""How text is compared: folding and tokens. A leaf that every stage may use.

`fold` makes equal what a reader takes for equal (width, case, accents of Latin and Greek, dashes,
apostrophes, invisible marks); `tokens` cuts text into folded words, or into single characters where the
script writes no spaces. Both are pure; `fold` is idempotent, so `tokens` may be given folded text too.

Not yet: traditional → simplified Chinese. It will be more rows of `_LETTERS`.
"""

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

_HAN_KANA: Final = (
    "\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303c\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
_SIGNS: Final = r"\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_LETTER: Final = rf"(?![{_HAN_KANA}{_SIGNS}])[\p{{L}}\p{{N}}]\p{{M}}*+"

# Three patterns that agree wherever more than one applies: 25, 150 and 250 ns a character.
_ASCII_TOKEN: Final = re.compile(r"[a-z0-9]+(?:'[a-z0-9]+)*")
_PLAIN_TOKEN: Final = re.compile(rf"[^\W_{_HAN_KANA}]+(?:'[^\W_{_HAN_KANA}]+)*|(?=\w)[{_HAN_KANA}]")
_NOT_PLAIN: Final = regex.compile(rf"[\p{{M}}{_SIGNS}]")
_ANY_TOKEN: Final = regex.compile(
    rf"(?=[\p{{L}}\p{{N}}])[{_HAN_KANA}{_SIGNS}]\p{{M}}*+|(?:{_LETTER})++(?:'(?:{_LETTER})++)*+"
)
_UNSPACED: Final = regex.compile(rf"[{_HAN_KANA}{_SIGNS}]")

# l'eau, qu'il, dell'arte: only before a vowel or h, so that S'pore stays whole.
_ELISION: Final = re.compile(
    r"^(?:[cdjlmnstv]|qu|(?:jus|lors|puis|quoi|quel|pres)qu|un|gl|(?:d|n|s|c)?[aeou]ll|quell|quest)'(?=[aeiouhy])"
)


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


def tokens(text: str) -> list[str]:
    """Cut `text` into folded tokens, in their order.

    A token is a word (letters, digits and their marks; Hangul too), or one character with its marks in
    Han, Kana, Thai, Lao, Khmer and Myanmar. Hyphens and all other signs break. A possessive 's and the
    elided articles of French and Italian are taken off.
    """
    text = fold(text)
    if text.isascii():
        found = _ASCII_TOKEN.findall(text)
    elif _NOT_PLAIN.search(text):
        found = _ANY_TOKEN.findall(text)
    else:
        found = _PLAIN_TOKEN.findall(text)
    return [_bare(token) for token in found] if "'" in text else found


def is_unspaced(token: str) -> bool:
    """Whether a token is one character of a script that writes no spaces (Han, Kana, Thai …)."""
    return _UNSPACED.match(token) is not None


def _bare(token: str) -> str:
    return _ELISION.sub("", token.removesuffix("'s")) if "'" in token else token
