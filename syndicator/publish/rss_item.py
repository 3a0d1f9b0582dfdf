"""An article as an item of RSS 2.0, and what feedgen leaves out of a channel.

After the RSS Advisory Board's profile: descriptions are HTML and everything else is plain text; authors are
`dc:creator`, for `author` would need an address; one enclosure an item, the others are `media:content`.
"""

from __future__ import annotations

from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, Final

from syndicator.publish.element import add
from syndicator.publish.item import UNKNOWN_TYPE, as_html, uri

if TYPE_CHECKING:
    from datetime import datetime

    from syndicator.publish.feed import Feed
    from syndicator.publish.item import Item

MEDIA: Final = "http://search.yahoo.com/mrss/"
NAMES: Final = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "media": MEDIA,
}

_ATOM_LINK: Final = "{http://www.w3.org/2005/Atom}link"
_ENCODED: Final = "{http://purl.org/rss/1.0/modules/content/}encoded"
_CREATOR, _SOURCE, _LANGUAGE = (f"{{{NAMES['dc']}}}{name}" for name in ("creator", "source", "language"))
_MODIFIED: Final = f"{{{NAMES['dcterms']}}}modified"
_CONTENT, _THUMBNAIL = (f"{{{MEDIA}}}{name}" for name in ("content", "thumbnail"))
_MEDIUMS: Final = ("image", "audio", "video")


def write_channel(channel: Any, feed: Feed) -> None:
    """Add what feedgen leaves out: links of any relation, and the date of the newest item."""
    if feed.articles:
        add(channel, "pubDate", _rfc822(feed.articles[0].sorted_at))
    for link in feed.links:
        add(channel, _ATOM_LINK, href=uri(link.href), rel=link.rel, type=link.media_type)


def write(channel: Any, item: Item, feed: Feed) -> None:
    """Add an item to a channel."""
    node = add(channel, "item")
    add(node, "title", item.title)
    if item.url:
        add(node, "link", uri(item.url))
    if described := as_html(item.summary) + ("" if item.body else item.told):
        add(node, "description", described)
    if item.body:
        add(node, _ENCODED, item.body + item.told)
    add(node, "guid", item.id, isPermaLink="false")
    add(node, "pubDate", _rfc822(item.published_at))
    if item.updated_at != item.published_at:
        add(node, _MODIFIED, item.updated_at.isoformat(timespec="seconds"))
    for author in item.authors:
        add(node, _CREATOR, author)
    for label in item.labels:
        add(node, "category", label.name, domain=f"{feed.base_url}/topics")
    for tag in item.tags:
        add(node, "category", tag, domain=uri(item.vocabulary))
    _write_source(node, item)
    if item.language and item.language != feed.language:
        add(node, _LANGUAGE, item.language)
    _write_media(node, item)


def _write_source(node: Any, item: Item) -> None:
    """Say where it comes from; RSS's own element must have the address of a feed."""
    if item.source_url:
        add(node, "source", item.source, url=uri(item.source_url))
    else:
        add(node, _SOURCE, item.source)


def _write_media(node: Any, item: Item) -> None:
    for place, file in enumerate(item.enclosures):
        length = str(file.length or "")
        if place == 0:
            type_ = file.type or UNKNOWN_TYPE
            add(node, "enclosure", url=uri(file.url), length=length or "0", type=type_)
        else:
            medium = file.type.partition("/")[0]
            medium = medium if medium in _MEDIUMS else ""
            add(node, _CONTENT, url=uri(file.url), type=file.type, fileSize=length, medium=medium)
    if item.image:
        image = uri(item.image)
        if all(item.image != file.url for file in item.enclosures):
            add(node, _CONTENT, url=image, medium="image")
        add(node, _THUMBNAIL, url=image)


def _rfc822(instant: datetime) -> str:
    return format_datetime(instant, usegmt=True)
