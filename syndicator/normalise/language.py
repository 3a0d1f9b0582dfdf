"""The language of an article as a BCP 47 tag, or nothing.

What its own entry declares; else what the admin configured for the source; else what the feed declares,
unless the script of the text contradicts it (a Chinese site whose software says `en-US`); else the script,
as far as one of the configured languages is written in it.
"""

from __future__ import annotations

import re
from typing import Final

import regex

_TAG: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}")
_SAMPLE: Final = 600  # characters that are looked at
_ENOUGH: Final = 0.3  # share of a script's letters that decides

# script → its characters, and the language that it stands for; Kana before Han, which Japanese also uses.
_SCRIPTS: Final = (
    ("ja", regex.compile(r"[\p{Hiragana}\p{Katakana}]"), 0.1),
    ("ko", regex.compile(r"\p{Hangul}"), _ENOUGH),
    ("zh", regex.compile(r"\p{Han}"), _ENOUGH),
    ("ru", regex.compile(r"\p{Cyrillic}"), _ENOUGH),
)
_LETTER: Final = regex.compile(r"\p{L}")
_OF_SCRIPT: Final = {  # languages that a script allows, where a feed declares one of them
    "ja": frozenset(("ja",)),
    "ko": frozenset(("ko",)),
    "zh": frozenset(("zh", "yue", "cmn", "lzh", "wuu", "hak", "nan", "ja", "ko")),
    "ru": frozenset(("ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "mn", "tg", "tt", "ba", "ce", "os")),
}


def tag(declared: str) -> str:
    """Normalise a declared language to BCP 47's usual case (RFC 5646, 2.1.1): `zh_cn` → `zh-CN`."""
    text = declared.strip().replace("_", "-")
    if not _TAG.fullmatch(text):
        return ""
    first, *rest = text.split("-")
    return "-".join([first.lower(), *(_cased(part) for part in rest)])


def _cased(part: str) -> str:
    if len(part) == 2:
        return part.upper()
    return part.title() if len(part) == 4 and part.isalpha() else part.lower()


def choose(entry: str, source: str | None, feed: str, text: str, languages: tuple[str, ...]) -> str:
    """Choose the language of one article whose title and text are given; empty if nothing tells it."""
    if said := tag(entry) or tag(source or ""):
        return said
    said, seen = tag(feed), by_script(text)
    if said and (not seen or said.split("-")[0] in _OF_SCRIPT[seen]):
        return said
    known = {tag(language).split("-")[0] for language in languages}
    return seen if seen in known else ""


def by_script(text: str) -> str:
    """Name the language that the script of a text suggests: zh, ja, ko, ru, or nothing."""
    sample = text[:_SAMPLE]
    letters = 0 if sample.isascii() else len(_LETTER.findall(sample))
    if not letters:
        return ""
    shares = ((name, len(pattern.findall(sample)) / letters, least) for name, pattern, least in _SCRIPTS)
    return next((name for name, share, least in shares if share >= least), "")
