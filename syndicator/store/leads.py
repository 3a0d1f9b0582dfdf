"""Each story once: which article speaks for it in a topic, and where else it was told.

The lead is the article that came first. So its place and its name in feeds stay as they are, whoever tells
the story later; only "also in" grows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, func, not_, select

from syndicator.model import Elsewhere
from syndicator.store.articles import BATCH
from syndicator.store.schema import articles, matches, sources, story_articles

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import ColumnElement, Subquery
    from sqlalchemy.ext.asyncio import AsyncConnection

LISTED: Final = 10  # sources of one story beside the first: pages and mails have an end


def ranked(topic: str, *, once: bool) -> Subquery:
    """Choose what a topic may show: seq, id, story, sorted_at, and its `place` within its source."""
    found = _with_story(matches.c.topic == topic, matches.c.active)
    shown = select(found).where(found.c.id == found.c.lead) if once else select(found)
    each = shown.subquery()
    newest = (each.c.sorted_at.desc(), each.c.id.desc())
    place = func.row_number().over(partition_by=each.c.source, order_by=newest)
    return select(each.c.seq, each.c.id, each.c.story, each.c.sorted_at, place.label("place")).subquery()


def in_window(topic: str, *, after: int, upto: int, told: Collection[int] | None) -> Subquery:
    """Choose what a digest's window holds: seq and story.

    `told` are stories that the reader was shown, which are left out; of others the first article in the
    window speaks. None: every article, whatever story it tells.
    """
    inside = (
        matches.c.topic == topic,
        matches.c.active,
        not_(matches.c.backfill),
        matches.c.seq > after,
        matches.c.seq <= upto,
    )
    found = _with_story(*inside)
    if told is None:
        return found
    return select(found).where(found.c.id == found.c.lead, found.c.story.not_in(sorted(told))).subquery()


async def continued(conn: AsyncConnection, topic: str, *, after: int, upto: int) -> set[int]:
    """Name the stories in a window that have more than one article: a reader may have been told them."""
    window = in_window(topic, after=after, upto=upto, told=())
    several = (
        select(story_articles.c.story_id)
        .where(story_articles.c.story_id.in_(select(window.c.story)))
        .group_by(story_articles.c.story_id)
        .having(func.count() > 1)
    )
    return {*(await conn.execute(several)).scalars()}


def _with_story(*where: ColumnElement[bool]) -> Subquery:
    """Join matches, articles and stories; `lead` is the first article of each story. A lone one has none."""
    story = func.coalesce(story_articles.c.story_id, -articles.c.id)
    lead = func.min(articles.c.id).over(partition_by=story)
    return (
        select(
            matches.c.seq,
            articles.c.id,
            articles.c.source,
            articles.c.sorted_at,
            story.label("story"),
            lead.label("lead"),
        )
        .select_from(matches)
        .join(articles, articles.c.id == matches.c.article_id)
        .outerjoin(story_articles, story_articles.c.article_id == articles.c.id)
        .where(*where)
        .subquery()
    )


async def elsewhere(
    conn: AsyncConnection, topic: str, leads: Mapping[int, str]
) -> dict[int, tuple[Elsewhere, ...]]:
    """Say where else stories are told in a topic, by story: the first sources, each once, as they arrived.

    `leads` gives the source that speaks for each story.
    """
    listed: dict[int, dict[str, Elsewhere]] = {}
    wanted = sorted(leads)
    for start in range(0, len(wanted), BATCH):
        rows = await conn.execute(
            select(
                story_articles.c.story_id,
                articles.c.source,
                articles.c.title,
                articles.c.url,
                sources.c.title.label("source_title"),
            )
            .join(articles, articles.c.id == story_articles.c.article_id)
            .join(matches, and_(matches.c.article_id == articles.c.id, matches.c.topic == topic))
            .outerjoin(sources, sources.c.name == articles.c.source)
            .where(matches.c.active, story_articles.c.story_id.in_(wanted[start : start + BATCH]))
            .order_by(articles.c.id)
        )
        for row in rows:
            told = listed.setdefault(row.story_id, {})
            if row.source not in (leads[row.story_id], *told) and len(told) < LISTED:
                told[row.source] = Elsewhere(
                    source=row.source_title or row.source, url=row.url, title=row.title
                )
    return {story: tuple(told.values()) for story, told in listed.items() if told}
