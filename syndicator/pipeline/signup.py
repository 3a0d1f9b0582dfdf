"""signup: what a stranger asks for → a sign-up that waits, and a mail that asks whether it is meant.

Whoever asks learns nothing of an address: known, pending, suppressed, blocked or new, the answer is the same,
and what is limited by address is limited in silence (`signup_limits`). What depends on the address is done
after the answer, so that its time does not tell either.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Literal, NamedTuple

from syndicator.digest.tokens import LASTS, bond_of
from syndicator.errors import SyndicatorError
from syndicator.pipeline.parts import log
from syndicator.pipeline.signup_limits import KEPT, admits, may_write
from syndicator.pipeline.signup_wish import offered
from syndicator.store import preferences, signups, subscribers, transactional

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.pipeline.parts import Parts
    from syndicator.pipeline.signup_limits import Way
    from syndicator.pipeline.signup_wish import Wish
    from syndicator.store.signups import Waiting


class Outcome(NamedTuple):
    """What a link that confirms leads to, and the topics, schedule and link of whom it concerns.

    ask: it can be confirmed. done: it is. newer: a later sign-up took its place. over: nothing waits.
    """

    state: Literal["ask", "done", "newer", "over"]
    topics: tuple[str, ...] = ()
    choice: signups.Choice | None = None
    preferences: str = ""  # address of the reader's own page


async def admit(parts: Parts, client: str, way: Way) -> bool:
    """Whether a sign-up from a client (an IP address) is within the limits, whatever the address is."""
    async with parts.store.write() as conn:
        await signups.lock(conn)
        return await admits(parts, conn, client, way)


async def take(parts: Parts, wish: Wish, *, client: str) -> None:
    """Take a sign-up that `admit` let in, once it is answered; what goes wrong is logged."""
    try:
        async with parts.store.write() as conn:
            await signups.lock(conn)
            if await may_write(parts, conn, wish.address, client):
                now, address = parts.clock(), str(wish.address)
                waiting = await signups.put(
                    conn, address, topics=wish.topics, language=wish.language, slot=wish.slot, now=now
                )
                await _write(parts, conn, waiting, wish.language, now)
    except SyndicatorError as error:
        log.error("a sign-up is lost", error=error.message)


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
