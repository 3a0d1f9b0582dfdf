"""Which runs are due: each is opened in the ledger once, with its window cut, and filled by `compose`.

A run is for whom its slot held when it fired: readers of before, whose schedule, or whose topic's, was this
one already. So who changes to an hour that is past gets that of tomorrow, whether or not others have it too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from syndicator import schedule
from syndicator.model import Slot
from syndicator.pipeline.parts import log
from syndicator.schedule import Fire
from syndicator.store import due, editions, matches, topics

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.model import Catalog, Subscription, Topic
    from syndicator.pipeline.parts import Parts
    from syndicator.store.editions import SlotRun

INSTANT_GRAIN: Final = timedelta(minutes=5)  # readers of `instant` get at most one mail in this time
NOBODY_SETTLED: Final = 1 << 62  # a run that has dealt with nobody yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """The topics in force, which of them have a slot by themselves, and since when if that was edited."""

    topics: Mapping[str, Topic]
    defaults: Mapping[Slot, Sequence[str]]
    changed_at: Mapping[str, datetime]

    def topics_of(self, slot: Slot, fired_at: datetime) -> list[str]:
        """Name the topics whose own slot it was when it fired."""
        listed = self.defaults.get(slot, ())
        return [slug for slug in listed if slug not in self.changed_at or self.changed_at[slug] <= fired_at]

    def of_these(self, live: Collection[str]) -> Timetable:
        """Leave out all topics but these, and the slots that are then without one."""
        some = {slot: [slug for slug in slugs if slug in live] for slot, slugs in self.defaults.items()}
        return Timetable(
            topics={slug: topic for slug, topic in self.topics.items() if slug in live},
            defaults={slot: slugs for slot, slugs in some.items() if slugs},
            changed_at=self.changed_at,
        )


async def timetable(conn: AsyncConnection, catalog: Catalog, now: datetime) -> Timetable:
    """Read what rules who is due, for runs that are not too late by now."""
    own: dict[Slot, list[str]] = {}
    for topic in catalog.topics.values():
        if topic.digest:
            own.setdefault(topic.digest.slot, []).append(topic.slug)
    changed_at = await topics.changed_slots(conn, now - schedule.LONGEST_PATIENCE)
    return Timetable(topics=catalog.topics, defaults=own, changed_at=changed_at)


async def open_due(parts: Parts) -> tuple[Timetable, list[SlotRun]]:
    """Open the runs that are due, have readers and are not in the ledger; give all that are open.

    One that was begun and is too late now is ended, what is left of it goes with the next.
    """
    now = parts.clock()
    async with parts.store.read() as conn:
        table = await timetable(conn, parts.current.catalog, now)
        # Each question names its topics: of thousands, most have nobody.
        live = table.of_these(await due.live_topics(conn))
        own = {*await due.own_slots(conn)}
        bare = replace(live, topics={})  # for slots that no reader chose
        slots = {*own, *live.defaults}
        begun = await editions.begun(conn, now - schedule.LONGEST_PATIENCE)
        fires = [
            (slot, fire)
            for slot in slots
            if (fire := await _due(conn, live if slot in own else bare, slot, begun, now))
        ]
        runs = await editions.open_runs(conn)
    if fires:
        async with parts.store.write() as conn:
            cutoff = await matches.cut(conn)
            # Who is mailed first was due first; of what came due together the order is that of names.
            for slot, fire in sorted(fires, key=lambda one: (one[1].at, one[0].key)):
                await editions.open_run(
                    conn, slot.key, fire.local_date, fired_at=fire.at, cutoff=cutoff, now=now
                )
            runs = await editions.open_runs(conn)
    return table, [run for run in runs if not await _ended(parts, run, now)]


async def _ended(parts: Parts, run: SlotRun, now: datetime) -> bool:
    if not schedule.is_too_late(Slot.of_key(run.slot), run.fired_at, now):
        return False
    async with parts.store.write() as conn:
        if await editions.lock_run(conn, run.id):
            await editions.close_run(conn, run.id, state="late")
            log.warning("what is left of a late run goes with the next", slot=run.slot, date=run.local_date)
    return True


async def _due(
    conn: AsyncConnection, table: Timetable, slot: Slot, begun: set[tuple[str, str]], now: datetime
) -> Fire | None:
    """Give the fire for which a run is to be opened, if there is one."""
    if slot.frequency == "instant":
        return await _instant(conn, table, slot, begun, now)
    if not schedule.is_known(slot):
        log.error("a time zone is not known here", slot=slot.key, hint="bring the system's tzdata up to date")
        return None
    fire = schedule.last_fire(slot, now)
    if fire is None or (slot.key, fire.local_date) in begun or schedule.is_too_late(slot, fire.at, now):
        return None
    someone = await readers_of(conn, table, slot, run_id=NOBODY_SETTLED, fired_at=fire.at, limit=1)
    return fire if someone else None


async def _instant(
    conn: AsyncConnection, table: Timetable, slot: Slot, begun: set[tuple[str, str]], now: datetime
) -> Fire | None:
    """Run when something has arrived since the last run, or somebody has come whom it did not know."""
    grain = now - (now - now.replace(hour=0, minute=0, second=0, microsecond=0)) % INSTANT_GRAIN
    fire = Fire(at=grain, local_date=grain.isoformat(timespec="minutes"))
    newest = await editions.last_run(conn, slot.key)
    if (slot.key, fire.local_date) in begun or (newest and newest.state == "open"):
        return None
    has_news = newest is None or newest.cutoff < await matches.newest_seq(conn)
    run_id = NOBODY_SETTLED if has_news or newest is None else newest.id
    someone = await readers_of(conn, table, slot, run_id=run_id, fired_at=grain, limit=1)
    return fire if someone else None


async def readers_of(
    conn: AsyncConnection,
    table: Timetable,
    slot: Slot,
    *,
    run_id: int,
    fired_at: datetime,
    limit: int,
    beyond: int = 0,
    coming: bool = False,
) -> list[Subscription]:
    """Read the subscriptions that a run has still to deal with, as `due.due` does."""
    return await due.due(
        conn,
        slot,
        run_id=run_id,
        fired_at=fired_at,
        topics=table.topics,
        default_topics=table.topics_of(slot, fired_at),
        limit=limit,
        beyond=beyond,
        coming=coming,
    )
