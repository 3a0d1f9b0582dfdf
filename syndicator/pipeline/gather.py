"""What a feed holds, read from the database: the newest articles of a topic, or of all topics together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syndicator.fetch.callbacks import hub_urls
from syndicator.model import Publish
from syndicator.publish.feed import Deletion, name_id, of_site, of_topic
from syndicator.publish.following import feed_links
from syndicator.store import matches, retractions, together, topics

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.model import Catalog, StoredArticle, Topic
    from syndicator.publish.feed import Feed
    from syndicator.settings import Settings
    from syndicator.store.retractions import Retraction
    from syndicator.templates import Templates


async def topic_feed(
    conn: AsyncConnection, topic: Topic, settings: Settings, templates: Templates, *, now: datetime
) -> Feed:
    """Gather a topic's feed. `now` dates only a topic that the database has never heard of."""
    how = topic.publish or Publish()
    found = await matches.newest(
        conn, topic.slug, limit=how.items, per_source=how.per_source, once=topic.is_once
    )
    taken = await retractions.of_topic(conn, topic.slug, limit=how.items)
    return of_topic(
        topic,
        settings.site,
        tuple(found),
        created_at=(await topics.created(conn)).get(topic.slug, now),
        also_in=templates.also_in(topic.language or settings.site.language),
        links=feed_links(hub_urls(settings)) if topic.is_public else (),
        deleted=_deleted(taken, found, full=how.items),
    )


async def site_feed(
    conn: AsyncConnection, catalog: Catalog, settings: Settings, templates: Templates, *, now: datetime
) -> Feed:
    """Gather the feed of all public topics together: each article once, as long as a topic's feed is."""
    how = Publish()
    hidden = {slug for slug, topic in catalog.topics.items() if not topic.is_public}
    tell_all = {slug for slug, topic in catalog.topics.items() if topic.is_public and not topic.is_once}
    found = await together.newest(
        conn, hidden=hidden, tell_all=tell_all, limit=how.items, per_source=how.per_source
    )
    listed = [stored for stored, _ in found]
    taken = await retractions.of_topics(conn, together.once_within(hidden), limit=how.items)
    return of_site(
        settings.site,
        tuple(listed),
        {stored.id: tuple(_there(catalog, slugs)) for stored, slugs in found},
        created_at=(await topics.created(conn)).get(topics.SITE, now),
        also_in=templates.also_in(settings.site.language),
        links=feed_links(hub_urls(settings)),
        deleted=_deleted(taken, listed, full=how.items),
    )


def _there(catalog: Catalog, slugs: Iterable[str]) -> Iterator[Topic]:
    """Give topics by slug; the database may know one that came or went while this host took over an edit."""
    return (catalog.topics[slug] for slug in slugs if slug in catalog.topics)


def _deleted(
    taken: Sequence[Retraction], shown: Sequence[StoredArticle], *, full: int
) -> tuple[Deletion, ...]:
    """Keep what was taken back for as long as an entry of its age would be shown."""
    oldest = shown[-1].sorted_at if len(shown) >= full else None
    return tuple(
        Deletion(id=name_id(each.source, each.key), at=each.at, comment=each.reason)
        for each in taken
        if oldest is None or each.sorted_at >= oldest
    )
