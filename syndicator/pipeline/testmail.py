"""A test mail: sent as digests are, and judged as it came back (`doctor --send`, `doctor --read`)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import aiohttp

from syndicator.deliver.names import Names
from syndicator.deliver.standing import Answer, Finding, Sending, received
from syndicator.deliver.transport import send
from syndicator.digest.dkim import Signer, read_key
from syndicator.model import Edition
from syndicator.pipeline.doctor import WEB_PATIENCE, fetched
from syndicator.pipeline.letters import Letters, marks_of
from syndicator.store import editions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syndicator.deliver.standing import Ask, Judge
    from syndicator.deliver.transport import Outcome
    from syndicator.model import Topic
    from syndicator.pipeline.parts import Parts
    from syndicator.settings import Settings

NOBODY: Final = 0  # no subscriber has this number: nothing can follow from the links of a test mail
LOOKED_AT: Final = 200  # editions, for one that may be shown to anybody
_PAGE: Final = re.compile(r"https?://")


async def send_test(parts: Parts, recipient: str, topics: Mapping[str, Topic]) -> tuple[Outcome, str]:
    """Send the newest edition for everybody, or a few words, to an address; its Message-ID comes along.

    `topics` are those in force, by slug. No row is written. Raises DeliveryError where a message cannot be
    made.
    """
    edition = await _newest(parts, topics) or _words(parts)
    letter = Letters(parts).of(edition, subscriber=NOBODY, address=recipient)
    outcome = await send(parts.transport, letter, _nothing)
    name = re.search(rb"(?m)^Message-ID: (\S+)", letter.message)
    return outcome, name[1].decode() if name else ""


async def _newest(parts: Parts, topics: Mapping[str, Topic]) -> Edition | None:
    """Read the newest edition that is for anybody: who gets this one may be a service outside."""
    async with parts.store.read() as conn:
        for head in await editions.recent(conn, limit=LOOKED_AT):
            if head.topics and all(slug in topics and topics[slug].is_offered for slug in head.topics):
                return await editions.get(conn, head.id)
    return None


async def _nothing() -> None:
    """Commit nothing: a test mail has no row."""


def _words(parts: Parts) -> Edition:
    """Make an edition that says that it is a test."""
    site, marks = parts.settings.site, marks_of("test", parts.mark_key)
    said = f"This is a test mail of {site.title}. Save its whole source, and let it be judged."
    leave = f"{marks['address']}\n{marks['unsubscribe']}\n"
    html = f"<!DOCTYPE html><html lang=en><body><p>{said}</p><p>{marks['address']}</p>"
    html += f'<p><a href="{marks["unsubscribe"]}">Leave</a></p></body></html>\n'
    return Edition(
        id="test", slot="daily@00:00@UTC", subject=f"A test mail of {site.title}", html=html,
        text=f"{said}\n\n{leave}", topics=("test",), language="en", articles=0, created_at=parts.clock(),
    )  # fmt: skip


async def read_back(
    settings: Settings, raw: bytes, *, network: bool = True, server: str = ""
) -> list[Finding]:
    """Judge a mail as it lies in a mailbox; its link to leave is opened, which changes nothing (GET).

    Without `network` keys come from our own settings, and no other record is asked for.
    """
    if not network:
        return received.judge(raw, _own_records(settings))
    names = Names(server)
    found = await names.examine(_judge_of(raw), Sending(domain="", envelope=""))
    return [*found, await _link(received.link(raw))]


def _judge_of(raw: bytes) -> Judge:
    def mail(_sending: Sending, ask: Ask) -> list[Finding]:
        return received.judge(raw, ask)

    return mail


def _own_records(settings: Settings) -> Ask:
    """Answer from the keys that we sign with; all else cannot be had."""
    signers = (Signer(domain=k.domain, selector=k.selector, key=read_key(k.pem)) for k in settings.mail.dkim)
    ours = {f"{each.selector}._domainkey.{each.domain}".lower(): each.record() for each in signers}

    def ask(name: str, kind: str) -> Answer:
        if kind == "TXT" and name in ours:
            return Answer((ours[name],))
        return Answer(trouble="not asked (--offline)")

    return ask


async def _link(url: str) -> Finding:
    if not _PAGE.match(url):
        return Finding("link", "look", "the mail has no link that leaves the list", "set site.base_url")
    async with aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=WEB_PATIENCE), trust_env=False
    ) as session:
        page = await fetched(session, url)
    if page.status == 200 and page.kind.startswith("text/html"):
        return Finding("link", "ok", "its link to leave opens a page")
    said = page.trouble or f"it is answered {page.status} {page.kind}".rstrip()
    todo = "let your web server hand /unsubscribe/ on as it is; look whether something rewrites links"
    return Finding("link", "wrong", f"its link to leave does not open: {said}", todo)
