"""Each story once: which article speaks for it in a topic, and where else it was told.

The lead is the article that came first. So its place and its name in feeds stay as they are, whoever tells
the story later; only "also in" grows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, exists, func, not_, select

from syndicator.model import Elsewhere
from syndicator.store.articles import BATCH
from syndicator.store.schema import articles, matches, sources, story_articles

if TYPE_CHECKING:
    from collections.abc import Mapping

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


def in_window(topic: str, *, after: int, upto: int, told: int | None) -> Subquery:
    """Choose what a digest's window holds: seq and story.

    `told` is the last match that the reader's digests covered: a story of which they had an article is left
    out. None: every article, whatever story it tells.
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
    earlier, other = matches.alias(), story_articles.alias()
    # One within the other, so that SQLite goes by the story's few articles and not by all earlier matches.
    was_sent = exists().where(
        earlier.c.topic == topic,
        earlier.c.article_id == other.c.article_id,
        earlier.c.active,
        not_(earlier.c.backfill),
        earlier.c.seq <= told,
    )
    was_told = exists().where(other.c.story_id == found.c.story, was_sent)
    return select(found).where(found.c.id == found.c.lead, ~was_told).subquery()


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
    conn: AsyncConnection, within: ColumnElement[bool], leads: Mapping[int, str]
) -> dict[int, tuple[Elsewhere, ...]]:
    """Say where else stories are told, by story: the first sources, each once, as they arrived.

    `within` chooses matches, by their topic; `leads` gives the source that speaks for each story.
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
            .join(matches, and_(matches.c.article_id == articles.c.id, within))
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
