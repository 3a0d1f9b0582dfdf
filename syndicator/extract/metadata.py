"""What a page says of itself: title, authors, tags, canonical address, language, image.

An own small reader, because libraries for it cost more than the extraction: one look at the head, JSON-LD
first where it speaks. Nothing here is trusted: every value is one line of limited length.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin, urlsplit

from syndicator.extract import authors, jsonld, published

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from lxml.html import HtmlElement

_LONGEST: Final = 500
_MAX_TAGS: Final = 30
_SPLIT: Final = re.compile(r"\s+[|\-–—·•»«:/_]+\s+|\s*[|｜]\s*|\s*[-_—－]{1,2}\s*(?=[^\W\d_a-zA-Z]{2,12}$)")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8}){0,3}")
_MARKED: Final = (
    "descendant::*[@itemprop or @rel or @property or @pubdate]"  # one look, for all that looks there
)
_WORDY: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What was found; empty where the page is silent."""

    title: str = ""
    site: str = ""
    canonical_url: str = ""
    published_at: datetime | None = None
    authors: tuple[str, ...] = ()
    are_persons: bool = False  # the authors: else they are houses, desks, or names of users
    tags: tuple[str, ...] = ()
    language: str = ""
    image: str = ""


def read(root: HtmlElement, url: str) -> Metadata:
    """Read a page as it was parsed, before anything is taken out of it."""
    metas = _metas(root)
    told = jsonld.article(root)
    marked = root.xpath(_MARKED)
    site = _first(metas, ("og:site_name", "application-name")) or _one(jsonld.texts(told.get("publisher")))
    writers, are_persons = authors.declared(metas, told, house_names(site, url))
    return Metadata(
        title=_title(root, metas, told, site, url),
        site=site,
        canonical_url=_canonical(root, metas, url),
        published_at=published.declared(root, marked, metas, jsonld.texts(told.get("datePublished"))),
        authors=tuple(name for name in writers if _bare(name) != _bare(site)),
        are_persons=are_persons,
        tags=_tags(marked, metas, told),
        language=_language(root, metas, told),
        image=_image(metas, told, url),
    )


def drop_common(tags: Iterable[str], counts: Mapping[str, int], pages: int) -> tuple[str, ...]:
    """Drop the tags that stand on more than 80 % of a source's pages: they name the site, not the article.

    `counts` has, by casefolded tag, how many of the `pages` carry it. Less than five pages tell nothing.
    """
    if pages < 5:
        return tuple(tags)
    return tuple(tag for tag in tags if 5 * counts.get(tag.casefold(), 0) <= 4 * pages)


def _metas(root: HtmlElement) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for meta in root.iter("meta"):
        content = meta.get("content")
        name = meta.get("property") or meta.get("name") or meta.get("itemprop") or meta.get("http-equiv")
        if content and name and content.strip():
            found.setdefault(name.strip().casefold(), []).append(content)
    return found


def _line(text: str, limit: int = _LONGEST) -> str:
    return " ".join(text[: 4 * limit].split())[:limit]


def _first(metas: Mapping[str, list[str]], names: Iterable[str]) -> str:
    return next((_line(value) for name in names for value in metas.get(name, ()) if _line(value)), "")


def _one(values: list[str]) -> str:
    return _line(values[0]) if values else ""


def _bare(text: str) -> str:
    return _WORDY.sub("", text).casefold()


def _title(
    root: HtmlElement, metas: Mapping[str, list[str]], told: dict[str, Any], site: str, url: str
) -> str:
    """Choose og:title, the headline or `<title>`; a heading that begins or ends it is it."""
    named = root.find(".//title")
    said = _first(metas, ("og:title", "twitter:title")) or _one(jsonld.texts(told.get("headline")))
    whole = (
        said or _line(named.text or "" if named is not None else "") or _first(metas, ("title", "dc.title"))
    )
    headings = [text for each in list(root.iter("h1"))[:5] if (text := _line("".join(each.itertext())))]
    for heading in headings:
        if len(heading) > 8 and _bare(heading) and _bare(heading) != _bare(site):
            start, end = _bare(whole).startswith(_bare(heading)), _bare(whole).endswith(_bare(heading))
            if start or end:
                return heading
    whole = _without_site(whole, site, url)
    return whole or (headings[0] if headings else "")


