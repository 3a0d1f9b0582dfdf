"""From feedparser's dictionaries to our ParsedFeed and Entry.

Values are read by `dict.get`, because feedparser's own access answers for absent keys with others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from syndicator.model import ParsedFeed
from syndicator.parse import cadence, hub
from syndicator.parse.draft import UNTITLED, Draft, Frame, Media, Value, absolute, media_type

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Values: TypeAlias = dict[str, Any]  # FeedParserDict is one


def to_feed(feed: Values, entries: Sequence[Values], version: str, url: str) -> ParsedFeed:
    """Join what feedparser found; `url` is where the document was."""
    is_atom = version.startswith("atom")
    frame = Frame(is_atom, absolute(url, _text(feed, "link")), url, _authors(feed) if is_atom else ())
    hubs, own = hub.read(((_text(each, "rel"), _text(each, "href")) for each in _list(feed, "links")), url)
    return ParsedFeed(
        format=version,
        title=_text(feed, "title"),
        url=frame.homepage,
        language=_text(feed, "language"),
        cadence=cadence.read(
            ttl=_text(feed, "ttl"),
            skip_hours=_texts(feed, "skip_hours"),
            skip_days=_texts(feed, "skip_days"),
            period=_text(feed, "sy_updateperiod"),
            frequency=_text(feed, "sy_updatefrequency"),
        ),
        hub_urls=hubs,
        self_url=own,
        entries=tuple(_draft(entry).to_entry(frame) for entry in entries),
    )


def _draft(entry: Values) -> Draft:
    return Draft(
        guid=_text(entry, "id"),
        guid_is_link=dict.get(entry, "permalink", True) is True,
        link=_text(entry, "link"),
        page=next((_text(each, "href") for each in _list(entry, "links") if _is_page(each)), ""),
        original=_text(entry, "feedburner_origlink"),
        title=_title(entry),
        media_title=next((each for each in dict.get(entry, "media_titles", ()) if each[0]), UNTITLED),
        itunes_title=_text(entry, "itunes_title"),
        published=_text(entry, "published"),
        created=_text(entry, "created"),
        dated=_text(entry, "dated"),
        updated=_text(entry, "updated"),
        authors=list(_authors(entry)),
        persons=_texts(entry, "persons"),
        tags=list(dict.fromkeys(_tags(entry))),
        language=_text(entry, "language"),
        bodies=[(kind, tuple(said)) for kind, *said in dict.get(entry, "bodies", ())],
        files=[_media(each) for each in _list(entry, "links") if _text(each, "rel") == "enclosure"],
        media=[_media(each) for each in _list(entry, "media_content")],
        thumbnails=[_text(each, "url") for each in _list(entry, "media_thumbnail")],
        image=_text(_part(entry, "image"), "href"),
    )


def _text(values: Values, key: str) -> str:
    value = dict.get(values, key)
    return value if isinstance(value, str) else ""


def _texts(values: Values, key: str) -> list[str]:
    found = dict.get(values, key)
    return [value for value in found if isinstance(value, str)] if isinstance(found, list) else []


def _part(values: Values, key: str) -> Values:
    value = dict.get(values, key)
    return value if isinstance(value, dict) else {}


def _list(values: Values, key: str) -> Iterator[Values]:
    found = dict.get(values, key)
    return (value for value in found if isinstance(value, dict)) if isinstance(found, list) else iter(())


def _title(entry: Values) -> Value:
    detail = _part(entry, "title_detail")
    type_ = media_type(_text(detail, "type") or "text/plain")
    return _text(entry, "title"), type_, _text(detail, "base"), _text(detail, "language")


def _is_page(link: Values) -> bool:
    return _text(link, "rel") in ("", "alternate") and bool(_text(link, "href"))


def _authors(holder: Values) -> tuple[str, ...]:
    names = [_text(author, "name") or _text(author, "email") for author in _list(holder, "authors")]
    names = [name for name in names if name] or [_text(holder, "author")]
    return tuple(dict.fromkeys(name for name in names if name))


def _tags(entry: Values) -> Iterator[tuple[str, str, str]]:
    for tag in _list(entry, "tags"):
        term, label = _text(tag, "term"), _text(tag, "label")
        if term or label:
            yield term, _text(tag, "scheme"), label


def _media(each: Values) -> Media:
    return Media(
        _text(each, "href") or _text(each, "url"),
        _text(each, "type"),
        _text(each, "length") or _text(each, "filesize"),
        _text(each, "medium"),
    )
