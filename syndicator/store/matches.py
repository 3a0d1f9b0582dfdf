"""Matches: which article is in which topic, and the windows that feeds and digests cut from them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, func, literal, not_, select, update

from syndicator.store import leads, retractions, walk
from syndicator.store.articles import BATCH
from syndicator.store.dialect import insert, lock_arrivals
from syndicator.store.matched import read, with_article
from syndicator.store.schema import articles, matches, story_articles

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row
    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.model import Match, StoredArticle


async def record(
    conn: AsyncConnection,
    found: Mapping[int, Sequence[Match]],
    *,
    now: datetime,
    backfill: bool = False,
    topics: Iterable[str] | None = None,
    held: Collection[int] = (),
    quiet: Collection[int] = (),
    fresh: Collection[int] = (),
) -> set[str]:
    """Write the matches of some articles (by id); return the slugs of topics that changed.

    What an article no longer matches becomes inactive, within `topics` if given. A match that returns keeps
    its number, so it is never mailed twice. `backfill` marks what an edited rule found: no digest sends it;
    nor what the flood guard holds back, the articles `held`, until `release`. Of `quiet` articles only
    matches that come or go change a topic. `fresh` articles were stored just now and have no matches yet.
    """
    await lock_arrivals(conn, exclusive=False)
    changed: set[str] = set()
    ids = sorted(found)
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        taken_back = await retractions.among(conn, batch)
        wanted = {
            (match.topic, article_id): match
            for article_id in batch
            if article_id not in taken_back
            for match in found[article_id]
        }
        known = await _known(conn, [article_id for article_id in batch if article_id not in fresh], topics)
        gone = {place: row.seq for place, row in known.items() if row.active and place not in wanted}
        new = [
            _values(match, place[1], now, backfill or place[1] in held, held=place[1] in held)
            for place, match in wanted.items()
            if place not in known
        ]
        if gone:
            await conn.execute(update(matches).where(matches.c.seq.in_(gone.values())).values(active=False))
        if new:
            await conn.execute(insert(conn, matches), new)
        await _restate(conn, known, wanted)
        # What is wanted counts as changed in any case, if its article is new or changed noticeably.
        shown = {place for place, row in known.items() if row.active}
        changed |= {topic for topic, _ in gone}
        changed |= {topic for topic, id_ in wanted if id_ not in quiet or (topic, id_) not in shown}
    return changed


async def _known(
    conn: AsyncConnection, batch: Sequence[int], topics: Iterable[str] | None
) -> dict[tuple[str, int], Row[*tuple[Any, ...]]]:
    """Read the matches of some articles, active or not, by (topic, article)."""
    if not batch:
        return {}
    scope = [matches.c.article_id.in_(batch)]
    if topics is not None:
        scope.append(matches.c.topic.in_(list(topics)))
    columns = (matches.c[name] for name in ("seq", "topic", "article_id", "score", "because", "active"))
    rows = await conn.execute(select(*columns).where(*scope))
    return {(row.topic, row.article_id): row for row in rows}


async def _restate(
    conn: AsyncConnection,
    known: Mapping[tuple[str, int], Row[*tuple[Any, ...]]],
    wanted: Mapping[tuple[str, int], Match],
) -> None:
    """Bring score, reason and activity of known matches up to date."""
    for place, match in wanted.items():
        row = known.get(place)
        said = {"score": round(match.score), "because": list(match.because), "active": True}
        if row and any(getattr(row, name) != value for name, value in said.items()):
            await conn.execute(update(matches).where(matches.c.seq == row.seq).values(said))


def _values(match: Match, article_id: int, now: datetime, backfill: bool, *, held: bool) -> dict[str, Any]:
    return {
        "topic": match.topic,
        "article_id": article_id,
        "score": round(match.score),
        "because": list(match.because),
        "active": True,
        "backfill": backfill,
        "held": held,
        "matched_at": now,
    }


async def release(conn: AsyncConnection, source: str, *, now: datetime) -> int:
    """Let go what the flood guard holds back of a source: it arrives now, for digests; return how many."""
    of_source = select(articles.c.id).where(articles.c.source == source)
    return await _arrive(conn, and_(matches.c.held, matches.c.article_id.in_(of_source)), now)


async def release_edit(conn: AsyncConnection, topic: str, *, since: datetime, now: datetime) -> int:
    """Let go what edits of a topic's rule found in the archive, published `since`; return how many.

    What the flood guard holds stays held.
    """
    recent = select(articles.c.id).where(articles.c.sorted_at >= since)
    mine = and_(matches.c.topic == topic, matches.c.active, matches.c.backfill, not_(matches.c.held))
    return await _arrive(conn, and_(mine, matches.c.article_id.in_(recent)), now)


async def _arrive(conn: AsyncConnection, which: ColumnElement[bool], now: datetime) -> int:
    """Let matches arrive now, with new numbers in their old order, for windows are cut by number."""
    await lock_arrivals(conn, exclusive=False)
    columns = [matches.c[name] for name in ("topic", "article_id", "score", "because", "active", "archived")]
    taken = await conn.execute(delete(matches).where(which).returning(matches.c.seq, *columns))
    rows = sorted(taken.all(), key=lambda row: int(row.seq))
    values = [
        {**{column.name: getattr(row, column.name) for column in columns}, "backfill": False, "held": False}
        for row in rows
    ]
    for start in range(0, len(values), BATCH):
        await conn.execute(
            insert(conn, matches), [value | {"matched_at": now} for value in values[start : start + BATCH]]
        )
    return len(values)


async def held_by_source(conn: AsyncConnection) -> dict[str, int]:
    """Count the articles with matches that the flood guard holds back, by source."""
    rows = await conn.execute(
        select(articles.c.source, func.count(matches.c.article_id.distinct()))
        .join(matches, matches.c.article_id == articles.c.id)
        .where(matches.c.held)
        .group_by(articles.c.source)
    )
    return {row[0]: row[1] for row in rows}


async def newest(
    conn: AsyncConnection, topic: str, *, limit: int, per_source: int | None = None, once: bool = False
) -> list[StoredArticle]:
    """Read a topic's newest articles, newest first, at most `per_source` of each source.

    `once`: of each story only one article, which says where else it is told: that which came first, or the
    next whose source has room (`leads.chosen`). It is named after the first.
    """
    order = (articles.c.sorted_at.desc(), articles.c.id.desc())
    if await walk.is_worth(conn, topic):
        mine = and_(matches.c.topic == topic, matches.c.active)
        most = limit if per_source is None else per_source
        spilled: list[Row[*tuple[Any, ...]]] = []
        own, is_whole = await walk.choose(
            conn, mine, limit=limit, per_source=most, once=once, spilled=spilled, chunks=walk.FEW
        )
        if is_whole:
            chosen = [leads.walked(row) for row in own]
            if once:
                more = [leads.walked(row) for row in spilled]
                chosen = await leads.share(conn, topic, chosen, more, limit=limit, per_source=most)
            return await _chosen(conn, topic, chosen, once=once)
    ranked = leads.ranked(topic, once=once)
    statement = with_article(ranked.c.story).join(ranked, ranked.c.seq == matches.c.seq)
    if once and per_source is not None:
        shown = await leads.chosen(conn, topic, limit=limit, per_source=per_source)
        return await _chosen(conn, topic, shown, once=True)
    if per_source is not None:
        statement = statement.where(ranked.c.place <= per_source)
    return await read(conn, statement.order_by(*order).limit(limit), topic if once else "")


async def unarchived(conn: AsyncConnection, topic: str, *, limit: int) -> list[StoredArticle]:
    """Read the first arrivals in a topic that its archive does not hold as they are now."""
    statement = with_article(literal(0).label("story"))
    mine = (matches.c.topic == topic, not_(matches.c.archived), matches.c.active)
    return await read(conn, statement.where(*mine).order_by(matches.c.seq).limit(limit))


async def _chosen(
    conn: AsyncConnection, topic: str, shown: Sequence[leads.Chosen], *, once: bool
) -> list[StoredArticle]:
    story = func.coalesce(story_articles.c.story_id, -articles.c.id).label("story")
    statement = with_article(story).outerjoin(story_articles, story_articles.c.article_id == articles.c.id)
    found: dict[int, StoredArticle] = {}
    for start in range(0, len(shown), BATCH):
        these = matches.c.article_id.in_([each.id for each in shown[start : start + BATCH]])
        listed = await read(conn, statement.where(matches.c.topic == topic, these), topic if once else "")
        found |= {one.id: one for one in listed}
    first = await _names(conn, [each.lead for each in shown if each.lead])
    return [
        replace(found[each.id], entry=first[each.lead]) if each.lead else found[each.id] for each in shown
    ]


async def _names(conn: AsyncConnection, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Read source and key of articles."""
    columns = (articles.c.id, articles.c.source, articles.c.key)
    rows = await conn.execute(select(*columns).where(articles.c.id.in_(ids))) if ids else ()
    return {row.id: (row.source, row.key) for row in rows}


