"""JSON Feed 1.1 (jsonfeed.org), which feedgen does not write."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from syndicator.card import safe
from syndicator.publish.feed import Feed, also_in, entry_id

if TYPE_CHECKING:
    from datetime import datetime

    from syndicator.model import StoredArticle

VERSION = "https://jsonfeed.org/version/1.1"


def jsonfeed(feed: Feed) -> bytes:
    """Render JSON Feed 1.1; `_syndicator` has each item's source and who else tells it, which it lacks."""
    document: dict[str, Any] = {
        "version": VERSION,
        "title": feed.title,
        "home_page_url": feed.page_url,
        **({} if feed.is_private else {"feed_url": feed.url("json")}),
        "description": feed.description,
        "language": feed.language,
        "authors": [{"name": feed.site_title, "url": f"{feed.base_url}/"}],
    } | _links(feed)
    document["items"] = [_item(feed, stored) for stored in feed.articles]
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _links(feed: Feed) -> dict[str, Any]:
    """Name the next page and the hubs: the only links that the format knows."""
    following = [link.href for link in feed.links if link.rel == "next"]
    hubs = [{"type": "WebSub", "url": link.href} for link in feed.links if link.rel == "hub"]
    return ({"next_url": following[0]} if following else {}) | ({"hubs": hubs} if hubs else {})


def _item(feed: Feed, stored: StoredArticle) -> dict[str, Any]:
    article = stored.article
    item: dict[str, Any] = {
        "id": entry_id(article),
        "url": article.url,
        "title": article.title,
        "summary": article.summary,
        "date_published": _rfc3339(stored.sorted_at),
        "date_modified": _rfc3339(max(stored.changed_at, stored.sorted_at)),
        "authors": [{"name": name} for name in article.authors],
        "tags": list(article.tags),
        "language": article.language,
        "image": article.image,
        "attachments": [
            {"url": e.url, "mime_type": e.type or "application/octet-stream"}
            | ({"size_in_bytes": e.length} if e.length else {})
            for e in article.enclosures
        ],
    }
    if feed.content == "full" and article.content_html:
        item["content_html"] = article.content_html + also_in(feed, stored)
    else:
        item["content_text"] = article.summary  # the format demands one of the two
    source = {"title": stored.source_title or article.source, "feed_url": stored.source_url}
    more: dict[str, Any] = {"source": source}
    if stored.also_in:
        more["also_in"] = [
            {"source": each.source, "title": each.title, "url": safe(each.url)} for each in stored.also_in
        ]
    return {key: value for key, value in item.items() if value or key == "content_text"} | {
        "_syndicator": more
    }


def _rfc3339(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds").replace("+00:00", "Z")
