"""JSON Feed 1.0 and 1.1 (jsonfeed.org). feedparser knows neither, and no maintained library reads both.

Tolerant: a value of a wrong type is an absent value, never an error. The strict reader of pydantic is four
times as fast as the standard library's and holds Python's lock for a quarter of the time; the library's takes
what it refuses (control characters in strings, halves of characters, other encodings).
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from pydantic_core import from_json

from syndicator.errors import ParseError
from syndicator.model import Enclosure, Entry, ParsedFeed
from syndicator.parse import charset, guard, hub, instant
from syndicator.parse.draft import absolute
from syndicator.parse.markup import to_html

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_VERSION: Final = re.compile(r"https?://(?:www\.)?jsonfeed\.org/version/1(?:\.(\d))?")
_LONGEST_NUMBER: Final = 1e15


def knows(body: bytes, content_type: str) -> bool:
    """Whether the document is JSON, by its first character; the header alone proves nothing."""
    start = body[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    return start[:1] == b"{" or (start[:1] == b"[" and "json" in content_type.lower())


def read(body: bytes, content_type: str, url: str) -> ParsedFeed:
    """Read a JSON Feed; ParseError not-a-feed where the JSON is something else or none."""
    feed = _load(body, content_type)
    version = _VERSION.match(_text(feed, "version")) if isinstance(feed, dict) else None
    if not isinstance(feed, dict) or not (version or isinstance(feed.get("items"), list)):
        raise ParseError("not-a-feed", "this JSON is no JSON Feed: it has neither its version nor items")
    items = list(_list(feed, "items"))
    if len(items) > guard.MAX_ENTRIES:
        raise guard.too_many()
    hubs, own = hub.read(_links(feed), url)
    homepage = absolute(url, _text(feed, "home_page_url"))
    everyone = tuple(_authors(feed))
    language = _text(feed, "language")
    return ParsedFeed(
        format="json10" if version and version[1] in (None, "0") else "json11",
        title=_text(feed, "title"),
        url=homepage,
        language=language,
        hub_urls=hubs,
        self_url=own,
        entries=tuple(_entry(item, everyone, homepage or url) for item in items),
    )


def _load(body: bytes, content_type: str) -> Any:
    """Read JSON in any encoding; ParseError not-a-feed or too-deep."""
    with suppress(ValueError):
        return from_json(charset.without_mark(body), cache_strings="keys")
    try:
        return json.loads(charset.decode(body, content_type).lstrip("\ufeff"), strict=False)
    except RecursionError as error:
        raise ParseError("too-deep", "the JSON nests too deeply") from error
    except ValueError as error:
        raise ParseError("not-a-feed", f"this is no JSON: {error!s:.160}") from error


def _links(feed: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Give feed_url and the hubs of WebSub (others, such as rssCloud, are spoken to in other ways)."""
    yield "self", _text(feed, "feed_url")
    for each in _list(feed, "hubs"):
        if _text(each, "type").lower() == "websub":
            yield "hub", _text(each, "url")


def _entry(item: Mapping[str, Any], everyone: tuple[str, ...], base: str) -> Entry:
    link = absolute(base, _text(item, "url") or _text(item, "external_url"))
    written = _text(item, "content_html")
    return Entry(
        guid=_identifier(item.get("id")),
        url=link,
        title=_text(item, "title"),
        published_at=instant.from_text(_text(item, "date_published")),
        updated_at=instant.from_text(_text(item, "date_modified")),
        authors=tuple(_authors(item)) or everyone,
        tags=tuple(tag for tag in _values(item, "tags") if isinstance(tag, str)),
        language=_text(item, "language"),
        summary=to_html(_text(item, "summary"), "text/plain"),
        content=written or to_html(_text(item, "content_text"), "text/plain"),
        image=_text(item, "image") or _text(item, "banner_image"),
        enclosures=tuple(_enclosures(item)),
        base_url=link or base,
    )


def _text(values: Mapping[str, Any], key: str) -> str:
    value = values.get(key)
    return value if isinstance(value, str) else ""


def _values(values: Mapping[str, Any], key: str) -> list[Any]:
    found = values.get(key)
    return found if isinstance(found, list) else []


def _list(values: Mapping[str, Any], key: str) -> Iterator[Mapping[str, Any]]:
    return (value for value in _values(values, key) if isinstance(value, dict))


def _identifier(value: object) -> str:
    """Read an id; version 1.0 asks readers to accept numbers."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and abs(value) < _LONGEST_NUMBER else ""


def _authors(holder: Mapping[str, Any]) -> Iterator[str]:
    """Give the names of `authors` (1.1), else of `author` (1.0), else their addresses."""
    old = holder.get("author")
    for author in (*_list(holder, "authors"), *((old,) if isinstance(old, dict) else ())):
        if name := _text(author, "name") or _text(author, "url"):
            yield name


def _enclosures(item: Mapping[str, Any]) -> Iterator[Enclosure]:
    for each in _list(item, "attachments"):
        if url := _text(each, "url"):
            size = each.get("size_in_bytes")
            known = isinstance(size, int | float) and 0 < size < _LONGEST_NUMBER
            yield Enclosure(url=url, type=_text(each, "mime_type"), length=int(size) if known and size else 0)
