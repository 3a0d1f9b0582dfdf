"""Articles: what was read, normalised, and what the database adds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

    from syndicator.model.wire import Enclosure


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """A normalised entry: plain title, clean HTML, absolute links, one identity over many pulls.

    `key` is unique within `source`; `fingerprint` is the hash of what a reader sees.
    """

    source: str
    key: str
    guid: str = ""
    url: str = ""  # the publisher's link, untouched
    title: str = ""  # plain text, no control characters
    published_at: datetime | None = None
    updated_at: datetime | None = None
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    language: str = ""  # BCP 47 or empty
    summary: str = ""  # plain text
    content_html: str = ""  # cleaned
    text: str = ""  # plain text of the content, what rules read
    image: str = ""
    enclosures: tuple[Enclosure, ...] = ()
    fingerprint: str = ""
    wire: str = ""  # hash of the entry as the wire said it; kept by name, in article_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """Where else a story is told."""

    source: str  # the publisher's title
    url: str  # of its article, as the publisher wrote it
    title: str = ""  # of its article


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredArticle:
    """An article with what the database adds to it."""

    id: int
    article: Article
    arrived_at: datetime  # first seen
    changed_at: datetime  # last time the fingerprint changed
    source_title: str = ""  # the publisher's own
    source_url: str = ""  # the feed's address as the public may see it; empty for a file
    source_home: str = ""  # the publisher's pages
    because: tuple[str, ...] = ()  # why it is in the topic that it was read for
    score: float = 0.0
    seq: int = 0  # of its match: the order of arrival in the topic
    story: int = 0  # that it speaks for, where a topic shows each once; 0: none but its own
    also_in: tuple[Elsewhere, ...] = ()
    entry: tuple[str, str] | None = None  # source and key of the first to tell its story, if not itself

    @property
    def sorted_at(self) -> datetime:
        """When it was published, or first seen where the publisher is silent or ahead of us."""
        published = self.article.published_at
        return min(published, self.arrived_at) if published else self.arrived_at

    @property
    def updated_at(self) -> datetime:
        """When its words last became others that a reader would notice; until then, when it came out."""
        return self.changed_at if self.changed_at > self.arrived_at else self.sorted_at


class Speaker(NamedTuple):
    """An article that may speak for a story."""

    id: int
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What a digest may tell, before it is read: a story, or an article that tells none.

    Its figures are those of the first of its `speakers`: the articles of the window that tell it, one of
    each source, as they arrived.
    """

    speakers: tuple[Speaker, ...]
    score: float  # of its match
    at: datetime  # when it was published, or first seen
    characters: int = 0  # of its text
    language: str = ""  # of its text
    story: int = 0
    sources: int = 1  # that tell it, in this topic

    @property
    def id(self) -> int:
        """Of the article that came first."""
        return self.speakers[0].id
