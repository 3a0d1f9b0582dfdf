"""hooks: what a mail provider reports over HTTP → the same rows and the same effects as mail that came back.

A report was the provider's before it gets here (`deliver.hooks`), so it needs no token of ours: an address
is enough. Each event is taken once, by the provider's own id, whoever tells it again.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from syndicator.deliver.hooks import mailgun, postmark, sendgrid, ses
from syndicator.deliver.hooks.told import AHEAD, WINDOW, Heard, Posted, Refused, Told
from syndicator.fetch import callbacks
from syndicator.model import FetchFailed
from syndicator.pipeline import returns
from syndicator.pipeline.confirm import means
from syndicator.pipeline.parts import log
from syndicator.store import hooks, notices, subscribers
from syndicator.store import returns as rows

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.pipeline.parts import Parts
    from syndicator.store.returns import Subject

    Get = Callable[[str], Awaitable[bytes | FetchFailed]]

AT_ONCE: Final = 50  # events in one transaction, so that nobody waits long for the writer
CERTIFICATES: Final = 20  # that are remembered; SNS has one for each region and a new one each year
MAX_ANSWER: Final = 16 * 1024  # bytes: a certificate has 2 KB

PUT_OFF: Final = Refused(503, "more came back than a day may bring")
USED: Final = Refused(403, "its token was used before, for another report")


@dataclass(slots=True)
class Certificates:
    """Certificates by their addresses, asked for once, and how to ask."""

    get: Get
    known: dict[str, bytes]

    async def at(self, url: str) -> bytes | Refused:
        """Read a certificate."""
        if url not in self.known:
            found = await self.get(url)
            if isinstance(found, FetchFailed):
                return Refused(503, f"cannot read the certificate: {found.message}")
            if b"-----BEGIN CERTIFICATE-----" not in found:
                return Refused(503, "there is no certificate at the address for it")
            while len(self.known) >= CERTIFICATES:
                self.known.pop(next(iter(self.known)))
            self.known[url] = found
        return self.known[url]


def is_on(parts: Parts, provider: str) -> bool:
    """Whether reports of a provider are taken."""
    on = parts.settings.mail.returns.webhooks
    keys = {
        "ses": on.ses_topics,
        "postmark": on.postmark_secret,
        "mailgun": on.mailgun_key,
        "sendgrid": on.sendgrid_key,
    }
    return bool(keys.get(provider))


async def get(parts: Parts, url: str) -> bytes | FetchFailed:
    """Read what a provider has us read, behind the guard for addresses that strangers name."""
    async with callbacks.opened(means(parts), allow_private=()) as client:
        return await client.get(url, limit=MAX_ANSWER)


async def take(parts: Parts, provider: str, posted: Posted, certificates: Certificates) -> Refused | None:
    """Take a report; None once all that follows from it is committed. Raises StoreError."""
    heard = await _heard(parts, provider, posted, certificates)
    if isinstance(heard, Refused):
        return heard
    if heard.visit:
        found = await certificates.get(heard.visit)
        if isinstance(found, FetchFailed):
            return Refused(503, f"cannot confirm the topic: {found.message}")
        log.info("a topic is confirmed", provider=provider)
    events = heard.events
    for start in range(0, len(events), AT_ONCE):
        once = heard.once if start == 0 else ""
        if refused := await _take(parts, provider, events[start : start + AT_ONCE], once):
            return refused
    return None


async def _heard(parts: Parts, provider: str, posted: Posted, certificates: Certificates) -> Heard | Refused:
    """Check and read a report, beside the loop."""
    on, now = parts.settings.mail.returns.webhooks, parts.clock()
    match provider:
        case "mailgun":
            return await asyncio.to_thread(mailgun.read, posted, on.mailgun_key, now)
        case "sendgrid":
            return await asyncio.to_thread(sendgrid.read, posted, on.sendgrid_key, now)
        case "postmark":
            return await asyncio.to_thread(postmark.read, posted, on.postmark_secret, now)
        case _:
            url = await asyncio.to_thread(ses.certificate_url, posted, on.ses_topics)
            certificate = url if isinstance(url, Refused) else await certificates.at(url)
            if isinstance(certificate, Refused):
                return certificate
            return await asyncio.to_thread(ses.read, posted, ses.Key(on.ses_topics, certificate), now)


async def _take(parts: Parts, provider: str, events: Sequence[Told], once: str) -> Refused | None:
    """Take some events in one transaction."""
    now = parts.clock()
    async with parts.store.write() as conn:
        named = [(f"{provider}:{hashlib.sha256(each.id.encode()).hexdigest()}", each) for each in events]
        new = [(hash_, each) for hash_, each in named if not await rows.is_known(conn, hash_)]
        if not new:
            return None
        if await rows.count(conn, since=now - returns.DAY) >= parts.settings.mail.returns.per_day:
            await notices.raise_(conn, notices.MAIL, "returns", PUT_OFF.why, now=now)
            return PUT_OFF
        if once and not await hooks.use(conn, once, until=now + WINDOW + AHEAD):
            return USED
        for hash_, each in dict(new).items():
            await _follow(parts, conn, each, hash_, now)
    log.info("a provider reports what came back", provider=provider, events=len(new))
    return None


async def _follow(parts: Parts, conn: AsyncConnection, told: Told, hash_: str, now: datetime) -> None:
    """Write an event down, and do what follows from it."""
    back = told.back
    subject = await _subject(parts, conn, told)
    if subject is None:
        await returns.list_unclaimed(conn, back, hash_, now)
        return
    refusal = returns.refusal_of(back, subject)
    if back.kind == "unsubscribe":  # the provider takes no more mail for them, of whatever topic
        await subscribers.end(conn, subject.subscriber, None, now=now)
        effect = "ended"
    else:
        claim = returns.Claim(subject, leaves=False)
        effect = await returns.follow(parts, conn, back, claim, refusal, now)
    await rows.keep(
        conn,
        hash_=hash_,
        kind=back.kind,
        now=now,
        subject=subject,
        address="",
        refusal=refusal,
        effect=effect,
        excerpt=back.excerpt,
    )


async def _subject(parts: Parts, conn: AsyncConnection, told: Told) -> Subject | None:
    """Find the delivery: by a token of ours, by our name for the message, else by the address."""
    if claim := await returns.claim_of(parts, conn, told.back, ""):
        return claim.subject
    if told.message_id and (found := await hooks.by_message_id(conn, told.message_id)):
        return found
    return await hooks.by_address(conn, told.back.named)
