"""Mails without HTML: their text as paragraphs, with the same furniture left out."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Final

from syndicator.parse.newsletter.links import is_web

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_LENGTH: Final = 500_000  # characters
_MAX_LINKS: Final = 2_000
_URL: Final = re.compile(r"https?://[^\s<>\"'\[\](){}\u3000-\u303f\uff00-\uffef]{1,2000}")
_PARAGRAPHS: Final = re.compile(r"\n[ \t>]*\n\s*")
_SIGNATURE: Final = re.compile(r"^-- ?$", re.MULTILINE)
_RULE: Final = re.compile(r"^[ \t]*[-=_*~#+]{4,}[ \t]*$", re.MULTILINE)


def to_html(text: str) -> str:
    """Give the text as HTML: a paragraph for each, addresses as links; a signature (RFC 3676 4.3) is cut."""
    text = _RULE.sub("", text[:MAX_LENGTH].replace("\r\n", "\n").replace("\r", "\n"))
    signature = max((found.start() for found in _SIGNATURE.finditer(text)), default=0)
    if signature > len(text) // 2:
        text = text[:signature]
    return "".join(f"<p>{_marked(part)}</p>" for part in _PARAGRAPHS.split(text) if part.strip())


def _marked(paragraph: str) -> str:
    """Escape it and make links; the words before an address on its line are the link's."""
    return "<br>".join(_line(line) for line in paragraph.strip().split("\n"))


def _line(line: str) -> str:
    parts: list[str] = []
    place = 0
    for number, found in enumerate(_URL.finditer(line)):
        url = found[0].rstrip(".,;:!?")
        if number >= _MAX_LINKS or not is_web(url):
            continue
        parts.append(escape(line[place : found.start()], quote=False))
        parts.append(f'<a href="{escape(url)}">{escape(url, quote=False)}</a>')
        place = found.start() + len(url)
    return "".join(parts) + escape(line[place:], quote=False)


def links(text: str) -> Iterator[tuple[str, str]]:
    """Give the addresses in it as they stand, each with the words on its line or on the one before."""
    before = ""
    for number, line in enumerate(text[:MAX_LENGTH].splitlines()):
        if number > 20_000:
            return
        for found in _URL.finditer(line):
            url = found[0].rstrip(".,;:!?")
            words = _URL.sub("", line).strip(" \t:<>()[]") or before
            if is_web(url):
                yield words[:200], url
        before = line.strip(" \t:<>()[]") or before
