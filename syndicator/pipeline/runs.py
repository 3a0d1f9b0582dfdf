"""Which runs are due: each is opened in the ledger once, with its window cut, and filled by `compose`.

A run is for whom its slot held when it fired: readers of before, whose schedule, or whose topic's, was this
one already. So who changes to an hour that is past gets that of tomorrow, whether or not others have it too.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfoNotFoundError

from syndicator import schedule
from syndicator.model import Slot
from syndicator.pipeline.parts import log
from syndicator.schedule import Fire
from syndicator.store import due, editions, matches, topics

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.model import Catalog, Subscription
    from syndicator.pipeline.parts import Parts
    from syndicator.store.editions import SlotRun

INSTANT_GRAIN: Final = timedelta(minutes=5)  # readers of `instant` get at most one mail in this time
NOBODY_SETTLED: Final = 1 << 62  # a run that has dealt with nobody yet


def defaults(catalog: Catalog) -> dict[Slot, list[str]]:
    """Group the topics that have a digest by their own slot."""
    found: dict[Slot, list[str]] = {}
    for topic in catalog.topics.values():
        if topic.digest:
            found.setdefault(topic.digest.slot, []).append(topic.slug)
    return found


async def open_due(parts: Parts) -> list[SlotRun]:
    """Open the runs that are due, have readers and are not in the ledger; give all that are open.

    One that was begun and is too late now is ended, what is left of it goes with the next.
    """
    now, catalog = parts.clock(), parts.current.catalog
    async with parts.store.read() as conn:
        slots = {*await due.own_slots(conn), *defaults(catalog)}
        begun = await editions.begun(conn, now - schedule.LONGEST_PATIENCE)
        fires = [(slot, fire) for slot in slots if (fire := await _due(conn, catalog, slot, begun, now))]
    # Who is mailed first was due first; of what came due together the order is that of names.
    for slot, fire in sorted(fires, key=lambda one: (one[1].at, one[0].key)):
        async with parts.store.write() as conn:
            cutoff = await matches.cut(conn)
            await editions.open_run(conn, slot.key, fire.local_date, fired_at=fire.at, cutoff=cutoff, now=now)
    async with parts.store.read() as conn:
        runs = await editions.open_runs(conn)
    return [run for run in runs if not await _ended(parts, run, now)]


async def _ended(parts: Parts, run: SlotRun, now: datetime) -> bool:
    if not schedule.is_too_late(Slot.of_key(run.slot), run.fired_at, now):
        return False
    async with parts.store.write() as conn:
        if await editions.lock_run(conn, run.id):
            await editions.close_run(conn, run.id, state="late")
            log.warning("what is left of a late run goes with the next", slot=run.slot, date=run.local_date)
    return True


async def _due(
    conn: AsyncConnection, catalog: Catalog, slot: Slot, begun: set[tuple[str, str]], now: datetime
) -> Fire | None:
    """Give the fire for which a run is to be opened, if there is one."""
    if slot.frequency == "instant":
        return await _instant(conn, catalog, slot, begun, now)
    try:
        fire = schedule.last_fire(slot, now)
    except ZoneInfoNotFoundError:
        log.error("a time zone is not known here", slot=slot.key, hint="install the system's tzdata")
        return None
    if fire is None or (slot.key, fire.local_date) in begun or schedule.is_too_late(slot, fire.at, now):
        return None
    someone = await readers_of(conn, catalog, slot, run_id=NOBODY_SETTLED, fired_at=fire.at, limit=1)
    return fire if someone else None


async def _instant(
    conn: AsyncConnection, catalog: Catalog, slot: Slot, begun: set[tuple[str, str]], now: datetime
) -> Fire | None:
    """Run when something has arrived since the last run, or somebody has come whom it did not know."""
    grain = now - (now - now.replace(hour=0, minute=0, second=0, microsecond=0)) % INSTANT_GRAIN
    fire = Fire(at=grain, local_date=grain.isoformat(timespec="minutes"))
    newest = await editions.last_run(conn, slot.key)
    if (slot.key, fire.local_date) in begun or (newest and newest.state == "open"):
        return None
    has_news = newest is None or newest.cutoff < await matches.newest_seq(conn)
    run_id = NOBODY_SETTLED if has_news or newest is None else newest.id
    someone = await readers_of(conn, catalog, slot, run_id=run_id, fired_at=grain, limit=1)
    return fire if someone else None


async def readers_of(
    conn: AsyncConnection,
    catalog: Catalog,
    slot: Slot,
    *,
    run_id: int,
    fired_at: datetime,
    limit: int,
    beyond: int = 0,
    coming: bool = False,
) -> list[Subscription]:
    """Read the subscriptions that a run has still to deal with, as `due.due` does."""
    changed = await topics.changed_slots(conn, fired_at)
    return await due.due(
        conn,
        slot,
        run_id=run_id,
        fired_at=fired_at,
        topics=catalog.topics,
        default_topics=[slug for slug in defaults(catalog).get(slot, ()) if slug not in changed],
        limit=limit,
        beyond=beyond,
        coming=coming,
    )
