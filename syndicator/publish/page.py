"""The pages for people and the list for readers (OPML): rendered when something changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

from syndicator.card import card
from syndicator.publish.formats import FEEDS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from syndicator.model import StoredArticle, Topic
    from syndicator.publish.feed import Feed
    from syndicator.settings import Site
    from syndicator.templates import Templates


def topic_page(templates: Templates, site: Site, topic: Topic, feed: Feed) -> bytes:
    """Render a topic's page from the same feed that its other formats show."""
    plan = topic.digest
    return templates.render(
        "web/topic.html.j2",
        site.language,
        site=site,
        topic={
            "slug": topic.slug,
            "title": feed.title,
            "description": topic.description,
            "language": feed.language,
            "is_private": feed.is_private,
        },
        # The address of a private page is a secret of its reader's; beside it lie the feeds.
        feeds=_links(topic.slug if feed.is_private else feed.page_url, topic),
        cards=[card(stored) for stored in feed.articles],
        updated_at=feed.updated_at if feed.articles else None,
        digest={"at": f"{plan.slot.at:%H:%M}", "zone": plan.slot.zone, "frequency": plan.slot.frequency}
        if plan
        else None,
    ).encode()


def front_page(
    templates: Templates,
    site: Site,
    topics: Sequence[tuple[Topic, int, datetime | None, Sequence[StoredArticle]]],
) -> bytes:
    """Render the index: per topic its count, when it last moved, and its newest few articles."""
    listed: list[dict[str, Any]] = [
        {
            "slug": topic.slug,
            "title": topic.title,
            "description": topic.description,
            "count": count,
            "cards": [card(stored) for stored in newest],
            "updated_at": updated_at,
        }
        for topic, count, updated_at, newest in topics
    ]
    return templates.render(
        "web/index.html.j2", site.language, site=site, topics=listed, languages=site.languages
    ).encode()


def opml(site: Site, topics: Sequence[Topic]) -> bytes:
    """Render OPML 2.0: every topic's feed, for a reader to import in one go."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<opml version="2.0">']
    lines.append(f"<head><title>{quoteattr(site.title)[1:-1]}</title></head>")
    lines.append("<body>")
    for topic in topics:
        page = f"{site.base_url}/topics/{topic.slug}"
        links = _links(page, topic)
        if links:
            best = links[0]
            lines.append(
                f'<outline type="rss" text={quoteattr(topic.title)} title={quoteattr(topic.title)} '
                f"xmlUrl={quoteattr(best['url'])} htmlUrl={quoteattr(page)}/>"
            )
    lines += ["</body>", "</opml>", ""]
    return "\n".join(lines).encode()


def _links(page: str, topic: Topic) -> list[dict[str, str]]:
    chosen = topic.publish.formats if topic.publish else ()
    return [
        {"format": name, "label": kind.label, "url": f"{page}.{name}", "media_type": kind.media_type}
        for name, kind in FEEDS.items()
        if name in chosen
    ]
