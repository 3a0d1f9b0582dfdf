"""The archive of a topic (RFC 5005): every article that was ever in it, on pages that stay as they are.

A match waits until more than `PAGE` of its topic do; then the first of them become a page, numbered from the
oldest, and a copy of each article is kept there. Nothing but a retraction changes what a page holds: not an
edit of the rule, nor of the article (which then waits again, as it is now), nor its deletion.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, delete, exists, func, not_, select, update

from syndicator.store import snapshot
from syndicator.store.articles import BATCH
from syndicator.store.dialect import insert, lock_arrivals
from syndicator.store.matches import unarchived
from syndicator.store.retractions import Retraction, retraction
from syndicator.store.schema import articles, history, history_documents, matches, retractions

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.model import Document, StoredArticle

PAGE: Final = 50  # articles: a page for people stays below 60 KB


async def pages(conn: AsyncConnection, topic: str) -> int:
    """Count the full pages of a topic."""
    return await conn.scalar(select(func.max(history.c.page)).where(history.c.topic == topic)) or 0


async def reopen(conn: AsyncConnection, ids: Collection[int]) -> None:
    """Let changed articles wait for a page again: their archived copies show what they were."""
    listed = sorted(ids)
    for start in range(0, len(listed), BATCH):
        mine = matches.c.article_id.in_(listed[start : start + BATCH])
        await conn.execute(update(matches).where(mine, matches.c.archived).values(archived=False))


async def cut(conn: AsyncConnection, topic: str, *, most: int) -> int:
    """Fill up to `most` pages with what waits, as long as something is left; return how many.

    A page is full only when it has a successor: so it can name it, and need not change when it comes. Whoever
    changes articles or matches holds the arrivals' lock, so that nothing that was read here is old.
    """
    await lock_arrivals(conn, exclusive=True)
    found = await unarchived(conn, topic, limit=most * PAGE + 1)
    first = await pages(conn, topic) + 1
    full = (len(found) - 1) // PAGE
    rows: list[dict[str, Any]] = []
    for number, stored in enumerate(found[: full * PAGE]):
        page, place = divmod(number, PAGE)
        named = {"source": stored.article.source, "key": stored.article.key}
        where = {"topic": topic, "page": first + page, "place": place}
        rows.append(where | named | {"body": snapshot.write(stored)})
    for start in range(0, len(rows), BATCH):
        await conn.execute(insert(conn, history), rows[start : start + BATCH])
        seqs = [stored.seq for stored in found[start : min(start + BATCH, len(rows))]]
        await conn.execute(update(matches).where(matches.c.seq.in_(seqs)).values(archived=True))
    return max(full, 0)


_SAME: Final = and_(retractions.c.source == history.c.source, retractions.c.key == history.c.key)
_AT: Final = tuple(history.c[name] for name in ("topic", "page", "place"))


async def topics_of(conn: AsyncConnection, source: str, key: str) -> list[str]:
    """Name the topics that show an article on full pages."""
    mine = (history.c.source == source, history.c.key == key, not_(history.c.hidden))
    return list((await conn.execute(select(history.c.topic).where(*mine).distinct())).scalars())


async def find(conn: AsyncConnection, words: str, *, limit: int) -> list[StoredArticle]:
    """Find what full pages show by address, guid or key, else by a part of the title; each article once.

    Reads every page: for what is stored nowhere else.
    """
    exact: dict[tuple[str, str], StoredArticle] = {}
    partly: dict[tuple[str, str], StoredArticle] = {}
    every = select(history.c.topic, history.c.page).distinct().order_by(history.c.topic, history.c.page)
    for at in (await conn.execute(every)).all():
        for shown in await read(conn, at.topic, at.page):
            article = shown.article
            if words in (article.url, article.guid, article.key):
                exact[article.source, article.key] = shown
            elif words.casefold() in article.title.casefold() and len(partly) < limit:
                partly[article.source, article.key] = shown
    return list((exact or partly).values())[:limit]


async def exposed(conn: AsyncConnection) -> list[tuple[str, int, int]]:
    """Find what was retracted and still is on full pages: (topic, page, place)."""
    rows = await conn.execute(select(*_AT).join(retractions, _SAME).where(not_(history.c.hidden)))
    return [(row.topic, row.page, row.place) for row in rows]


async def hide(conn: AsyncConnection, found: Iterable[tuple[str, int, int]]) -> set[str]:
    """Hide for good what `exposed` found; its pages are outdated by that. Return their topics.

    What is restored waits for a new page: whoever has read the old one would not look there again.
    """
    touched = set()
    for topic, page, place in found:
        mine = (history.c.topic == topic, history.c.page == page, history.c.place == place)
        await conn.execute(update(history).where(*mine).values(hidden=True))
        same = and_(articles.c.source == history.c.source, articles.c.key == history.c.key)
        ids = select(articles.c.id).join(history, same).where(*mine)
        which = (matches.c.topic == topic, matches.c.article_id.in_(ids))
        await conn.execute(update(matches).where(*which).values(archived=False))
        documents = (history_documents.c.topic == topic, history_documents.c.page == page)
        await conn.execute(update(history_documents).where(*documents).values(made_with=""))
        touched.add(topic)
    return touched


async def retracted(conn: AsyncConnection, topic: str, page: int) -> list[Retraction]:
    """Read what was taken back of a page, the newest arrival first."""
    mine = (history.c.topic == topic, history.c.page == page)
    rows = await conn.execute(
        select(retractions).join(history, _SAME).where(*mine).order_by(history.c.place.desc())
    )
    return [retraction(row) for row in rows]


async def read(conn: AsyncConnection, topic: str, page: int) -> list[StoredArticle]:
    """Read what a full page shows, the newest arrival first."""
    rows = await conn.execute(
        select(history.c.body)
        .where(history.c.topic == topic, history.c.page == page, not_(history.c.hidden))
        .order_by(history.c.place.desc())
    )
    return [snapshot.read(row.body) for row in rows]


async def outdated(
    conn: AsyncConnection, topic: str, wanted: Mapping[str, str], *, limit: int
) -> dict[int, set[str]]:
    """Find formats of full pages that are missing or were made otherwise than `wanted`, by page.

    Up to `limit` pages for each format. Where nothing is, that is one count in an index for each.
    """
    full = await pages(conn, topic)
    found: dict[int, set[str]] = {}
    for format_, made_with in wanted.items():
        mine = (
            history_documents.c.topic == topic,
            history_documents.c.format == format_,
            history_documents.c.made_with == made_with,
        )
        if await conn.scalar(select(func.count()).where(*mine)) == full:
            continue
        made = exists().where(*mine, history_documents.c.page == history.c.page)
        lacking = await conn.execute(
            select(history.c.page)
            .where(history.c.topic == topic, history.c.place == 0, ~made)
            .order_by(history.c.page)
            .limit(limit)
        )
        for page in lacking.scalars():
            found.setdefault(page, set()).add(format_)
    return {page: found[page] for page in sorted(found)}


async def made(conn: AsyncConnection, topic: str, page: int) -> dict[str, tuple[str, str, datetime]]:
    """Read, by format, (made_with, etag, modified_at) of a page's documents."""
    columns = [history_documents.c[name] for name in ("format", "made_with", "etag", "modified_at")]
    rows = await conn.execute(
        select(*columns).where(history_documents.c.topic == topic, history_documents.c.page == page)
    )
    return {row.format: (row.made_with, row.etag, row.modified_at) for row in rows}


