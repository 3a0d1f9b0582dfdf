"""What readers do with their own subscriptions: who comes by which link, and what they may do with it.

A link in a mail is with whoever has the mail, forwarded or not. So it opens the daily choices alone: topics,
hours, a pause. What only the owner of the address may do (see everything, move, erase) needs a session,
which a link opens that was mailed to the address just now, once.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias, get_args

from syndicator import schedule
from syndicator.digest.tokens import LASTS, bond_of
from syndicator.pipeline import signup_wish
from syndicator.store import leave, preferences, reader_links, subscribers, transactional
from syndicator.store.preferences import Manner
from syndicator.store.subscribers import key

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.model import Catalog, Format, Slot, Subscriber, Topic
    from syndicator.pipeline.parts import Parts
    from syndicator.store.leave import Tie

Way: TypeAlias = Literal["session", "preferences", "link", "move"]

PER_HOUR: Final = 3  # mails that one reader's wishes cause; more are not sent
PER_DAY: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A reader who is here, by a link of which kind, and what the link says beside."""

    person: Subscriber
    manner: Manner
    ties: Sequence[Tie]
    way: Way
    more: str = ""

    @property
    def is_own(self) -> bool:
        """Whether this is the owner of the address, and not just somebody with a mail of theirs."""
        return self.way == "session"

    @property
    def paused(self) -> list[Tie]:
        """The subscriptions that pause."""
        return [tie for tie in self.ties if tie.state == "paused"]


class Choice(NamedTuple):
    """How a reader wants all their mails; without a slot as each topic has it."""

    slot: Slot | None
    language: str
    format: Format


class Outlook(NamedTuple):
    """When mail comes next. `at` is None where it comes with the news (`instant`), or where none does."""

    kind: Literal["at", "instant", "paused", "none"]
    at: datetime | None = None
    zone: str = "UTC"


async def recognise(parts: Parts, conn: AsyncConnection, token: str) -> Visit | None:
    """Find whose link this is; None for one that is unknown, over, or bound to what has changed since."""
    now = parts.clock()
    for way in get_args(Way):
        if claim := parts.tokens.read_reader(way, token, now):
            reader = await subscribers.get(conn, claim.subscriber)
            if reader is None:
                return None
            manner = (await preferences.manners(conn, [claim.subscriber])).get(claim.subscriber, Manner())
            bond = bond_of(key(reader.subscriber.address), manner.secret)
            if not parts.tokens.is_bound(claim, bond):
                return None
            ties = await leave.ties(conn, claim.subscriber)
            return Visit(person=reader.subscriber, manner=manner, ties=ties, way=way, more=claim.more)
    return None


def token_of(parts: Parts, visit: Visit, way: Way, *, more: str = "") -> str:
    """Make a token of this reader's for another way in."""
    bond = bond_of(key(visit.person.address), visit.manner.secret)
    return parts.tokens.reader(way, visit.person.id, parts.clock(), bond=bond, more=more)


async def may_mail(parts: Parts, conn: AsyncConnection, subscriber: int) -> bool:
    """Whether one more mail that a reader's wish causes is within the limits."""
    now = parts.clock()
    hourly = await reader_links.mails(conn, subscriber, since=now - timedelta(hours=1))
    daily = await reader_links.mails(conn, subscriber, since=now - timedelta(days=1))
    return hourly < PER_HOUR and daily < PER_DAY


async def mail_link(parts: Parts, address: str) -> bool:
    """Mail a link that opens a reader's page once; whether there is such a reader, and one more is allowed.

    An address that never confirmed anything is no reader yet: only sign-up's limits protect it from mails.
    Whoever asks must not be told which it was.
    """
    async with parts.store.write() as conn:
        reader = await subscribers.find(conn, address)
        if reader is None or {*reader.topics.values()} == {"pending"}:
            return False
        if not await may_mail(parts, conn, reader.subscriber.id):
            return False
        person, now = reader.subscriber, parts.clock()
        manner = (await preferences.manners(conn, [person.id])).get(person.id, Manner())
        name, until = secrets.token_urlsafe(16), now + LASTS["link"]
        bond = bond_of(key(person.address), manner.secret)
        token = parts.tokens.reader("link", person.id, now, bond=bond, more=name)
        await reader_links.add(conn, name, person.id, now=now, until=until)
        await transactional.enqueue(
            conn, kind="link", address=person.address, language=language_of(parts, person),
            subscriber=person.id, facts={"url": f"{parts.settings.site.base_url}/preferences/{token}"},
            now=now, until=until,
        )  # fmt: skip
    return True


