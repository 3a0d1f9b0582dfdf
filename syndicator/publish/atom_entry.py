"""An article as an entry of Atom 1.0 (RFC 4287), and what feedgen leaves out of a feed.

feedgen writes Atom's namespace as an attribute of the root, so the names of Atom's elements are bare here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from syndicator.card import safe
from syndicator.publish.element import add
from syndicator.publish.item import iri
from syndicator.publish.rss_item import MEDIA

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from syndicator.publish.feed import Deletion, Feed
    from syndicator.publish.item import Item

TOMBSTONES: Final = "http://purl.org/atompub/tombstones/1.0"
LIVING: Final = {"media": MEDIA}
NAMES: Final = LIVING | {"at": TOMBSTONES}

_LANGUAGE: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_THUMBNAIL: Final = f"{{{MEDIA}}}thumbnail"
_DELETED, _COMMENT = (f"{{{TOMBSTONES}}}{name}" for name in ("deleted-entry", "comment"))


def write_links(root: Any, feed: Feed) -> None:
    """Add links of any relation, of which feedgen refuses most."""
    for link in feed.links:
        add(root, "link", href=link.href, rel=link.rel, type=link.media_type)


def write_deletions(root: Any, deleted: Sequence[Deletion]) -> None:
    """Say which entries were taken back (RFC 6721 3)."""
    for each in deleted:
        node = add(root, _DELETED, ref=each.id, when=_rfc3339(each.at))
        if each.comment:
            add(node, _COMMENT, each.comment)


def write(root: Any, item: Item, feed: Feed) -> None:
    """Add an entry to a feed."""
    entry = add(root, "entry", **({_LANGUAGE: item.language} if item.language else {}))
    updated = _rfc3339(item.updated_at)
    add(entry, "id", item.id)
    add(entry, "title", item.title, type="text")
    add(entry, "updated", updated)
    add(entry, "published", _rfc3339(item.published_at))
    for author in item.authors or (item.source,):
        add(add(entry, "author"), "name", author)
    _write_links(entry, item)
    for label in item.labels:
        add(entry, "category", term=label.term, scheme=f"{feed.base_url}/topics", label=label.name)
    for tag in item.tags:
        add(entry, "category", term=tag, scheme=iri(item.vocabulary))
    if item.summary:
        add(entry, "summary", item.summary, type="text")
    if item.body:
        add(entry, "content", item.body + item.told, type="html")
    elif not (item.url and item.summary):  # RFC 4287 4.1.2 demands a content where there is no link
        add(entry, "content", item.summary or item.title, type="text")
    if item.image:
        add(entry, _THUMBNAIL, url=iri(item.image))
    _write_source(entry, item, updated)


def _write_links(entry: Any, item: Item) -> None:
    if item.url:
        add(entry, "link", rel="alternate", href=iri(item.url))
    for file in item.enclosures:
        add(entry, "link", rel="enclosure", href=iri(file.url), type=file.type, length=str(file.length or ""))
    for each in item.elsewhere:  # RFC 4287 4.2.7.2
        if url := safe(each.url):
            add(entry, "link", rel="related", href=iri(url), title=each.source)


def _write_source(entry: Any, item: Item, updated: str) -> None:
    """Say which feed it comes from (RFC 4287 4.2.11), and that it was so when the entry was taken from it."""
    source = add(entry, "source")
    add(source, "id", iri(item.source_id))
    add(source, "title", item.source, type="text")
    add(source, "updated", updated)
    if item.source_url:
        add(source, "link", rel="self", href=iri(item.source_url))
    if item.source_home:
        add(source, "link", rel="alternate", href=iri(item.source_home))


def _rfc3339(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds").replace("+00:00", "Z")