async def listed(
    conn: AsyncConnection, topic: str, *, formats: Collection[str], upto: int
) -> list[tuple[int, str, datetime]]:
    """Read which documents of these formats there are: (page, format, modified_at)."""
    columns = [history_documents.c[name] for name in ("page", "format", "modified_at")]
    mine = (
        history_documents.c.topic == topic,
        history_documents.c.format.in_(list(formats)),
        history_documents.c.page <= upto,
    )
    rows = await conn.execute(select(*columns).where(*mine).order_by(*columns))
    return [(row.page, row.format, row.modified_at) for row in rows]


async def document(
    conn: AsyncConnection, topic: str, page: int, format_: str
) -> tuple[bytes, str, datetime] | None:
    """Read a document: (its body in gzip, etag, modified_at); None if there is none."""
    columns = [history_documents.c[name] for name in ("body", "etag", "modified_at")]
    mine = (
        history_documents.c.topic == topic,
        history_documents.c.page == page,
        history_documents.c.format == format_,
    )
    row = (await conn.execute(select(*columns).where(*mine))).one_or_none()
    return (row.body, row.etag, row.modified_at) if row else None


async def put(
    conn: AsyncConnection, page: int, document: Document, compressed: bytes, *, made_with: str
) -> None:
    """Write a document of a page over its predecessor; `compressed` is its body in gzip."""
    values = {
        "made_with": made_with,
        "etag": document.etag,
        "modified_at": document.modified_at,
        "body": compressed,
    }
    await conn.execute(
        insert(conn, history_documents)
        .values(topic=document.topic, page=page, format=document.format, **values)
        .on_conflict_do_update(index_elements=["topic", "page", "format"], set_=values)
    )


async def has_documents(conn: AsyncConnection, topic: str) -> bool:
    """Whether anything of a topic's archive is published."""
    one = select(history_documents.c.page).where(history_documents.c.topic == topic).limit(1)
    return await conn.scalar(one) is not None


async def drop_documents(conn: AsyncConnection, topic: str, *, most: int) -> None:
    """Remove the documents of up to `most` pages, the newest first."""
    mine = history_documents.c.topic == topic
    some = (
        select(history_documents.c.page)
        .where(mine)
        .distinct()
        .order_by(history_documents.c.page.desc())
        .limit(most)
    )
    await conn.execute(delete(history_documents).where(mine, history_documents.c.page.in_(some)))


async def mapped(conn: AsyncConnection) -> list[str]:
    """Name the topics that publish full pages and a list of them, sorted."""
    listed = history_documents.c.page == 0
    return sorted((await conn.execute(select(history_documents.c.topic).where(listed))).scalars())
