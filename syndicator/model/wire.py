"""What the wire said: a document and its entries, raw and hostile; never stored."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from syndicator.model.sources import Cadence

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A file that belongs to an entry (RSS 2.0 enclosure)."""

    url: str
    type: str = ""  # MIME type
    length: int = 0  # octets, 0 if unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One item of a feed as the wire said it; HTML is raw and hostile. Never stored."""

    guid: str = ""
    url: str = ""
    title: str = ""
    title_is_html: bool = False
    published_at: datetime | None = None
    updated_at: datetime | None = None
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    language: str = ""
    summary: str = ""  # HTML
    content: str = ""  # HTML
    image: str = ""
    enclosures: tuple[Enclosure, ...] = ()
    base_url: str = ""  # relative addresses in this entry are relative to this


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """One feed document as the wire said it."""

    format: str  # rss20, atom10, rss10, json11 …: feedparser's names, and json10, json11
    title: str = ""
    url: str = ""  # the publisher's page
    language: str = ""
    cadence: Cadence = field(default_factory=Cadence)
    hub_urls: tuple[str, ...] = ()  # WebSub: rel=hub
    self_url: str = ""  # rel=self: what is subscribed to at a hub
    entries: tuple[Entry, ...] = ()
