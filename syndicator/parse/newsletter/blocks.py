"""A newsletter that is a list of links → one block for each: its address, its title, what is said about it.

A block begins with a link that is nearly all of its line, or leads it; or with a heading whose text holds a
link to read on. What follows, up to the next beginning, is said about it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from syndicator.parse.newsletter import phrases
from syndicator.parse.newsletter.links import is_web
from syndicator.parse.newsletter.page import BLOCKS, HEADINGS, text, write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syndicator.parse.newsletter.page import Element

MAX_BLOCKS: Final = 50
_MAX_BLURB: Final = 2_000  # characters
_SHARE: Final = 0.6  # of a line that a link must be to be its title
_WIDE: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")  # each says as much as half a word
_LEAD: Final = re.compile(r"^[\W\d_]*$")  # bullets and numbers before a title
_SAYING: Final = 25  # characters of a line that tells something
_SECTION: Final = 60  # characters of a heading that may be over many blocks


@dataclass(slots=True)
class Block:
    """One link of a list, and what its mail says about it."""

    url: str
    title: str
    said: list[str] = field(default_factory=list)  # lines of plain text

    @property
    def blurb(self) -> str:
        """What is said about it, as plain text."""
        return "\n".join(self.said)[:_MAX_BLURB]


@dataclass(frozen=True, slots=True)
class _Line:
    """One innermost block of the page."""

    text: str
    anchors: tuple[tuple[str, str, int], ...]  # words, address, how many characters stand before it
    is_heading: bool


def split(body: Element) -> tuple[Block, ...]:
    """Give the blocks of links in their order, at most MAX_BLOCKS, each address once."""
    found: list[Block] = []
    heading = ""
    is_advert = False
    for line in _lines(body):
        if phrases.ADVERT.search(line.text.lower()) or phrases.ASKS.search(line.text.lower()):
            heading, is_advert = "", True
            continue
        begun = _beginning(line, heading)
        if begun and not (found and found[-1].url == begun.url):
            if is_advert:
                is_advert = False
                heading = ""
                found.append(Block("", ""))  # swallows what is said about it
                continue
            found.append(begun)
            heading = ""
        elif line.is_heading and not line.anchors:
            heading, is_advert = line.text, False
        elif found and _says(line.text):
            found[-1].said.append(line.text)
    return tuple(_once(found))


def _once(found: list[Block]) -> Iterator[Block]:
    seen: set[str] = set()
    for block in found:
        if block.url and block.url not in seen and len(seen) < MAX_BLOCKS:
            seen.add(block.url)
            yield block


def _beginning(line: _Line, heading: str) -> Block | None:
    """Give the block that this line begins, if it begins one."""
    for words, url, before in line.anchors:
        rest = line.text.replace(words, "", 1).strip(" \t–—-:|·•")
        leads = before == 0 or bool(_LEAD.match(line.text[:before]))
        is_most = len(words) >= _SHARE * len(line.text)
        if _tells(words) and (line.is_heading or leads or is_most):
            return Block(url, words, [rest] if leads and len(rest) > 3 and not is_most else [])
    if heading and line.anchors:
        return Block(line.anchors[-1][1], heading, [_without_more(line)])
    return None


def _without_more(line: _Line) -> str:
    said = line.text
    for words, _, _ in line.anchors:
        if phrases.MORE.search(words.lower()):
            said = said.replace(words, "").strip()
    return said


def _tells(words: str) -> bool:
    """Whether the words of a link can be a title."""
    weight = len(words.split()) + len(_WIDE.findall(words)) / 2
    return weight >= 3 and not phrases.MORE.search(words.lower())


def _says(text: str) -> bool:
    """Whether a line tells anything about what stands before it; bullets and names of sections do not."""
    return len(text) + len(_WIDE.findall(text)) >= _SAYING and not phrases.MORE.search(text.lower())


def _lines(body: Element) -> Iterator[_Line]:
    """Give the innermost blocks that have text, and headings."""
    write(body)  # layout tables become plain blocks
    for element in body.iter():
        if element.tag not in BLOCKS or any(child.tag in BLOCKS for child in element):
            continue
        said = text(element)
        if said:
            yield _Line(said, tuple(_anchors(element, said)), _is_heading(element, said))


def _anchors(element: Element, said: str) -> Iterator[tuple[str, str, int]]:
    for link in element.iter("a"):
        words, url = text(link, 500), link.get("href", "")
        if words and is_web(url):
            yield words, url, max(0, said.find(words))


def _is_heading(element: Element, said: str) -> bool:
    if element.tag in HEADINGS:
        return True
    bold = next(element.iter("b", "strong"), None)
    return bold is not None and len(said) <= 2 * _SECTION and text(bold) == said
