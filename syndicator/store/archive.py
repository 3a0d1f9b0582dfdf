"""The archive as rules see it: read newest first in small portions, and single articles by what one knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from sqlalchemy import func, literal, not_, or_, select, true, tuple_

from syndicator.model import Article, StoredArticle
from syndicator.store.articles import BATCH, stored
from syndicator.store.schema import articles, matches, story_articles

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import Row
    from sqlalchemy.ext.asyncio import AsyncConnection

Order: TypeAlias = Literal["published", "arrived"]
Place: TypeAlias = tuple["datetime", int]

# What rules read and what a list of articles shows; the HTML of a whole archive would be read for nothing.
_SEEN = tuple(
    articles.c[name]
    for name in (
        "id", "source", "key", "url", "title", "published_at", "authors", "tags", "language", "summary",
        "text", "arrived_at", "changed_at", "sorted_at",
    )
)  # fmt: skip


async def newest(
    conn: AsyncConnection,
    *,
    order: Order = "published",
    since: datetime | None = None,
    before: Place | None = None,
    limit: int,
) -> list[StoredArticle]:
    """Read articles newest first without their HTML: those before a `place`, published or arrived `since`."""
    statement, id_ = select(*_SEEN).limit(limit), articles.c.id
    if order == "arrived":  # ids rise with arrival
        statement = statement.where(articles.c.arrived_at >= since if since else true())
        statement = statement.where(id_ < before[1] if before else true()).order_by(id_.desc())
        return [_seen(row) for row in await conn.execute(statement)]
    key = articles.c.sorted_at
    statement = statement.where(key >= since if since else true()).order_by(key.desc(), id_.desc())
    if before:
        here = tuple_(literal(before[0], key.type), literal(before[1], id_.type))
        statement = statement.where(tuple_(key, id_) < here)
    return [_seen(row) for row in await conn.execute(statement)]


def place(found: StoredArticle, order: Order = "published") -> Place:
    """Return where an article stands, for `newest` to go on from."""
    return (found.sorted_at if order == "published" else found.arrived_at), found.id


async def count(conn: AsyncConnection) -> int:
    """Count the articles of the archive."""
    return await conn.scalar(select(func.count()).select_from(articles)) or 0


async def find(conn: AsyncConnection, words: str, *, limit: int) -> list[StoredArticle]:
    """Find articles by id, else by address, guid or key, else by a part of the title; newest first, whole."""
    ways: list[Any] = [
        or_(articles.c.url == words, articles.c.guid == words, articles.c.key == words),
        articles.c.title.icontains(words, autoescape=True),
    ]
    if words.isascii() and words.isdigit() and len(words) < 19:
        ways.insert(0, articles.c.id == int(words))
    for way in ways:
        if found := await _find(conn, way, limit):
            return found
    return []


async def _find(conn: AsyncConnection, which: Any, limit: int) -> list[StoredArticle]:
    order = (articles.c.sorted_at.desc(), articles.c.id.desc())
    rows = await conn.execute(select(articles).where(which).order_by(*order).limit(limit))
    return [stored(row) for row in rows]


async def standing(conn: AsyncConnection, topic: str, article_id: int) -> dict[str, Any] | None:
    """Read what is stored of an article in a topic: whether it is in, and whether digests may send it."""
    columns = [matches.c[name] for name in ("active", "backfill", "held", "score", "matched_at")]
    row = (
        await conn.execute(
            select(*columns).where(matches.c.topic == topic, matches.c.article_id == article_id)
        )
    ).first()
    return row._asdict() if row else None


class Sent(NamedTuple):
    """What decides whether a digest tells an article: its story, if it is in one, and what holds it back."""

    story: int | None = None
    held: bool = False  # by the flood guard, whatever the topic
    backfill: bool = False  # an edit found it, in the topic that was asked for


async def sendings(conn: AsyncConnection, topic: str, ids: Collection[int]) -> dict[int, Sent]:
    """Read of articles what digests of a topic heed; those of which nothing is known are left out."""
    found: dict[int, Sent] = {}
    stories = select(story_articles.c.article_id, story_articles.c.story_id)
    for row in await conn.execute(stories.where(story_articles.c.article_id.in_(ids))):
        found[row.article_id] = Sent(story=row.story_id)
    columns = (matches.c.article_id, matches.c.topic, matches.c.held, matches.c.backfill)
    for match in await conn.execute(select(*columns).where(matches.c.article_id.in_(ids))):
        now = found.get(match.article_id, Sent())
        backfill = now.backfill or (match.topic == topic and match.backfill)
        found[match.article_id] = now._replace(held=now.held or match.held, backfill=backfill)
    return found


async def told_before(
    conn: AsyncConnection, topic: str, stories: Collection[int], since: datetime
) -> set[int]:
    """Return those stories of which a topic's readers had an article that arrived before an instant."""
    listed, told = sorted(stories), set[int]()
    for start in range(0, len(listed), BATCH):
        found = (
            select(story_articles.c.story_id)
            .join(articles, articles.c.id == story_articles.c.article_id)
            .join(matches, matches.c.article_id == articles.c.id)
            .where(
                story_articles.c.story_id.in_(listed[start : start + BATCH]), articles.c.arrived_at < since
            )
            .where(matches.c.topic == topic, matches.c.active, not_(matches.c.backfill))
        )
        told.update(await conn.scalars(found))
    return told


def _seen(row: Row[*tuple[Any, ...]]) -> StoredArticle:
    article = Article(
        source=row.source,
        key=row.key,
        url=row.url,
        title=row.title,
        published_at=row.published_at,
        authors=tuple(row.authors),
        tags=tuple(row.tags),
        language=row.language,
        summary=row.summary,
        text=row.text,
    )
    return StoredArticle(id=row.id, article=article, arrived_at=row.arrived_at, changed_at=row.changed_at)
