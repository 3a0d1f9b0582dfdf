"""Each story once: which article speaks for it in a topic, and where else it was told.

The lead is the article that came first. So its place and its name in feeds stay as they are, whoever tells
the story later; only "also in" grows. Where its source has no more room in a feed (`per_source`), the next
source that has some speaks for the story, in the same place and under the same name.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime  # noqa: TC003  a field's type
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sqlalchemy import and_, exists, func, not_, or_, select, true

from syndicator.model import Elsewhere
from syndicator.store.articles import BATCH
from syndicator.store.schema import articles, matches, sources, story_articles

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import ColumnElement, Row, Select, Subquery
    from sqlalchemy.ext.asyncio import AsyncConnection

LISTED: Final = 10  # sources of one story beside the first: pages and mails have an end
SPILLED: Final = 200


class Chosen(NamedTuple):
    """An article that speaks for a story; `lead` is the one that came first, 0 if it did itself."""

    id: int
    story: int
    at: datetime
    source: str
    lead: int


def ranked(topic: str, *, once: bool) -> Subquery:
    """Choose what a topic may show: seq, id, story, sorted_at, and its `place` within its source."""
    found = _with_story(matches.c.topic == topic, matches.c.active)
    shown = select(found).where(found.c.id == found.c.lead) if once else select(found)
    each = shown.subquery()
    newest = (each.c.sorted_at.desc(), each.c.id.desc())
    place = func.row_number().over(partition_by=each.c.source, order_by=newest)
    columns = (each.c.seq, each.c.id, each.c.story, each.c.sorted_at, each.c.source)
    return select(*columns, place.label("place")).subquery()


async def chosen(
    conn: AsyncConnection, topic: str, *, limit: int, per_source: int, once: bool = True
) -> list[Chosen]:
    """Choose what a feed shows: newest first, of each source no more than `per_source`.

    Of the stories whose own source has no room only the newest `SPILLED` are looked at.
    """
    found = ranked(topic, once=once)
    newest = (found.c.sorted_at.desc(), found.c.id.desc())
    with_room = select(found).where(found.c.place <= per_source).order_by(*newest).limit(limit)
    own = [_one(row) for row in await conn.execute(with_room)]
    if not once or not own:
        return own
    last = own[-1].at if len(own) == limit else None
    spilled = [_one(row) for row in await conn.execute(_spilled(topic, found, per_source, last))]
    return await share(conn, topic, own, spilled, limit=limit, per_source=per_source)


async def share(
    conn: AsyncConnection,
    topic: str,
    own: Sequence[Chosen],
    spilled: Sequence[Chosen],
    *,
    limit: int,
    per_source: int,
) -> list[Chosen]:
    """Let stories whose source has no room (`spilled`) be told by the next source that has some.

    Of those that another source tells too only the newest `SPILLED` are looked at; both lists are newest
    first, and `own` has no more than `limit`.
    """
    last = own[-1].at if len(own) == limit else None
    recent = [each for each in spilled if last is None or each.at >= last]
    if not recent:
        return list(own)
    told = await _tellers(conn, topic, [*own, *recent])
    several = [each for each in recent if len(told.get(each.story, ())) > 1]
    leads = sorted([*own, *several[:SPILLED]], key=lambda each: (each.at, each.id), reverse=True)
    return _with_room(leads, told, limit, per_source)


def _one(row: Row[*tuple[Any, ...]]) -> Chosen:
    return Chosen(row.id, row.story, row.sorted_at, row.source, 0)


def walked(row: Row[*tuple[Any, ...]]) -> Chosen:
    """Make one of a row of `walk.choose`, where an article that tells no story has none."""
    return Chosen(row.id, -row.id if row.story is None else row.story, row.sorted_at, row.source, 0)


def _spilled(topic: str, found: Subquery, per_source: int, last: datetime | None) -> Select[Any]:
    """Select the newest stories (since `last`) whose own source has no room, and that another tells too."""
    match, place, article = matches.alias(), story_articles.alias(), articles.alias()
    by_another = exists().where(
        place.c.story_id == found.c.story,
        article.c.id == place.c.article_id,
        article.c.source != found.c.source,
        match.c.article_id == place.c.article_id,
        match.c.topic == topic,
        match.c.active,
    )
    since = true() if last is None else found.c.sorted_at >= last
    return (
        select(found)
        .where(found.c.place > per_source, since, by_another)
        .order_by(found.c.sorted_at.desc(), found.c.id.desc())
        .limit(SPILLED)
    )


async def _tellers(conn: AsyncConnection, topic: str, leads: Sequence[Chosen]) -> dict[int, list[Chosen]]:
    """Read who tells these stories in a topic, by story: the first of each source, as they arrived."""
    found: dict[int, dict[str, Chosen]] = {}
    asked = [lead.story for lead in leads if lead.story > 0]
    for start in range(0, len(asked), BATCH):
        each = _with_story(
            matches.c.topic == topic,
            matches.c.active,
            story_articles.c.story_id.in_(asked[start : start + BATCH]),
        )
        columns = (each.c.id, each.c.story, each.c.sorted_at, each.c.source)
        for row in await conn.execute(select(*columns).order_by(each.c.id)):
            found.setdefault(row.story, {}).setdefault(row.source, _one(row))
    return {story: list(told.values()) for story, told in found.items()}


def _with_room(
    leads: Sequence[Chosen], tellers: Mapping[int, Sequence[Chosen]], limit: int, per_source: int
) -> list[Chosen]:
    """Let the first source with room speak for each story, the newest story first."""
    taken: Counter[str] = Counter()
    shown: list[Chosen] = []
    for lead in leads:
        speakers = (each for each in tellers.get(lead.story, [lead]) if taken[each.source] < per_source)
        if len(shown) < limit and (speaker := next(speakers, None)):
            taken[speaker.source] += 1
            shown.append(speaker._replace(lead=0 if speaker.id == lead.id else lead.id))
    return shown


def in_window(topic: str, *, after: int, upto: int, told: Collection[int] | None) -> Subquery:
    """Choose what a digest's window holds: seq and story.

    `told` are stories that the reader was shown, which are left out; of others the first article in the
    window speaks. None: every article, whatever story it tells.
    """
    inside = (
        matches.c.topic == topic,
        matches.c.active,
        not_(matches.c.backfill),
        matches.c.seq > after,
        matches.c.seq <= upto,
    )
    found = _with_story(*inside)
    if told is None:
        return found
    return select(found).where(found.c.id == found.c.lead, found.c.story.not_in(sorted(told))).subquery()


async def continued(conn: AsyncConnection, topic: str, *, after: int, upto: int) -> dict[int, int]:
    """Name the stories in a window that a reader may have been told, each with its last match there.

    They have more than one article, or one that another topic holds too, whose mails come at another time.
    """
    window = in_window(topic, after=after, upto=upto, told=None)
    place, other = story_articles.alias(), matches.alias()
    is_told_again = exists().where(place.c.story_id == window.c.story, place.c.article_id != window.c.id)
    is_elsewhere = exists().where(other.c.article_id == window.c.id, other.c.topic != topic)
    rows = await conn.execute(
        select(window.c.story, func.max(window.c.seq).label("last"))
        .where(or_(is_told_again, is_elsewhere))
        .group_by(window.c.story)
    )
    return {row.story: row.last for row in rows}


def _with_story(*where: ColumnElement[bool]) -> Subquery:
    """Join matches, articles and stories; `lead` is the first article of each story. A lone one has none."""
    story = func.coalesce(story_articles.c.story_id, -articles.c.id)
    lead = func.min(articles.c.id).over(partition_by=story)
    return (
        select(
            matches.c.seq,
            articles.c.id,
            articles.c.source,
            articles.c.sorted_at,
            story.label("story"),
            lead.label("lead"),
        )
        .select_from(matches)
        .join(articles, articles.c.id == matches.c.article_id)
        .outerjoin(story_articles, story_articles.c.article_id == articles.c.id)
        .where(*where)
        .subquery()
    )


async def elsewhere(
    conn: AsyncConnection, within: ColumnElement[bool], leads: Mapping[int, str]
) -> dict[int, tuple[Elsewhere, ...]]:
    """Say where else stories are told, by story: the first sources, each once, as they arrived.

    `within` chooses matches, by their topic; `leads` gives the source that speaks for each story.
    """
    listed: dict[int, dict[str, Elsewhere]] = {}
    wanted = sorted(leads)
    for start in range(0, len(wanted), BATCH):
        rows = await conn.execute(
            select(
                story_articles.c.story_id,
                articles.c.source,
                articles.c.title,
                articles.c.url,
                sources.c.title.label("source_title"),
            )
            .join(articles, articles.c.id == story_articles.c.article_id)
            .join(matches, and_(matches.c.article_id == articles.c.id, within))
            .outerjoin(sources, sources.c.name == articles.c.source)
            .where(matches.c.active, story_articles.c.story_id.in_(wanted[start : start + BATCH]))
            .order_by(articles.c.id)
        )
        for row in rows:
            told = listed.setdefault(row.story_id, {})
            if row.source not in (leads[row.story_id], *told) and len(told) < LISTED:
                told[row.source] = Elsewhere(
                    source=row.source_title or row.source, url=row.url, title=row.title
                )
    return {story: tuple(told.values()) for story, told in listed.items() if told}
