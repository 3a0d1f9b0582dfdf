"""What readers search in: the folded words of articles, kept up beside other work, read in portions.

`haystacks` is derived: whatever it lacks is found again, so nobody who stores articles needs to know of it.
It is looked through newest arrival first, and looking ends with enough hits: no list of all words has to be
kept with each article (which costs more than storing it), and both databases find the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sqlalchemy import and_, exists, literal, or_, select

from syndicator.store.articles import stored
from syndicator.store.dialect import insert, limit_time, position
from syndicator.store.schema import articles, haystacks, matches, sources
from syndicator.store.schema import topics as topics_

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.model import StoredArticle

PATIENCE: Final = 3.0  # seconds for a statement of a search, where the database can end it
FORM: Final = "1"  # of the words; raise it when folding or `haystack` changes, and all are made anew


class Unread(NamedTuple):
    """An article whose words are not in the haystack as they are now."""

    id: int
    version: str
    title: str
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    summary: str
    text: str


async def below(conn: AsyncConnection, id_: int | None, count: int) -> int | None:
    """Find where a stretch of `count` articles ends that begins below `id_`; None: there are fewer."""
    rest = (articles.c.id < id_,) if id_ else ()
    return await conn.scalar(
        select(articles.c.id).where(*rest).order_by(articles.c.id.desc()).offset(count - 1).limit(1)
    )


async def unread(conn: AsyncConnection, *, since: int, before: int | None, limit: int) -> list[Unread]:
    """Read articles with an id in [since, before) that are in a topic and whose words are missing or old."""
    version = literal(f"{FORM}:") + articles.c.fingerprint
    columns = (articles.c[name] for name in ("id", "title", "authors", "tags", "summary", "text"))
    statement = (
        select(version.label("version"), *columns)
        .outerjoin(haystacks, haystacks.c.article_id == articles.c.id)
        .where(articles.c.id >= since, *((articles.c.id < before,) if before else ()))
        .where(or_(haystacks.c.article_id.is_(None), haystacks.c.version != version))
        .where(exists().where(matches.c.article_id == articles.c.id, matches.c.active))
        .order_by(articles.c.id.desc())
        .limit(limit)
    )
    return [
        Unread(r.id, r.version, r.title, tuple(r.authors), tuple(r.tags), r.summary, r.text)
        for r in await conn.execute(statement)
    ]


async def put(conn: AsyncConnection, words: Mapping[tuple[int, str], str]) -> None:
    """Write the words of articles, by (id, version). One that was purged meanwhile is left out."""
    ids = [id_ for id_, _ in words]
    there = set((await conn.execute(select(articles.c.id).where(articles.c.id.in_(ids)))).scalars())
    values = [
        {"article_id": id_, "version": version, "words": said}
        for (id_, version), said in words.items()
        if id_ in there
    ]
    if values:
        made = insert(conn, haystacks)
        new = {"version": made.excluded.version, "words": made.excluded.words}
        await conn.execute(made.on_conflict_do_update(index_elements=["article_id"], set_=new), values)


class Scope(NamedTuple):
    """Where to look: in one topic, or, if it is empty, in all that are configured but the `hidden`."""

    topic: str
    hidden: Collection[str] = ()


class Portion(NamedTuple):
    """What one look found: ids of articles, newest first, and where to go on below; None: that was all."""

    ids: list[int]
    reached: int | None


async def look(
    conn: AsyncConnection,
    groups: Sequence[Sequence[str]],
    without: Sequence[str],
    *,
    scope: Scope,
    before: int | None,
    size: int,
    limit: int,
) -> Portion:
    """Look through the next `size` articles of `scope` with ids below `before`, for up to `limit` articles.

    Each of `groups` must have one of its needles in the words, and none of `without` may be there.
    """
    await limit_time(conn, PATIENCE)
    inside = _inside(scope)
    rest = (matches.c.article_id < before,) if before else ()
    ids = select(matches.c.article_id).where(inside, *rest).distinct()
    end = await conn.scalar(ids.order_by(matches.c.article_id.desc()).offset(size - 1).limit(1))
    here = [haystacks.c.article_id >= end] if end else []
    if before:
        here.append(haystacks.c.article_id < before)
    wanted = [or_(*(_has(conn, needle) for needle in group)) for group in groups]
    unwanted = [~_has(conn, needle) for needle in without]
    is_shown = exists().where(matches.c.article_id == haystacks.c.article_id, inside)
    found = await conn.execute(
        select(haystacks.c.article_id)
        .where(*here, *wanted, *unwanted, is_shown)
        .order_by(haystacks.c.article_id.desc())
        .limit(limit)
    )
    hits = list(found.scalars())
    return Portion(hits, hits[-1] if len(hits) == limit else end)


def _inside(scope: Scope) -> ColumnElement[bool]:
    if scope.topic:
        return and_(matches.c.topic == scope.topic, matches.c.active)
    configured = select(topics_.c.slug).where(topics_.c.configured)
    inside = and_(matches.c.topic.in_(configured), matches.c.active)
    return and_(inside, matches.c.topic.not_in(scope.hidden)) if scope.hidden else inside


def _has(conn: AsyncConnection, needle: str) -> ColumnElement[bool]:
    return position(conn, haystacks.c.words, needle) > 0


async def arrived(conn: AsyncConnection, id_: int) -> datetime | None:
    """Tell when an article came in, or the nearest one after it."""
    later = select(articles.c.arrived_at).where(articles.c.id >= id_)
    return await conn.scalar(later.order_by(articles.c.id).limit(1))


async def read(conn: AsyncConnection, ids: Sequence[int]) -> list[tuple[StoredArticle, list[str]]]:
    """Read found articles in the order of `ids`, each with the topics that it is in."""
    table = articles.outerjoin(sources, sources.c.name == articles.c.source)
    title = sources.c.title.label("source_title")
    rows = await conn.execute(select(articles, title).select_from(table).where(articles.c.id.in_(ids)))
    found = {row.id: stored(row, source_title=row.source_title or row.source) for row in rows}
    places = await conn.execute(
        select(matches.c.article_id, matches.c.topic)
        .where(matches.c.article_id.in_(ids), matches.c.active)
        .order_by(matches.c.topic)
    )
    slugs: dict[int, list[str]] = {}
    for row in places:
        slugs.setdefault(row.article_id, []).append(row.topic)
    return [(found[id_], slugs.get(id_, [])) for id_ in ids if id_ in found]
