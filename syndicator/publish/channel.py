"""What feedgen leaves out of a feed as a whole, added through its extension mechanism.

feedgen 1.0 refuses most relations of a link, and writes none but `self` into RSS.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from feedgen.ext.base import BaseExtension
from lxml import etree

if TYPE_CHECKING:
    from syndicator.publish.feed import FeedLink

ATOM = "{http://www.w3.org/2005/Atom}"
HISTORY = "http://purl.org/syndication/history/1.0"


class Channel(BaseExtension):  # type: ignore[misc]  # feedgen has no types
    """Links of any relation (atom:link in both formats, RFC 4287 4.2.7), and fh:archive (RFC 5005 4)."""

    def __init__(self) -> None:
        self.links: tuple[FeedLink, ...] = ()
        self.is_archive = False

    def extend_atom(self, feed: Any) -> Any:
        """Add to a feed's element what was told."""
        self._link(feed, "link")
        return feed

    def extend_rss(self, feed: Any) -> Any:
        """Add to a channel what was told."""
        self._link(feed[0], f"{ATOM}link")
        return feed

    def _link(self, parent: Any, name: str) -> None:
        for link in self.links:
            told = {"href": link.href, "rel": link.rel, "type": link.media_type}
            etree.SubElement(parent, name, {key: value for key, value in told.items() if value})
        if self.is_archive:
            etree.SubElement(parent, f"{{{HISTORY}}}archive", nsmap={"fh": HISTORY})
