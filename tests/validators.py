"""Judges of feeds, written after the specifications and not after our code: each lists what it finds wrong.

Atom: a RELAX NG grammar and what RFC 4287 says beyond it. RSS: the specification and the RSS Advisory Board's
profile. JSON Feed: version 1.1. All want what they read to be clean to an XML or JSON parser without leave.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lxml import etree, html

ATOM = "{http://www.w3.org/2005/Atom}"
DC = "{http://purl.org/dc/elements/1.1/}"
MEDIA = "{http://search.yahoo.com/mrss/}"
ENCODED = "{http://purl.org/rss/1.0/modules/content/}encoded"
NAMESPACES = {
    "http://www.w3.org/2005/Atom", "http://purl.org/dc/elements/1.1/", "http://purl.org/dc/terms/",
    "http://search.yahoo.com/mrss/", "http://purl.org/rss/1.0/modules/content/",
    "http://purl.org/syndication/history/1.0",
}  # fmt: skip
GRAMMAR = etree.RelaxNG(etree.parse(Path(__file__).parent / "publish" / "atom.rng"))
MIME = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(?:\s*;.*)?", re.ASCII)
LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
RFC822 = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d "
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d (?:GMT|[+-]\d{4})"
)
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
ONCE = {"title", "link", "description", "language", "copyright", "managingEditor", "webMaster", "pubDate",
        "lastBuildDate", "generator", "docs", "cloud", "ttl", "image", "rating", "textInput", "skipHours",
        "skipDays"}  # fmt: skip
ITEM_ONCE = {"title", "link", "description", "author", "comments", "enclosure", "guid", "pubDate", "source",
             ENCODED}  # fmt: skip


def tree(body: bytes) -> Any:
    """Parse as xmllint does by default: no recovery, no large nodes."""
    return etree.fromstring(body, etree.XMLParser(recover=False, huge_tree=False, resolve_entities=False))


def rss_faults(body: bytes) -> list[str]:
    root = tree(body)
    if (root.tag, root.get("version"), len(root)) != ("rss", "2.0", 1):
        return ["not rss 2.0 with one channel"]
    channel = root[0]
    found = [
        f"channel has no {name}" for name in ("title", "link", "description") if not channel.findtext(name)
    ]
    found += _repeated(channel, ONCE) + _strangers(channel, ONCE | {"item", "category"})
    found += [_url(channel.findtext("link") or "", "channel/link", ascii_=True)]
    found += [_rfc822(each) for each in channel.findall("pubDate") + channel.findall("lastBuildDate")]
    found += _image(channel)
    ttl, language = channel.findtext("ttl"), channel.findtext("language")
    found += [f"ttl {ttl}"] if ttl is not None and not ttl.isdigit() else []
    found += [f"language {language}"] if language is not None and not LANGUAGE.fullmatch(language) else []
    links = channel.findall(f"{ATOM}link")
    selves = [each for each in links if each.get("rel") == "self"]
    found += ["not one atom:link self"] if len(selves) != 1 else []
    found += ["self has no type"] if selves and selves[0].get("type") != "application/rss+xml" else []
    found += [_url(each.get("href") or "", "atom:link", ascii_=True) for each in links]
    guids = [each.text for each in channel.iterfind("item/guid")]
    found += ["two items have one guid"] if len(set(guids)) < len(guids) else []
    for item in channel.findall("item"):
        found += _item(item)
    return [each for each in found if each]


def _item(item: Any) -> list[str]:
    found = _repeated(item, ITEM_ONCE) + _strangers(item, ITEM_ONCE | {"category"})
    if not (item.findtext("title") or item.findtext("description")):
        found.append("item has neither title nor description")
    guid, link = item.find("guid"), item.findtext("link")
    if guid is None or not (guid.text or "").strip():
        found.append("item has no guid")
    elif guid.get("isPermaLink") != "false" and guid.text != link:
        found.append("guid says that it is a link, and is not the item's")
    found += [_url(link, "item/link", ascii_=True)] if link is not None else []
    found += [_rfc822(each) for each in item.findall("pubDate")]
    for file in item.findall("enclosure"):
        found += [_url(file.get("url") or "", "enclosure", ascii_=True)]
        found += [] if (file.get("length") or "").isdigit() else ["enclosure length"]
        found += [] if MIME.fullmatch(file.get("type") or "") else [f"enclosure type {file.get('type')}"]
    source = item.find("source")
    if source is not None:
        found += [_url(source.get("url") or "", "source", ascii_=True)] + (
            [] if source.text else ["source title"]
        )
    for author in item.findall("author"):
        found += [] if "@" in (author.text or "") else ["author without address"]
    empty = [each.tag for each in item if not (each.text or each.attrib)]
    found += [f"{tag} is empty" for tag in empty]
    for each in item.findall("category"):
        found += [_url(each.get("domain") or "http://x/", "category domain", ascii_=True)]
    for name in ("content", "thumbnail"):
        found += [
            _url(each.get("url") or "", f"media:{name}", ascii_=True) for each in item.iter(MEDIA + name)
        ]
    for name in ("description", ENCODED):
        found += _markup(item.findtext(name) or "", name)
    return found


def _image(channel: Any) -> list[str]:
    image = channel.find("image")
    if image is None:
        return []
    url, link = image.findtext("url") or "", image.findtext("link")
    found = [_url(url, "image", ascii_=True)]
    found += [] if url.lower().endswith((".png", ".gif", ".jpg", ".jpeg")) else ["image of another kind"]
    found += [] if link == channel.findtext("link") else ["image/link is not the channel's"]
    return found + ([] if image.findtext("title") == channel.findtext("title") else ["image/title"])


def _repeated(parent: Any, names: set[str]) -> list[str]:
    tags = [each.tag for each in parent]
    return [f"{name} stands twice" for name in names if tags.count(name) > 1]


def _strangers(parent: Any, known: set[str]) -> list[str]:
    bare = [each.tag for each in parent if not each.tag.startswith("{") and each.tag not in known]
    foreign = {etree.QName(each).namespace for each in parent} - NAMESPACES - {None}
    return [f"unknown {tag}" for tag in bare] + [f"unknown namespace {each}" for each in foreign]


def _rfc822(element: Any) -> str:
    text = element.text or ""
    if not RFC822.fullmatch(text):
        return f"{element.tag} {text}"
    return "" if f"{parsedate_to_datetime(text):%a}" == text[:3] else f"{text} is no such day"


def _rfc3339(text: Any, what: str) -> str:
    if not isinstance(text, str) or not RFC3339.fullmatch(text):
        return f"{what} {text}"
    datetime.fromisoformat(text)
    return ""


def _url(text: Any, what: str, *, ascii_: bool = False) -> str:
    if not isinstance(text, str) or re.search(r"[\s<>\"{}|\\^`\x00-\x1f]", text):
        return f"{what}: {text!r} is no address"
    if ascii_ and not text.isascii():
        return f"{what}: {text} is not in ASCII"
    parts = urlsplit(text)
    return (
        "" if parts.scheme and (parts.netloc or parts.scheme == "urn") else f"{what}: {text} is not absolute"
    )


def _markup(text: str, what: str) -> list[str]:
    """Look for what no reader may follow or run."""
    if "<" not in text:
        return []
    found = []
    for element, name, url, _ in html.fragment_fromstring(text, create_parent=True).iterlinks():
        if not urlsplit(url).scheme and url:
            found.append(f"{what}: {element.tag} {name}={url[:60]} is relative")
    if re.search(r"<(script|iframe|object|embed|form|style|meta|link)\b", text, re.IGNORECASE):
        found.append(f"{what}: active markup")
    return found


def atom_faults(body: bytes) -> list[str]:
    root = tree(body)
    found = [] if GRAMMAR.validate(root) else [str(each) for each in GRAMMAR.error_log]
    found += [f"id {each.text}" for each in root.iter(f"{ATOM}id") if _url(each.text, "id")]
    entries = root.findall(f"{ATOM}entry")
    ids = [each.findtext(f"{ATOM}id") for each in entries]
    found += ["two entries have one id"] if len(set(ids)) < len(ids) else []
    selves = [each for each in root.findall(f"{ATOM}link") if each.get("rel") == "self"]
    found += [] if len(selves) == 1 else ["not one link self"]
    found += [] if root.find(f"{ATOM}author/{ATOM}name") is not None else ["feed has no author"]
    for link in root.iter(f"{ATOM}link"):
        found.append(_url(link.get("href"), "link"))
    for entry in entries:
        found += _entry(entry)
        updated = entry.findtext(f"{ATOM}updated") or ""
        if datetime.fromisoformat(updated) > datetime.fromisoformat(root.findtext(f"{ATOM}updated") or ""):
            found.append("an entry is newer than its feed")
    return [each for each in found if each]


def _entry(entry: Any) -> list[str]:
    found = [] if entry.findtext(f"{ATOM}title") else ["entry without title"]
    links = [each for each in entry.findall(f"{ATOM}link") if each.get("rel", "alternate") == "alternate"]
    kinds = [(each.get("type"), each.get("hreflang")) for each in links]
    found += ["two alternates of one kind"] if len(set(kinds)) < len(kinds) else []
    content = entry.find(f"{ATOM}content")
    found += ["neither alternate nor content"] if content is None and not links else []
    found += [] if entry.find(f"{ATOM}author") is not None else ["entry has no author"]
    for category in entry.findall(f"{ATOM}category"):
        found += [_url(category.get("scheme") or "http://x/", "scheme")]
    published, updated = entry.findtext(f"{ATOM}published"), entry.findtext(f"{ATOM}updated")
    if published and datetime.fromisoformat(published) > datetime.fromisoformat(updated):
        found.append("updated before it was published")
    if content is not None and content.get("type") == "html":
        found += _markup(content.text or "", "content")
    return found


def json_faults(body: bytes) -> list[str]:
    feed = json.loads(body)
    texts = ("title", "home_page_url", "feed_url", "description", "user_comment", "next_url", "icon",
             "favicon", "language")  # fmt: skip
    found = [] if feed.get("version") == "https://jsonfeed.org/version/1.1" else ["version"]
    found += ["no title"] if not feed.get("title") else []
    found += [f"{name} is no text" for name in texts if not isinstance(feed.get(name, ""), str)]
    known = {*texts, "version", "authors", "hubs", "items", "expired"}
    found += [f"unknown {name}" for name in feed.keys() - known if not name.startswith("_")]
    urls = ("home_page_url", "feed_url", "next_url", "icon", "favicon")
    found += [_url(feed[name], name) for name in urls if name in feed]
    found += [fault for hub in feed.get("hubs", []) for fault in (_url(hub["url"], "hub"),) if hub["type"]]
    found += _authors(feed)
    ids = [item.get("id") for item in feed["items"]]
    found += ["an id is missing or there twice"] if len({*ids, None}) != len(ids) + 1 else []
    for item in feed["items"]:
        found += _json_item(item)
    return [each for each in found if each]


def _authors(part: dict[str, Any]) -> list[str]:
    return [
        f"author {each}"
        for each in part.get("authors", [])
        if not (
            {"name", "url", "avatar"} & each.keys() and all(isinstance(v, str) and v for v in each.values())
        )
    ]


def _json_item(item: dict[str, Any]) -> list[str]:
    texts = ("id", "url", "external_url", "title", "content_html", "content_text", "summary", "image",
             "banner_image", "date_published", "date_modified", "language")  # fmt: skip
    found = [
        f"{name} is no text"
        for name in texts
        if not (isinstance(item.get(name, "x"), str) and item.get(name, "x"))
    ]
    found += [f"unknown {k}" for k in item.keys() - {*texts, "authors", "tags", "attachments"} if k[0] != "_"]
    found += [] if item.get("content_html") or item.get("content_text") else ["no content"]
    found += [_url(item[name], name) for name in ("url", "external_url", "image") if name in item]
    found += [_rfc3339(item[name], name) for name in ("date_published", "date_modified") if name in item]
    found += [] if LANGUAGE.fullmatch(item.get("language", "en")) else ["language"]
    found += _authors(item)
    tags = item.get("tags", [])
    found += (
        [] if all(isinstance(tag, str) and tag for tag in tags) and len(set(tags)) == len(tags) else ["tags"]
    )
    for file in item.get("attachments", []):
        found.append(_url(file.get("url"), "attachment"))
        found += [] if MIME.fullmatch(file.get("mime_type", "")) else [f"mime_type {file.get('mime_type')}"]
        found += [] if isinstance(file.get("size_in_bytes", 1), int) else ["size_in_bytes"]
    return found + _markup(item.get("content_html", ""), "content_html")


FAULTS = {"rss": rss_faults, "atom": atom_faults, "json": json_faults}
