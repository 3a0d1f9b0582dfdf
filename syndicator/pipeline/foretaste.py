"""The next mail of a topic, for admins: as anybody would get it, or as one reader will. Nothing is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from syndicator import schedule
from syndicator.digest.segment import divide
from syndicator.digest.window import audiences
from syndicator.errors import NotFound
from syndicator.pipeline.compose import first_windows, told_before
from syndicator.pipeline.sections import Sections
from syndicator.pipeline.specimen import specimen
from syndicator.store import matches, preferences, subscribers, ties
from syndicator.store.editions import SlotRun

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.digest.compose import Digest
    from syndicator.model import Slot, Subscriber, Subscription, Topic
    from syndicator.pipeline.parts import Parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Foretaste:
    """What a mail would say, when it comes, and for whom.

    `is_specimen`: nothing is new for this reader yet, so it shows what anybody would be told.
    """

    digest: Digest
    topics: tuple[Topic, ...]
    slot: Slot | None
    at: datetime | None
    address: str = ""
    is_text: bool = False  # the reader gets no HTML
    is_specimen: bool = False


async def foretaste(parts: Parts, topic: Topic, *, address: str = "", language: str = "") -> Foretaste | None:
    """Compose the next mail with a topic, for a reader if `address` is given; None if nothing is to tell.

    Raises:
        NotFound: nobody with that address gets mail of this topic.
    """
    if address:
        return await _of_reader(parts, topic, address, language)
    made = await specimen(parts, topic, language=language)
    if made is None:
        return None
    slot = topic.digest.slot if topic.digest else None
    return Foretaste(digest=made.digest, topics=(topic,), slot=slot, at=_next(slot, parts.clock()))


async def _of_reader(parts: Parts, topic: Topic, address: str, language: str) -> Foretaste | None:
    async with parts.store.read() as conn:
        reader = await subscribers.find(conn, address)
        own = await _mailed(conn, parts, reader.subscriber) if reader else []
        if reader is None or topic.slug not in {tie.topic for tie in own}:
            raise NotFound(f"nobody with the address {address} gets mails of {topic.title}")
        subscriber = reader.subscriber
        slot = subscriber.slot or (topic.digest.slot if topic.digest else None)
        together = [tie for tie in own if _is_with(parts, tie, slot, has_own=subscriber.slot is not None)]
        spoken = parts.templates.nearest(language or subscriber.language or parts.settings.site.language)
        digest = await _digest(conn, parts, slot, together, spoken) if slot else None
        manner = (await preferences.manners(conn, [subscriber.id])).get(subscriber.id)
    is_specimen = digest is None
    if digest is None:
        made = await specimen(parts, topic, language=spoken)
        digest = made.digest if made else None
    if digest is None:
        return None
    return Foretaste(
        digest=digest,
        topics=tuple(parts.current.catalog.topics[tie.topic] for tie in together) or (topic,),
        slot=slot,
        at=_next(slot, parts.clock()),
        address=subscriber.address,
        is_text=manner is not None and manner.format == "text",
        is_specimen=is_specimen,
    )


async def _mailed(conn: AsyncConnection, parts: Parts, person: Subscriber) -> list[Subscription]:
    """Read the subscriptions that a run would mail: none of who is suppressed, or not of the audience."""
    if await subscribers.suppressed(conn, {person.address}):
        return []
    topics = parts.current.catalog.topics
    known = [tie for tie in await ties.active(conn, person) if tie.topic in topics]
    inside, _ = divide(known, topics)
    return inside


def _is_with(parts: Parts, tie: Subscription, slot: Slot | None, *, has_own: bool) -> bool:
    """Whether a subscription is told in the same mail: all are, where readers have their own schedule."""
    known = parts.current.catalog.topics.get(tie.topic)
    return known is not None and (has_own or (known.digest.slot if known.digest else None) == slot)


async def _digest(
    conn: AsyncConnection, parts: Parts, slot: Slot, together: list[Subscription], language: str
) -> Digest | None:
    """Compose what a run at this moment would."""
    now = parts.clock()
    cutoff = await matches.newest_seq(conn)
    run = SlotRun(id=0, slot=slot.key, local_date="", fired_at=now, cutoff=cutoff, state="open")
    first = await first_windows(conn, run, together, slot)
    told = await told_before(conn, parts, run, together, first)
    (audience,) = audiences(together, first=first, cutoff=cutoff, language=language, told=told)
    sections = Sections(parts, slot, at=now)
    offers = await sections.due(conn, audience.windows)
    return await sections.compose(conn, offers, language=language)


def _next(slot: Slot | None, now: datetime) -> datetime | None:
    fire = schedule.next_fire(slot, now) if slot else None
    return fire.at if fire else None
