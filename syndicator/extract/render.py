"""The chosen blocks as the publisher's own markup, with the pictures between them, and as plain text."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin

from lxml import etree

from syndicator.extract.trim import is_caption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syndicator.extract.blocks import Block

_MEDIA: Final = ("img", "picture", "video", "audio", "iframe", "amp-img")
_KEPT: Final = frozenset({
    "a", "abbr", "amp-img", "audio", "b", "bdi", "bdo", "blockquote", "br", "caption", "cite", "code", "col",
    "colgroup", "dd", "del", "dfn", "dl", "dt", "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5",
    "h6", "hr", "i", "iframe", "img", "ins", "kbd", "li", "mark", "ol", "p", "picture", "pre", "q", "rp",
    "rt", "ruby", "s", "samp", "small", "source", "strike", "strong", "sub", "sup", "table", "tbody", "td",
    "tfoot", "th", "thead", "time", "tr", "u", "ul", "var", "video", "wbr",
})  # fmt: skip
_ATTRIBUTES: Final = frozenset({
    "alt", "cite", "colspan", "datetime", "dir", "height", "href", "lang", "poster", "reversed", "rowspan",
    "scope", "src", "srcset", "start", "title", "type", "value", "width",
})  # fmt: skip
_ADDRESSES: Final = ("href", "src", "poster", "cite")
_SCHEMES: Final = ("http", "https", "mailto")
_VOID: Final = frozenset(
    ("br", "hr", "img", "amp-img", "iframe", "video", "audio", "source", "col", "wbr", "td", "th")
)
_AFTER: Final = 4  # elements that a picture may stand after the last paragraph


def plain(blocks: list[Block], places: Sequence[int]) -> str:
    """Give the running text: a line for each block, the cells of a table's row in one; no captions."""
    kept = [blocks[at] for at in places if not is_caption(blocks[at])] or [blocks[at] for at in places]
    lines: list[str] = []
    row: Any = None
    for block in kept:
        here = block.element.getparent() if block.element.tag in ("td", "th") else None
        if here is not None and here is row:
            lines[-1] += f" {block.text}"
        else:
            lines.append(block.text)
        row = here
    return "\n".join(lines)


def whole_tables(blocks: list[Block], places: Sequence[int]) -> tuple[int, ...]:
    """Add the other cells of tables of which most was chosen: extractors drop what is short."""
    tables: dict[Any, list[int]] = {}
    for at, block in enumerate(blocks):
        if (table := next(block.element.iterancestors("table"), None)) is not None:
            tables.setdefault(table, []).append(at)
    chosen = set(places)
    for cells in tables.values():
        held = sum(blocks[at].weight for at in cells if at in chosen)
        if 2 * held >= sum(blocks[at].weight for at in cells):
            chosen.update(cells)
    return tuple(sorted(chosen))


def markup(blocks: list[Block], places: Sequence[int], base: str) -> str:
    """Give the chosen blocks as HTML without scripts, styles, classes; addresses lead from `base`.

    The tree is spoilt by it.
    """
    kept = {blocks[at].element for at in places}
    region = _common(kept)
    if region is None:
        return ""
    if region in kept:
        region = region.getparent()
    order = {element: at for at, element in enumerate(region.iter())}
    last = max((order[element] for element in kept if element in order), default=0)
    for block in blocks:
        if (
            block.element not in kept
            and (at := order.get(block.element))
            and not (at < last and is_caption(block))
        ):
            _drop_text(block.element)
    for element in list(region.iter(*_MEDIA)):
        if order.get(element, 0) > last + _AFTER:
            element.drop_tree()
    _plain_elements(region, base)
    return _inner(region)


def _common(elements: set[Any]) -> Any:
    """Give the deepest element that holds all of these, or nothing where there are none."""
    path: list[Any] = []
    for element in elements:
        own = [element, *element.iterancestors()][::-1]
        path = [one for one, other in zip(path, own, strict=False) if one is other] if path else own
    return path[-1] if path else None


def _drop_text(element: Any) -> None:
    """Take away a block, but not the picture in it."""
    if next(element.iterdescendants(*_MEDIA), None) is None:
        element.drop_tree()
        return
    for each in element.iter():
        each.text = None
        if each is not element:
            each.tail = None


def _plain_elements(region: Any, base: str) -> None:
    for element in list(region.iterdescendants())[::-1]:
        if element.tag not in _KEPT:
            _unwrap(element)
            continue
        listed = element.attrib.items()
        kept = {name: value for name, value in listed if name in _ATTRIBUTES or _is_lazy(name)}
        addresses = {name: value for name, value in listed if name in _ADDRESSES}
        element.attrib.clear()  # one by one fails for names that lxml reads and does not write, as `{x}`
        element.attrib.update({name: value for name, value in kept.items() if name not in addresses})
        for name, value in addresses.items():
            _set_address(element, name, value, base)
        is_empty = len(element) == 0 and not (element.text and element.text.strip())
        if is_empty and element.tag not in _VOID:
            element.drop_tree()


def _unwrap(element: Any) -> None:
    """Replace a container by what is in it; text that had a container of its own becomes a paragraph."""
    leaf = (
        element.text
        and element.text.strip()
        and element.tag in ("div", "section", "article", "center", "address")
    )
    if leaf:
        element.tag = "p"
        element.attrib.clear()
    else:
        element.drop_tag()


def _set_address(element: Any, name: str, value: str, base: str) -> None:
    """Make an address absolute; none that would run a script stays."""
    address = value.strip()
    with suppress(ValueError):
        address = urljoin(base, address)
    scheme, colon, _ = address.partition(":")
    is_stand_in = name == "src" and address.startswith("data:image/")  # for a lazy image
    if not colon or "/" in scheme or scheme.lower() in _SCHEMES or is_stand_in:
        element.set(name, address)


def _is_lazy(name: str) -> bool:
    return name.startswith("data-") and ("src" in name or "orig" in name) and name.replace("-", "").isalnum()


def _inner(region: Any) -> str:
    parts = [region.text or ""]
    parts += [etree.tostring(child, method="html", encoding="unicode") for child in region]
    return "".join(parts).strip()
