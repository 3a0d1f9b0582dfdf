"""A topic's past mails: the list for people, and the feed that tells of each new one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from syndicator.model import Article, StoredArticle
from syndicator.publish.feed import Feed, Label
from syndicator.publish.page import formats, links

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from syndicator.model import Topic
    from syndicator.settings import Site
    from syndicator.templates import Templates


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One edition in the list. `headlines` are those of its first articles that were not taken back."""

    id: str
    local_date: str  # YYYY-MM-DD, where its slot has its zone
    language: str
    title: str  # what its mail said in the subject, less what was taken back
    articles: int
    headlines: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionsFeed(Feed):
    """The feed of a topic's editions: what of `Feed` differs is where it lives and what it is called."""

    @property
    def id(self) -> str:
        """Name the feed for the whole world; it stays when the topic is renamed."""
        slug = self.first_slug or self.slug
        return uuid5(NAMESPACE_URL, f"syndicator:{self.base_url}/topics/{slug}/editions").urn

    @property
    def page_url(self) -> str:
        """The list for people."""
        return f"{self.base_url}/topics/{self.slug}/editions"


def editions_feed(
    topic: Topic, site: Site, issues: Sequence[Issue], *, title: str, created_at: datetime
) -> EditionsFeed:
    """Gather what the renditions need: an entry for each edition, newest first.

    An entry is one day and language of the topic. So an edition that takes the place of another of its day
    (the topic's own hour comes last) is the same entry with another link, and no second one.
    """
    entries = tuple(_entry(topic, site, number, issue) for number, issue in enumerate(issues))
    return EditionsFeed(
        slug=topic.slug,
        first_slug=topic.first_slug,
        title=title,
        description=topic.description or title,
        language=topic.language or site.language,
        site_title=site.title,
        base_url=site.base_url,
        updated_at=max((issue.at for issue in issues), default=created_at),
        articles=entries,
        content="excerpt",
        rights=site.rights,
        logo=site.logo,
        filed={entry.id: (Label(topic.slug, topic.title),) for entry in entries},
    )


def _entry(topic: Topic, site: Site, number: int, issue: Issue) -> StoredArticle:
    article = Article(
        source=f"{site.base_url}/topics/{topic.first_slug}/editions",
        key=f"{issue.local_date} {issue.language}",
        url=f"{site.base_url}/editions/{issue.id}",
        title=issue.title,
        summary=" · ".join(issue.headlines),
        language=issue.language,
        published_at=issue.at,
    )
    return StoredArticle(
        id=number,
        article=article,
        arrived_at=issue.at,
        changed_at=issue.at,
        source_title=site.title,
        source_home=f"{site.base_url}/",
    )


def editions_page(
    templates: Templates,
    site: Site,
    topic: Topic,
    issues: Sequence[Issue],
    paging: Mapping[str, str],
) -> bytes:
    """Render the list for people; `paging` has the addresses of its neighbours, `newer` and `older`."""
    return templates.render(
        "web/editions.html.j2", site.language, **editions_context(site, topic, issues, paging)
    ).encode()


def editions_context(
    site: Site, topic: Topic, issues: Sequence[Issue], paging: Mapping[str, str]
) -> dict[str, Any]:
    """Lay the list out as its template expects it."""
    return {
        "site": site,
        "topic": {
            "slug": topic.slug,
            "title": topic.title,
            "language": topic.language or site.language,
            "is_offered": topic.is_offered and topic.digest is not None,
        },
        "feeds": links(f"{site.base_url}/topics/{topic.slug}/editions", formats(topic)),
        "issues": issues,
        "paging": paging,
    }
