"""RSS, RDF and Atom by feedparser, with its cleaning and its resolving of links off (normalise does both).

`feedparser.parse` itself is not called: it opens what looks like a file name, decodes by declaration only,
and lets hostile documents cost minutes. Its two SAX handlers are driven here, strict first, then strict on
mended text, then loose.
"""

from __future__ import annotations

import io
import re
import xml.sax
import xml.sax.handler
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final
from xml.sax import saxutils

from feedparser.api import LooseFeedParser, StrictFeedParser
from feedparser.sanitizer import replace_doctype
from lxml import etree

from syndicator.errors import ParseError
from syndicator.parse import charset, guard
from syndicator.parse.elements import person, to_feed
from syndicator.parse.mend import mend, without_forbidden

if TYPE_CHECKING:
    from syndicator.model import ParsedFeed

_MOST_TAGS: Final = 200  # of one entry; each new one is compared with all before it
_PAGE: Final = re.compile(r"<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_FEED_TYPES: Final = ("application/rss+xml", "application/atom+xml", "application/feed+json")


def knows(_body: bytes, _content_type: str) -> bool:
    """Say yes: feedparser is what remains, and it is asked what it makes of the bytes."""
    return True


def read(body: bytes, content_type: str, url: str) -> ParsedFeed:
    """Read a document of the RSS or Atom family; ParseError not-a-feed where it is none."""
    text = without_forbidden(charset.decode(body, content_type))
    guard.check_markup(text)
    handler, version = _run(text)
    if not version and not handler.entries:
        raise _no_feed(text)
    return to_feed(handler.feeddata, handler.entries, version or "xml", url)


class _Careful:
    """Over feedparser's handlers: one odd element harms no other, and nothing costs more than linear time."""

    resolve_relative_uris = False
    sanitize_html = False

    def unknown_starttag(self, tag: str, attrs: list[tuple[str, str]]) -> None:
        with suppress(LookupError, TypeError, ValueError):
            super().unknown_starttag(tag, attrs)  # type: ignore[misc]

    def unknown_endtag(self, tag: str) -> None:
        try:
            super().unknown_endtag(tag)  # type: ignore[misc]
        except (LookupError, TypeError, ValueError):
            self._leave()

    def handle_data(self, text: str, escape: int = 1) -> None:
        """Do the same without asking a FeedParserDict for each line of text: a fifth of all its time."""
        handler: Any = self
        if handler.elementstack:
            is_markup = escape and dict.get(handler.contentparams, "type") == "application/xhtml+xml"
            handler.elementstack[-1][2].append(saxutils.escape(text) if is_markup else text)

    def _leave(self) -> None:
        """Do what feedparser's own handler did not come to do."""
        handler: Any = self
        for stack in (handler.basestack, handler.langstack):
            del stack[-1:]
        handler.depth -= 1

    def _sync_author_detail(self, key: str = "author") -> None:
        """Read names ourselves: feedparser's pattern for addresses is quadratic and ends at four letters."""
        context = self._get_context()  # type: ignore[attr-defined]
        people = dict.get(context, f"{key}s") or [{}]
        name = dict.get(context, key)
        if not people[-1] and isinstance(name, str) and name:
            people[-1]["name"] = person(name)

    def _add_tag(self, term: Any, scheme: Any, label: Any) -> None:
        if len(dict.get(self._get_context(), "tags", ())) < _MOST_TAGS:  # type: ignore[attr-defined]
            super()._add_tag(term, scheme, label)  # type: ignore[misc]


class _Strict(_Careful, StrictFeedParser):  # type: ignore[misc]
    """The handler behind expat, for what is well-formed."""


class _Loose(_Careful, LooseFeedParser):  # type: ignore[misc]
    """The handler behind a tag-soup scanner, for the rest."""


def _run(text: str) -> tuple[Any, str]:
    """Give the handler that understood most, and the version that the document shows."""
    for prepare in (str, mend):
        version, data, entities = replace_doctype(_undeclared(prepare(text)).encode())
        try:
            handler = _strictly(data)
        except (xml.sax.SAXException, ValueError, AssertionError):
            continue
        return handler, version or handler.version
    loose: Any = _Loose("", None, "utf-8", entities)
    loose.feed(data.decode())
    return loose, version or loose.version


def _undeclared(text: str) -> str:
    """Cut the XML declaration, whose encoding is no longer true."""
    if not text.startswith("<?xml"):
        return text
    return text[text.find("?>", 0, 500) + 2 :].lstrip() if "?>" in text[:500] else text


def _strictly(data: bytes) -> Any:
    handler = _Strict("", None, "utf-8")
    reader = xml.sax.make_parser()  # noqa: S317 - entities are cut by replace_doctype, external ones are off
    reader.setFeature(xml.sax.handler.feature_namespaces, True)
    reader.setFeature(xml.sax.handler.feature_external_ges, False)
    reader.setContentHandler(handler)
    reader.setErrorHandler(xml.sax.handler.ErrorHandler())
    source = xml.sax.xmlreader.InputSource()
    source.setByteStream(io.BytesIO(data))
    source.setEncoding("utf-8")
    reader.parse(source)
    return handler


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
