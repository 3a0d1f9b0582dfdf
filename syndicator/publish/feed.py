"""What every rendition of a topic shares: `Feed`, and ids that are global and never change."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003  a field's type
from dataclasses import dataclass, field
from datetime import datetime  # noqa: TC003  a field's type
from html import escape
from typing import TYPE_CHECKING, Literal
from uuid import NAMESPACE_URL, uuid5

from syndicator.card import safe
from syndicator.model import StoredArticle  # noqa: TC001  a field's type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syndicator.model import Article, Topic
    from syndicator.settings import Site


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A link of a feed as a whole (RFC 8288): a hub, or a page of its archive (RFC 5005)."""

    rel: str
    href: str  # absolute
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """A topic as the category of an article: its slug, and its name for people."""

    term: str
    name: str


@dataclass(frozen=True, slots=True)
class Deletion:
    """An entry that was taken back (RFC 6721): no reader should go on showing it."""

    id: str  # as `entry_id` gives it
    at: datetime
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One topic as it is published. `updated_at` follows the newest change, never the clock."""

    slug: str  # empty: all topics together
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
    archived: int = 0  # this is page so many of the archive (RFC 5005 4); 0: it is the feed itself
    rights: str = ""
    logo: str = ""  # a picture's address
    deleted: tuple[Deletion, ...] = ()  # newest first
    filed: Mapping[int, tuple[Label, ...]] = field(default_factory=dict)  # by article; else under the topic
    brief: frozenset[int] = frozenset()  # articles of which only the beginning is shown, whatever `content`
    first_slug: str = ""  # what it is identified by, if it was renamed
    is_private: bool = False  # its address is a secret, and stands in no document

    @property
    def id(self) -> str:
        """Name the feed for the whole world, by its site and slug; the pages of its archive bear the same."""
        slug = self.first_slug or self.slug
        return uuid5(NAMESPACE_URL, f"syndicator:{self.base_url}/topics/{slug}").urn

    @property
    def page_url(self) -> str:
        """The page for people; of a private topic, which has one for each reader, the front page."""
        if self.is_private or not self.slug:
            return f"{self.base_url}/"
        whole = f"{self.base_url}/topics/{self.slug}"
        return f"{whole}/archive/{self.archived}" if self.archived else whole

    @property
    def icon(self) -> str:
        """The site's small picture."""
        return f"{self.base_url}/static/icon.svg"

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources whose articles it shows, sorted."""
        return tuple(sorted({stored.article.source for stored in self.articles}))

    def url(self, format: str) -> str:  # noqa: A002
        """Where the rendition in a format lives."""
        return f"{self.page_url}.{format}" if self.slug else f"{self.base_url}/all.{format}"

    def labels(self, stored: StoredArticle) -> tuple[Label, ...]:
        """Tell which topics an article is filed under."""
        own = (Label(self.slug, self.title),) if self.slug else ()
        return self.filed.get(stored.id, own)

    def is_full(self, stored: StoredArticle) -> bool:
        """Whether the whole article is shown."""
        return self.content == "full" and stored.id not in self.brief


def of_topic(
    topic: Topic,
    site: Site,
    articles: tuple[StoredArticle, ...],
    *,
    created_at: datetime,
    also_in: str = "Also in:",
    links: tuple[FeedLink, ...] = (),
    deleted: tuple[Deletion, ...] = (),
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
        updated_at=newest_change(articles, deleted) or created_at,
        articles=articles,
        content=topic.publish.content if topic.publish else "full",
        also_in=also_in,
        links=links,
        rights=site.rights,
        logo=site.logo,
        deleted=deleted,
    )


def of_site(
    site: Site,
    articles: tuple[StoredArticle, ...],
    filed: Mapping[int, tuple[Topic, ...]],
    *,
    created_at: datetime,
    also_in: str = "Also in:",
    links: tuple[FeedLink, ...] = (),
    deleted: tuple[Deletion, ...] = (),
) -> Feed:
    """Gather all topics together; `filed` gives the topics of each article, by its id.

    An article is shown whole where one of its topics does so.
    """
    brief = {
        id_
        for id_, topics in filed.items()
        if not any(t.publish and t.publish.content == "full" for t in topics)
    }
    return Feed(
        slug="",
        title=site.title,
        description=site.title,
        language=site.language,
        site_title=site.title,
        base_url=site.base_url,
        updated_at=newest_change(articles, deleted) or created_at,
        articles=articles,
        also_in=also_in,
        links=links,
        rights=site.rights,
        logo=site.logo,
        deleted=deleted,
        filed={id_: tuple(Label(t.slug, t.title) for t in topics) for id_, topics in filed.items()},
        brief=frozenset(brief),
    )


def newest_change(articles: Sequence[StoredArticle], deleted: Sequence[Deletion] = ()) -> datetime | None:
    """Tell when something last came, changed or was taken back; None if nothing ever did."""
    moments = [*(stored.changed_at for stored in articles), *(each.at for each in deleted)]
    return max(moments, default=None)


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
    return name_id(article.source, article.key)


def entry_of(stored: StoredArticle) -> str:
    """Name an entry: a story after the article that came first, whoever speaks for it."""
    return name_id(*stored.entry) if stored.entry else entry_id(stored.article)


def name_id(source: str, key: str) -> str:
    """Give the id of the article that a source calls so."""
    return uuid5(NAMESPACE_URL, f"syndicator:{source}:{key}").urn
