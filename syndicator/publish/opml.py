"""OPML 2.0 (opml.org/spec2.opml): every topic's feed, for a reader to import in one go."""

from __future__ import annotations

from email.utils import format_datetime
from typing import TYPE_CHECKING

from lxml import etree

from syndicator.controls import without_controls
from syndicator.publish.page import formats, links

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from syndicator.model import Topic
    from syndicator.settings import Site


def opml(site: Site, topics: Iterable[Topic], created: Collection[datetime] = ()) -> bytes:
    """Render the list of the topics that have a feed, the first of each topic's formats.

    `created` are the instants at which topics were first seen: the oldest is when the list was made, the
    newest when it last changed. Never the clock: same topics, same bytes.
    """
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    _say(head, "title", site.title)
    if created:
        _say(head, "dateCreated", format_datetime(min(created), usegmt=True))
        _say(head, "dateModified", format_datetime(max(created), usegmt=True))
    _say(head, "ownerName", site.title)
    _say(head, "ownerId", f"{site.base_url}/")
    _say(head, "docs", "http://opml.org/spec2.opml")
    body = etree.SubElement(root, "body")
    for topic in topics:
        page = f"{site.base_url}/topics/{topic.slug}"
        offered = links(page, formats(topic))
        if not offered:
            continue
        said = {
            "type": "rss",  # for feeds of any format
            "text": topic.title,
            "title": topic.title,
            "description": topic.description,
            "language": topic.language or site.language,
            "xmlUrl": offered[0]["url"],
            "htmlUrl": page,
        }
        outline = etree.SubElement(body, "outline")
        for name, value in said.items():
            if value:
                outline.set(name, without_controls(value))
    made: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return made


def _say(head: etree._Element, name: str, value: str) -> None:
    etree.SubElement(head, name).text = without_controls(value)
