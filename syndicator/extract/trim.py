"""The edges of an article: its title again, by-lines and dates before it, and what leads away after it."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final

from syndicator.extract.furniture import is_imprint, leads_away

if TYPE_CHECKING:
    from syndicator.extract.blocks import Block

_HEADINGS: Final = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_NOT_WORDS: Final = re.compile(r"[\W_]+")
_CAPTIONS: Final = frozenset(("figcaption", "caption"))
_CAPTION_NAME: Final = re.compile(
    r"""
      (?:^|[\s_-])(?:wp-caption(?:-text)?|caption|(?:image|photo|img|picture|media)[\w-]*(?:caption|credit
      |copyright|desc\w*)|photo|credits?)(?:$|[\s_-])
    """,
    re.IGNORECASE | re.VERBOSE,
)
_MONTH: Final = (
    r"jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|"
    r"mär|mai|okt|dez|fév|avr|juin|juil|août|déc|ene|abr|ago|dic|gen|mag|giu|lug|set|ott|fev|out"
)
# A line of a date or a name and nothing else.
_DATE: Final = re.compile(
    rf"""
      \d{{1,4}}\s*[-./年]\s*\d{{1,2}}|\d{{1,2}}[.,]?\s+(?:de\s+)?(?:{_MONTH})|(?:{_MONTH})\w*\.?\s+\d{{1,2}}|\d{{1,2}}:\d\d
    """,
    re.IGNORECASE | re.VERBOSE,
)
_BYLINE: Final = re.compile(
    r"""
      (?:by|von|par|por|di|door|av|text|photos?|写真|文|撰文|作者|记者|記者|来源|來源|发布时间|時間|updated|published|posted
      |last\s+updated|veröffentlicht|publié|publicado|stand|actualizado|atualizado)\b[\s:：|]
    """,
    re.IGNORECASE | re.VERBOSE,
)
_SHORT: Final = 15  # words of a by-line
_HEAD: Final = 8  # blocks in which an article begins
_TAIL: Final = 6  # blocks in which it ends


def trimmed(blocks: list[Block], choice: frozenset[int], title: str) -> tuple[int, ...]:
    """Give the article's places in their order, without furniture at both ends; all if nothing stays."""
    kept = [at for at in sorted(choice) if not _leads(blocks[at])]
    kept = _without_head(blocks, kept, _bare(title))
    kept = _without_tail(blocks, kept)
    return tuple(kept or sorted(choice))


def is_caption(block: Block) -> bool:
    """Whether a block belongs to a picture or table and not to the running text."""
    element = block.element
    for each in (element, *islice(element.iterancestors(), 3)):
        if each.tag in _CAPTIONS or each.tag == "figure":
            return True
        if (name := each.get("class")) and _CAPTION_NAME.search(name):
            return len(block.words) < 60
    return False


def _bare(text: str) -> str:
    return _NOT_WORDS.sub("", text).casefold()


def _leads(block: Block) -> bool:
    return len(block.text) <= 200 and leads_away(block.text) and (block.linked > 0.3 or len(block.words) <= 6)


def _without_head(blocks: list[Block], kept: list[int], title: str) -> list[int]:
    """Drop the title, dates and by-lines before the first paragraph."""
    dropped = set()
    for at in kept[:_HEAD]:
        block = blocks[at]
        said = _bare(block.text)
        if (
            (
                title
                and said
                and (
                    said == title
                    or (len(said) > 15 and (said in title or title in said) and block.weight < 40)
                )
            )
            or block.element.tag == "h1"
            or _is_byline(block)
        ):
            dropped.add(at)
        elif block.is_prose:
            break
    return [at for at in kept if at not in dropped]


def _is_byline(block: Block) -> bool:
    if len(block.words) > _SHORT or len(block.text) > 120:
        return False
    return (
        _BYLINE.match(block.text) is not None
        or _DATE.search(block.text) is not None
        or (block.linked > 0.9 and block.element.tag not in _HEADINGS and block.element.tag != "li")
    )


def _without_tail(blocks: list[Block], kept: list[int]) -> list[int]:
    """Drop headings without text below, links in a row and words about the publisher at the end."""
    kept = list(kept)
    for at in list(reversed(kept))[:_TAIL]:
        block = blocks[at]
        if is_imprint(block.text) or (at == kept[-1] and _ends_nothing(block)):
            kept.remove(at)
    return kept


def _ends_nothing(block: Block) -> bool:
    return block.element.tag in _HEADINGS or (block.linked > 0.7 and not is_caption(block)) or not block.words
