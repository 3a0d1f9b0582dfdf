"""What a page says of itself in JSON-LD (schema.org): the object of its article, however it is wrapped."""

from __future__ import annotations

import json
from collections import deque
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

_MAX_SCRIPTS: Final = 20
_MAX_LENGTH: Final = 500_000
_MAX_OBJECTS: Final = 2_000
_ARTICLES: Final = (
    "newsarticle", "article", "reportagenewsarticle", "analysisnewsarticle", "opinionnewsarticle",
    "blogposting", "liveblogposting", "report", "scholarlyarticle", "techarticle", "socialmediaposting",
    "advertisercontentarticle", "recipe", "review", "howto", "videoobject", "podcastepisode", "webpage",
)  # fmt: skip
_OF_PAGES: Final = (
    "author",
    "datePublished",
    "inLanguage",
    "keywords",
)  # what a page has in common with its article
_PERSONS: Final = ("author", "creator", "publisher")


def article(root: HtmlElement) -> dict[str, Any]:
    """Give the object that describes the page's article best, or an empty one.

    Authors that are named by reference (`@id`) are put in.
    """
    best: dict[str, Any] = {}
    whole: dict[str, Any] = {}
    rank = len(_ARTICLES)
    known: dict[str, dict[str, Any]] = {}
    for each in _objects(root):
        if isinstance(key := each.get("@id"), str) and len(each) > len(known.get(key, ())):
            known[key] = each
        for kind in texts(each.get("@type")):
            name = kind.casefold().rpartition("/")[2]
            place = _ARTICLES.index(name) if name in _ARTICLES else len(_ARTICLES)
            if place < rank:
                best, rank = each, place
            if name == "webpage":
                whole = each
    told: dict[str, Any] = {name: whole[name] for name in _OF_PAGES if name in whole} | best
    return told | {name: _resolved(told[name], known) for name in _PERSONS if name in told}


def people(value: Any) -> tuple[list[str], list[str], list[str]]:
    """Give the names in an author's value: of persons, of those that it says nothing of, and of houses."""
    persons: list[str] = []
    others: list[str] = []
    houses: list[str] = []
    for each in value if isinstance(value, list) else [value]:
        kinds = " ".join(texts(each.get("@type"))).casefold() if isinstance(each, dict) else ""
        kind = persons if "person" in kinds else houses if "organi" in kinds or "corpor" in kinds else others
        kind.extend(texts(each))
    return persons, others, houses


def _resolved(value: Any, known: dict[str, dict[str, Any]]) -> Any:
    """Put an object in the place of its `@id`."""
    if isinstance(value, list):
        return [_resolved(each, known) for each in value[:50] if not isinstance(each, list)]
    if isinstance(value, dict) and not value.get("name") and isinstance(key := value.get("@id"), str):
        return known.get(key, value)
    return value


def texts(value: Any) -> list[str]:
    """Give the strings in a value: a string, a list, or objects with a name."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return texts(value.get("name") or value.get("@value") or value.get("url") or "")
    if isinstance(value, list):
        return [text for each in value[:50] if not isinstance(each, list) for text in texts(each)]
    return []


def _objects(root: HtmlElement) -> Iterator[dict[str, Any]]:
    seen = 0
    for script in root.xpath("//script[contains(@type, 'ld+json')]")[:_MAX_SCRIPTS]:
        text = (script.text or "").strip().removeprefix("<!--").removesuffix("-->").rstrip(" ;\n")
        if not 2 < len(text) <= _MAX_LENGTH:
            continue
        try:
            waiting = deque([json.loads(text, strict=False)])
        except (ValueError, RecursionError):
            continue
        while waiting and seen < _MAX_OBJECTS:
            value = waiting.popleft()
            if isinstance(value, list):
                waiting += value[:200]
            elif isinstance(value, dict):
                seen += 1
                yield value
                waiting += [
                    value[name]
                    for name in ("@graph", "mainEntity", "mainEntityOfPage", "author")
                    if isinstance(value.get(name), (dict, list))
                ]
