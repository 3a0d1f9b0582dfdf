"""Small repairs of structure: headings below the article's own title, and no empty lines of markup."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from syndicator.normalise.tree import BARE, DROP, drop, unwrap

if TYPE_CHECKING:
    from syndicator.normalise.policies import Policy

HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5")  # h6 has nothing below it
EMPTY_BLOCKS: Final = (
    "p", "div", "section", "article", "aside", "header", "footer", "blockquote", "figure", "figcaption",
    "center", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6",
)  # fmt: skip
EMPTY_INLINE: Final = ("span", "b", "strong", "i", "em", "u", "s", "small", "sub", "sup", "font", "tt")
_BREAKS: Final = 2  # in a row: one ends a line, the second leaves one empty


def lower_headings(tree: Any) -> None:
    """Move all headings one level down if any is an `<h1>`: that is the article's title, set elsewhere."""
    if next(tree.iter("h1"), None) is not None:
        for heading in list(tree.iter(*HEADINGS)):
            heading.tag = f"h{int(heading.tag[1]) + 1}"


def block(element: Any, _base: str, _policy: Policy) -> None:
    """Drop a block without content; between two runs of text it still ends a line."""
    if not _is_empty(element):
        return
    before, parent = element.getprevious(), element.getparent()
    text = (parent.text if parent is not None else "") if before is None else before.tail
    if (text or "").strip() and (element.tail or "").strip():
        tail = element.tail
        element.clear()
        element.tag, element.tail = "br", tail
    else:
        drop(element)


def inline(element: Any, _base: str, _policy: Policy) -> None:
    """Keep of an inline element without content the white space in it."""
    if _is_empty(element) and not len(element):
        unwrap(element)


def line_break(element: Any, _base: str, _policy: Policy) -> None:
    """Drop the third line break in a row, and all after it."""
    before, count = element.getprevious(), 0
    while before is not None and before.tag == "br" and not (before.tail or "").strip():
        before, count = before.getprevious(), count + 1
        if count == _BREAKS:
            drop(element)
            return


def _is_empty(element: Any) -> bool:
    """Whether there is neither text nor anything to see in an element, line breaks apart."""
    return not (element.text or "").strip() and all(
        not (child.tail or "").strip()
        and (child.tag in ("br", DROP) or (child.tag == BARE and _is_empty(child)))
        for child in element
    )
