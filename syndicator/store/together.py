"""All topics together: the newest articles of the whole site, each once, and the topics that each is in.

Articles are looked at newest first until enough are found, so that the cost does not grow with the archive.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, exists, func, literal, select, true, tuple_

from syndicator.store import leads
from syndicator.store.articles import BATCH, stored
from syndicator.store.matches import public_address
from syndicator.store.schema import articles, matches, sources, story_articles, topics

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import ColumnElement, Row
    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.model import StoredArticle

CHUNKS: Final = 20  # of BATCH articles that are looked at: where one source fills them, the feed is short


def within(hidden: Collection[str]) -> ColumnElement[bool]:
    """Choose what is in any topic that there is but `hidden` ones."""
    return and_(matches.c.active, once_within(hidden))


def once_within(hidden: Collection[str]) -> ColumnElement[bool]:
    """Choose what is or was in any topic that there is but `hidden` ones."""
    shown = select(topics.c.slug).where(topics.c.configured, topics.c.slug.not_in(sorted(hidden)))
    return matches.c.topic.in_(shown)


async def newest(
    conn: AsyncConnection,
    *,
    hidden: Collection[str],
    tell_all: Collection[str],
    limit: int,
    per_source: int,
) -> list[tuple[StoredArticle, tuple[str, ...]]]:
    """Read the newest articles of all topics but `hidden` ones, at most `per_source` of each source.

    Each comes with its topics. A story is told by the article that came first, but for topics in `tell_all`.
    """
    which = within(hidden)
    chosen = await _choose(conn, which, tell_all, limit=limit, per_source=per_source)
    ids = [row.id for row in chosen]
    speaking = {row.story: row.source for row in chosen if row.story is not None}
    also_in = await leads.elsewhere(conn, which, speaking) if speaking else {}
    rows = await conn.execute(
        select(
            articles, sources.c.title.label("source_title"), sources.c.homepage,
            sources.c.configured_url.label("source_url"),
        )
        .outerjoin(sources, sources.c.name == articles.c.source)
        .where(articles.c.id.in_(ids))
    )  # fmt: skip
    whole = {row.id: row for row in rows}
    filed = await _filed(conn, which, ids)
    return [(_stored(whole[row.id], row.story, also_in.get(row.story, ())), filed[row.id]) for row in chosen]


def _stored(row: Row[*tuple[Any, ...]], story: int | None, also_in: tuple[Any, ...]) -> StoredArticle:
    return stored(
        row,
        source_title=row.source_title or row.source,
        source_url=public_address(row.source_url or "", row.homepage or ""),
        source_home=row.homepage or "",
        story=story or 0,
        also_in=also_in,
    )


async def _choose(
    conn: AsyncConnection,
    which: ColumnElement[bool],
    tell_all: Collection[str],
    *,
    limit: int,
    per_source: int,
) -> list[Row[*tuple[Any, ...]]]:
    """Choose id, source, sorted_at and story of what is shown, newest first."""
    chosen: list[Row[*tuple[Any, ...]]] = []
    counted: dict[str, int] = {}
    last: Row[*tuple[Any, ...]] | None = None
    for _ in range(CHUNKS):
        rows = (await conn.execute(_after(which, last))).all()
        kept = await _leading(conn, which, tell_all, rows)
        for row in rows:
            if row.id in kept and counted.get(row.source, 0) < per_source:
                counted[row.source] = counted.get(row.source, 0) + 1
                chosen.append(row)
        if len(chosen) >= limit or len(rows) < BATCH:
            break
        last = rows[-1]
    return chosen[:limit]


def _after(which: ColumnElement[bool], last: Row[*tuple[Any, ...]] | None) -> Any:
    order = (articles.c.sorted_at, articles.c.id)
    here = (
        tuple_(*order) < tuple_(literal(last.sorted_at, order[0].type), literal(last.id, order[1].type))
        if last
        else true()
    )
    is_shown = exists().where(matches.c.article_id == articles.c.id, which)
    return (
        select(
            articles.c.id, articles.c.source, articles.c.sorted_at, story_articles.c.story_id.label("story")
        )
        .outerjoin(story_articles, story_articles.c.article_id == articles.c.id)
        .where(is_shown, here)
        .order_by(*(column.desc() for column in order))
        .limit(BATCH)
    )


async def _leading(
    conn: AsyncConnection,
    which: ColumnElement[bool],
    tell_all: Collection[str],
    rows: Sequence[Row[*tuple[Any, ...]]],
) -> set[int]:
    """Tell which of these articles speak for a story, or for none but themselves."""
    told = sorted({row.story for row in rows if row.story is not None})
    first = await conn.execute(
        select(func.min(matches.c.article_id))
        .join(story_articles, story_articles.c.article_id == matches.c.article_id)
        .where(story_articles.c.story_id.in_(told), which)
        .group_by(story_articles.c.story_id)
    )
    kept = {*first.scalars(), *(row.id for row in rows if row.story is None)}
    if tell_all:
        ids = [row.id for row in rows]
        in_these = (matches.c.article_id.in_(ids), matches.c.topic.in_(sorted(tell_all)), which)
        kept.update((await conn.execute(select(matches.c.article_id).where(*in_these))).scalars())
    return kept


async def _filed(
    conn: AsyncConnection, which: ColumnElement[bool], ids: Sequence[int]
) -> dict[int, tuple[str, ...]]:
    """Name the topics of articles, sorted."""
    found: dict[int, list[str]] = {id_: [] for id_ in ids}
    rows = await conn.execute(
        select(matches.c.article_id, matches.c.topic).where(matches.c.article_id.in_(ids), which)
    )
    for row in rows:
        found[row.article_id].append(row.topic)
    return {id_: tuple(sorted(slugs)) for id_, slugs in found.items()}
