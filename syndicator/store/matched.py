"""Articles as they stand in a topic: rows of matches with what belongs to them → `StoredArticle`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from syndicator.store import leads
from syndicator.store.articles import public_address, stored
from syndicator.store.schema import articles, matches, sources

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.model import StoredArticle


def with_article(*more: ColumnElement[Any]) -> Select[Any]:
    """Begin to read matches with their articles and what is known of their sources, and `more`."""
    return (
        select(
            articles, matches.c.seq, matches.c.score, matches.c.because,
            sources.c.title.label("source_title"), sources.c.homepage,
            sources.c.configured_url.label("source_url"), *more,
        )
        .select_from(matches)
        .join(articles, articles.c.id == matches.c.article_id)
        .outerjoin(sources, sources.c.name == articles.c.source)
    )  # fmt: skip


async def read(conn: AsyncConnection, statement: Select[Any], once_in: str = "") -> list[StoredArticle]:
    """Read articles; in the topic `once_in` they speak for their stories."""
    rows = (await conn.execute(statement)).all()
    speaking = {row.story: row.source for row in rows if row.story > 0} if once_in else {}
    also_in = await leads.elsewhere(conn, matches.c.topic == once_in, speaking) if speaking else {}
    return [
        stored(
            row,
            seq=row.seq,
            score=row.score,
            because=tuple(row.because),
            source_title=row.source_title or row.source,
            source_url=public_address(row.source_url or "", row.homepage or ""),
            source_home=row.homepage or "",
            story=max(row.story, 0) if once_in else 0,
            also_in=also_in.get(row.story, ()),
        )
        for row in rows
    ]
