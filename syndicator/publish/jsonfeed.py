"""JSON Feed 1.1 (jsonfeed.org), which feedgen does not write."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from syndicator.card import safe
from syndicator.publish.item import UNKNOWN_TYPE, items, legal

if TYPE_CHECKING:
    from datetime import datetime

    from syndicator.publish.feed import Feed
    from syndicator.publish.item import Item

VERSION: Final = "https://jsonfeed.org/version/1.1"


def jsonfeed(feed: Feed) -> bytes:
    """Render JSON Feed 1.1; `_syndicator` has each item's source and who else tells it, which it lacks."""
    document: dict[str, Any] = {
        "version": VERSION,
        "title": feed.title,
        "home_page_url": feed.page_url,
        **({} if feed.is_private else {"feed_url": feed.url("json")}),
        "description": feed.description,
        "icon": feed.logo,
        "favicon": feed.icon,
        "language": feed.language,
        "authors": [{"name": feed.site_title, "url": f"{feed.base_url}/"}],
    }
    document = {key: value for key, value in document.items() if value} | _links(feed)
    head = json.dumps(document, ensure_ascii=False, indent=1).removesuffix("\n}")
    # A line an item: what `indent` would do here takes four times as long.
    listed = ",\n".join(json.dumps(_item(item), ensure_ascii=False) for item in items(feed))
    text = f'{head},\n "items": [\n{listed}\n ]\n}}\n'
    try:
        return text.encode()
    except UnicodeEncodeError:  # half a character, which UTF-8 cannot hold
        return legal(text).encode()


def _links(feed: Feed) -> dict[str, Any]:
    """Name the next page and the hubs: the only links that the format knows."""
    following = [link.href for link in feed.links if link.rel == "next"]
    hubs = [{"type": "WebSub", "url": link.href} for link in feed.links if link.rel == "hub"]
    return ({"next_url": following[0]} if following else {}) | ({"hubs": hubs} if hubs else {})


def _item(item: Item) -> dict[str, Any]:
    written: dict[str, Any] = {
        "id": item.id,
        "url": item.url,
        "title": item.title,
        "summary": item.summary,
        "date_published": _rfc3339(item.published_at),
        "date_modified": _rfc3339(item.updated_at),
        "authors": [{"name": name} for name in item.authors],
        "tags": list(dict.fromkeys((*(label.name for label in item.labels), *item.tags))),
        "language": item.language,
        "image": item.image,
        "attachments": [
            {"url": file.url, "mime_type": file.type or UNKNOWN_TYPE}
            | ({"size_in_bytes": file.length} if file.length else {})
            for file in item.enclosures
        ],
    }
    if item.body:
        written["content_html"] = item.body + item.told
    else:
        written["content_text"] = item.summary or item.title  # the format demands one of the two
    more: dict[str, Any] = {"source": _source(item)}
    if item.elsewhere:
        more["also_in"] = [
            {"source": each.source, "title": each.title, "url": safe(each.url)} for each in item.elsewhere
        ]
    return {key: value for key, value in written.items() if value} | {"_syndicator": more}


def _source(item: Item) -> dict[str, str]:
    told = {"title": item.source, "feed_url": item.source_url, "home_page_url": item.source_home}
    return {key: value for key, value in told.items() if value}


def _rfc3339(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds").replace("+00:00", "Z")
