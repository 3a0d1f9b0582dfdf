"""From feedparser's dictionaries to our ParsedFeed and Entry.

Values are read by `dict.get`, because feedparser's own access answers for absent keys with others.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import urljoin

from syndicator.model import Enclosure, Entry, ParsedFeed
from syndicator.parse import instant
from syndicator.parse.markup import to_html

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

Values: TypeAlias = dict[str, Any]  # FeedParserDict is one

_READABLE: Final = re.compile(r"text|plain|x?html|application/(?:xhtml\+)?xml", re.IGNORECASE)
_SAYS_NOTHING: Final = "http://schemas.google.com/g/2005#kind"  # a scheme whose one tag is on every post
_LONGEST_NAME: Final = 300
_ADDRESS_FIRST: Final = re.compile(r"(?:mailto:)?[^\s@()]+@[^\s@()]+ *\((.+)\)", re.DOTALL)
_ADDRESS_LAST: Final = re.compile(r"([^<>]*[^<>\s])\s*<[^<>\s]+@[^<>\s]+>")
_WIDEST_TTL: Final = 30 * 24 * 60  # minutes


def to_feed(feed: Values, entries: Sequence[Values], version: str, url: str) -> ParsedFeed:
    """Join what feedparser found; `url` is where the document was."""
    homepage = absolute(url, _text(feed, "link"))
    is_atom = version.startswith("atom")
    everyone = _authors(feed) if is_atom else ()  # RFC 4287, 4.2.1: they speak for all entries
    return ParsedFeed(
        format=version,
        title=_text(feed, "title"),
        url=homepage,
        language=_text(feed, "language"),
        ttl=_ttl(_text(feed, "ttl")),
        entries=tuple(_entry(entry, is_atom, everyone, homepage, url) for entry in entries),
    )


def absolute(base: str, address: str) -> str:
    """Resolve an address against its base (RFC 3986, 5); an impossible one comes back as it is."""
    try:
        return urljoin(base, address) if address else ""
    except ValueError:
        return address


def _entry(entry: Values, is_atom: bool, everyone: tuple[str, ...], homepage: str, url: str) -> Entry:
    declared = _declared(entry, "base")  # xml:base
    base = absolute(url, declared) or homepage or url
    link = _link(entry, base)
    summary, content = _bodies(entry)
    said_plain = is_atom and _text(_part(entry, "title_detail"), "type") == "text/plain"
    return Entry(
        guid=_text(entry, "id"),
        url=link,
        title=_text(entry, "title"),
        title_is_html=not said_plain,  # RSS never says
        published_at=_instant(entry, "published", "created"),
        updated_at=_instant(entry, "updated"),
        authors=_authors(entry) or everyone,
        tags=tuple(_tags(entry)),
        language=_text(entry, "language") or _declared(entry, "language"),
        summary=summary,
        content=content,
        image=next(_images(entry), ""),
        enclosures=tuple(_enclosures(entry)),
        base_url=base if declared else link or base,
    )


def _text(values: Values, key: str) -> str:
    value = dict.get(values, key)
    return value if isinstance(value, str) else ""


def _part(values: Values, key: str) -> Values:
    value = dict.get(values, key)
    return value if isinstance(value, dict) else {}


def _list(values: Values, key: str) -> Iterator[Values]:
    found = dict.get(values, key)
    return (value for value in found if isinstance(value, dict)) if isinstance(found, list) else iter(())


def _declared(entry: Values, key: str) -> str:
    """Read what feedparser notes beside a value from xml:base and xml:lang."""
    details = (*_list(entry, "content"), _part(entry, "summary_detail"), _part(entry, "title_detail"))
    return next((said for detail in details if (said := _text(detail, key))), "")


def person(text: str) -> str:
    """Read the name of RSS's `address (name)` or of `name <address>`; an address alone stays."""
    text = text[:_LONGEST_NAME].strip()
    found = _ADDRESS_FIRST.fullmatch(text) or _ADDRESS_LAST.fullmatch(text)
    return found[1].strip() if found else text


def _link(entry: Values, base: str) -> str:
    """Choose the entry's page: before a redirector wrapped it, the link, or the first alternate."""
    original = _text(entry, "feedburner_origlink")
    if original.startswith(("http://", "https://")):
        return original
    link = _text(entry, "link")
    if link and link == _text(entry, "id") and not link.startswith(("http://", "https://")):
        link = ""  # a guid that does not say isPermaLink="false", as most that are none
    if not link:
        link = next((_text(each, "href") for each in _list(entry, "links") if _is_page(each)), "")
    return absolute(base, link)


def _is_page(link: Values) -> bool:
    return _text(link, "rel") in ("", "alternate") and bool(_text(link, "href"))


def _bodies(entry: Values) -> tuple[str, str]:
    """Give summary and content as HTML; of several contents, the longest that can be read."""
    summary = to_html(_text(entry, "summary"), _text(_part(entry, "summary_detail"), "type"))
    contents = [
        to_html(_text(content, "value"), _text(content, "type"))
        for content in _list(entry, "content")
        if _READABLE.match(_text(content, "type") or "text")
    ]
    return summary, max(contents, key=len, default="")


def _authors(holder: Values) -> tuple[str, ...]:
    names = [_text(author, "name") or _text(author, "email") for author in _list(holder, "authors")]
    names = [name for name in names if name] or [_text(holder, "author")]
    return tuple(dict.fromkeys(name for name in names if name))


def _tags(entry: Values) -> Iterator[str]:
    for tag in _list(entry, "tags"):
        if _text(tag, "scheme") != _SAYS_NOTHING and (name := _text(tag, "label") or _text(tag, "term")):
            yield name


def _images(entry: Values) -> Iterator[str]:
    for media in _list(entry, "media_content"):
        if _text(media, "medium") == "image" or _text(media, "type").startswith("image/"):
            yield _text(media, "url")
    yield from (_text(media, "url") for media in _list(entry, "media_thumbnail"))
    yield _text(_part(entry, "image"), "href")


def _enclosures(entry: Values) -> Iterator[Enclosure]:
    seen = set()
    links = (link for link in _list(entry, "links") if _text(link, "rel") == "enclosure")
    media = (each for each in _list(entry, "media_content") if _is_playable(each))
    for each in (*links, *media):
        url = _text(each, "href") or _text(each, "url")
        if url and url not in seen:
            seen.add(url)
            length = _text(each, "length") or _text(each, "filesize")
            yield Enclosure(url=url, type=_text(each, "type"), length=to_length(length))


def _is_playable(media: Values) -> bool:
    return _text(media, "type").startswith(("audio/", "video/")) or _text(media, "medium") in (
        "audio",
        "video",
    )


def to_length(text: str) -> int:
    """Read a number of octets; 0 for what is none."""
    text = text.strip()
    return int(text) if len(text) <= 15 and text.isascii() and text.isdigit() else 0


def _instant(entry: Values, *names: str) -> datetime | None:
    for name in names:
        parsed = dict.get(entry, f"{name}_parsed")
        moment = instant.from_text(_text(entry, name)) or instant.from_struct(parsed)
        if moment:
            return moment
    return None


def _ttl(text: str) -> timedelta | None:
    minutes = to_length(text)
    return timedelta(minutes=min(minutes, _WIDEST_TTL)) if minutes else None
