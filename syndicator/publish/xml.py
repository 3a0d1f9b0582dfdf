"""RSS 2.0 and Atom 1.0 by feedgen, made deterministic.

feedgen stamps the time of rendering unless every date is given, so every date is given. RSS and Atom get
a generator each: a description is HTML in RSS and plain text in Atom, authors are `dc:creator` in RSS.
"""

from __future__ import annotations

from datetime import UTC
from html import escape
from typing import TYPE_CHECKING, Any

from feedgen.feed import FeedGenerator

from syndicator.card import safe
from syndicator.publish.atom_entry import AtomEntry
from syndicator.publish.channel import Channel
from syndicator.publish.feed import Feed, also_in, entry_id

if TYPE_CHECKING:
    from syndicator.model import Article, StoredArticle

GENERATOR = "syndicator"


def rss(feed: Feed) -> bytes:
    """Render RSS 2.0 with content:encoded, dc:creator and `source` (RSS Advisory Board's profile)."""
    made = _channel(feed, "rss", "application/rss+xml")
    made.load_extension("dc", atom=False, rss=True)
    for stored in feed.articles:
        article = stored.article
        entry = _entry(made, stored)
        body, told = _body(feed, stored), also_in(feed, stored)
        entry.summary(escape(article.summary, quote=False) + ("" if body else told))
        if body:
            entry.content(body + told)
        if article.authors:
            entry.dc.dc_creator(list(article.authors))
        if stored.source_url:
            entry.source(stored.source_url, stored.source_title or article.source)
        if article.enclosures:  # RSS allows one
            first = article.enclosures[0]
            entry.enclosure(first.url, str(first.length), first.type or "application/octet-stream")
    return _bytes(made.rss_str(pretty=True))


def atom(feed: Feed) -> bytes:
    """Render Atom 1.0 (RFC 4287) with atom:source, every author and every enclosure."""
    made = _channel(feed, "atom", "application/atom+xml")
    made.author({"name": feed.site_title})
    for stored in feed.articles:
        article = stored.article
        entry = _entry(made, stored)
        name = stored.source_title or article.source
        body = _body(feed, stored)
        if body:
            entry.content(body + also_in(feed, stored), type="html")
        elif not article.url:  # RFC 4287 4.1.2 demands a content where there is no link
            entry.content(article.summary or article.title, type="text")
        if article.summary:
            entry.summary(article.summary, type="text")
        for author in article.authors or (name,):
            entry.author({"name": author})
        entry.register_extension("atom", AtomEntry, atom=True, rss=False)
        entry.atom.language = article.language
        entry.atom.source_title, entry.atom.source_url = name, stored.source_url
        entry.atom.links = [*_atom_links(article), *_related(stored)]
    return _bytes(made.atom_str(pretty=True))


def _atom_links(article: Article) -> list[dict[str, str]]:
    links = [{"rel": "alternate", "href": article.url}] if article.url else []
    for enclosure in article.enclosures:
        length = str(enclosure.length) if enclosure.length else ""
        links.append({"rel": "enclosure", "href": enclosure.url, "type": enclosure.type, "length": length})
    return links


def _related(stored: StoredArticle) -> list[dict[str, str]]:
    """Link where else the story is told (RFC 4287 4.2.7.2)."""
    told = [(safe(each.url), each.source) for each in stored.also_in]
    return [{"rel": "related", "href": url, "title": source} for url, source in told if url]


def _channel(feed: Feed, format_: str, media_type: str) -> Any:
    made = FeedGenerator()
    made.id(feed.id)
    made.title(feed.title)
    made.description(feed.description)
    made.language(feed.language)
    made.generator(GENERATOR)
    made.updated(feed.updated_at)
    made.lastBuildDate(feed.updated_at)
    if not feed.is_private:
        made.link(href=feed.url(format_), rel="self", type=media_type)
    made.link(href=feed.page_url, rel="alternate", type="text/html")
    made.register_extension("more", Channel)
    made.more.links, made.more.is_archive = feed.links, bool(feed.archived)
    return made


def _entry(made: Any, stored: StoredArticle) -> Any:
    article = stored.article
    entry = made.add_entry(order="append")
    entry.id(entry_id(article))
    entry.title(article.title)
    entry.published(stored.sorted_at.astimezone(UTC))
    entry.updated(max(stored.changed_at, stored.sorted_at))
    if article.url:
        entry.link(href=article.url, rel="alternate")
    for tag in article.tags:
        entry.category(term=tag)
    return entry


def _body(feed: Feed, stored: StoredArticle) -> str:
    return stored.article.content_html if feed.content == "full" else ""


def _bytes(made: Any) -> bytes:
    body: bytes = made
    return body
