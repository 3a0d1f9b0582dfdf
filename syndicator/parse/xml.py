"""RSS, RDF and Atom: the fast reader for what is well-formed and known, feedparser for the rest.

    bytes → fast → (decoded, forbidden characters dropped) → fast → (mended) → fast → feedparser

A document that is not well-formed goes one step to the right; one that the fast reader is not sure of goes
to feedparser at once. Feedparser's loose scanner needs up to 2.5 s for a MB: a broken document that is larger
than LARGE is recovered by libxml2 instead, which is linear and misses more.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from lxml import etree

from syndicator.errors import ParseError
from syndicator.parse import charset, fast, guard, soup
from syndicator.parse.elements import to_feed
from syndicator.parse.mend import mend, without_forbidden

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syndicator.model import ParsedFeed

LARGE: Final = 2_000_000  # characters

_PAGE: Final = re.compile(r"<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_FEED_TYPES: Final = ("application/rss+xml", "application/atom+xml", "application/feed+json")


def knows(_body: bytes, _content_type: str) -> bool:
    """Say yes: feedparser is what remains, and it is asked what it makes of the bytes."""
    return True


def read(body: bytes, content_type: str, url: str) -> ParsedFeed:
    """Read a document of the RSS or Atom family; ParseError not-a-feed where it is none."""
    for candidate in candidates(body, content_type):
        try:
            return fast.read(candidate, url)
        except fast.NotWellFormed:
            continue
        except fast.Unsure:
            return thoroughly(without_forbidden(charset.decode(body, content_type)), url)
    text = without_forbidden(charset.decode(body, content_type))
    return (_recovered(text, url) if len(text) > LARGE else None) or thoroughly(text, url)


def _recovered(text: str, url: str) -> ParsedFeed | None:
    """Read what libxml2 recovers of a large document; None where that is no feed with entries."""
    guard.check_markup(text)
    try:
        feed = fast.read(mend(text).encode(), url, recover=True)
    except (fast.NotWellFormed, fast.Unsure):
        return None
    return feed if feed.entries else None


def thoroughly(text: str, url: str) -> ParsedFeed:
    """Read the decoded document by feedparser: some fifty times slower, and it takes what is broken."""
    guard.check_markup(text)
    handler, version = soup.run(text)
    if not version and not handler.entries:
        raise _no_feed(text)
    return to_feed(handler.feeddata, handler.entries, version or "xml", url)


def candidates(body: bytes, content_type: str) -> Iterator[bytes]:
    """Give the document in UTF-8, ever more mended; each is made only when it is asked for."""
    if charset.may_be_utf8(body, content_type):
        yield charset.without_mark(body).lstrip()
    text = without_forbidden(charset.decode(body, content_type))
    yield text.encode()
    if "&" in text:
        yield mend(text).encode()


def _no_feed(text: str) -> ParseError:
    start = text[:4096]
    if not _PAGE.search(start):
        return ParseError("not-a-feed", "no feed: neither RSS, Atom, RDF nor JSON Feed")
    feeds = _feeds_of_page(text[: 256 * 1024])
    hint = f"the page names: {', '.join(feeds)}" if feeds else "give the address of the site's feed instead"
    return ParseError("not-a-feed", "a web page was served where a feed was expected", hint=hint)


def _feeds_of_page(text: str) -> list[str]:
    """Find the feeds that a page names in its head (`<link rel="alternate">`), at most three."""
    page: Any = etree.HTML(text.encode(), etree.HTMLParser(encoding="utf-8", huge_tree=False))
    links = [
        link.get("href", "")
        for link in page.iter("link")
        if "alternate" in link.get("rel", "").lower() and link.get("type", "").lower() in _FEED_TYPES
    ]
    return [" ".join(link.split())[:200] for link in links if link.strip()][:3]
