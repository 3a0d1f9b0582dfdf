"""Pages of a topic's archive (RFC 5005): their links, their names, and the page for people.

Page 1 is the oldest. A full page names its successor and never changes; the one after it is open and grows.
So that no client stops too early at an address that it knows, links to the open page carry a mark of what it
holds; when it is full, its address without a mark is one that nobody has read yet.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from syndicator.card import card
from syndicator.model import Article, StoredArticle
from syndicator.publish.feed import FeedLink, of_topic
from syndicator.publish.formats import FEEDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from syndicator.model import Topic
    from syndicator.publish.feed import Deletion, Feed
    from syndicator.settings import Site
    from syndicator.templates import Templates

LISTED = 50_000  # addresses of one sitemap (sitemaps.org)
AGO = datetime(2000, 1, 1, tzinfo=UTC)
SPECIMEN = (
    StoredArticle(
        id=0,
        article=Article(
            source="s",
            key="k",
            url="https://example.org/",
            title="Title",
            summary="Summary.",
            image="https://example.org/i",
            language="en",
        ),
        arrived_at=AGO,
        changed_at=AGO,
        because=("because",),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a page stands in the archive of a topic."""

    page: int  # from 1, the oldest
    is_full: bool


def mark(articles: Iterable[StoredArticle]) -> str:
    """Name what an open page holds: other articles, or one that changed, give another mark."""
    said = "\n".join(f"{s.article.source} {s.article.key} {s.changed_at.isoformat()}" for s in articles)
    return _hashed(said.encode())[:12]


def page_feed(
    topic: Topic,
    site: Site,
    place: Place,
    articles: Sequence[StoredArticle],
    *,
    created_at: datetime,
    deleted: tuple[Deletion, ...] = (),
) -> Feed:
    """Gather what the renditions of a page need, but for its links, which each format has its own."""
    feed = of_topic(topic, site, tuple(articles), created_at=created_at, deleted=deleted)
    return replace(feed, archived=place.page)


def page_links(feed: Feed, place: Place, format_: str) -> tuple[FeedLink, ...]:
    """Link a page with its neighbours and with the feed itself (RFC 5005 4); JSON Feed knows `next` alone."""
    older = _link("next" if format_ == "json" else "prev-archive", feed, str(place.page - 1), format_)
    before = (older,) if place.page > 1 else ()
    if format_ == "json":
        return before
    current = FeedLink("current", replace(feed, archived=0).url(format_), FEEDS[format_].media_type)
    after = (_link("next-archive", feed, str(place.page + 1), format_),) if place.is_full else ()
    return (current, *before, *after)


def feed_links(feed: Feed, newest: str, format_: str) -> tuple[FeedLink, ...]:
    """Link the feed itself with the newest page of its archive: `7`, or `8?MARK` for one that is open."""
    return (_link("next" if format_ == "json" else "prev-archive", feed, newest, format_),)


def _link(rel: str, feed: Feed, page: str, format_: str) -> FeedLink:
    number, _, marked = page.partition("?")
    url = f"{feed.base_url}/topics/{feed.slug}/archive/{number}.{format_}"
    return FeedLink(rel, f"{url}?{marked}" if marked else url, FEEDS[format_].media_type)


def archive_page(templates: Templates, site: Site, topic: Topic, feed: Feed, place: Place) -> bytes:
    """Render a page of the archive for people."""
    whole = f"{site.base_url}/topics/{topic.slug}"
    return templates.render(
        "web/archive.html.j2",
        site.language,
        site=site,
        topic={
            "slug": topic.slug,
            "title": feed.title,
            "description": topic.description,
            "language": feed.language,
        },
        page=place.page,
        paging={
            "newer": f"{whole}/archive/{place.page + 1}" if place.is_full else whole,
            "older": f"{whole}/archive/{place.page - 1}" if place.page > 1 else "",
        },
        cards=[card(stored) for stored in feed.articles],
    ).encode()


def made_with(topic: Topic, site: Site) -> str:
    """Name all that may change a full page in a feed format: what it holds is settled, but not how.

    A topic's new title is no reason to write its whole past anew.
    """
    said = [topic.slug, topic.first_slug, site.base_url, topic.publish.content if topic.publish else ""]
    return _hashed("\n".join(said).encode())


def made_like(templates: Templates, site: Site, topic: Topic) -> str:
    """Name how full pages for people look, by a specimen: templates, words and titles are all in it."""
    place = Place(page=1, is_full=True)
    return _hashed(
        archive_page(templates, site, topic, page_feed(topic, site, place, SPECIMEN, created_at=AGO), place)
    )


def _hashed(said: bytes) -> str:
    return hashlib.sha256(said).hexdigest()[:16]


def page_sitemap(topic: Topic, site: Site, pages: int) -> bytes:
    """List the full pages of a topic for search engines, the newest `LISTED` of them."""
    first = max(1, pages - LISTED + 1)
    whole = f"{site.base_url}/topics/{topic.slug}/archive"
    return sitemap(f"{whole}/{page}" for page in range(first, pages + 1))


def sitemap(urls: Iterable[str]) -> bytes:
    """Render addresses after sitemaps.org 0.9."""
    return _listed("urlset", "url", urls)


def sitemap_index(urls: Iterable[str]) -> bytes:
    """Render the addresses of sitemaps."""
    return _listed("sitemapindex", "sitemap", urls)


def _listed(root: str, each: str, urls: Iterable[str]) -> bytes:
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines.append(f'<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">')
    lines += [f"<{each}><loc>{escape(url)}</loc></{each}>" for url in urls]
    return "\n".join([*lines, f"</{root}>", ""]).encode()
