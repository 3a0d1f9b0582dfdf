"""RSS 2.0 and Atom 1.0: feedgen writes the feed, an extension of it the entries and what else it leaves out.

feedgen 1.0 stamps the time of rendering unless every date is given, so every date is given. Its entries are
not used: their links in Atom lose `rel`, `type` and `length`, their source has no id, they have no language,
and each RSS date changes the locale of the whole process, which is no good beside other threads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from feedgen.ext.base import BaseExtension
from feedgen.feed import FeedGenerator
from lxml.etree import SubElement

from syndicator.publish import atom_entry, rss_item
from syndicator.publish.item import items, legal

if TYPE_CHECKING:
    from syndicator.publish.feed import Feed

HISTORY: Final = "http://purl.org/syndication/history/1.0"
GENERATOR: Final = "syndicator"
TTL: Final = 15  # minutes: sources are asked no oftener, as a rule


class _Rest(BaseExtension):  # type: ignore[misc]  # feedgen has no types
    """All that feedgen leaves out, entries first of all."""

    feed: Feed
    names: dict[str, str]  # namespaces by prefix

    def extend_ns(self) -> dict[str, str]:
        """Name the vocabularies; Atom's own is feedgen's."""
        return self.names

    def extend_atom(self, root: Any) -> Any:
        """Add links, entries and what was taken back."""
        atom_entry.write_links(root, self.feed)
        self._say_archive(root)
        atom_entry.write_deletions(root, self.feed.deleted)
        for item in items(self.feed):
            atom_entry.write(root, item, self.feed)
        return root

    def extend_rss(self, root: Any) -> Any:
        """Add links, dates and items."""
        channel = root[0]
        rss_item.write_channel(channel, self.feed)
        self._say_archive(channel)
        for item in items(self.feed):
            rss_item.write(channel, item, self.feed)
        return root

    def _say_archive(self, parent: Any) -> None:
        """Say that what this document holds stays as it is (RFC 5005 4)."""
        if self.feed.archived:
            SubElement(parent, f"{{{HISTORY}}}archive", nsmap={"fh": HISTORY})


def rss(feed: Feed) -> bytes:
    """Render RSS 2.0 after the RSS Advisory Board's profile, with content:encoded, dc, dcterms and media."""
    made = _whole(feed, "rss", "application/rss+xml", rss_item.NAMES)
    made.ttl(TTL)
    if feed.logo:
        made.image(url=feed.logo, title=feed.title, link=feed.page_url)
    body: bytes = made.rss_str(pretty=True)
    return body


def atom(feed: Feed) -> bytes:
    """Render Atom 1.0 (RFC 4287) with atom:source, media and what was taken back (RFC 6721)."""
    names = atom_entry.NAMES if feed.deleted else atom_entry.LIVING
    made = _whole(feed, "atom", "application/atom+xml", names)
    made.author({"name": feed.site_title, "uri": f"{feed.base_url}/"})
    made.icon(feed.icon)
    if feed.logo:
        made.logo(feed.logo)
    body: bytes = made.atom_str(pretty=True)
    return body


def _whole(feed: Feed, format_: str, media_type: str, names: dict[str, str]) -> Any:
    made, updated_at = FeedGenerator(), feed.updated_at.replace(microsecond=0)
    made.id(feed.id)
    made.title(legal(feed.title))
    made.description(legal(feed.description))
    made.language(feed.language)
    made.generator(GENERATOR)
    made.updated(updated_at)
    made.lastBuildDate(updated_at)
    if feed.rights:
        made.rights(legal(feed.rights))
    if not feed.is_private:
        made.link(href=feed.url(format_), rel="self", type=media_type)
    made.link(href=feed.page_url, rel="alternate", type="text/html")
    made.register_extension("rest", _Rest)
    made.rest.feed, made.rest.names = feed, names
    return made
