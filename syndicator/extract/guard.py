"""Pages that are built to cost: refused before a library sees them, by passes that stay linear.

Measured: a tag with 100,000 attributes keeps libxml2 busy for 15 s and lexbor for 30; a million bare tags
take each of them 1 s.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from syndicator.errors import ParseError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lxml.html import HtmlElement

MAX_BYTES: Final = 16 * 1024 * 1024
MAX_TAGS: Final = 200_000  # in the markup
MAX_ELEMENTS: Final = 50_000  # left where an article may stand: scripts, menus and forms are out already
MAX_TEXT: Final = 2_000_000  # characters of the same
MAX_DEPTH: Final = 250
MAX_ATTRIBUTES: Final = 500  # in one tag
MAX_WORK: Final = 10_000_000  # characters × elements that they lie in
MAX_CAREFUL: Final = 12_000  # elements: trafilatura needs 4 s for 40,000 paragraphs

# Each alternative consumes what it looks at, also when it is never closed, so the scan stays linear.
_TAG: Final = re.compile(
    rb"""<!--[^-]*+(?:-(?!->)[^-]*+)*+
      | <[sS][cC][rR][iI][pP][tT]\b[^<]*+(?:<(?!/[sS][cC][rR][iI])[^<]*+)*+
      | <[sS][tT][yY][lL][eE]\b[^<]*+(?:<(?!/[sS][tT][yY][lL])[^<]*+)*+
      | <[A-Za-z]([^>=]*+(?:=\s*+(?:"[^"]*+"|'[^']*+')?+[^>=]*+)*+)""",
    re.VERBOSE,
)
_VALUE: Final = re.compile(rb"""=\s*+(?:"[^"]*+"|'[^']*+')""")


def check_bytes(body: bytes) -> None:
    """Raise ParseError (empty, too-big) where there is nothing to read, or more than may be read."""
    if not body.strip(b" \t\r\n\f\0"):
        raise ParseError("empty", "the page is empty")
    if len(body) > MAX_BYTES:
        raise ParseError(
            "too-big", f"the page has {len(body) / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f} MB are read"
        )


def check_markup(markup: bytes) -> None:
    """Raise ParseError (too-big) for more tags or more attributes in one tag than parsers can bear."""
    if markup.count(b"<") > MAX_TAGS:
        raise ParseError("too-big", f"the page has more than {MAX_TAGS:,} tags")
    if markup.count(b"=") + markup.count(b" ") <= MAX_ATTRIBUTES:
        return
    for rest in _TAG.findall(markup):
        if len(rest) > 2 * MAX_ATTRIBUTES and _attributes(rest) > MAX_ATTRIBUTES:
            raise ParseError("too-big", f"a tag of the page carries more than {MAX_ATTRIBUTES} attributes")


def check_tree(tree: Iterable[HtmlElement]) -> bool:
    """Raise ParseError for too many elements, too much text, too deep nesting; else tell if it can bear care.

    Extractors ask each element for all text below it: work is characters times the elements they lie in.
    """
    text = work = 0
    depths: dict[HtmlElement | None, int] = {}
    for elements, element in enumerate(tree, 1):
        depth = depths.get(element.getparent(), 0) + 1
        depths[element] = depth
        size = len(element.text or "") + len(element.tail or "")
        text += size
        work += (size + 8) * depth
        if depth > MAX_DEPTH:
            raise ParseError("too-deep", f"elements of the page nest more than {MAX_DEPTH} deep")
        if elements > MAX_ELEMENTS:
            raise ParseError("too-big", f"the page has more than {MAX_ELEMENTS:,} elements")
    if text > MAX_TEXT:
        raise ParseError("too-big", f"the page has more than {MAX_TEXT:,} characters of text")
    return work <= MAX_WORK and len(depths) <= MAX_CAREFUL


def _attributes(rest: bytes) -> int:
    """Count the attributes of a tag from above: names without value count, words in values do not."""
    bare = _VALUE.sub(b"=x ", rest)
    return len(bare.split())
