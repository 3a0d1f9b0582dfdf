"""From the text of a page to a tree in which every piece of text lies in one block of its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from lxml import etree, html

from syndicator.controls import without_bad_references
from syndicator.errors import ParseError
from syndicator.extract import guard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

# What carries text of its own, and holds others of its kind only around it.
BLOCKS: Final = frozenset({
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dir", "div",
    "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
    "header", "hgroup", "hr", "li", "main", "menu", "nav", "ol", "p", "pre", "section", "summary", "table",
    "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
})  # fmt: skip
_CONTROLS: Final = bytes({*range(0x20), 0x7F} - {0x09, 0x0A, 0x0D})  # they end a page for libxml2
_HTML: Final = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|title|meta|p|br|div|span|article|section|main|table|h[1-6]|ul|ol|a)[\s/>]",
    re.IGNORECASE,
)
_UNSEEN: Final = (
    "script", "style", "template", "noscript", "link", "meta", "head", "title", "svg", "math", "canvas",
    "object", "embed", "applet", "select", "option", "button", "input", "textarea", "datalist", "dialog",
    "map", "area", "noembed", "noframes", "frameset", "frame", "progress", "meter",
)  # fmt: skip


def parse(text: str) -> HtmlElement:
    """Parse a page. Raises ParseError of the kinds empty, not-a-page, too-big and too-deep."""
    markup = without_bad_references(text).encode("utf-8", "replace").translate(None, _CONTROLS)
    if not _HTML.search(markup):
        raise ParseError("not-a-page", "there is no HTML in it")
    guard.check_markup(markup)
    parser = html.HTMLParser(
        encoding="utf-8",
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
        huge_tree=True,  # else 10 MB of text, or 256 elements in one another, silently end the page
    )
    try:
        root = etree.fromstring(markup, parser)
    except (etree.LxmlError, ValueError) as error:
        raise ParseError("not-a-page", f"cannot be read as HTML: {error!s:.100}") from error
    if root is None or root.tag != "html":
        raise ParseError("not-a-page", "there is no HTML in it")
    if root.find("body") is None:
        _embody(root)
    return root


def _embody(root: HtmlElement) -> None:
    """Make the body that a page may leave out (HTML 13.1.2.4) and libxml2 does not always find."""
    content = [each for each in root if each.tag not in ("head", "title", "meta", "link", "base", "script")]
    if not content:
        raise ParseError("not-a-page", "there is no HTML in it")
    body = etree.SubElement(root, "body")
    body.extend(content)


def strip_unseen(root: HtmlElement) -> HtmlElement:
    """Drop what no reader sees as text, and give the body. Lazy images that only `<noscript>` shows stay."""
    for fallback in root.iter("noscript"):
        image = fallback.find(".//img")
        if image is not None and not _has_image_before(fallback):
            fallback.tag = "span"
    etree.strip_elements(root, *_UNSEEN, with_tail=False)
    body = root.find("body")
    if body is None:
        raise ParseError("not-a-page", "there is no HTML in it")
    return body


def _has_image_before(element: HtmlElement) -> bool:
    before = element.getprevious()
    return before is not None and before.tag in ("img", "picture")


def settle(body: HtmlElement) -> None:
    """Wrap text that stands beside blocks into paragraphs, so that each block holds text or blocks, not both.

    Two line breaks in a row end a paragraph, as their writers mean. A link around blocks moves into them.
    """
    _unwrap_blocks(body)
    for element in list(body.iter(*_MIXED)):
        if _is_mixed(element):
            _wrap_runs(element)


def _unwrap_blocks(body: HtmlElement) -> None:
    """Make what is inline by name but holds blocks a `<div>`."""
    holders = {each for block in body.iter(*BLOCKS) for each in _inline_around(block)}
    for element in holders:
        address = element.get("href") if element.tag == "a" else None
        element.tag = "div"
        if address:
            element.attrib.pop("href")
            for block in list(element.iterdescendants(*BLOCKS)):
                if next(block.iterdescendants(*BLOCKS), None) is None:
                    _link(block, address)


def _inline_around(block: Any) -> Iterator[Any]:
    parent = block.getparent()
    while parent is not None and parent.tag not in BLOCKS and parent.tag != "html":
        yield parent
        parent = parent.getparent()


def _link(block: Any, address: str) -> None:
    link = etree.Element("a", href=address)
    link.text, block.text = block.text, None
    link.extend(list(block))
    block.append(link)


_MIXED: Final = ("article", "aside", "blockquote", "body", "center", "dd", "details", "div", "figure",
                 "header", "li", "main", "section", "td", "th")  # fmt: skip


def _is_mixed(element: HtmlElement) -> bool:
    """Whether it holds blocks beside text, or text that double line breaks cut."""
    text = bool(element.text and element.text.strip())
    blocks = breaks = False
    before: Any = None
    for child in element:
        tail = bool(child.tail and child.tail.strip())
        if child.tag == "br":
            breaks = breaks or (before is not None and before.tag == "br" and not (before.tail or "").strip())
        elif child.tag in BLOCKS:
            blocks = True
        elif child.text or len(child):
            text = True
        text = text or tail
        before = child
    return text and (blocks or breaks)


def _wrap_runs(element: HtmlElement) -> None:
    children = list(element)
    run = etree.Element("p")
    run.text, element.text = element.text, None
    runs: list[Any] = []

    def close() -> None:
        nonlocal run
        if (run.text and run.text.strip()) or len(run):
            runs.append(run)
        run = etree.Element("p")

    for at, child in enumerate(children):
        tail, child.tail = child.tail, None
        if child.tag in BLOCKS:
            close()
            runs.append(child)
            run.text = tail
        elif child.tag == "br" and _is_break(children, at, tail):
            close()
            run.text = tail
        else:
            child.tail = tail
            run.append(child)
    close()
    element[:] = runs


def _is_break(children: list[Any], at: int, tail: str | None) -> bool:
    """Whether this `<br>` is one of two in a row."""
    follows = at + 1 < len(children) and children[at + 1].tag == "br" and not (tail or "").strip()
    return follows or (at > 0 and children[at - 1].tag == "br" and children[at - 1].getparent() is None)
