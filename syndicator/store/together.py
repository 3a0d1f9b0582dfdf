"""All topics together: the newest articles of the whole site, each once, and the topics that each is in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, select

from syndicator.store import leads, walk
from syndicator.store.articles import stored
from syndicator.store.matches import public_address
from syndicator.store.schema import articles, matches, sources, topics

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import ColumnElement, Row
    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.model import StoredArticle


def within(hidden: Collection[str]) -> ColumnElement[bool]:
    """Choose what is in any topic that there is but `hidden` ones."""
    return and_(matches.c.active, once_within(hidden))


def once_within(hidden: Collection[str]) -> ColumnElement[bool]:
    """Choose what is or was in any topic that there is but `hidden` ones."""
    shown = select(topics.c.slug).where(topics.c.configured, topics.c.slug.not_in(sorted(hidden)))
    # Not the bare column: an index would be asked for each topic that there is, instead of for the article.
    return matches.c.topic.concat("").in_(shown)


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
    chosen, _ = await walk.choose(conn, which, tell_all=tell_all, limit=limit, per_source=per_source)
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
