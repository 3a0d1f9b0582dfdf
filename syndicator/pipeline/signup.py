"""signup: what a stranger asks for → a sign-up that waits, and a mail that asks whether it is meant.

Whoever asks learns nothing of an address: known, pending, suppressed, blocked or new, the answer is the same,
and what is limited by address is limited in silence. Limits are counted in the database, so all hosts agree;
what is counted is a hash under a key of the day.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from syndicator.digest.tokens import LASTS, bond_of
from syndicator.pipeline.parts import log
from syndicator.pipeline.signup_wish import counted_as, is_blocked, offered
from syndicator.store import preferences, signups, subscribers, transactional

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.pipeline.parts import Parts
    from syndicator.pipeline.signup_wish import Wish
    from syndicator.store.signups import Waiting

Taken: TypeAlias = Literal["taken", "busy"]
"""`busy`: too much was asked, from this network or in all; it says nothing of the address."""

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
KEPT: Final = DAY + HOUR  # what limits look back at, and the hour until `purge` comes by
PER_ADDRESS: Final = ((timedelta(minutes=10), 1), (DAY, 3))  # mails in a span of time, at most
PER_NETWORK: Final = {"page": ((HOUR, 10), (DAY, 40)), "api": ((HOUR, 3), (DAY, 10))}
ALL: Final = ""  # the name that every mail is counted by


class Outcome(NamedTuple):
    """What a link that confirms leads to, and the topics, schedule and link of whom it concerns.

    ask: it can be confirmed. done: it is. newer: a later sign-up took its place. over: nothing waits.
    """

    state: Literal["ask", "done", "newer", "over"]
    topics: tuple[str, ...] = ()
    choice: signups.Choice | None = None
    preferences: str = ""  # address of the reader's own page


async def ask(parts: Parts, wish: Wish, *, client: str, way: Literal["page", "api"]) -> Taken:
    """Take a sign-up from a client (an IP address), within the limits."""
    now, names = parts.clock(), _Names(parts)
    mailbox, network = names.of("address", counted_as(wish.address)), names.of("network", network_of(client))
    async with parts.store.write() as conn:
        await signups.lock(conn)
        if await _is_over(conn, network, PER_NETWORK[way], now) or await _is_over(
            conn, (ALL,), ((HOUR, parts.settings.signup.per_hour),), now
        ):
            log.warning("sign-ups are limited", way=way)
            return "busy"
        await signups.note(conn, network[0], now=now)
        if await _is_welcome(parts, conn, wish, mailbox, now):
            await signups.note(conn, mailbox[0], now=now)
            await signups.note(conn, ALL, now=now)
            slot = wish.slot
            waiting = await signups.put(
                conn, str(wish.address), topics=wish.topics, language=wish.language, slot=slot, now=now
            )
            await _write(parts, conn, waiting, wish.language, now)
    return "taken"


async def look(parts: Parts, token: str) -> Outcome:
    """Say what a link leads to; nothing changes."""
    async with parts.store.read() as conn:
        return await _outcome(parts, conn, token)


async def confirm(parts: Parts, token: str) -> Outcome:
    """Do what a link is for; twice is harmless."""
    async with parts.store.write() as conn:
        found = await _outcome(parts, conn, token)
        if found.state != "ask":
            return found
        claim = parts.tokens.read_reader("confirm", token, parts.clock())
        waiting = await signups.get(conn, claim.subscriber) if claim else None
        assert waiting is not None  # noqa: S101  `_outcome` has found it in this transaction
        await signups.confirm(conn, waiting, found.topics, now=parts.clock())
        log.info("a subscription is confirmed", topics=found.topics)
        return await _outcome(parts, conn, token)


async def expire(parts: Parts) -> None:
    """Forget who has not confirmed while a link worked, and what limits no longer look at."""
    now = parts.clock()
    async with parts.store.write() as conn:
        await signups.expire(conn, before=now - LASTS["confirm"])
        await signups.purge(conn, before=now - KEPT)


def network_of(client: str) -> str:
    """Name the network that a client is counted in: 256 addresses of IPv4, a /56 of IPv6; empty if none."""
    try:
        found = ip_address(client.partition("%")[0])
    except ValueError:
        return ""
    found = getattr(found, "ipv4_mapped", None) or found
    return str(ip_network((found, 24 if found.version == 4 else 56), strict=False))


async def _is_over(
    conn: AsyncConnection, who: tuple[str, ...], limits: tuple[tuple[timedelta, int], ...], now: datetime
) -> bool:
    return any([await signups.count(conn, who, since=now - span) >= most for span, most in limits])


async def _is_welcome(
    parts: Parts, conn: AsyncConnection, wish: Wish, mailbox: tuple[str, ...], now: datetime
) -> bool:
    """Whether a mail may go to this address; why not nobody is told."""
    if is_blocked(wish.address, parts.settings.signup.blocked):
        return False
    if await subscribers.suppressed(conn, [str(wish.address), counted_as(wish.address)]):
        return False
    return not await _is_over(conn, mailbox, PER_ADDRESS, now)


async def _write(parts: Parts, conn: AsyncConnection, waiting: Waiting, language: str, now: datetime) -> None:
    """Plan the mail: what was chosen, to be confirmed; or, if there is nothing to confirm, what there is."""
    site, titles = parts.settings.site, parts.current.catalog.topics
    named = waiting.choice.topics if waiting.choice else waiting.topics
    facts = {"topics": "\n".join(titles[slug].title for slug in named if slug in titles)}
    if choice := waiting.choice:
        slot = choice.slot
        bond = await _bond(conn, waiting)
        token = parts.tokens.reader("confirm", waiting.subscriber, now, bond=bond, more=_mark(choice))
        facts |= {
            "url": f"{site.base_url}/confirm/{token}",
            "frequency": slot.frequency if slot else "",
            "at": f"{slot.at:%H:%M}" if slot else "",
            "zone": slot.zone if slot else "",
            "days": str(LASTS["confirm"].days),
            "known": "yes" if choice.adds else "",
        }
    else:
        facts["url"] = await _preferences(parts, conn, waiting, now)
    await transactional.enqueue(
        conn,
        kind="confirm" if waiting.choice else "known",
        address=waiting.address,
        language=language,
        subscriber=waiting.subscriber,
        facts=facts,
        now=now,
        until=now + LASTS["confirm"] / 2,  # enough of the time that the link works is left to the reader
    )


async def _outcome(parts: Parts, conn: AsyncConnection, token: str) -> Outcome:
    now = parts.clock()
    claim = parts.tokens.read_reader("confirm", token, now)
    waiting = await signups.get(conn, claim.subscriber) if claim else None
    if claim is None or waiting is None:
        return Outcome("over")
    if not parts.tokens.is_bound(claim, await _bond(conn, waiting)):
        return Outcome("over")
    if waiting.choice is None:
        own = await _preferences(parts, conn, waiting, now)
        return Outcome("done", waiting.topics, None, own) if waiting.topics else Outcome("over")
    if claim.more != _mark(waiting.choice):
        return Outcome("newer")
    topics = _still_there(parts, waiting.choice.topics)
    return Outcome("ask", topics, waiting.choice) if topics else Outcome("over")


def _still_there(parts: Parts, slugs: tuple[str, ...]) -> tuple[str, ...]:
    """Choose the topics that are still offered, under the names that they have now."""
    open_ = offered(parts.current.catalog)
    renamed = {old: topic.slug for topic in open_.values() for old in topic.was}
    return tuple(dict.fromkeys(now for slug in slugs if (now := renamed.get(slug, slug)) in open_))


def _mark(choice: signups.Choice) -> str:
    """Name what was chosen, so that a link never confirms anything else."""
    return hashlib.sha256(choice.said.encode()).hexdigest()[:16]


async def _bond(conn: AsyncConnection, waiting: Waiting) -> str:
    """Say what a reader's links are bound to: who has moved to another address has no old ones."""
    found = (await preferences.manners(conn, [waiting.subscriber])).get(waiting.subscriber)
    return bond_of(subscribers.key(waiting.address), found.secret if found else "")


async def _preferences(parts: Parts, conn: AsyncConnection, waiting: Waiting, now: datetime) -> str:
    bond = await _bond(conn, waiting)
    token = parts.tokens.reader("preferences", waiting.subscriber, now, bond=bond)
    return f"{parts.settings.site.base_url}/preferences/{token}"


class _Names:
    """Names for counting: hashes under a key of the day, of today and of yesterday."""

    def __init__(self, parts: Parts) -> None:
        today = parts.clock().date()
        days = (today, today - DAY)
        self._keys = [
            hmac.digest(parts.mark_key, f"signup:{day.isoformat()}".encode(), hashlib.sha256) for day in days
        ]

    def of(self, kind: str, value: str) -> tuple[str, ...]:
        """Give the names of something: the one to note it by today, and all to look for."""
        said = f"{kind}\0{value}".encode("utf-8", "surrogatepass")
        return tuple(hmac.digest(key, said, hashlib.sha256)[:16].hex() for key in self._keys)
