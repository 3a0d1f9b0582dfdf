"""One line of plain text from what publishers put into titles, names and tags."""

from __future__ import annotations

import re
from html import unescape
from typing import Final

from syndicator.controls import without_controls

__all__ = ["one_line", "shortened", "without_controls"]

_REFERENCE: Final = re.compile(r"&(?:#\d{1,8}|#[xX][0-9a-fA-F]{1,7}|[A-Za-z][A-Za-z0-9]{1,31});")
_ROUNDS: Final = 3  # how often a publisher escapes what is escaped

_UNSEEN: Final = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style)\b[^<>]*>.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL
)
_BREAKS: Final = re.compile(
    r"</?(?:address|blockquote|br|div|dd|dl|dt|h[1-6]|hr|li|ol|p|table|td|tr|ul)(?:\s[^<>]*|/)?>",
    re.IGNORECASE,
)
_INLINE_NAMES: Final = (
    "a|abbr|acronym|b|bdi|bdo|big|cite|code|del|dfn|em|font|i|img|ins|kbd|mark|q|s|samp|small|span|strike"
    "|strong|sub|sup|time|tt|u|var|wbr"
)
_INLINE: Final = re.compile(rf"</?(?:{_INLINE_NAMES})(?:\s[^<>]*|/)?>", re.IGNORECASE)
_PAIR: Final = re.compile(
    rf"<({_INLINE_NAMES})(?:\s[^<>]*)?>(.{{0,300}}?)</\1\s*>", re.IGNORECASE | re.DOTALL
)
_RAW_LIMIT: Final = 4  # so many times the wanted length is looked at; markup takes its room


def one_line(text: str, limit: int, *, is_html: bool = False) -> str:
    """Give a single line without markup, of at most `limit` characters, cut at a word where possible.

    `AT&T` and `a < b` survive: only complete references are decoded (up to three times, for what was
    escaped twice), and only tags that HTML knows are dropped; where the text is not said to be HTML, only
    those that are opened and closed.
    """
    text = without_controls(text[: _RAW_LIMIT * limit])
    if is_html and "<" in text:
        text = _INLINE.sub("", _BREAKS.sub(" ", _UNSEEN.sub("", text)))
    text = _decoded(text)
    if "</" in text:
        text = _unpaired(text)
    return shortened(" ".join(without_controls(text).split()), limit)


def shortened(text: str, limit: int) -> str:
    """Cut at the last word that fits, and say so by an ellipsis."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    space = head.rfind(" ")
    return (head[:space] if space > limit // 2 else head).rstrip(" ,;:-–—") + "…"


def _decoded(text: str) -> str:
    for _ in range(_ROUNDS):
        before, text = text, _REFERENCE.sub(lambda found: unescape(found[0]), text) if "&" in text else text
        if text == before:
            break
    return text


def _unpaired(text: str) -> str:
    for _ in range(_ROUNDS):
        before, text = text, _PAIR.sub(r"\2", text)
        if text == before:
            break
    return text
