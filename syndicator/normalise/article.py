"""One Article from one Entry, and all of a document: the parts of normalising, joined.

In two steps, so that only what is new is cleaned: `identify` names the entries of a document, the store says
which of them it knows as they are, and `finish` makes articles of the others.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

from syndicator.model import Article, Enclosure, Entry, ParsedFeed, Source
from syndicator.normalise.dates import published_and_updated
from syndicator.normalise.excerpt import excerpt
from syndicator.normalise.html import clean, to_text
from syndicator.normalise.identity import identify
from syndicator.normalise.images import illustration
from syndicator.normalise.language import choose, tag
from syndicator.normalise.plain import one_line, shortened
from syndicator.normalise.url import canonical, link

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from syndicator.normalise.identity import Sighting

MAX_TITLE: Final = 500  # characters, as all below
MAX_NAME: Final = 200
MAX_GUID: Final = 1_000
MAX_AUTHORS: Final = 20
MAX_TAGS: Final = 50
MAX_ENCLOSURES: Final = 10
_MADE_TITLE: Final = 80  # of an article that has none
_LONG_TAG: Final = 100  # a tag beyond this is a list or a sentence
_COMMAS: Final = re.compile(r"[,，、;；|]")


class Head(NamedTuple):
    """Whose document it is, fit to be shown and followed."""

    title: str  # plain text
    url: str  # http or https, or empty
    language: str  # BCP 47 or empty


def head(feed: ParsedFeed, base: str = "") -> Head:
    """Normalise what a document says about its publisher; `base` is where it was found."""
    return Head(one_line(feed.title, MAX_TITLE, is_html=True), link(feed.url, base), tag(feed.language))


def normalise(
    feed: ParsedFeed, *, source: Source, now: datetime, languages: tuple[str, ...]
) -> tuple[Article, ...]:
    """Give the articles of one document, one for each identity, in its order: `identify` and `finish`."""
    sightings = identify(feed, source=source).sightings
    return finish(sightings, feed=feed, source=source, now=now, languages=languages)


def finish(
    sightings: Iterable[Sighting],
    *,
    feed: ParsedFeed,
    source: Source,
    now: datetime,
    languages: tuple[str, ...],
) -> tuple[Article, ...]:
    """Make an article of each sighting, in their order; `feed` is the document that they were seen in.

    `languages` are the site's configured ones: the script of a text is taken for no other language.
    """
    return tuple(
        _article(sighting, feed=feed, source=source, now=now, languages=languages) for sighting in sightings
    )


def _article(
    sighting: Sighting, *, feed: ParsedFeed, source: Source, now: datetime, languages: tuple[str, ...]
) -> Article:
    entry = sighting.entry
    base = entry.base_url or feed.url or source.url
    url = link(entry.url, base)
    content = clean(max(entry.content, entry.summary, key=len), base)
    text = to_text(content)
    title = one_line(entry.title, MAX_TITLE, is_html=entry.title_is_html)
    described = text if len(entry.summary) >= len(entry.content) else to_text(clean(entry.summary, base))
    published, updated = published_and_updated(entry.published_at, entry.updated_at, now)
    own_language = entry.language if entry.language != feed.language else ""
    enclosures = tuple(_enclosures(entry, base))
    article = Article(
        source=source.name,
        key=sighting.key,
        guid=one_line(entry.guid, MAX_GUID),
        url=url,
        title=title or shortened(" ".join(text[: 4 * _MADE_TITLE].split()), _MADE_TITLE) or url[:MAX_TITLE],
        published_at=published,
        updated_at=updated,
        authors=tuple(_names(entry.authors, MAX_AUTHORS)),
        tags=tuple(_names(_split(entry.tags, source.tags), MAX_TAGS)),
        language=choose(own_language, source.language, feed.language, f"{title} {text[:600]}", languages),
        summary=excerpt(described, text, title),
        content_html=content,
        text=text,
        image=_image(entry, enclosures, content, base),
        enclosures=enclosures,
        wire=sighting.wire,
    )
    return replace(article, fingerprint=fingerprint(article))


def fingerprint(article: Article) -> str:
    """Hash what a reader sees: SHA-256, hexadecimal. Dates, tracking and mere markup are not seen."""
    seen = (
        article.title,
        canonical(article.url),
        article.summary,
        article.text,
        article.authors,
        article.tags,
        canonical(article.image),
        [canonical(enclosure.url) for enclosure in article.enclosures],
    )
    return sha256(json.dumps(seen, ensure_ascii=False).encode()).hexdigest()


def _names(values: Iterable[str], limit: int) -> Iterator[str]:
    """Give each name once, whatever its case; the first spelling wins."""
    seen: set[str] = set()
    for value in values:
        name = one_line(value, MAX_NAME, is_html=True)
        if name and name.casefold() not in seen:
            seen.add(name.casefold())
            yield name
            if len(seen) == limit:
                return


def _split(tags: tuple[str, ...], added: tuple[str, ...]) -> Iterator[str]:
    """Give the publisher's tags, whose lists are taken apart, then those of the source.

    One comma beside other tags is part of a name (`Sanchez, Pedro`), not a list.
    """
    for listed in tags:
        line = one_line(listed, 4 * MAX_NAME, is_html=True)
        parts = _COMMAS.split(line)
        names = parts if len(tags) == 1 or len(parts) > 2 else [line]
        yield from (name for part in names if (name := part.strip(" #")) and len(name) <= _LONG_TAG)
    yield from added


def _enclosures(entry: Entry, base: str) -> Iterator[Enclosure]:
    for enclosure in entry.enclosures[:MAX_ENCLOSURES]:
        if url := link(enclosure.url, base):
            mime = one_line(enclosure.type, MAX_NAME)
            yield Enclosure(url=url, type=mime, length=max(0, enclosure.length))


def _image(entry: Entry, enclosures: tuple[Enclosure, ...], content: str, base: str) -> str:
    """Choose the picture: an enclosed one, the one that the feed names, the first in the content."""
    enclosed = [each.url for each in enclosures if each.type.startswith("image/")]
    return illustration([*enclosed, link(entry.image, base)], content)
