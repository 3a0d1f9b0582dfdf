"""A page as the list of its blocks of text, so that extractors can vote on the same ballot.

Each extractor gives text; a block is chosen by it where most of the block's four-word shingles stand in that
text. So any extractor's choice can be written as the publisher's own markup, with the figures between.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from lxml import etree

from syndicator.extract.tree import BLOCKS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml.html import HtmlElement

_STRING: Final[Any] = etree.XPath("string()", smart_strings=False)
_WORD: Final = re.compile(r"[^\W_]+")
_SHINGLE: Final = 4
_SHARE: Final = 0.6  # of a block's shingles that must be found
_CELLS: Final = re.compile(r"[\n|\t]")


@dataclass(slots=True, eq=False)
class Block:
    """One run of text: its element, what it says, how much of it is links."""

    element: Any
    text: str
    words: tuple[str, ...]
    shingles: frozenset[tuple[str, ...]]  # empty for less than four words
    linked: float  # share of its characters that are links
    weight: int  # its words; a run of Han letters counts as what it would be in words

    @property
    def is_prose(self) -> bool:
        """Whether it reads like a paragraph: a sentence at least, and no string of links."""
        return self.linked < 0.3 and self.weight >= 10


def ballot(body: HtmlElement) -> list[Block]:
    """Give the blocks of a settled page, in their order."""
    return list(_blocks(body))


def _blocks(body: HtmlElement) -> Iterator[Block]:
    elements = list(body.iter(*BLOCKS))
    holders = {element.getparent() for element in elements}  # in a settled tree nothing inline holds a block
    for element in elements:
        if element not in holders:
            text = " ".join(_said(element).split())
            if text:
                links = sum(len(_said(link)) for link in element.iter("a")) if len(element) else 0
                words = tuple(_WORD.findall(text))
                yield Block(
                    element=element,
                    text=text,
                    words=words,
                    shingles=frozenset(shingled(words)),
                    linked=min(1.0, links / len(text)),
                    weight=max(len(words), len(text) // 8),
                )


def _said(element: Any) -> str:
    return _STRING(element) if len(element) else element.text or ""


def shingled(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Give the runs of four words."""
    return zip(*(words[at:] for at in range(_SHINGLE)), strict=False)


def chosen(blocks: list[Block], text: str) -> frozenset[int]:
    """Give the places of the blocks that stand in an extractor's `text`."""
    shingles = frozenset(shingled(_WORD.findall(text)))
    lines = {tuple(_WORD.findall(line)) for line in _CELLS.split(text) if len(line) < 200}
    return frozenset(
        at
        for at, block in enumerate(blocks)
        if (block.words in lines and block.words)
        or (block.shingles and len(block.shingles & shingles) >= _SHARE * len(block.shingles))
    )


def agreement(blocks: list[Block], one: frozenset[int], other: frozenset[int]) -> float:
    """Give the weighted Jaccard index of two choices, 0 to 1."""
    union = sum(blocks[at].weight for at in one | other)
    return sum(blocks[at].weight for at in one & other) / union if union else 1.0
