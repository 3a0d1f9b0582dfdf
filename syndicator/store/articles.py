"""Articles: stored once per (source, key), changed only when a reader would see it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, true, update

from syndicator.model import Article, Enclosure, StoredArticle
from syndicator.store.schema import articles, sources

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from datetime import datetime

    from sqlalchemy import Row
    from sqlalchemy.ext.asyncio import AsyncConnection

BATCH = 500  # rows a statement: below every driver's limit on parameters


def stored(row: Row[*tuple[Any, ...]], **more: Any) -> StoredArticle:
    """Make a StoredArticle of a row that has all columns of `articles`, and of `more` fields."""
    article = Article(
        source=row.source,
        key=row.key,
        guid=row.guid,
        url=row.url,
        title=row.title,
        published_at=row.published_at,
        updated_at=row.updated_at,
        authors=tuple(row.authors),
        tags=tuple(row.tags),
        language=row.language,
        summary=row.summary,
        content_html=row.content_html,
        text=row.text,
        image=row.image,
        enclosures=tuple(Enclosure(**enclosure) for enclosure in row.enclosures),
        fingerprint=row.fingerprint,
    )
    return StoredArticle(
        id=row.id, article=article, arrived_at=row.arrived_at, changed_at=row.changed_at, **more
    )


def _values(article: Article, arrived_at: datetime, changed_at: datetime) -> dict[str, Any]:
    published = article.published_at
    return asdict(article) | {
        "authors": list(article.authors),
        "tags": list(article.tags),
        "enclosures": [asdict(enclosure) for enclosure in article.enclosures],
        "arrived_at": arrived_at,
        "changed_at": changed_at,
        "sorted_at": min(published, arrived_at) if published else arrived_at,
    }


async def upsert(
    conn: AsyncConnection, source: str, found: Sequence[Article], *, now: datetime
) -> list[StoredArticle]:
    """Store what is new or changed of one source's articles; return just those, oldest first.

    Older articles get lower ids, so that arrival follows publication within one pull. Batches keep each
    statement short; the whole is one transaction of the caller.
    """
    touched: list[StoredArticle] = []
    ordered = sorted(found, key=lambda article: article.published_at or now)
    for start in range(0, len(ordered), BATCH):
        batch = ordered[start : start + BATCH]
        rows = await conn.execute(
            select(articles.c.id, articles.c.key, articles.c.fingerprint, articles.c.arrived_at).where(
                articles.c.source == source, articles.c.key.in_([article.key for article in batch])
            )
        )
        known = {row.key: row for row in rows}
        new = [article for article in batch if article.key not in known]
        changed = [a for a in batch if a.key in known and known[a.key].fingerprint != a.fingerprint]
        touched += await _insert(conn, new, now)
        touched += await _update(conn, [(known[article.key], article) for article in changed], now)
    return touched


async def _insert(conn: AsyncConnection, new: Sequence[Article], now: datetime) -> list[StoredArticle]:
    if not new:
        return []
    ids = await conn.execute(
        articles.insert().returning(articles.c.id, sort_by_parameter_order=True),
        [_values(article, now, now) for article in new],
    )
    return [
        StoredArticle(id=row.id, article=article, arrived_at=now, changed_at=now)
        for row, article in zip(ids, new, strict=True)
    ]


async def _update(
    conn: AsyncConnection, changed: Sequence[tuple[Row[*tuple[Any, ...]], Article]], now: datetime
) -> list[StoredArticle]:
    if not changed:
        return []
    await conn.execute(
        update(articles).where(articles.c.id == bindparam("row_id")),
        [_values(article, row.arrived_at, now) | {"row_id": row.id} for row, article in changed],
    )
    return [
        StoredArticle(id=row.id, article=article, arrived_at=row.arrived_at, changed_at=now)
        for row, article in changed
    ]


async def scan(
    conn: AsyncConnection, *, changed_since: datetime | None = None, chunk: int = BATCH
) -> AsyncIterator[list[StoredArticle]]:
    """Read the archive in chunks, oldest arrival first: all of it, or what changed since an instant."""
    after = 0
    which = articles.c.changed_at >= changed_since if changed_since else true()
    while True:
        rows = (
            await conn.execute(
                select(articles, sources.c.title.label("source_title"))
                .outerjoin(sources, sources.c.name == articles.c.source)
                .where(articles.c.id > after, which)
                .order_by(articles.c.id)
                .limit(chunk)
            )
        ).all()
        if not rows:
            return
        after = rows[-1].id
        yield [stored(row, source_title=row.source_title or "") for row in rows]
