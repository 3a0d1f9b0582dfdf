"""The next runs of digests: when, for whom, and what they would hold if they ran now. Nothing is written.

Windows, stories told before and minimums are what `compose` goes by, so the figures are those that a run at
this moment would have; what arrives until then comes on top.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from syndicator import schedule
from syndicator.digest.compose import is_due
from syndicator.digest.segment import divide
from syndicator.digest.window import audiences
from syndicator.pipeline.compose import first_windows, told_before
from syndicator.pipeline.runs import NOBODY_SETTLED, readers_of, timetable
from syndicator.store import due, editions, matches, subscribers
from syndicator.store.editions import SlotRun
from syndicator.store.subscribers import key

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.digest.window import Audience, Window
    from syndicator.model import Slot
    from syndicator.pipeline.compose import GoingOn
    from syndicator.pipeline.parts import Parts
    from syndicator.pipeline.runs import Timetable

CHUNK = 1_000  # subscribers at a time


@dataclass(slots=True, kw_only=True)
class Section:
    """One topic in a run: how many readers have it, and the most articles that one of them would get."""

    readers: int = 0
    articles: int = 0


@dataclass(slots=True, kw_only=True)
class Run:
    """One run that comes. `at`: None for `instant`, which runs when something arrives."""

    slot: Slot
    at: datetime | None
    readers: int = 0  # who are not suppressed
    mails: int = 0  # that it would send now
    topics: dict[str, Section] = field(default_factory=dict)


async def upcoming(parts: Parts) -> list[Run]:
    """Foresee the next run of every slot that has readers, the first one first."""
    found = []
    async with parts.store.read() as conn:
        everything = await timetable(conn, parts.current.catalog, parts.clock())
        table = everything.of_these(await due.live_topics(conn))
        slots = {*filter(schedule.is_known, await due.own_slots(conn)), *table.defaults}
        for slot in sorted(slots, key=lambda slot: slot.key):
            run = await _foresee(conn, parts, table, slot)
            if run.topics:
                found.append(run)
    now = parts.clock()
    return sorted(found, key=lambda run: (run.at is None, run.at or now, run.slot.key))


async def _foresee(conn: AsyncConnection, parts: Parts, table: Timetable, slot: Slot) -> Run:
    """Look at the run that is due and was not begun, if it has readers; else at the next one."""
    now = parts.clock()
    last = schedule.last_fire(slot, now)
    if last and not schedule.is_too_late(slot, last.at, now) and not await editions.run_of(
        conn, slot.key, last.local_date
    ):  # fmt: skip
        run = await _fill(conn, parts, table, Run(slot=slot, at=last.at), fired_at=last.at)
        if run.topics:
            return run
    fire = schedule.next_fire(slot, now)
    return await _fill(
        conn, parts, table, Run(slot=slot, at=fire.at if fire else None), fired_at=fire.at if fire else now
    )


async def _fill(
    conn: AsyncConnection, parts: Parts, table: Timetable, run: Run, *, fired_at: datetime
) -> Run:
    """Go through the readers of a run as `compose` would, and count."""
    beyond = 0
    totals: dict[Window, int] = {}
    going_on: GoingOn = {}
    cutoff = await matches.newest_seq(conn)
    as_if = SlotRun(
        id=NOBODY_SETTLED, slot=run.slot.key, local_date="", fired_at=fired_at, cutoff=cutoff, state="open"
    )
    while ties := await readers_of(
        conn, table, run.slot, run_id=NOBODY_SETTLED, fired_at=fired_at, limit=CHUNK, beyond=beyond,
        coming=True,
    ):  # fmt: skip
        beyond = ties[-1].subscriber.id
        ties, _ = divide(ties, table.topics)
        barred = await subscribers.suppressed(conn, {tie.subscriber.address for tie in ties})
        first = await first_windows(conn, as_if, ties, run.slot)
        told = await told_before(conn, parts, as_if, ties, first, known=going_on)
        for each in audiences(ties, first=first, cutoff=cutoff, language="", told=told):
            await _count(conn, parts, run, each, totals, {*barred})
    return run


async def _count(
    conn: AsyncConnection,
    parts: Parts,
    run: Run,
    audience: Audience,
    totals: dict[Window, int],
    barred: set[str],
) -> None:
    readers = sum(key(address) not in barred for _, address in audience.readers)
    if not readers:
        return
    run.readers += readers
    is_mailed = False
    for window in audience.windows:
        topic = parts.current.catalog.topics[window.topic]
        if window not in totals:
            told = window.told if topic.is_once else None
            totals[window] = await matches.count(
                conn, topic.slug, after=window.after, upto=window.upto, told=told
            )
        section = run.topics.setdefault(topic.slug, Section())
        section.readers += readers
        section.articles = max(section.articles, totals[window])
        is_mailed = is_mailed or is_due(topic, totals[window])
    run.mails += readers if is_mailed else 0
