"""What every rendition of a topic shares: `Feed`, and ids that are global and never change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003  a field's type
from html import escape
from typing import TYPE_CHECKING, Literal
from uuid import NAMESPACE_URL, uuid5

from syndicator.card import safe
from syndicator.model import StoredArticle  # noqa: TC001  a field's type

if TYPE_CHECKING:
    from syndicator.model import Article, Topic
    from syndicator.settings import Site


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A link of a feed as a whole (RFC 8288): a hub, or a page of its archive (RFC 5005)."""

    rel: str
    href: str  # absolute
    media_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One topic as it is published. `updated_at` follows the newest change, never the clock."""

    slug: str
    title: str
    description: str
    language: str
    site_title: str
    base_url: str
    updated_at: datetime
    articles: tuple[StoredArticle, ...]  # newest first
    content: Literal["full", "excerpt"] = "full"
    also_in: str = "Also in:"  # what stands before the other sources of a story, in the feed's language
    links: tuple[FeedLink, ...] = ()  # beside self and alternate, which every rendition has
    first_slug: str = ""  # what it is identified by, if it was renamed
    is_private: bool = False  # its address is a secret, and stands in no document
    archived: int = 0  # this is page so many of the archive (RFC 5005 4); 0: it is the feed itself

    @property
    def page_url(self) -> str:
        """The page for people; of a private topic, which has one for each reader, the front page."""
        if self.is_private:
            return f"{self.base_url}/"
        whole = f"{self.base_url}/topics/{self.slug}"
        return f"{whole}/archive/{self.archived}" if self.archived else whole

    @property
    def id(self) -> str:
        """Name the feed for the whole world; the pages of its archive bear the same name."""
        return f"{self.base_url}/topics/{self.first_slug or self.slug}.atom"

    def url(self, format: str) -> str:  # noqa: A002
        """Where the rendition in a format lives."""
        return f"{self.page_url}.{format}"


def of_topic(
    topic: Topic,
    site: Site,
    articles: tuple[StoredArticle, ...],
    *,
    created_at: datetime,
    also_in: str = "Also in:",
    links: tuple[FeedLink, ...] = (),
) -> Feed:
    """Gather what the renditions of a topic need; an empty topic was updated when it was created.

    Another source that tells a story changes the documents, but no `updated`: readers would be shown as new
    what they have read.
    """
    return Feed(
        slug=topic.slug,
        first_slug=topic.first_slug,
        is_private=topic.publish.private if topic.publish else False,
        title=topic.title,
        description=topic.description or topic.title,
        language=topic.language or site.language,
        site_title=site.title,
        base_url=site.base_url,
        updated_at=max((stored.changed_at for stored in articles), default=created_at),
        articles=articles,
        content=topic.publish.content if topic.publish else "full",
        also_in=also_in,
        links=links,
    )


def also_in(feed: Feed, stored: StoredArticle) -> str:
    """Write where else a story is told, as HTML; empty if nowhere."""
    told = [_anchor(safe(each.url), each.source) for each in stored.also_in]
    return f"<p>{escape(feed.also_in)} {', '.join(told)}</p>" if told else ""


def _anchor(url: str, text: str) -> str:
    said = escape(text)
    return f'<a href="{escape(url)}">{said}</a>' if url else said


def entry_id(article: Article) -> str:
    """Name an article for the whole world (RFC 4287 4.2.6): the same on every host and in every database.

    A publisher's guid is unique only within the publisher's feed, so the source is part of the name.
    """
    return uuid5(NAMESPACE_URL, f"syndicator:{article.source}:{article.key}").urn
