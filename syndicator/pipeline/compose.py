"""compose: due slots → a run in the ledger → editions and planned deliveries, in chunks that each commit.

A run is unique by slot and local date and its window is cut once. Chunks move each subscription's cursor in
the transaction that plans its delivery, so a kill between two chunks neither loses nor doubles anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, Any, TypeAlias

from syndicator.deliver.lanes import hours
from syndicator.digest.compose import is_due
from syndicator.digest.render import render
from syndicator.digest.segment import divide
from syndicator.digest.window import audiences, begins
from syndicator.errors import TemplateError
from syndicator.model import Slot
from syndicator.pipeline.apply import catch_up
from syndicator.pipeline.letters import marks_of
from syndicator.pipeline.parts import Summary, log
from syndicator.pipeline.runs import open_due, readers_of
from syndicator.pipeline.sections import Sections
from syndicator.store import deliveries, due, editions, leads, leave, listings, matches, notices, subscribers
from syndicator.store.subscribers import key
from syndicator.templates import environments

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.digest.window import Audience
    from syndicator.model import Edition, Subscription
    from syndicator.pipeline.parts import Parts
    from syndicator.pipeline.runs import Timetable
    from syndicator.store.editions import SlotRun
    from syndicator.templates import Templates

CHUNK = 1_000  # subscribers a transaction
RENDERED = 50  # new editions a transaction: other writers wait for it
HELD = 5_000  # editions whose names a run remembers
TEMPLATES = f"{notices.OWN}templates"  # in whose name what fails in an admin's is told; the kind is the slot
GoingOn: TypeAlias = dict[tuple[str, int], dict[int, int]]  # (topic, after) → story → its last match
FIRST_WINDOW = {"weekly": timedelta(days=7)}  # what a first digest looks back
FIRST_WINDOW_DEFAULT = timedelta(days=1)


async def compose(parts: Parts) -> Summary:
    """Run every slot that is due and finish every run that was begun."""
    total = Summary()
    if not await catch_up(parts):
        return total  # another host knows what topics there are now
    parts = replace(parts)  # an edit that comes meanwhile is for the next time
    await _wake(parts)
    table, runs = await open_due(parts)
    for run in runs:
        try:
            total.add(await _finish(parts, table, run))
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


@dataclass(slots=True, kw_only=True)
class _Fan:
    """A run on its way to its readers: how far it is, and what it has made or looked up for all of them."""

    run: SlotRun
    slot: Slot
    table: Timetable
    sections: Sections
    is_faulty: bool = False  # whether an admin's templates failed
    beyond: int = 0  # subscribers up to here are dealt with
    made: dict[tuple[Any, ...], tuple[str | None, frozenset[str]]] = field(default_factory=dict)
    going_on: GoingOn = field(default_factory=dict)
    places: dict[tuple[str, int], int] = field(default_factory=dict)


async def _finish(parts: Parts, table: Timetable, run: SlotRun) -> Summary:
    """Fan a run out, a chunk of subscribers a transaction, until it has dealt with all of them."""
    total, slot = Summary(), Slot.of_key(run.slot)
    fan = _Fan(run=run, slot=slot, table=table, sections=Sections(parts, slot, at=run.fired_at))
    while True:
        async with parts.store.write() as conn:
            if not await editions.lock_run(conn, run.id):
                return total
            ties = await readers_of(
                conn, table, fan.slot, run_id=run.id, fired_at=run.fired_at, limit=CHUNK,
                beyond=fan.beyond,
            )  # fmt: skip
            if ties:
                total.add(await _chunk(conn, parts, fan, ties))
            # Nobody comes to a run that has fired: fewer than were asked for are the last.
            is_last = len({tie.subscriber.id for tie in ties}) < CHUNK
            if not ties or (is_last and fan.beyond == ties[-1].subscriber.id):
                await listings.record(conn, run, own=table.topics_of(slot, run.fired_at))
                await editions.close_run(conn, run.id)
                if not fan.is_faulty:
                    await notices.clear(conn, TEMPLATES, [run.slot], now=parts.clock())
                break
    if total.planned:
        log.info("composed", slot=run.slot, date=run.local_date, editions=total.editions, mails=total.planned)
    return total


async def _chunk(conn: AsyncConnection, parts: Parts, fan: _Fan, ties: list[Subscription]) -> Summary:
    """Plan what readers get; who would need an edition too many in one transaction is left for the next."""
    run, last = fan.run, ties[-1].subscriber.id
    ties, outside = divide(ties, fan.table.topics)
    await due.settle(conn, [tie.id for tie in outside], run_id=run.id, cursor=run.cutoff)
    first = await _begins(conn, fan, ties)
    barred = await subscribers.suppressed(conn, {tie.subscriber.address for tie in ties})
    done, now = Summary(), parts.clock()
    leaves = partial(hours.due, parts.settings.mail, fan.slot, now=now)
    told = await told_before(conn, parts, run, ties, first, known=fan.going_on)
    spoken = parts.settings.site.language
    dealt: dict[bool, list[int]] = {True: [], False: []}
    is_whole = True
    for audience in audiences(ties, first=first, cutoff=run.cutoff, language=spoken, told=told):
        readers = [(id_, address) for id_, address in audience.readers if key(address) not in barred]
        name = (audience.windows, audience.language)
        if name not in fan.made and readers:
            if done.editions == RENDERED:
                is_whole = False
                continue
            edition, closed = await _edition(conn, parts, fan, audience)
            if edition is not None:
                done.editions += await editions.add(conn, run.id, edition)
            if len(fan.made) == HELD:
                fan.made.clear()
            fan.made[name] = (edition.id if edition else None, frozenset(closed))
        made, covered = fan.made.get(name) or (None, await _closed(conn, fan, audience))
        if made:
            done.planned += await deliveries.plan(conn, made, readers, now=now, due=leaves)
        for id_, topic in audience.subscriptions:
            dealt[topic in covered].append(id_)
    for mailed, ids in dealt.items():
        await due.settle(conn, ids, run_id=run.id, cursor=run.cutoff if mailed else None)
    if is_whole:
        fan.beyond = last
    await editions.count_run(conn, run.id, editions=done.editions, deliveries=done.planned)
    return done


async def _closed(conn: AsyncConnection, fan: _Fan, audience: Audience) -> frozenset[str]:
    """Name the topics whose windows close for readers who are all suppressed: for them nothing is made."""
    found = set()
    for window in audience.windows:
        topic = fan.table.topics[window.topic]
        told = window.told if topic.is_once else None
        total = await matches.count(conn, topic.slug, after=window.after, upto=window.upto, told=told)
        if is_due(topic, total):
            found.add(topic.slug)
    return frozenset(found)


async def _begins(conn: AsyncConnection, fan: _Fan, ties: list[Subscription]) -> dict[int, int]:
    """Say, by subscription, after which match of its topic its window begins.

    Readers whose places differ by what is of other topics alone, as in a quiet one, so share an edition.
    """
    first = await first_windows(conn, fan.run, ties, fan.slot)
    found = {}
    for tie in ties:
        place = tie.topic, begins(tie, first)
        if place not in fan.places:
            if len(fan.places) == HELD:
                fan.places.clear()
            fan.places[place] = await matches.last(conn, tie.topic, upto=place[1])
        found[tie.id] = fan.places[place]
    return found


async def first_windows(
    conn: AsyncConnection, run: SlotRun, ties: list[Subscription], slot: Slot
) -> dict[int, int]:
    """Say, by subscription, where a first window begins: a day or week before the run, the same for all.

    Whose first run was missed (a weekend, downtime) gets everything since as long before they came.
    """
    back = FIRST_WINDOW.get(slot.frequency, FIRST_WINDOW_DEFAULT)
    known: dict[datetime, int] = {}
    found = {}
    for tie in ties:
        if tie.cursor is None:
            begin = (tie.since_at if run.fired_at - tie.since_at > back else run.fired_at) - back
            if begin not in known:
                known[begin] = await matches.before(conn, begin)
            found[tie.id] = known[begin]
    return found


async def told_before(
    conn: AsyncConnection,
    parts: Parts,
    run: SlotRun,
    ties: list[Subscription],
    first: dict[int, int],
    *,
    known: GoingOn | None = None,
) -> dict[int, tuple[int, ...]]:
    """Say, by subscription, which stories of its window mails have shown to its reader already.

    `known` remembers, from one call to the next, which stories go on in a topic after a match.
    """
    topics = parts.current.catalog.topics
    since: dict[str, int] = {}
    for tie in ties:
        if topics[tie.topic].is_once:
            since[tie.topic] = min(begins(tie, first), since.get(tie.topic, run.cutoff))
    known = {} if known is None else known
    for topic, after in since.items():
        if (topic, after) not in known:
            known[topic, after] = await leads.continued(conn, topic, after=after, upto=run.cutoff)
    stories = set[int]().union(*(known[place] for place in since.items()))
    seen = await editions.told(conn, stories, {tie.subscriber.id for tie in ties}) if stories else {}
    found = {}
    for tie in ties:
        if (told := seen.get(tie.subscriber.id)) and tie.topic in since:
            last, after = known[tie.topic, since[tie.topic]], begins(tie, first)
            found[tie.id] = tuple(sorted(story for story in told if last.get(story, 0) > after))
    return found


async def _edition(
    conn: AsyncConnection, parts: Parts, fan: _Fan, audience: Audience
) -> tuple[Edition | None, set[str]]:
    """Make what an audience gets, and name the topics whose windows it closes; None if nothing is new."""
    run, slot = fan.run, fan.slot
    offers = await fan.sections.due(conn, audience.windows)
    covered = {offer.topic.slug for offer in offers}
    is_private = any(offer.topic.publish and offer.topic.publish.private for offer in offers)
    name = audience.edition_id(slot.key, run.local_date, secret=parts.mark_key if is_private else b"")
    if known := await editions.get(conn, name):
        return known, covered
    digest = await fan.sections.compose(conn, offers, language=parts.templates.nearest(audience.language))
    if digest is None:
        return None, covered
    drawn = partial(
        render,
        digest,
        site=parts.settings.site,
        edition_id=name,
        slot=slot.key,
        marks=marks_of(name, parts.mark_key),
        now=parts.clock(),
        look=parts.settings.mail.look,
    )
    try:
        return drawn(templates=parts.templates), covered
    except TemplateError as error:
        fan.is_faulty = True
        await _report(conn, parts, error, slot=slot.key)
    return drawn(templates=_packaged()), covered


@cache
def _packaged() -> Templates:
    """Build the packaged templates alone: what serves where an admin's fail."""
    return environments()


async def _report(conn: AsyncConnection, parts: Parts, error: TemplateError, *, slot: str) -> None:
    """Tell the admin of a template that no proof found faulty; the packaged ones draw what it cannot."""
    log.error("drawn with the packaged templates", slot=slot, error=error.message, hint=error.hint)
    text = f"a mail was drawn with the packaged templates: {error.message}"
    await notices.raise_(conn, TEMPLATES, slot, text, now=parts.clock())