async def enter(parts: Parts, visit: Visit) -> str | None:
    """Use a mailed link: the token of a session; None if it was used before."""
    async with parts.store.write() as conn:
        if not await reader_links.use(conn, visit.more, now=parts.clock()):
            return None
    return token_of(parts, visit, "session")


async def choose_topics(parts: Parts, visit: Visit, wanted: Collection[str]) -> None:
    """Tie a reader to just these of the topics that they may have; new ones pause if the others do."""
    now, id_ = parts.clock(), visit.person.id
    theirs, others = offered(parts.current.catalog, visit.ties)
    may = {topic.slug for topic in (*theirs, *others)}
    async with parts.store.write() as conn:
        await subscribers.subscribe(conn, id_, sorted(may & {*wanted}), state="active", now=now)
        await subscribers.end(conn, id_, sorted({topic.slug for topic in theirs} - {*wanted}), now=now)
        if visit.paused:
            await leave.pause(conn, id_, until=visit.paused[0].until_at, now=now)


async def choose(parts: Parts, visit: Visit, choice: Choice) -> None:
    """Write when and how a reader's mails come."""
    async with parts.store.write() as conn:
        await preferences.choose(
            conn,
            visit.person.id,
            slot=choice.slot,
            language=choice.language,
            format_=choice.format,
            now=parts.clock(),
        )


async def bind_anew(parts: Parts, visit: Visit) -> Visit:
    """End all links to this reader's pages in mails that they have; return them with a bond of today."""
    secret = secrets.token_urlsafe(12)
    async with parts.store.write() as conn:
        await preferences.bind_anew(conn, visit.person.id, secret)
    return Visit(
        person=visit.person, manner=visit.manner._replace(secret=secret), ties=visit.ties, way=visit.way
    )


def offered(catalog: Catalog, ties: Sequence[Tie]) -> tuple[list[Topic], list[Topic]]:
    """List the topics that a reader has, in no order, and the others that anybody may have, by title."""
    theirs = {tie.topic for tie in ties if tie.state != "ended"}
    own = [topic for slug in sorted(theirs) if (topic := catalog.topics.get(slug))]
    return own, [topic for slug, topic in signup_wish.offered(catalog).items() if slug not in theirs]


def language_of(parts: Parts, person: Subscriber) -> str:
    """Say in which language to speak to a reader."""
    return person.language or parts.settings.site.language


def zone_of(parts: Parts, visit: Visit) -> str:
    """Say in which zone a reader lives, as far as we know: their own, that of their first topic, else UTC.

    A zone that this machine lacks is none: a host with newer data wrote it.
    """
    topics: Mapping[str, Topic] = parts.current.catalog.topics
    plans = (topics[tie.topic].digest for tie in visit.ties if tie.topic in topics and tie.state != "ended")
    slots = [visit.person.slot] if visit.person.slot else [plan.slot for plan in plans if plan]
    return next((slot.zone for slot in slots if schedule.is_known(slot)), "UTC")


def outlook(catalog: Catalog, visit: Visit, now: datetime) -> Outlook:
    """Foresee when the next mail may come; by the clock alone, whether or not there will be news."""
    live = [topic for tie in visit.ties if tie.state == "active" and (topic := catalog.topics.get(tie.topic))]
    own = visit.person.slot
    slots = {slot for topic in live if (slot := own or (topic.digest.slot if topic.digest else None))}
    if not slots:
        if visit.paused:
            return Outlook("paused", visit.paused[0].until_at)
        return Outlook("none")
    if any(slot.frequency == "instant" for slot in slots):
        return Outlook("instant")
    known = filter(schedule.is_known, slots)
    fires = [(fire.at, slot.zone) for slot in known if (fire := schedule.next_fire(slot, now))]
    return Outlook("at", *min(fires)) if fires else Outlook("none")
