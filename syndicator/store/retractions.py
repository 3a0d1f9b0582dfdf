"""Retractions: articles that an admin took back. They are in no topic until restored, whatever the rules say.

Their matches are switched off, so that whoever reads active matches (feeds, pages, archives, digests,
stories) passes them over without knowing of it; `matches.record` asks `among` before it switches any on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sqlalchemy import and_, bindparam, delete, exists, select, update

from syndicator.store.dialect import insert, lock_arrivals
from syndicator.store.schema import articles, matches, retractions

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row
    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.model import StoredArticle

_SAME: Final = and_(articles.c.source == retractions.c.source, articles.c.key == retractions.c.key)
_AMONG: Final = (
    select(articles.c.id).join(retractions, _SAME).where(articles.c.id.in_(bindparam("ids", expanding=True)))
)


class Retraction(NamedTuple):
    """What was taken back, when and why; `sorted_at` is the article's place in feeds."""

    source: str
    key: str
    title: str
    url: str
    reason: str
    by: str
    at: datetime
    sorted_at: datetime


async def retract(
    conn: AsyncConnection, stored: StoredArticle, *, reason: str, by: str, now: datetime
) -> list[str]:
    """Take an article back; return the topics that it was in. A second time renews reason and author."""
    await lock_arrivals(conn, exclusive=True)  # no pull that is under way may switch its matches on again
    article = stored.article
    values: dict[str, Any] = {
        "source": article.source, "key": article.key, "title": article.title, "url": article.url,
        "reason": reason, "by": by, "at": now, "sorted_at": stored.sorted_at,
    }  # fmt: skip
    statement = insert(conn, retractions).values(values)
    said = {name: values[name] for name in ("reason", "by")}
    await conn.execute(statement.on_conflict_do_update(index_elements=["source", "key"], set_=said))
    mine = (matches.c.article_id == stored.id, matches.c.active)
    off = await conn.execute(update(matches).where(*mine).values(active=False).returning(matches.c.topic))
    return sorted(off.scalars())


async def restore(conn: AsyncConnection, source: str, key: str) -> bool:
    """Take a retraction back; whether there was one. Its matches are for the caller to find anew."""
    await lock_arrivals(conn, exclusive=True)
    done = await conn.execute(
        delete(retractions).where(retractions.c.source == source, retractions.c.key == key)
    )
    return bool(done.rowcount)


async def among(conn: AsyncConnection, ids: Collection[int]) -> set[int]:
    """Tell which of these articles were taken back."""
    return set((await conn.execute(_AMONG, {"ids": sorted(ids)})).scalars()) if ids else set()


async def addresses(conn: AsyncConnection, ids: Collection[int]) -> dict[int, str]:
    """Tell which of these articles were taken back, each with its address; none of what is purged."""
    statement = select(articles.c.id, articles.c.url).join(retractions, _SAME)
    rows = await conn.execute(statement.where(articles.c.id.in_(sorted(ids)))) if ids else ()
    return {row.id: row.url for row in rows}


async def get(conn: AsyncConnection, source: str, key: str) -> Retraction | None:
    """Read what was said of an article, or None."""
    mine = (retractions.c.source == source, retractions.c.key == key)
    row = (await conn.execute(select(retractions).where(*mine))).first()
    return retraction(row) if row else None


async def list_all(conn: AsyncConnection, *, limit: int) -> list[Retraction]:
    """Read what was taken back, the last first; of what is purged, too."""
    order = (retractions.c.at.desc(), retractions.c.source, retractions.c.key)
    return [retraction(row) for row in await conn.execute(select(retractions).order_by(*order).limit(limit))]


async def find(conn: AsyncConnection, name: str, *, limit: int) -> list[Retraction]:
    """Find by address or key what was taken back."""
    called = (retractions.c.url == name) | (retractions.c.key == name)
    return [retraction(row) for row in await conn.execute(select(retractions).where(called).limit(limit))]


async def of_topic(conn: AsyncConnection, topic: str, *, limit: int) -> list[Retraction]:
    """Read what was taken back of a topic, as long as its article is kept; the newest article first."""
    return await of_topics(conn, matches.c.topic == topic, limit=limit)


async def of_topics(conn: AsyncConnection, which: ColumnElement[bool], *, limit: int) -> list[Retraction]:
    """Read the same of several topics; `which` chooses matches, by their topic."""
    was_in = exists().where(which, matches.c.article_id == articles.c.id)
    order = (retractions.c.sorted_at.desc(), articles.c.id.desc())  # each database sorts names otherwise
    rows = await conn.execute(
        select(retractions).join(articles, _SAME).where(was_in).order_by(*order).limit(limit)
    )
    return [retraction(row) for row in rows]


def retraction(row: Row[*tuple[Any, ...]]) -> Retraction:
    """Make a Retraction of a row that has its columns."""
    listed: Sequence[Any] = [getattr(row, name) for name in Retraction._fields]
    return Retraction(*listed)
