"""News sitemaps (sitemaps.org 0.9 with Google's news extension 0.9) as a source."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from lxml import etree

from syndicator.errors import ParseError
from syndicator.extract import dates
from syndicator.extract.address import joined
from syndicator.model import Entry, ParsedFeed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

_START: Final = re.compile(
    rb"^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,200}\?>)?(?:\s*<!--.{0,2000}?-->|\s*<\?[^>]{0,500}\?>)*\s*<(?:\w+:)?(urlset|sitemapindex)\b",
    re.DOTALL,
)
_MAX_URLS: Final = 50_000  # sitemaps.org: no sitemap has more
_NAME: Final = re.compile(r"[-_]+")
_IN_PATH: Final = re.compile(r"([^/]+?)(?:\.\w{2,5})?/?$")


def knows(body: bytes) -> bool:
    """Whether a document begins like a sitemap or an index of sitemaps."""
    return _START.match(body[:4096]) is not None


def read(body: bytes, *, url: str, limit: int) -> ParsedFeed:
    """Read the newest `limit` addresses of a sitemap, the newest first.

    Raises ParseError: sitemap-index, with the newest child in its hint; not-a-feed where no address stands.
    """
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True
    )
    root = etree.fromstring(body, parser)
    if root is None:
        raise ParseError("not-a-page", "the sitemap is no XML")
    rows = [_row(element) for element in _children(root, "url", "sitemap")]
    found = [(joined(row.get("loc", ""), url), _moment(row), row) for row in rows]
    found = sorted((each for each in found if each[0]), key=_newest_first)
    if etree.QName(root).localname == "sitemapindex":
        raise _index(found)
    if not found:
        raise ParseError("not-a-feed", "the sitemap names no page")
    entries = tuple(
        Entry(
            url=address,
            title=row.get("title") or _told(address),
            published_at=moment,
            language=row.get("language", ""),
            tags=tuple(filter(None, map(str.strip, row.get("keywords", "").split(",")))),
        )
        for address, moment, row in found[:limit]
    )
    return ParsedFeed(format="sitemap", title=found[0][2].get("name", ""), url=url, entries=entries)


def _newest_first(each: tuple[str, datetime | None, Any]) -> float:
    return -each[1].timestamp() if each[1] else 0.0


def _index(found: list[tuple[str, datetime | None, dict[str, str]]]) -> ParseError:
    hint = f"use one of them, the newest is {found[0][0]}" if found else ""
    return ParseError("sitemap-index", "this is an index of sitemaps and names no articles itself", hint=hint)


def _children(root: Any, *names: str) -> Iterator[Any]:
    for number, element in enumerate(root.iterchildren("{*}" + names[0], "{*}" + names[1], *names)):
        if number >= _MAX_URLS:
            raise ParseError("too-big", f"the sitemap has more than {_MAX_URLS:,} addresses")
        yield element


def _row(element: Any) -> dict[str, str]:
    """Give what a `<url>` says, by local names; the news extension's fields among them."""
    row: dict[str, str] = {}
    for each in element.iter(
        "{*}loc", "{*}lastmod", "{*}title", "{*}publication_date", "{*}language", "{*}name", "{*}keywords"
    ):
        space = etree.QName(each).namespace or ""
        name = etree.QName(each).localname
        if (
            (name != "loc" and "image" in space)
            or "video" in space
            or (name == "loc" and each.getparent() is not element)
        ):
            continue
        row.setdefault(name, " ".join((each.text or "")[:5000].split())[:1000])
    return row


def _moment(row: dict[str, str]) -> datetime | None:
    return dates.from_text(row.get("publication_date", "")) or dates.from_text(row.get("lastmod", ""))


def _told(address: str) -> str:
    """Make a title of an address's last part, where the sitemap gives none: `a-b-c.html` → `A b c`."""
    found = _IN_PATH.search(address.partition("?")[0])
    return _NAME.sub(" ", found[1]).strip().capitalize()[:300] if found else ""
