"""A list page, or a news sitemap, as a source: addresses and titles of articles, perhaps dates, nothing more.

select given    the links that a CSS selector names, or the links in the blocks that it names
no select       the links that look like articles (`look`)
a sitemap       its newest addresses (`sitemap`)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cssselect import ExpressionError, SelectorError
from lxml.cssselect import CSSSelector
from lxml.etree import XPathError

from syndicator.errors import ParseError
from syndicator.extract import charset, guard, look, metadata, sitemap, tree
from syndicator.extract.address import base_of, joined
from syndicator.model import Entry, ParsedFeed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

MAX_ENTRIES: Final = 100
_MAX_SELECTOR: Final = 500
_MAX_FOUND: Final = 2_000  # elements that are looked at
_HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")


def read(body: bytes, *, url: str, content_type: str = "", select: str = "") -> ParsedFeed:
    """Read a list page or a sitemap into at most 100 entries, in the page's order, each address once.

    `format` is `page` or `sitemap`.

    Raises:
        ParseError: of the kinds empty, not-a-page, not-a-feed (no article found), sitemap-index, too-big,
            too-deep and broken.
    """
    guard.check_bytes(body)
    try:
        if sitemap.knows(body):
            return sitemap.read(body, url=url, limit=MAX_ENTRIES)
        return _page(charset.decode(body, content_type), url, select)
    except (ParseError, MemoryError):
        raise
    except Exception as error:  # whatever hostile input finds in libxml2
        raise ParseError("broken", f"cannot be read as a list page: {error!r:.200}") from error


def check_selector(text: str) -> str | None:
    """Say what is wrong with a CSS selector, or None. Empty is right: links are found by their look."""
    if len(text) > _MAX_SELECTOR:
        return f"is longer than {_MAX_SELECTOR} characters"
    if not text.strip():
        return None
    try:
        CSSSelector(text, translator="html")
    except (SelectorError, ExpressionError, XPathError):  # its words are a parser's, and name no remedy
        return "is no CSS selector"
    return None


def _page(text: str, url: str, select: str) -> ParsedFeed:
    root = tree.parse(text)
    base = base_of(root, url)
    about = metadata.read(root, base)
    body = tree.strip_unseen(root)
    guard.check_tree(body.iter())
    found = _selected(root, base, select) if select.strip() else look.articles(body, base)
    entries: dict[str, Entry] = {}
    for entry in found:
        known = entries.get(entry.url)
        if known is None and len(entries) >= MAX_ENTRIES:
            break
        if known is None or len(entry.title) > len(known.title):
            entries[entry.url] = entry
    if not entries:
        raise _nothing(select)
    title = about.site or about.title
    return ParsedFeed(
        format="page", title=title, url=url, language=about.language, entries=tuple(entries.values())
    )


def _nothing(select: str) -> ParseError:
    if select.strip():
        return ParseError(
            "not-a-feed",
            f"the selector {select!r} finds no link on the page",
            hint="open the page in a browser and try the selector there; pages made by scripts hold no links",
        )
    return ParseError(
        "not-a-feed",
        "no links to articles were found on the page",
        hint="name them by a CSS selector: `select:`",
    )


def _selected(root: HtmlElement, base: str, select: str) -> Iterator[Entry]:
    if problem := check_selector(select):
        raise ParseError("selector", f"the selector {select!r} {problem}", hint="one such as 'article h2 a'")
    found: Any = CSSSelector(select, translator="html")(root)
    for element in found[:_MAX_FOUND]:
        link = element if element.tag == "a" else _link_in(element)
        if link is None:
            link = next(element.iterancestors("a"), None)
        if link is not None and (address := joined(link.get("href", ""), base)):
            block = element if element.tag != "a" else look.block_around(element)
            yield Entry(
                url=address, title=_title(element, link), published_at=look.date_in(block), base_url=base
            )


def _link_in(block: HtmlElement) -> Any:
    """Choose of the links in a block the one in its heading, or else the one that says most."""
    for heading in block.iter(*_HEADINGS):
        if (link := heading.find(".//a[@href]")) is not None:
            return link
    links = [link for link in block.iter("a") if link.get("href")]
    return max(links, key=lambda link: len(look.words_of(link)), default=None)


def _title(element: HtmlElement, link: HtmlElement) -> str:
    """Give the heading's words where the block or the link has one; else the link's, or what names it."""
    for around in (link, element):
        if (heading := next(around.iter(*_HEADINGS), None)) is not None and (words := look.words_of(heading)):
            return words
    image = link.find(".//img")
    alternative = image.get("alt", "") if image is not None else ""
    return look.words_of(link) or look.line(link.get("title") or link.get("aria-label") or alternative)
