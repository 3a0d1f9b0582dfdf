"""returns: mail that came back → a row, and what follows from it for a reader; all in one transaction.

Only a token of ours says which delivery a mail is about. Without one it is counted and listed, and changes
nothing: anybody can write a bounce. What a bounce may do is limited further, by a day's number of
suppressions, since a server that is broken may call everybody unknown.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from syndicator.deliver.bounce import read, score
from syndicator.deliver.bounce.judge import judged
from syndicator.errors import StoreError
from syndicator.model import Access, FetchFailed, Received, Source, SourceState
from syndicator.pipeline.parts import log
from syndicator.store import editions, notices, subscribers
from syndicator.store import returns as rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.deliver.transport import Outcome
    from syndicator.model import Delivery, Refusal, Return
    from syndicator.pipeline.parts import Parts
    from syndicator.store.returns import Subject

DAY: Final = timedelta(days=1)
FORGED_PER_DAY: Final = 1_000
"""Mails without a token that are listed in a day; more are answered for and forgotten."""

_WEB = re.compile(r"/unsubscribe/([A-Za-z0-9_.-]{1,2000})")


@dataclass(frozen=True, slots=True)
class Claim:
    """What a token says: which delivery, and whether it is from an address for leaving.

    `asks`: the mail was sent to that address itself, which is the request, whatever it says.
    """

    subject: Subject
    leaves: bool
    asks: bool = False


async def take(parts: Parts, mail: bytes, *, recipient: str = "") -> bool:
    """Take one mail that came back; False if today had too many. It is stored when this returns.

    `recipient` is who it was for by its envelope. The same mail twice changes nothing. Raises StoreError.
    """
    found = await asyncio.to_thread(read, mail)
    now, hash_ = parts.clock(), _hash(mail, recipient)
    async with parts.store.write() as conn:
        if await rows.is_known(conn, hash_):
            return True
        if found.kind == "auto-reply":
            return True
        claim = await claim_of(parts, conn, found, recipient)
        if claim is None:
            await list_unclaimed(conn, found, hash_, now)
            return True
        if not claim.subject.address:
            return True  # the reader was erased after it was sent
        if await rows.count_taken(conn, since=now - DAY) >= parts.settings.mail.returns.per_day:
            await notices.raise_(
                conn, notices.MAIL, "returns", "more mail came back than a day may bring", now=now
            )
            return False
        refusal = refusal_of(found, claim.subject)
        effect = await follow(parts, conn, found, claim, refusal, now)
        await rows.keep(
            conn,
            hash_=hash_,
            kind=found.kind,
            now=now,
            subject=claim.subject,
            address="",
            refusal=refusal,
            effect=effect,
            excerpt=found.excerpt,
        )
    log.info("mail came back", kind=found.kind, address=claim.subject.address, effect=effect)
    return True


async def note_refusal(parts: Parts, conn: AsyncConnection, delivery: Delivery, outcome: Outcome) -> None:
    """Take a refusal at SMTP time: it suppresses at once, it counts, or it is ours to mend; see `_weigh`."""
    now = parts.clock()
    subject = rows.Subject(
        delivery=delivery.id,
        edition=delivery.edition,
        subscriber=delivery.subscriber,
        address=delivery.address,
    )
    refusal = replace(judged(outcome.reply), hard=bool(outcome.suppress))
    if refusal.hard:
        refusal = replace(refusal, reason=outcome.suppress, verdict="dead")
    await rows.keep(
        conn,
        hash_=f"smtp:{delivery.id}:{delivery.attempts}",
        kind="refusal",
        now=now,
        subject=subject,
        address="",
        refusal=refusal,
        effect=await _weigh(parts, conn, subject, refusal, now),
        excerpt=outcome.reply,
    )


async def collect(parts: Parts) -> int:
    """Read the mailbox that mail comes back to, if there is one; return how many mails were taken.

    A mail is acknowledged only after it was taken, or where a fault of ours would meet it again each time:
    it stays in the mailbox, and those behind it are read. Raises StoreError.
    """
    settings = parts.settings.mail.returns
    if not settings.address or settings.place == "lmtp":
        return 0
    source = Source(
        name="returns",
        url=settings.place,
        kind="newsletter",
        access=Access(username=settings.username, password=settings.password),
    )
    async with parts.store.read() as conn:
        cursor = await rows.cursor(conn, settings.place)
    found = await parts.fetcher.fetch(source, SourceState(name="returns", url=settings.place, etag=cursor))
    if isinstance(found, FetchFailed):
        log.warning("cannot read what came back", place=settings.place, error=found.message)
        return 0
    if not isinstance(found, Received):
        return 0
    taken: list[str] = []
    for letter in found.letters:
        try:
            if not await take(parts, letter.raw):
                break
        except StoreError:
            raise
        except Exception:  # noqa: BLE001
            log.exception("a fault of ours: a mail that came back is passed over", mail=letter.ref)
        taken.append(letter.ref)
    await parts.fetcher.acknowledge(source, taken)
    if len(taken) == len(found.letters) and found.etag != cursor:
        async with parts.store.write() as conn:
            await rows.move_cursor(conn, settings.place, found.etag)
    return len(taken)


def is_ours(recipient: str, address: str) -> bool:
    """Whether mail for `recipient` came back to `address`, with or without a token."""
    return _token(recipient, address) is not None


def _token(recipient: str, address: str) -> str | None:
    """Give what stands behind the `+`; empty for the address itself, None for another."""
    local, _, domain = address.lower().rpartition("@")
    theirs, _, place = recipient.lower().strip("<> ").rpartition("@")
    if not local or place != domain:
        return None
    name, plus, token = theirs.partition("+")
    return token if name == local and (plus or theirs == local) else None


async def claim_of(parts: Parts, conn: AsyncConnection, found: Return, recipient: str) -> Claim | None:
    """Find the delivery that a token of ours names: in the envelope, the header, or the enclosed mail."""
    address = parts.settings.mail.returns.address
    for each in _addresses(found, recipient, address):
        told = parts.tokens.read_mail(_token(each, address) or "")
        subject = await rows.subject(conn, delivery=told[1]) if told else None
        if told and subject:
            leaves = told[0] == "unsubscribe"
            return Claim(subject, leaves, asks=leaves and each in (recipient, *found.sent_to))
    for clue in found.clues:
        for link in _WEB.finditer(clue):
            reader = parts.tokens.read_unsubscribe(link[1])
            subject = await rows.subject(conn, reader=reader) if reader else None
            if subject:
                return Claim(subject, leaves=False)
    return None


def _addresses(found: Return, recipient: str, address: str) -> Iterator[str]:
    yield recipient
    yield from found.sent_to
    local, _, domain = address.partition("@")
    pattern = re.compile(re.escape(local) + r"\+[a-z0-9-]{1,64}@" + re.escape(domain), re.IGNORECASE)
    for clue in found.clues:
        yield from pattern.findall(clue)


def refusal_of(found: Return, subject: Subject) -> Refusal | None:
    """Choose what is said of the reader; what is said of another address is never hard."""
    for each in found.recipients:
        if subscribers.key(each.address) == subscribers.key(subject.address):
            return each.refusal
    if not found.recipients:
        return None
    first = found.recipients[0].refusal
    return replace(first, hard=False)


async def follow(
    parts: Parts, conn: AsyncConnection, found: Return, claim: Claim, refusal: Refusal | None, now: datetime
) -> str:
    """Do what a mail with a good token asks for; return the effect."""
    subject = claim.subject
    match found.kind:
        case "complaint" if refusal is None or refusal.verdict != "ours":
            await subscribers.end(conn, subject.subscriber, None, now=now)
            await subscribers.suppress(conn, subject.address, "complaint", now=now)
            return "suppressed"
        case "unsubscribe" | "other" if found.kind == "unsubscribe" or claim.asks:
            edition = await editions.get(conn, subject.edition)
            topics = edition.topics if edition else None
            return "ended" if await subscribers.end(conn, subject.subscriber, topics, now=now) else ""
        case "bounce" | "complaint" if refusal is not None and not claim.leaves:
            return await _weigh(parts, conn, subject, refusal, now)
        case _:
            return ""


async def _weigh(
    parts: Parts, conn: AsyncConnection, subject: Subject, refusal: Refusal, now: datetime
) -> str:
    """Suppress an address that is dead or has refused too often, and tell of what is ours to mend."""
    if refusal.verdict == "ours":
        domain = subject.address.rpartition("@")[2].lower()
        text = f"{domain} refuses our mail: {refusal.reason} {refusal.status}".rstrip()
        await notices.raise_(conn, notices.MAIL, "refused", text, now=now)
        return "told"
    if not refusal.final:
        return ""
    if not refusal.hard:
        before = await rows.refusals(conn, subject.address, since=now - score.MEMORY)
        if not score.is_too_much([*before, (now, refusal.verdict)], now):
            return ""
    limit = parts.settings.mail.returns.suppress_per_day
    if await rows.count(conn, since=now - DAY, effect="suppressed") >= limit:
        text = f"more than {limit:,} addresses refused for good within a day: nobody else is suppressed"
        await notices.raise_(conn, notices.MAIL, "returns", text, now=now)
        return "limit"
    await subscribers.suppress(conn, subject.address, refusal.reason, now=now)
    return "suppressed"


async def list_unclaimed(conn: AsyncConnection, found: Return, hash_: str, now: datetime) -> None:
    """List a mail that nobody vouches for."""
    if await rows.count(conn, since=now - DAY, forged=True) >= FORGED_PER_DAY:
        log.warning("mail without a token, not listed: too many today", kind=found.kind)
        return
    first = found.recipients[0] if found.recipients else None
    await rows.keep(
        conn,
        hash_=hash_,
        kind=found.kind,
        now=now,
        subject=None,
        address=first.address if first else found.named,
        refusal=first.refusal if first else None,
        effect="",
        excerpt=found.excerpt or found.subject,
    )


def _hash(mail: bytes, recipient: str) -> str:
    return hashlib.sha256(recipient.lower().encode() + b"\0" + mail).hexdigest()
