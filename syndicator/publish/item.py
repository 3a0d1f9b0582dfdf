"""What every format says of one article, settled once: `Item`. Formats differ only in how they write it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC
from html import escape
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit, urlunsplit

from syndicator.card import card, safe
from syndicator.publish.feed import also_in, entry_of, name_id

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from syndicator.model import Elsewhere, Enclosure, StoredArticle
    from syndicator.publish.feed import Feed, Label

UNKNOWN_TYPE: Final = "application/octet-stream"  # of an enclosure (RFC 2046 4.5.1)

_ILLEGAL: Final = re.compile("[^\\t\\n\\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MEDIA_TYPE: Final = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(?:\s*;.*)?", re.ASCII)
# Of an address, beside letters and digits (RFC 3986 2); what is escaped already stays.
_ADDRESS_SIGNS: Final = "%:/?#[]@!$&'()*+,;=-._~"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An article as all formats show it."""

    id: str
    title: str  # never empty
    url: str  # the publisher's, or empty
    published_at: datetime
    updated_at: datetime
    authors: tuple[str, ...]
    labels: tuple[Label, ...]  # the topics it is in
    tags: tuple[str, ...]  # the publisher's
    language: str
    summary: str  # plain text
    body: str  # HTML; empty where only the beginning is shown or known
    told: str  # where else the story is told, as HTML
    elsewhere: tuple[Elsewhere, ...]  # the same, in parts
    image: str
    enclosures: tuple[Enclosure, ...]
    source: str  # the publisher's title
    source_id: str
    source_url: str  # its feed, or empty
    source_home: str  # its pages, or empty

    @property
    def vocabulary(self) -> str:
        """Whose words the publisher's tags are: an address, or empty."""
        return self.source_home or self.source_url


def items(feed: Feed) -> Iterator[Item]:
    """Give what a feed says of its articles, newest first."""
    for stored in feed.articles:
        yield _item(feed, stored)


def _item(feed: Feed, stored: StoredArticle) -> Item:
    article = stored.article
    source_home = safe(stored.source_home)
    return Item(
        id=entry_of(stored),
        title=article.title or card(stored).title or stored.source_title or article.source,
        url=article.url,
        published_at=stored.sorted_at.astimezone(UTC),
        updated_at=stored.updated_at.astimezone(UTC),
        authors=article.authors,
        labels=feed.labels(stored),
        tags=article.tags,
        language=article.language,
        summary=article.summary,
        body=article.content_html if feed.is_full(stored) else "",
        told=also_in(feed, stored) if stored.also_in else "",
        elsewhere=stored.also_in,
        image=article.image,
        enclosures=tuple(map(_typed, article.enclosures)) if article.enclosures else (),
        source=stored.source_title or article.source,
        source_id=stored.source_url or name_id(article.source, ""),
        source_url=stored.source_url,
        source_home="" if source_home == stored.source_url else source_home,
    )


def _typed(file: Enclosure) -> Enclosure:
    """Forget a media type that is none (RFC 6838 4.2)."""
    return file if not file.type or _MEDIA_TYPE.fullmatch(file.type) else replace(file, type="")


def legal(text: str) -> str:
    """Drop what neither XML 1.0 (2.2) nor UTF-8 can hold; stored texts have none of it."""
    return _ILLEGAL.sub("", text)


def iri(address: str) -> str:
    """Write an address as RFC 3987 has it: brackets, which publishers leave as they are, only in a host."""
    if "[" not in address and "]" not in address:
        return address
    head, authority, rest = address.partition("//")
    host, slash, rest = rest.partition("/")
    return head + authority + host + slash + rest.replace("[", "%5B").replace("]", "%5D")


def uri(address: str) -> str:
    """Write an address in ASCII (RFC 3987 3.1), as RSS demands; it stays the same place."""
    address = iri(address)
    if address.isascii():
        return address
    parts = urlsplit(address)
    host = parts.netloc
    try:
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        host = quote(host, safe=_ADDRESS_SIGNS)
    rest = (quote(part, safe=_ADDRESS_SIGNS) for part in (parts.path, parts.query, parts.fragment))
    return urlunsplit((parts.scheme, host, *rest))


def as_html(text: str) -> str:
    """Write plain text as HTML."""
    return escape(text, quote=False)
