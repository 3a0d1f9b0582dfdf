"""Retention: what no feed has shown for a long time is deleted with its matches; its names stay."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, delete, exists, func, not_, or_, select

from syndicator.model import Publish
from syndicator.store import leads, names, stories
from syndicator.store.schema import article_keys, articles, matches, sources, subscriptions

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row
    from sqlalchemy.ext.asyncio import AsyncConnection

TOMBSTONES: Final = timedelta(days=730)  # that names outlive their article by
SHORTEST: Final = 2 * names.GRAIN  # below it we could not tell what a feed still shows
CHUNK: Final = 200  # articles looked at in one statement


async def purge(
    conn: AsyncConnection,
    *,
    now: datetime,
    keep: timedelta,
    limit: int,
    publish: Mapping[str, Publish] | None = None,
    tell_all: Collection[str] = (),
) -> int:
    """Delete up to `limit` articles that no feed has shown for `keep`; return how many it were.

    Articles stay that the last document of their source still held (a feed may answer 304 for years), that a
    topic's documents hold (`publish`: how, by slug; topics in `tell_all` show each article of a story), or
    that wait for a digest or for a page of an archive. Call it again as long as it returns `limit`. Names
    become tombstones, and go after `TOMBSTONES`.
    """
    before = now - max(keep, SHORTEST)
    done, after = 0, None
    documents = _Documents(conn, publish or {}, tell_all)
    while done < limit and (rows := await _candidates(conn, before, after)):
        after = (rows[-1].sorted_at, rows[-1].id)
        ids = [row.id for row in rows if _is_over(row, before)]
        needed = await _needed(conn, ids, documents)
        ids = [id_ for id_ in ids if id_ not in needed][: limit - done]
        if ids:
            await names.bury(conn, ids, now=now)
            left = {place.story for place in (await stories.places(conn, ids)).values()}
            await conn.execute(delete(articles).where(articles.c.id.in_(ids)))
            await stories.drop_empty(conn, left)
            done += len(ids)
    old = (article_keys.c.article_id.is_(None), article_keys.c.noted_at < now - TOMBSTONES)
    await conn.execute(delete(article_keys).where(*old))
    return done


async def _candidates(
    conn: AsyncConnection, before: datetime, after: tuple[datetime, int] | None
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Read a chunk of the articles not noted since `before`, oldest first."""
    last_noted = (
        select(func.max(article_keys.c.noted_at))
        .where(article_keys.c.article_id == articles.c.id)
        .scalar_subquery()
    )
    table = articles.outerjoin(sources, sources.c.name == articles.c.source)
    where: list[ColumnElement[bool]] = [
        articles.c.sorted_at < before,
        articles.c.arrived_at < before,
        func.coalesce(last_noted, articles.c.arrived_at) < before,
    ]
    if after:
        at, id_ = after
        where.append(or_(articles.c.sorted_at > at, and_(articles.c.sorted_at == at, articles.c.id > id_)))
    columns = (sources.c.configured, sources.c.last_change_at, sources.c.last_success_at)
    rows = await conn.execute(
        select(articles.c.id, articles.c.sorted_at, last_noted.label("noted_at"), *columns)
        .select_from(table)
        .where(*where)
        .order_by(articles.c.sorted_at, articles.c.id)
        .limit(CHUNK)
    )
    return rows.all()


def _is_over(row: Row[*tuple[Any, ...]], before: datetime) -> bool:
    """Whether the source's last document did not hold it; of a source that is gone nothing is shown."""
    if not row.configured or row.last_success_at is None or row.last_success_at < before:
        return True
    shown_since = (row.last_change_at or row.last_success_at) - names.GRAIN
    return row.noted_at is None or bool(row.noted_at < shown_since)


async def _needed(
    conn: AsyncConnection,
    ids: Collection[int],
    documents: _Documents,
) -> set[int]:
    """Find those of these articles that a document holds, or a digest has yet to send."""
    if not ids:
        return set()
    of_these = matches.c.article_id.in_(ids)
    slugs = (
        await conn.execute(select(matches.c.topic).where(of_these, matches.c.active).distinct())
    ).scalars()
    needed: set[int] = set()
    for slug in slugs.all():
        needed |= await documents.of(slug)
    waits = exists().where(
        subscriptions.c.topic == matches.c.topic,
        subscriptions.c.state.in_(("active", "paused")),
        subscriptions.c.cursor < matches.c.seq,
    )
    is_unsent = and_(matches.c.active, or_(not_(matches.c.backfill), matches.c.held), waits)
    is_unarchived = and_(matches.c.active, not_(matches.c.archived), matches.c.topic.in_(documents.archived))
    kept = await conn.execute(select(matches.c.article_id).where(of_these, or_(is_unsent, is_unarchived)))
    return {*needed, *kept.scalars()}


class _Documents:
    """The ids of the articles that topics' documents hold, as `matches.newest` chooses them."""

    def __init__(
        self, conn: AsyncConnection, publish: Mapping[str, Publish], tell_all: Collection[str]
    ) -> None:
        self._conn, self._publish, self._tell_all = conn, publish, tell_all
        self._known: dict[str, frozenset[int]] = {}
        self.archived = [slug for slug, how in publish.items() if how.items and not how.private]

    async def of(self, slug: str) -> frozenset[int]:
        """Give those of one topic; of a story that is shown all, for it says where else it is told."""
        if slug not in self._known:
            is_once = slug not in self._tell_all
            how = self._publish.get(slug, Publish())
            shown = await leads.chosen(
                self._conn, slug, limit=how.items, per_source=how.per_source, once=is_once
            )
            told = await stories.members(self._conn, {each.story for each in shown}) if is_once else {}
            self._known[slug] = frozenset([each.id for each in shown]).union(*told.values())
        return self._known[slug]
