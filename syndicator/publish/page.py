"""The pages for people: rendered when something changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from syndicator.card import card
from syndicator.publish.formats import FEEDS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from syndicator.model import StoredArticle, Topic
    from syndicator.publish.feed import Feed
    from syndicator.settings import Site
    from syndicator.templates import Templates


READERS = {  # name: what stands before the feed's address, percent-encoded
    "Feedly": "https://feedly.com/i/subscription/feed%2F",
    "Inoreader": "https://www.inoreader.com/?add_feed=",
    "NewsBlur": "https://www.newsblur.com/?url=",
    "The Old Reader": "https://theoldreader.com/feeds/subscribe?url=",
}


def topic_page(templates: Templates, site: Site, topic: Topic, feed: Feed, *, older: int = 0) -> bytes:
    """Render a topic's page from the same feed that its other formats show.

    `older` is the page of the archive that people go on to; 0: there is none.
    """
    plan = topic.digest
    # The address of a private page is a secret of its reader's; beside it lie the feeds.
    offered = links(feed.page_url if topic.is_public else topic.slug, formats(topic))
    return templates.render(
        "web/topic.html.j2",
        site.language,
        site=site,
        topic={
            "slug": topic.slug,
            "title": feed.title,
            "description": topic.description,
            "language": feed.language,
            "is_private": not topic.is_public,
            "is_for_some": topic.audience is not None,
            "has_archive": topic.has_archive,
        },
        feeds=offered,
        readers=readers(offered[0]["url"]) if offered else [],
        cards=[card(stored) for stored in feed.articles],
        updated_at=feed.updated_at if feed.articles else None,
        paging={"newer": "", "older": f"{feed.page_url}/archive/{older}" if older else ""},
        digest={"at": f"{plan.slot.at:%H:%M}", "zone": plan.slot.zone, "frequency": plan.slot.frequency}
        if plan
        else None,
    ).encode()


def front_page(
    templates: Templates,
    site: Site,
    topics: Sequence[tuple[Topic, int, datetime | None, Sequence[StoredArticle]]],
    feeds: Sequence[Mapping[str, str]] = (),
) -> bytes:
    """Render the index: per topic its count, when it last moved, its newest few articles and its feeds.

    `feeds` are those of all topics together: as of `links`.
    """
    listed: list[dict[str, Any]] = [
        {
            "slug": topic.slug,
            "title": topic.title,
            "description": topic.description,
            "language": topic.language,
            "count": count,
            "feeds": links(f"{site.base_url}/topics/{topic.slug}", formats(topic)),
            "cards": [card(stored) for stored in newest],
            "updated_at": updated_at,
        }
        for topic, count, updated_at, newest in topics
    ]
    return templates.render(
        "web/index.html.j2",
        site.language,
        site=site,
        topics=listed,
        languages=site.languages,
        feeds=feeds,
    ).encode()


def readers(feed_url: str) -> list[dict[str, str]]:
    """Say where well-known readers on the web take a feed's address; they learn of it by a click."""
    return [{"name": name, "url": begin + quote(feed_url, safe="")} for name, begin in READERS.items()]


def links(page: str, formats: Collection[str]) -> list[dict[str, str]]:
    """List feeds in some formats, each with format, label, url and media_type; `page` lacks the ending."""
    return [
        {"format": name, "label": kind.label, "url": f"{page}.{name}", "media_type": kind.media_type}
        for name, kind in FEEDS.items()
        if name in formats
    ]


def formats(topic: Topic) -> Collection[str]:
    """Name the formats that a topic's feed is published in."""
    return topic.publish.formats if topic.publish else ()
