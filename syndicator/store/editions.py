"""Slot runs and the editions they made: the ledger of digests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Literal

from sqlalchemy import func, select, update

from syndicator.model import Edition
from syndicator.store.articles import BATCH
from syndicator.store.dialect import insert
from syndicator.store.schema import articles, deliveries, editions, slot_runs, story_articles

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import Row
    from sqlalchemy.ext.asyncio import AsyncConnection


CLOCKS: Final = timedelta(days=1)  # by which two hosts may differ
_HEADS: Final = select(
    *(column for column in editions.c if column.name not in ("html", "text")),
    func.substr(editions.c.html, 1, 0).label("html"),
    func.substr(editions.c.text, 1, 0).label("text"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotRun:
    """One run of a slot: unique by local date, its window cut at match number `cutoff`."""

    id: int
    slot: str
    local_date: str
    fired_at: datetime
    cutoff: int
    state: str  # open, done, late
    editions: int = 0
    deliveries: int = 0


def _run(row: Row[*tuple[Any, ...]]) -> SlotRun:
    return SlotRun(
        id=row.id,
        slot=row.slot,
        local_date=row.local_date,
        fired_at=row.fired_at,
        cutoff=row.cutoff,
        state=row.state,
        editions=row.editions,
        deliveries=row.deliveries,
    )


async def run_of(conn: AsyncConnection, slot: str, local_date: str) -> SlotRun | None:
    """Read the run of a slot on a local date."""
    row = (
        await conn.execute(
            select(slot_runs).where(slot_runs.c.slot == slot, slot_runs.c.local_date == local_date)
        )
    ).first()
    return _run(row) if row else None


async def begun(conn: AsyncConnection, since: datetime) -> set[tuple[str, str]]:
    """Name the runs that fired since an instant, by (slot, local date)."""
    columns = (slot_runs.c.slot, slot_runs.c.local_date)
    rows = await conn.execute(select(*columns).where(slot_runs.c.fired_at >= since))
    return {(row.slot, row.local_date) for row in rows}


async def last_run(conn: AsyncConnection, slot: str) -> SlotRun | None:
    """Read the newest run of a slot."""
    of_slot = select(slot_runs).where(slot_runs.c.slot == slot)
    statement = of_slot.order_by(slot_runs.c.local_date.desc()).limit(1)
    row = (await conn.execute(statement)).first()
    return _run(row) if row else None


async def open_run(
    conn: AsyncConnection, slot: str, local_date: str, *, fired_at: datetime, cutoff: int, now: datetime
) -> None:
    """Begin a run; nothing happens where another host has begun it."""
    statement = insert(conn, slot_runs).values(
        slot=slot, local_date=local_date, fired_at=fired_at, cutoff=cutoff, state="open", created_at=now
    )
    await conn.execute(statement.on_conflict_do_nothing(index_elements=["slot", "local_date"]))


async def open_runs(conn: AsyncConnection) -> list[SlotRun]:
    """Read the runs that are not finished, oldest first."""
    rows = await conn.execute(select(slot_runs).where(slot_runs.c.state == "open").order_by(slot_runs.c.id))
    return [_run(row) for row in rows]


async def lock_run(conn: AsyncConnection, run_id: int) -> bool:
    """Hold a run until this transaction ends; False if it is finished or another host holds it."""
    row = await conn.execute(
        select(slot_runs.c.id)
        .where(slot_runs.c.id == run_id, slot_runs.c.state == "open")
        .with_for_update(skip_locked=True)
    )
    return row.first() is not None


async def close_run(conn: AsyncConnection, run_id: int, *, state: Literal["done", "late"] = "done") -> None:
    """Finish a run."""
    await conn.execute(update(slot_runs).where(slot_runs.c.id == run_id).values(state=state))


async def count_run(conn: AsyncConnection, run_id: int, *, editions: int, deliveries: int) -> None:
    """Add to what a run has made."""
    await conn.execute(
        update(slot_runs)
        .where(slot_runs.c.id == run_id)
        .values(editions=slot_runs.c.editions + editions, deliveries=slot_runs.c.deliveries + deliveries)
    )


async def add(conn: AsyncConnection, run_id: int, edition: Edition) -> bool:
    """Store an edition; False if it was there already."""
    statement = insert(conn, editions).values(
        id=edition.id,
        run_id=run_id,
        slot=edition.slot,
        topics=list(edition.topics),
        language=edition.language,
        subject=edition.subject,
        html=edition.html,
        text=edition.text,
        articles=edition.articles,
        created_at=edition.created_at,
        shown=list(edition.shown),
    )
    done = statement.on_conflict_do_nothing(index_elements=["id"]).returning(editions.c.id)
    return (await conn.execute(done)).first() is not None


def _edition(row: Row[*tuple[Any, ...]]) -> Edition:
    return Edition(
        id=row.id,
        slot=row.slot,
        subject=row.subject,
        html=row.html,
        text=row.text,
        topics=tuple(row.topics),
        language=row.language,
        articles=row.articles,
        created_at=row.created_at,
        shown=tuple(row.shown),
    )


async def get(conn: AsyncConnection, edition_id: str) -> Edition | None:
    """Read an edition with its text."""
    row = (await conn.execute(select(editions).where(editions.c.id == edition_id))).first()
    return _edition(row) if row else None


async def largest(conn: AsyncConnection) -> Edition | None:
    """Read the edition with the most text; None if there is none."""
    size = func.length(editions.c.html) + func.length(editions.c.text)
    row = (await conn.execute(select(editions).order_by(size.desc()).limit(1))).first()
    return _edition(row) if row else None


async def told(
    conn: AsyncConnection, stories: Collection[int], readers: Collection[int]
) -> dict[int, set[int]]:
    """Say which of these stories a mail has shown, by reader. Mails that were planned count as sent.

    A story is what it consists of now: who was shown an article was told the story that it is in.
    """
    of, since = await _articles_of(conn, stories)
    if since is None:
        return {}
    got = await conn.execute(
        select(deliveries.c.subscriber_id, deliveries.c.edition_id).where(
            deliveries.c.subscriber_id.in_(readers), deliveries.c.planned_at >= since - CLOCKS
        )
    )
    by_edition: dict[str, set[int]] = {}
    for subscriber, edition in got:
        by_edition.setdefault(edition, set()).add(subscriber)
    found: dict[int, set[int]] = {}
    listed = sorted(by_edition)
    for start in range(0, len(listed), BATCH):
        which = editions.c.id.in_(listed[start : start + BATCH])
        for row in await conn.execute(select(editions.c.id, editions.c.shown).where(which)):
            seen = {of[id_] for id_ in row.shown if id_ in of}
            for subscriber in by_edition[row.id] if seen else ():
                found.setdefault(subscriber, set()).update(seen)
    return found


async def _articles_of(
    conn: AsyncConnection, stories: Collection[int]
) -> tuple[dict[int, int], datetime | None]:
    """Read which articles tell these stories, and when the first of them came. A lone one is `-id`."""
    told = select(story_articles.c.article_id, story_articles.c.story_id, articles.c.arrived_at).join(
        articles, articles.c.id == story_articles.c.article_id
    )
    alone = select(
        articles.c.id.label("article_id"), (-articles.c.id).label("story_id"), articles.c.arrived_at
    )
    of: dict[int, int] = {}
    since: datetime | None = None
    listed = sorted(stories)
    for start in range(0, len(listed), BATCH):
        some = listed[start : start + BATCH]
        asked = [
            told.where(story_articles.c.story_id.in_([story for story in some if story > 0])),
            alone.where(articles.c.id.in_([-story for story in some if story < 0])),
        ]
        for statement in asked:
            for row in await conn.execute(statement):
                of[row.article_id] = row.story_id
                since = min(row.arrived_at, since or row.arrived_at)
    return of, since


async def heads(conn: AsyncConnection, ids: Collection[str]) -> list[Edition]:
    """Read these editions without their bodies, in no order."""
    listed, found = sorted(ids), []
    for start in range(0, len(listed), BATCH):
        rows = await conn.execute(_HEADS.where(editions.c.id.in_(listed[start : start + BATCH])))
        found += [_edition(row) for row in rows]
    return found


async def recent(conn: AsyncConnection, *, limit: int) -> list[Edition]:
    """Read the editions of the newest runs, newest first, without their bodies."""
    rows = await conn.execute(_HEADS.order_by(editions.c.run_id.desc(), editions.c.id).limit(limit))
    return [_edition(row) for row in rows]


async def mails(conn: AsyncConnection, ids: Collection[str]) -> dict[str, dict[str, int]]:
    """Count the deliveries of editions: edition → state → how many."""
    found: dict[str, dict[str, int]] = {}
    wanted, mail = sorted(ids), deliveries.c
    for start in range(0, len(wanted), BATCH):
        some = mail.edition_id.in_(wanted[start : start + BATCH])
        counted = select(mail.edition_id, mail.state, func.count()).where(some)
        for edition, state, count in await conn.execute(counted.group_by(mail.edition_id, mail.state)):
            found.setdefault(edition, {})[state] = count
    return found


async def list_all(conn: AsyncConnection, *, limit: int = 1_000) -> list[Edition]:
    """Read the newest editions, newest first, without their bodies."""
    rows = await conn.execute(_HEADS.order_by(editions.c.created_at.desc(), editions.c.id).limit(limit))
    return [_edition(row) for row in rows]