async def count(
    conn: AsyncConnection, topic: str, *, after: int, upto: int, told: Collection[int] | None = None
) -> int:
    """Count what a digest's window holds; `told` as in `leads.in_window`."""
    inside = leads.in_window(topic, after=after, upto=upto, told=told)
    return await conn.scalar(select(func.count()).select_from(inside)) or 0


async def cut(conn: AsyncConnection) -> int:
    """Close the window: the highest match number, with none below it still on its way."""
    await lock_arrivals(conn, exclusive=True)
    return await conn.scalar(select(func.max(matches.c.seq))) or 0


async def newest_seq(conn: AsyncConnection) -> int:
    """Read the highest match number that can be seen now; `cut` is the one to end a window with."""
    return await conn.scalar(select(func.max(matches.c.seq))) or 0


async def last(conn: AsyncConnection, topic: str, *, upto: int) -> int:
    """Find a topic's last match up to a number; 0 where it has none."""
    return (
        await conn.scalar(
            select(func.max(matches.c.seq)).where(matches.c.topic == topic, matches.c.seq <= upto)
        )
        or 0
    )


async def before(conn: AsyncConnection, instant: datetime) -> int:
    """Find the last match number given before an instant: where a first window begins."""
    return await conn.scalar(select(func.max(matches.c.seq)).where(matches.c.matched_at < instant)) or 0


async def counts(conn: AsyncConnection) -> dict[str, tuple[int, datetime | None]]:
    """Count by topic: (articles, when the newest of them arrived)."""
    counted = (
        select(matches.c.topic, func.count().label("total"), func.max(matches.c.article_id).label("newest"))
        .where(matches.c.active)
        .group_by(matches.c.topic)
        .subquery()
    )  # ids rise with arrival
    rows = await conn.execute(
        select(counted, articles.c.arrived_at).join(articles, articles.c.id == counted.c.newest)
    )
    return {row.topic: (row.total, row.arrived_at) for row in rows}
