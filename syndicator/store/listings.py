"""The archive of mails that readers see: of a topic's editions of a day and language, one is listed.

A day has many editions of a topic: for its own hour and for the hours that readers chose, and within a run
for whoever came late, was away, or was told a story before. They tell the same day. Listed is what stands
highest: an edition of the topic's own slot before one of another, `instant` last; among those the one that
most readers got, for it is the mail of the day where others are somebody's catching up; then the fullest.
An edition of several topics is one reader's choice of them and in no list.

Rows follow the ledger: written in the transaction that closes a run, once for all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, func, or_, select

from syndicator.store.articles import BATCH
from syndicator.store.dialect import insert
from syndicator.store.schema import articles, deliveries, editions, listed_editions, slot_runs

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Row
    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.store.editions import SlotRun

HEADLINES: Final = 5  # that a listing tells

_LISTED: Final = listed_editions.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One edition in a topic's archive."""

    topic: str
    local_date: str
    language: str
    edition: str
    subject: str
    articles: int
    headlines: tuple[tuple[int, str], ...]  # article and title (empty where it has none), the first ones
    at: datetime  # when its slot fired


async def record(conn: AsyncConnection, run: SlotRun, own: Collection[str]) -> None:
    """List what a run that is over has made; `own` are the topics whose own slot it was."""
    best: dict[tuple[str, str], tuple[tuple[int, int, int], Row[*tuple[Any, ...]]]] = {}
    for row in await _made(conn, run.id):
        if len(row.topics) != 1:
            continue
        topic = row.topics[0]
        standing = 2 if topic in own else 0 if run.slot.startswith("instant@") else 1
        worth = (standing, row.readers, row.articles)
        place = (topic, row.language)
        if place not in best or best[place][0] < worth:
            best[place] = worth, row
    shown = {place: list(row.shown[:HEADLINES]) for place, (_, row) in best.items()}
    titles = await _titles(conn, {id_ for ids in shown.values() for id_ in ids})
    for (topic, language), ((standing, readers, amount), row) in best.items():
        values = {
            "edition_id": row.id, "standing": standing, "readers": readers, "articles": amount,
            "at": run.fired_at,
            "headlines": [[id_, titles.get(id_, "")] for id_ in shown[topic, language]],
        }  # fmt: skip
        await _put(conn, {"topic": topic, "local_date": run.local_date[:10], "language": language}, values)


async def _made(conn: AsyncConnection, run_id: int) -> Sequence[Row[*tuple[Any, ...]]]:
    readers = select(func.count()).where(deliveries.c.edition_id == editions.c.id).scalar_subquery()
    columns = (editions.c.id, editions.c.topics, editions.c.language, editions.c.articles, editions.c.shown)
    made = select(*columns, readers.label("readers")).where(editions.c.run_id == run_id)
    return (await conn.execute(made.order_by(editions.c.id))).all()


async def _titles(conn: AsyncConnection, ids: Collection[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    wanted = sorted(ids)
    for start in range(0, len(wanted), BATCH):
        some = articles.c.id.in_(wanted[start : start + BATCH])
        found |= {
            row.id: row.title
            for row in await conn.execute(select(articles.c.id, articles.c.title).where(some))
        }
    return found


async def _put(conn: AsyncConnection, place: dict[str, str], values: dict[str, Any]) -> None:
    """Write a row, unless one is there that stands as high."""
    statement = insert(conn, listed_editions).values(place | values)
    new = statement.excluded
    is_better: Any = and_(new.standing == _LISTED.standing, new.readers == _LISTED.readers,
                          new.articles > _LISTED.articles)  # fmt: skip
    is_better = or_(is_better, and_(new.standing == _LISTED.standing, new.readers > _LISTED.readers))
    is_better = or_(is_better, new.standing > _LISTED.standing)
    await conn.execute(statement.on_conflict_do_update(index_elements=[*place], set_=values, where=is_better))


def _listing(row: Row[*tuple[Any, ...]]) -> Listing:
    return Listing(
        topic=row.topic,
        local_date=row.local_date,
        language=row.language,
        edition=row.edition_id,
        subject=row.subject,
        articles=row.articles,
        headlines=tuple((id_, title) for id_, title in row.headlines),
        at=row.at,
    )


_WITH_SUBJECT: Final = select(listed_editions, editions.c.subject).join(
    editions, editions.c.id == listed_editions.c.edition_id
)
_NEWEST: Final = (_LISTED.local_date.desc(), _LISTED.language)


async def of_topic(
    conn: AsyncConnection, topic: str, *, limit: int, before: tuple[str, str] | None = None
) -> list[Listing]:
    """Read a topic's archive, newest first, from the place `before` (local date, language) on if given."""
    statement = _WITH_SUBJECT.where(_LISTED.topic == topic).order_by(*_NEWEST).limit(limit)
    if before:
        date, language = before
        older = or_(_LISTED.local_date < date, and_(_LISTED.local_date == date, _LISTED.language > language))
        statement = statement.where(older)
    return [_listing(row) for row in await conn.execute(statement)]


async def newer(conn: AsyncConnection, topic: str, place: tuple[str, str], *, limit: int) -> list[Listing]:
    """Read what comes before a place (local date, language) in the archive, the nearest first."""
    date, language = place
    statement = _WITH_SUBJECT.where(
        _LISTED.topic == topic,
        or_(_LISTED.local_date > date, and_(_LISTED.local_date == date, _LISTED.language < language)),
    )
    rows = await conn.execute(statement.order_by(_LISTED.local_date, _LISTED.language.desc()).limit(limit))
    return [_listing(row) for row in rows]


async def beside(conn: AsyncConnection, topic: str, local_date: str, language: str) -> tuple[str, str]:
    """Name the editions before and after a day in one language; empty where there is none."""
    mine = (_LISTED.topic == topic, _LISTED.language == language)
    day = _LISTED.local_date
    before = select(_LISTED.edition_id).where(*mine, day < local_date).order_by(day.desc()).limit(1)
    after = select(_LISTED.edition_id).where(*mine, day > local_date).order_by(day).limit(1)
    return (await conn.scalar(before)) or "", (await conn.scalar(after)) or ""


async def get(conn: AsyncConnection, edition: str) -> Listing | None:
    """Read the row of an edition; None where it is not listed."""
    row = (await conn.execute(_WITH_SUBJECT.where(_LISTED.edition_id == edition))).first()
    return _listing(row) if row else None


async def date_of(conn: AsyncConnection, edition: str) -> str:
    """Say on which local date an edition was made, listed or not; empty where that is not known."""
    run = select(slot_runs.c.local_date).join(editions, editions.c.run_id == slot_runs.c.id)
    return str((await conn.scalar(run.where(editions.c.id == edition))) or "")[:10]


async def topics(conn: AsyncConnection, among: Iterable[str]) -> list[str]:
    """Name those topics of which anything is listed."""
    rows = await conn.execute(select(_LISTED.topic).where(_LISTED.topic.in_(list(among))).distinct())
    return sorted(rows.scalars())
