"""Which blocks of a page are its article: one extractor's choice, checked by another, or the medoid of four.

trafilatura is right most often, resiliparse is quickest, and the densest container costs nothing. Where the
two quick ones agree, and on prose alone, nothing more is asked: a third of the pages, a fifth of the time.
Else trafilatura is asked, and believed where resiliparse agrees; where not, trafilatura with its fallbacks
too, and the choice that agrees best with the others is taken.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, Final

from lxml import etree
from resiliparse.extract.html2text import extract_plain_text

from syndicator.extract.blocks import agreement, chosen
from syndicator.extract.imports import without_numpy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lxml.html import HtmlElement

    from syndicator.extract.blocks import Block

_AGREED: Final = 0.6
_SAME: Final = 0.97  # of lower thresholds 0.9 costs a point of precision and saves as much time again
_PLENTY: Final = 100  # words
_ENOUGH: Final = 40  # words; less than this is doubted
_REGION: Final = 0.8  # share of the chosen words that the article's container holds
_AGAIN: Final = 0.8  # share of a block's shingles that stand elsewhere in the article
_LONG: Final = 60  # shingles
_INLINE: Final = ("b", "i", "em", "strong", "u", "s", "small", "big", "font", "tt", "code", "nobr", "strike")


def choose(body: HtmlElement, blocks: list[Block], *, url: str, careful: bool) -> frozenset[int]:
    """Give the places of the article's blocks; not `careful`, only the extractor of linear time is asked."""
    check = _within(blocks, _by_resiliparse(body, blocks))
    if not careful:
        return check
    dense = _within(blocks, _densest(blocks))
    if _is_plain(blocks, check) and agreement(blocks, check, dense) >= _SAME:
        return check
    main = _within(blocks, _by_trafilatura(body, blocks, url, fast=True))
    if _weight(blocks, main) >= _ENOUGH and agreement(blocks, main, check) >= _AGREED:
        return main
    voters = (
        main,
        _within(blocks, _by_trafilatura(body, blocks, url, fast=False)),
        check,
        dense,
    )
    return medoid(blocks, [voter for voter in voters if voter])


def _is_plain(blocks: list[Block], choice: frozenset[int]) -> bool:
    """Whether it is a text of some length with next to nothing but paragraphs."""
    weight = _weight(blocks, choice)
    prose = sum(blocks[at].weight for at in choice if blocks[at].is_prose)
    return weight >= _PLENTY and prose >= _SAME * weight


def medoid(blocks: list[Block], choices: list[frozenset[int]]) -> frozenset[int]:
    """Give the choice that agrees best with all others; the first of equals; nothing of nothing."""
    if not choices:
        return frozenset()
    return max(choices, key=lambda one: sum(agreement(blocks, one, other) for other in choices))


def _by_trafilatura(body: HtmlElement, blocks: list[Block], url: str, *, fast: bool) -> frozenset[int]:
    """Ask trafilatura. Fast, it compares with no other extractor: that is done here."""
    with without_numpy():
        from trafilatura import bare_extraction  # noqa: PLC0415  a quarter of a second

    document = bare_extraction(
        _document(body),
        url=url or None,
        fast=fast,
        favor_precision=not fast,
        include_comments=False,
        include_tables=True,
    )
    return chosen(blocks, getattr(document, "text", "") or "")


def _by_resiliparse(body: HtmlElement, blocks: list[Block]) -> frozenset[int]:
    """Ask resiliparse. It reads as browsers do, where unclosed formatting multiplies: it gets none."""
    plain = _document(body)
    etree.strip_tags(plain, *_INLINE)
    markup = etree.tostring(plain, method="html", encoding="unicode")
    text = extract_plain_text(
        markup, main_content=True, list_bullets=False, alt_texts=False, comments=False, post_meta=False
    )
    return chosen(blocks, text)


def _document(body: HtmlElement) -> Any:
    """Give a copy of the page: extractors spoil what they are given."""
    from copy import deepcopy  # noqa: PLC0415

    return deepcopy(body.getroottree().getroot())


def _densest(blocks: list[Block]) -> frozenset[int]:
    """Choose what stands in the container of most unlinked words, its own and half of its children's."""
    scores: Counter[Any] = Counter()
    for block in blocks:
        if block.linked < 0.3 and block.weight >= 8:
            parent = block.element.getparent()
            scores[parent] += 2 * block.weight
            if parent is not None and parent.getparent() is not None:
                scores[parent.getparent()] += block.weight
    if not scores:
        return frozenset()
    best = scores.most_common(1)[0][0]
    inside = set(best.iter())
    return frozenset(at for at, block in enumerate(blocks) if block.element in inside and block.linked < 0.6)


def _within(blocks: list[Block], choice: frozenset[int]) -> frozenset[int]:
    """Keep what stands in the article's container, once: pages repeat their text for other layouts."""
    region = container(blocks, choice, _REGION)
    if region is None:
        return choice
    inside = set(region.iter())
    lines: set[tuple[str, ...]] = set()
    said: set[tuple[str, ...]] = set()
    kept: list[int] = []
    # Small blocks first: where a page says all again in one piece, the pieces stay.
    for at in sorted(choice, key=lambda at: (blocks[at].element not in inside, len(blocks[at].words), at)):
        block = blocks[at]
        if _is_again(block, lines, said) or not (block.element in inside or _is_lead(block, at, kept)):
            continue
        lines.add(block.words)
        said |= block.shingles
        kept.append(at)
    return frozenset(kept)


def _is_again(block: Block, lines: set[tuple[str, ...]], said: set[tuple[str, ...]]) -> bool:
    """Whether it was said, in the same words or, where it is long, in pieces; short ones are of one mould."""
    if len(block.words) <= 3:
        return False
    pieces = len(block.shingles) >= _LONG and len(block.shingles & said) > _AGAIN * len(block.shingles)
    return pieces or block.words in lines


def _is_lead(block: Block, at: int, kept: list[int]) -> bool:
    """Whether it reads like the paragraph that opens the article, above its container."""
    return block.is_prose and bool(kept) and at < min(kept)


def container(blocks: list[Block], choice: Iterable[int], share: float) -> Any:
    """Give the deepest element that holds `share` of the chosen words, a text said twice counted once."""
    held: Counter[Any] = Counter()
    seen: defaultdict[Any, set[tuple[str, ...]]] = defaultdict(set)
    texts: set[tuple[str, ...]] = set()
    total = 0
    for at in choice:
        block, element = blocks[at], blocks[at].element
        total += block.weight * (block.words not in texts)
        texts.add(block.words)
        while element is not None:
            if block.words not in seen[element]:
                seen[element].add(block.words)
                held[element] += block.weight
            element = element.getparent()
    wide = [element for element, weight in held.items() if weight >= share * total]
    return max(wide, key=lambda element: sum(1 for _ in element.iterancestors()), default=None)


def _weight(blocks: list[Block], choice: frozenset[int]) -> int:
    return sum(blocks[at].weight for at in choice)