def _without_site(title: str, site: str, url: str) -> str:
    """Cut the site's name off either end of a title."""
    pieces = _SPLIT.split(title)
    if len(pieces) < 2:
        return title
    names = {_bare(site), *_host_names(url)} - {""}

    def is_site(piece: str) -> bool:
        bare = _bare(piece)
        return bool(bare) and any(
            bare == name or (len(name) > 3 and name in bare and len(piece.split()) <= 4) for name in names
        )

    last, first = title.rfind(pieces[-1]), len(pieces[0])
    if is_site(pieces[-1]):
        return _without_site(title[:last].rstrip(" |｜-–—·•»«:/_－"), site, url)
    if is_site(pieces[0]):
        return title[first:].lstrip(" |｜-–—·•»«:/_－")
    if "|" in title or "｜" in title:
        return max(re.split(r"\s*[|｜]\s*", title), key=len)
    return title


def _host_names(url: str) -> set[str]:
    try:
        labels = (urlsplit(url).hostname or "").removeprefix("www.").split(".")
    except ValueError:
        return set()
    return {_bare(label) for label in labels[:-1] if len(label) > 2} | {_bare("".join(labels))}


def house_names(site: str, url: str) -> frozenset[str]:
    """Give what a publisher is called, in letters alone: by its own name and by its host's."""
    return frozenset(_host_names(url) | {_bare(site)})


def _canonical(root: HtmlElement, metas: Mapping[str, list[str]], url: str) -> str:
    links = root.xpath("//link[@rel='canonical']/@href")[:2]
    for address in (*links, *metas.get("og:url", ())[:1]):
        found = _absolute(address, url)
        # A page that names the front page canonical says nothing of itself.
        if found and (urlsplit(found).path.strip("/") or not url or not urlsplit(url).path.strip("/")):
            return found
    return ""


def _absolute(address: str, base: str) -> str:
    try:
        found = urljoin(base, address.strip())
        parts = urlsplit(found)
    except ValueError:
        return ""
    return found if parts.scheme in ("http", "https") and parts.hostname and len(found) <= 4096 else ""


def _texts(elements: Iterable[Any], most: int = 15) -> list[str]:
    found = (each.get("content") or "".join(each.itertext()) for each in islice(elements, most))
    return [text for text in found if len(text) <= 200]


def _tags(marked: list[Any], metas: Mapping[str, list[str]], told: dict[str, Any]) -> tuple[str, ...]:
    values = [
        *metas.get("article:section", ()),
        *metas.get("article:tag", ()),
        *jsonld.texts(told.get("articleSection")),
    ]
    lists = [
        *metas.get("news_keywords", ()),
        *metas.get("keywords", ()),
        *metas.get("parsely-tags", ()),
        *jsonld.texts(told.get("keywords")),
    ]
    values += [piece for each in lists[:20] for piece in re.split(r"[,;，、；|]", each[:2000])]
    values += _texts(each for each in marked if each.tag == "a" and "tag" in (each.get("rel") or "").split())
    values += _texts(each for each in marked if each.get("itemprop") in ("keywords", "articleSection"))
    found: dict[str, str] = {}
    for value in values:
        tag = _line(value, 200).strip(" #.,;:\"'")
        if 1 < len(tag) <= 60 and len(tag.split()) <= 6 and "://" not in tag:
            found.setdefault(tag.casefold(), tag)
    return tuple(found.values())[:_MAX_TAGS]


def _language(root: HtmlElement, metas: Mapping[str, list[str]], told: dict[str, Any]) -> str:
    said = (
        root.get("lang"),
        root.get("{http://www.w3.org/XML/1998/namespace}lang"),
        root.get("xml:lang"),
        _first(metas, ("content-language", "og:locale", "language", "dc.language")),
        _one(jsonld.texts(told.get("inLanguage"))),
    )
    for value in said:
        text = (value or "").strip().partition(".")[0]
        if _LANGUAGE.fullmatch(text):
            first, *rest = text.replace("_", "-").split("-")
            return "-".join([first.lower(), *(part.upper() if len(part) == 2 else part for part in rest)])
    return ""


def _image(metas: Mapping[str, list[str]], told: dict[str, Any], url: str) -> str:
    image = told.get("image")
    candidate = _first(
        metas, ("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src")
    )
    if not candidate:
        image = image[0] if isinstance(image, list) and image else image
        candidate = (image.get("url") if isinstance(image, dict) else image) or ""
    return _absolute(candidate, url) if isinstance(candidate, str) and candidate else ""
