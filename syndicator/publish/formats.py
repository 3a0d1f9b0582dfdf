"""FORMATS: every rendition at one glance. A new feed format is a function and its row in FEEDS."""

from __future__ import annotations

from collections.abc import Callable  # noqa: TC003  a field's type
from dataclasses import dataclass
from typing import TYPE_CHECKING

from syndicator.publish.jsonfeed import jsonfeed
from syndicator.publish.xml import atom, rss

if TYPE_CHECKING:
    from syndicator.publish.feed import Feed


@dataclass(frozen=True, slots=True)
class FeedFormat:
    """A format for feed readers."""

    label: str
    media_type: str
    render: Callable[[Feed], bytes]


FEEDS: dict[str, FeedFormat] = {
    "rss": FeedFormat("RSS", "application/rss+xml", rss),
    "atom": FeedFormat("Atom", "application/atom+xml", atom),
    "json": FeedFormat("JSON", "application/feed+json", jsonfeed),
}

MEDIA_TYPES: dict[str, str] = {name: feed.media_type for name, feed in FEEDS.items()} | {
    "html": "text/html",
    "opml": "text/x-opml",
}
