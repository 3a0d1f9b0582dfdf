"""What a digest's window holds: first the figures that rank it, then the articles that are told."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select

from syndicator.model import Candidate, Speaker
from syndicator.store import leads
from syndicator.store.articles import BATCH
from syndicator.store.matched import read, with_article
from syndicator.store.matches import count
from syndicator.store.schema import articles, matches, story_articles

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Row
    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.model import StoredArticle

POOL: Final = 1_000  # candidates of one window that are ranked; of more the best matches


async def candidates(
    conn: AsyncConnection, topic: str, *, after: int, upto: int, told: Collection[int] | None = None
) -> tuple[list[Candidate], int]:
    """Read what a window holds, without its words: (candidates, how many there are in all).

    `told` as in `leads.in_window`: given, each story is one candidate, and none if it was told.
    """
    total = await count(conn, topic, after=after, upto=upto, told=told)
    if not total:
        return [], 0
    inside = leads.in_window(topic, after=after, upto=upto, told=told)
    newest = (matches.c.score.desc(), inside.c.sorted_at.desc(), inside.c.seq.desc())
    statement = (
        select(
            inside.c.id, inside.c.source, inside.c.sorted_at, inside.c.story,
            matches.c.score, articles.c.language, func.length(articles.c.text).label("characters"),
        )
        .join(matches, matches.c.seq == inside.c.seq)
        .join(articles, articles.c.id == inside.c.id)
        .order_by(*newest)
        .limit(POOL)
    )  # fmt: skip
    rows = (await conn.execute(statement)).all()
    tellers = await _tellers(conn, topic, [row.story for row in rows if row.story > 0])
    within = range(after + 1, upto + 1)
    return [_candidate(row, tellers.get(row.story, ()), within, once=told is not None) for row in rows], total


def _candidate(
    row: Row[*tuple[Any, ...]], tellers: Sequence[Row[*tuple[Any, ...]]], within: range, *, once: bool
) -> Candidate:
    speakers = {row.source: Speaker(row.id, row.source)}
    for each in tellers if once else ():
        if each.seq in within and not each.backfill:
            speakers.setdefault(each.source, Speaker(each.id, each.source))
    return Candidate(
        speakers=tuple(speakers.values()),
        score=row.score,
        at=row.sorted_at,
        characters=row.characters,
        language=row.language,
        story=max(row.story, 0),
        sources=len({row.source, *(each.source for each in tellers)}),
    )


async def _tellers(
    conn: AsyncConnection, topic: str, stories: Sequence[int]
) -> dict[int, list[Row[*tuple[Any, ...]]]]:
    """Read who tells these stories in a topic, in the window or not, as they arrived."""
    found: dict[int, list[Row[*tuple[Any, ...]]]] = defaultdict(list)
    asked = sorted(set(stories))
    for start in range(0, len(asked), BATCH):
        statement = (
            select(
                story_articles.c.story_id, articles.c.id, articles.c.source, matches.c.seq, matches.c.backfill
            )
            .join(articles, articles.c.id == story_articles.c.article_id)
            .join(matches, matches.c.article_id == articles.c.id)
            .where(story_articles.c.story_id.in_(asked[start : start + BATCH]))
            .where(matches.c.topic == topic, matches.c.active)
            .order_by(articles.c.id)
        )
        for row in await conn.execute(statement):
            found[row.story_id].append(row)
    return found


async def told(
    conn: AsyncConnection, topic: str, ids: Sequence[int], *, once: bool
) -> dict[int, StoredArticle]:
    """Read articles of a topic by id, in which they still are; `once`: each speaks for its story."""
    story = func.coalesce(story_articles.c.story_id, -articles.c.id).label("story")
    statement = (
        with_article(story)
        .outerjoin(story_articles, story_articles.c.article_id == articles.c.id)
        .where(matches.c.topic == topic, matches.c.active)
    )
    found: dict[int, StoredArticle] = {}
    for start in range(0, len(ids), BATCH):
        these = statement.where(articles.c.id.in_(ids[start : start + BATCH]))
        found |= {one.id: one for one in await read(conn, these, topic if once else "")}
    return found
