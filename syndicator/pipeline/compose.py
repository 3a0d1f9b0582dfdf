"""compose: due slots → a run in the ledger → editions and planned deliveries, in chunks that each commit.

A run is unique by slot and local date and its window is cut once. Chunks move each subscription's cursor in
the transaction that plans its delivery, so a kill between two chunks neither loses nor doubles anything.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from syndicator import schedule
from syndicator.deliver.lanes import hours
from syndicator.digest.compose import compose as compose_digest
from syndicator.digest.compose import is_due
from syndicator.digest.render import render
from syndicator.digest.window import audiences, begins
from syndicator.errors import TemplateError
from syndicator.model import Slot
from syndicator.pipeline.apply import catch_up
from syndicator.pipeline.letters import marks_of
from syndicator.pipeline.parts import Summary, log
from syndicator.schedule import Fire
from syndicator.store import deliveries, editions, leads, leave, matches, subscribers
from syndicator.store.subscribers import key

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.digest.window import Audience
    from syndicator.model import Edition, StoredArticle, Subscription, Topic
    from syndicator.pipeline.parts import Parts
    from syndicator.store.editions import SlotRun

CHUNK = 100  # subscribers a transaction: with topics of their own each, that many renderings
FIRST_WINDOW = {"weekly": timedelta(days=7)}  # what a first digest looks back
FIRST_WINDOW_DEFAULT = timedelta(days=1)
MAX_ITEMS = 20  # of a topic without a digest plan of its own, for readers who chose a schedule
INSTANT_GRAIN = timedelta(minutes=5)  # readers of `instant` get at most one mail in this time


async def compose(parts: Parts) -> Summary:
    """Run every slot that is due and finish every run that was begun."""
    total = Summary()
    if not await catch_up(parts):
        return total  # another host knows what topics there are now
    await _wake(parts)
    async with parts.store.read() as conn:
        own = await subscribers.own_slots(conn)
    for slot in sorted({*own, *defaults(parts)}, key=lambda slot: slot.key):
        await _begin(parts, slot)
    async with parts.store.read() as conn:
        begun = await editions.open_runs(conn)
    for run in begun:
        try:
            total.add(await _finish(parts, run))
        except TemplateError as error:
            log.error("cannot compose", slot=run.slot, error=error.message, hint=error.hint)
    return total


async def _wake(parts: Parts) -> None:
    """Let readers whose pause is over take part again."""
    now = parts.clock()
    async with parts.store.read() as conn:
        if not await leave.is_over(conn, now):
            return
    async with parts.store.write() as conn:
        await leave.wake(conn, now)


def defaults(parts: Parts) -> dict[Slot, list[str]]:
    """Group the topics that have a digest by their own slot."""
    found: dict[Slot, list[str]] = {}
    for topic in parts.current.catalog.topics.values():
        if topic.digest:
            found.setdefault(topic.digest.slot, []).append(topic.slug)
    return found


async def _begin(parts: Parts, slot: Slot) -> None:
    """Open the run of a slot if it is due, has readers, and is not in the ledger."""
    now = parts.clock()
    fire = await _due(parts, slot)
    if fire is None:
        return
    async with parts.store.read() as conn:
        if await editions.run_of(conn, slot.key, fire.local_date):
            return
        if not await _readers(conn, parts, slot, run_id=1 << 62, fired_at=fire.at, limit=1):
            return
    async with parts.store.write() as conn:
        cutoff = await matches.cut(conn)
        await editions.open_run(conn, slot.key, fire.local_date, fired_at=fire.at, cutoff=cutoff, now=now)


async def _due(parts: Parts, slot: Slot) -> Fire | None:
    now = parts.clock()
    if slot.frequency != "instant":
        fire = schedule.last_fire(slot, now)
        return None if fire is None or schedule.is_too_late(fire, now) else fire
    grain = now - (now - now.replace(hour=0, minute=0, second=0, microsecond=0)) % INSTANT_GRAIN
    async with parts.store.read() as conn:
        newest = await editions.last_run(conn, slot.key)
        if newest and newest.cutoff >= await matches.newest_seq(conn):
            return None  # nothing has arrived since
    return Fire(at=grain, local_date=grain.isoformat(timespec="minutes"))


async def _readers(
    conn: AsyncConnection, parts: Parts, slot: Slot, *, run_id: int, fired_at: datetime, limit: int
) -> list[Subscription]:
    return await subscribers.due(
        conn,
        slot,
        run_id=run_id,
        fired_at=fired_at,
        topics=parts.current.catalog.topics,
        default_topics=defaults(parts).get(slot, ()),
        limit=limit,
    )


async def _finish(parts: Parts, run: SlotRun) -> Summary:
    """Fan a run out, a chunk of subscribers a transaction, until it has dealt with all of them."""
    slot, total = Slot.of_key(run.slot), Summary()
    while True:
        async with parts.store.write() as conn:
            if not await editions.lock_run(conn, run.id):
                return total
            ties = await _readers(conn, parts, slot, run_id=run.id, fired_at=run.fired_at, limit=CHUNK)
            if not ties:
                await editions.close_run(conn, run.id)
                break
            total.add(await _chunk(conn, parts, run, slot, ties))
    if total.planned:
        log.info("composed", slot=run.slot, date=run.local_date, editions=total.editions, mails=total.planned)
    return total


async def _chunk(
    conn: AsyncConnection, parts: Parts, run: SlotRun, slot: Slot, ties: list[Subscription]
) -> Summary:
    first = await first_windows(conn, run, ties, slot)
    barred = await subscribers.suppressed(conn, {tie.subscriber.address for tie in ties})
    done, now = Summary(), parts.clock()
    told = await told_before(conn, parts, run, ties, first)
    spoken = parts.settings.site.language
    for audience in audiences(ties, first=first, cutoff=run.cutoff, language=spoken, told=told):
        edition, covered = await _edition(conn, parts, run, slot, audience)
        if edition is not None:
            done.editions += await editions.add(conn, run.id, edition)
            readers = [(id_, address) for id_, address in audience.readers if key(address) not in barred]
            leaves = partial(hours.due, parts.settings.mail, slot, now=now)
            done.planned += await deliveries.plan(conn, edition.id, readers, now=now, due=leaves)
        for mailed in (True, False):
            ids = [id_ for id_, topic in audience.subscriptions if (topic in covered) is mailed]
            await subscribers.settle(conn, ids, run_id=run.id, cursor=run.cutoff if mailed else None)
    await editions.count_run(conn, run.id, editions=done.editions, deliveries=done.planned)
    return done


async def first_windows(
    conn: AsyncConnection, run: SlotRun, ties: list[Subscription], slot: Slot
) -> dict[int, int]:
    """Say, by subscription, where a first window begins: a day or week before the run, the same for all.

    Whose first run was missed (a weekend, downtime) gets everything since as long before they came.
    """
    back = FIRST_WINDOW.get(slot.frequency, FIRST_WINDOW_DEFAULT)
    shared = await matches.before(conn, run.fired_at - back)
    found = {}
    for tie in ties:
        if tie.cursor is None:
            missed = run.fired_at - tie.since_at > back
            found[tie.id] = await matches.before(conn, tie.since_at - back) if missed else shared
    return found


async def told_before(
    conn: AsyncConnection, parts: Parts, run: SlotRun, ties: list[Subscription], first: dict[int, int]
) -> dict[int, tuple[int, ...]]:
    """Say, by subscription, which stories of its window mails have shown to its reader already."""
    known = parts.current.catalog.topics
    since: dict[str, int] = {}
    for tie in ties:
        if known[tie.topic].is_once:
            since[tie.topic] = min(begins(tie, first), since.get(tie.topic, run.cutoff))
    going_on = {
        topic: await leads.continued(conn, topic, after=after, upto=run.cutoff)
        for topic, after in since.items()
    }
    stories = set[int]().union(*going_on.values())
    seen = await editions.told(conn, stories, {tie.subscriber.id for tie in ties}) if stories else {}
    return {
        tie.id: tuple(sorted(seen.get(tie.subscriber.id, set()) & going_on.get(tie.topic, set())))
        for tie in ties
    }


async def _edition(
    conn: AsyncConnection, parts: Parts, run: SlotRun, slot: Slot, audience: Audience
) -> tuple[Edition | None, set[str]]:
    """Make what an audience gets, and name the topics whose windows it closes; None if nothing is new."""
    found: list[tuple[Topic, list[StoredArticle], int]] = []
    covered: set[str] = set()
    for window in audience.windows:
        topic = parts.current.catalog.topics[window.topic]
        limit = topic.digest.max_items if topic.digest else MAX_ITEMS
        best, total = await matches.window(
            conn,
            window.topic,
            after=window.after,
            upto=window.upto,
            limit=limit,
            told=window.told if topic.is_once else None,
        )
        if is_due(topic, total):
            found.append((topic, best, total))
            covered.add(window.topic)
    site, language = parts.settings.site, parts.templates.nearest(audience.language)
    digest = compose_digest(found, at=run.fired_at, zone=slot.zone, language=language)
    if digest is None:
        return None, covered
    is_private = any(topic.publish and topic.publish.private for topic, _, _ in found)
    name = audience.edition_id(slot.key, run.local_date, secret=parts.mark_key if is_private else b"")
    if known := await editions.get(conn, name):
        return known, covered
    made = render(
        digest,
        parts.templates,
        site,
        edition_id=name,
        slot=slot.key,
        marks=marks_of(name, parts.mark_key),
        now=parts.clock(),
    )
    return made, covered
