"""Stories: which article is in which, what an admin decided, and the signatures that new articles meet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sqlalchemy import and_, delete, exists, func, or_, select, update

from syndicator.store.articles import BATCH
from syndicator.store.dialect import insert
from syndicator.store.schema import (
    articles,
    matches,
    signatures,
    sources,
    stories,
    story_articles,
    story_bars,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Row
    from sqlalchemy.ext.asyncio import AsyncConnection

CHUNK: Final = 20_000  # signatures read at once when a window is built


class Known(NamedTuple):
    """What is stored of an article that new ones are compared with."""

    features: bytes
    source: str
    at: datetime


class Place(NamedTuple):
    """Where an article is."""

    story: int
    pinned: bool


class Listed(NamedTuple):
    """A story in a list: its oldest article speaks for it."""

    id: int
    articles: int
    sources: int
    title: str
    newest_at: datetime


class Member(NamedTuple):
    """An article of a story, as an admin sees it."""

    id: int
    source: str
    title: str
    url: str
    at: datetime
    pinned: bool
    topics: tuple[str, ...]


async def signed(conn: AsyncConnection, *, after: int, since: datetime) -> Sequence[Row[*tuple[Any, ...]]]:
    """Read (seq, article_id, bands) of the next signatures after a number, of articles since an instant."""
    columns = (signatures.c.seq, signatures.c.article_id, signatures.c.bands)
    chosen = select(*columns).where(signatures.c.seq > after, signatures.c.at >= since)
    return (await conn.execute(chosen.order_by(signatures.c.seq).limit(CHUNK))).all()


async def sign(
    conn: AsyncConnection,
    found: Sequence[tuple[int, datetime, bytes, bytes]],
    *,
    again: Collection[int] = (),
) -> None:
    """Write the signatures of articles, (id, when, bands, features); those of `again` had one."""
    for batch in _batches(again):
        await conn.execute(delete(signatures).where(signatures.c.article_id.in_(batch)))
    rows = [dict(zip(("article_id", "at", "bands", "features"), each, strict=True)) for each in found]
    for start in range(0, len(rows), BATCH):
        await conn.execute(insert(conn, signatures), rows[start : start + BATCH])


async def known(conn: AsyncConnection, ids: Collection[int]) -> dict[int, Known]:
    """Read what is stored of these articles, by id."""
    found: dict[int, Known] = {}
    for batch in _batches(ids):
        rows = await conn.execute(
            select(signatures.c.article_id, signatures.c.features, articles.c.source, signatures.c.at)
            .join(articles, articles.c.id == signatures.c.article_id)
            .where(signatures.c.article_id.in_(batch))
        )
        found |= {row.article_id: Known(row.features, row.source, row.at) for row in rows}
    return found


async def places(conn: AsyncConnection, ids: Collection[int]) -> dict[int, Place]:
    """Read in which story these articles are, by article."""
    found: dict[int, Place] = {}
    for batch in _batches(ids):
        rows = await conn.execute(select(story_articles).where(story_articles.c.article_id.in_(batch)))
        found |= {row.article_id: Place(row.story_id, row.pinned) for row in rows}
    return found


async def members(conn: AsyncConnection, story_ids: Collection[int]) -> dict[int, list[int]]:
    """Read the articles of these stories, by story, oldest first."""
    found: dict[int, list[int]] = {id_: [] for id_ in story_ids}
    for batch in _batches(story_ids):
        rows = await conn.execute(
            select(story_articles.c.story_id, story_articles.c.article_id)
            .where(story_articles.c.story_id.in_(batch))
            .order_by(story_articles.c.article_id)
        )
        for row in rows:
            found[row.story_id].append(row.article_id)
    return found


async def bars(conn: AsyncConnection, story_ids: Collection[int]) -> set[tuple[int, int]]:
    """Read the bars that concern these stories."""
    found: set[tuple[int, int]] = set()
    for batch in _batches(story_ids):
        of_these = or_(story_bars.c.one.in_(batch), story_bars.c.other.in_(batch))
        found |= {(row.one, row.other) for row in await conn.execute(select(story_bars).where(of_these))}
    return found


async def leave(conn: AsyncConnection, ids: Collection[int]) -> None:
    """Take these articles out of their stories."""
    for batch in _batches(ids):
        await conn.execute(delete(story_articles).where(story_articles.c.article_id.in_(batch)))


async def begin(conn: AsyncConnection, ids: Sequence[int], *, now: datetime) -> dict[int, int]:
    """Give each of these articles, which are in no story, one of its own; return article → story."""
    made: dict[int, int] = {}
    for batch in _batches(ids):
        rows = await conn.execute(
            insert(conn, stories).returning(stories.c.id), [{"made_at": now} for _ in batch]
        )
        made |= dict(zip(batch, sorted(rows.scalars()), strict=True))
        values = [{"article_id": id_, "story_id": made[id_], "pinned": False} for id_ in batch]
        await conn.execute(insert(conn, story_articles), values)
    return made


async def merge(conn: AsyncConnection, ending: Mapping[int, int]) -> None:
    """End stories (ended → kept): the kept ones get their articles and their bars."""
    for ended, kept in ending.items():
        of_ended = story_articles.c.story_id == ended
        await conn.execute(update(story_articles).where(of_ended).values(story_id=kept))
    inherited = {
        tuple(sorted((ending.get(one, one), ending.get(other, other))))
        for one, other in await bars(conn, ending)
    }
    await _bar(conn, inherited)
    await drop_empty(conn, ending)


async def _bar(conn: AsyncConnection, pairs: Iterable[tuple[int, ...]]) -> None:
    rows = [{"one": one, "other": other} for one, other in sorted(pairs) if one != other]
    if rows:
        await conn.execute(insert(conn, story_bars).on_conflict_do_nothing(), rows)


async def drop_empty(conn: AsyncConnection, story_ids: Collection[int]) -> None:
    """Delete those of these stories that have no article any more."""
    lived_in = exists().where(story_articles.c.story_id == stories.c.id)
    for batch in _batches(story_ids):
        await conn.execute(delete(stories).where(stories.c.id.in_(batch), ~lived_in))


async def split(conn: AsyncConnection, story: int, ids: Sequence[int], *, now: datetime) -> int:
    """Take articles out of a story into a new one; return it. The two never become one by themselves."""
    made = await conn.scalar(insert(conn, stories).values(made_at=now).returning(stories.c.id)) or 0
    moved = story_articles.c.article_id.in_(list(ids))
    await conn.execute(update(story_articles).where(moved).values(story_id=made, pinned=True))
    await _bar(conn, [(min(story, made), max(story, made))])
    older = await bars(conn, [story])
    await _bar(conn, [tuple(sorted((made, other if one == story else one))) for one, other in older])
    return made


async def join(conn: AsyncConnection, story_ids: Collection[int]) -> int:
    """Make stories one, which stays so whatever their articles become; return it. Bars between them go."""
    kept = min(story_ids)
    listed = list(story_ids)
    between = and_(story_bars.c.one.in_(listed), story_bars.c.other.in_(listed))
    await conn.execute(delete(story_bars).where(between))
    await conn.execute(
        update(story_articles).where(story_articles.c.story_id.in_(listed)).values(pinned=True)
    )
    await merge(conn, {each: kept for each in listed if each != kept})
    return kept


async def topics_of(conn: AsyncConnection, story_ids: Collection[int]) -> set[str]:
    """Name the topics that show articles of these stories."""
    found: set[str] = set()
    for batch in _batches(story_ids):
        rows = await conn.execute(
            select(matches.c.topic)
            .join(story_articles, story_articles.c.article_id == matches.c.article_id)
            .where(story_articles.c.story_id.in_(batch), matches.c.active)
            .distinct()
        )
        found |= set(rows.scalars())
    return found


async def list_all(conn: AsyncConnection, *, limit: int, topic: str = "") -> list[Listed]:
    """List stories of more than one article, the newest first."""
    table = story_articles.join(articles, articles.c.id == story_articles.c.article_id)
    count = func.count(story_articles.c.article_id)
    newest = func.max(articles.c.sorted_at)
    chosen = (
        select(
            story_articles.c.story_id, count, func.count(articles.c.source.distinct()),
            func.min(articles.c.id).label("lead"), newest.label("newest"),
        )
        .select_from(table)
        .group_by(story_articles.c.story_id)
        .having(count > 1)
        .order_by(newest.desc(), story_articles.c.story_id.desc())
        .limit(limit)
    )  # fmt: skip
    if topic:
        shown = exists().where(
            matches.c.article_id == articles.c.id, matches.c.topic == topic, matches.c.active
        )
        chosen = chosen.where(shown)
    inner = chosen.subquery()
    rows = await conn.execute(
        select(inner, articles.c.title)
        .join(articles, articles.c.id == inner.c.lead)
        .order_by(inner.c.newest.desc(), inner.c.story_id.desc())
    )
    return [Listed(row[0], row[1], row[2], row.title, row.newest) for row in rows]


async def show(conn: AsyncConnection, story: int) -> list[Member]:
    """Read the articles of a story, oldest first; empty if there is none such."""
    rows = (
        await conn.execute(
            select(articles, story_articles.c.pinned, sources.c.title.label("source_title"))
            .join(story_articles, story_articles.c.article_id == articles.c.id)
            .outerjoin(sources, sources.c.name == articles.c.source)
            .where(story_articles.c.story_id == story)
            .order_by(articles.c.id)
        )
    ).all()
    listed: dict[int, list[str]] = {}
    for row in await conn.execute(
        select(matches.c.article_id, matches.c.topic)
        .where(matches.c.article_id.in_([each.id for each in rows]), matches.c.active)
        .order_by(matches.c.topic)
    ):
        listed.setdefault(row.article_id, []).append(row.topic)
    return [_member(row, listed.get(row.id, ())) for row in rows]


def _member(row: Row[*tuple[Any, ...]], topics: Iterable[str]) -> Member:
    return Member(
        id=row.id,
        source=row.source,
        title=row.title,
        url=row.url,
        at=row.sorted_at,
        pinned=row.pinned,
        topics=tuple(topics),
    )


async def forget(conn: AsyncConnection, *, before: datetime) -> None:
    """Delete the signatures of articles that no new one is compared with any more."""
    await conn.execute(delete(signatures).where(signatures.c.at < before))


def _batches(ids: Collection[int]) -> Iterator[list[int]]:
    listed = sorted(ids)
    for start in range(0, len(listed), BATCH):
        yield listed[start : start + BATCH]
