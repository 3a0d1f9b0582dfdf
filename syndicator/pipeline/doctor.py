"""doctor: gather what can be known of an installation and its mail, and have it judged (`deliver.standing`).

Nothing is changed and nothing sent; the database is not even upgraded.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import aiohttp
from sqlalchemy.engine import make_url

from syndicator import address
from syndicator.deliver.lanes.board import relays_of
from syndicator.deliver.names import Names
from syndicator.deliver.relay import addresses_of, is_here, visit
from syndicator.deliver.standing import Finding, Sending, SigningKey, reports
from syndicator.deliver.standing.records import JUDGES
from syndicator.deliver.switch import through
from syndicator.digest.dkim import Signer, read_key
from syndicator.digest.headers import Facts
from syndicator.digest.message import Mould
from syndicator.digest.proof import faults as faults_of
from syndicator.digest.tokens import Tokens
from syndicator.errors import DeliveryError, StoreError, TemplateError
from syndicator.store import Store, catalogs, editions, migrate
from syndicator.templates import environments, own_folders

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from syndicator.model import Edition
    from syndicator.settings import Settings

WEB_PATIENCE: Final = 15.0  # seconds for a page
READ: Final = 64 * 1024  # octets of a page
ELSEWHERE: Final = ("192.0.2.1", 9)  # nobody's (RFC 5737); connecting UDP sends nothing
HEADER: Final = 4096  # octets that personal fields and signatures may add to a message


@dataclass(slots=True)
class _Archive:
    """What was found in the database."""

    findings: list[Finding] = field(default_factory=list)
    keys: tuple[str, ...] = ()
    largest: Edition | None = None


async def examine(
    settings: Settings, *, clock: Callable[[], datetime], network: bool, server: str = "", sending: str = ""
) -> list[Finding]:
    """Check everything, in the order in which a mail meets it; `network` false leaves out what needs it.

    `server` is asked instead of the system's name servers (see `names.place`); `sending` is the address that
    receivers see our mail come from.
    """
    archive = await _archive(settings, clock())
    found = [*archive.findings, *await asyncio.to_thread(_machine, settings)]
    if not network:
        return found
    web = asyncio.create_task(_web(settings, archive.keys, clock))
    if settings.mail.transport == "smtp":
        found += await _records(settings, Names(server), sending)
        found += await _relay(settings, archive.largest, clock)
    else:
        said = "mails go to a Maildir and leave this machine by no way (mail.transport)"
        found.append(Finding("mail", "look", said, "set mail.transport: smtp when you send them for good"))
    return [*found, *await web]


def _machine(settings: Settings) -> list[Finding]:
    """Look at the disk and at the templates."""
    state = settings.state
    there = next(each for each in (state, *state.parents) if each.exists())
    found = [reports.disk(shutil.disk_usage(there).free, str(there))]
    if not os.access(there, os.W_OK):
        todo = "let the account that runs syndicator write there"
        found.append(Finding("disk", "wrong", f"{there} cannot be written to", todo))
    try:
        broken: Sequence[TemplateError] = faults_of(environments(own_folders(settings.config)))
    except TemplateError as error:
        broken = [error]
    if not broken:
        return [*found, Finding("templates", "ok", "all compile")]
    return [*found, *(Finding("templates", "wrong", each.message, each.hint or "mend it") for each in broken)]


async def _archive(settings: Settings, now: datetime) -> _Archive:
    """Look into the database as it is."""
    file = make_url(settings.database_url).database if settings.is_embedded else None
    if file and not await asyncio.to_thread(Path(file).exists):
        said = "there is no database yet"
        return _Archive([Finding("database", "look", said, "`syndicator run` makes it")])
    store = Store(settings.database_url)
    try:
        async with store.read() as conn:
            version = await conn.run_sync(migrate.current)
            finding = _schema(version)
            if finding.level != "ok":
                return _Archive([finding])
            keys = await catalogs.secrets(conn, now=now)
            return _Archive([finding], keys, await editions.largest(conn))
    except StoreError as error:
        todo = error.hint or "see that it runs and that `database` leads to it"
        return _Archive([Finding("database", "wrong", error.message, todo)])
    finally:
        await store.close()


def _schema(version: str | None) -> Finding:
    if version == migrate.HEAD:
        return Finding("database", "ok", f"its schema is {version}, as this program needs it")
    if version is None:
        return Finding("database", "look", "the database is empty", "`syndicator run` fills it")
    said = f"its schema is {version}, and this program's {migrate.HEAD}"
    if version < migrate.HEAD:
        return Finding("database", "look", said, "back it up; the next start upgrades it (docs/running.md)")
    return Finding("database", "wrong", said, "install the newer syndicator, or restore an older backup")


async def _records(settings: Settings, names: Names, sending: str) -> list[Finding]:
    facts = await _sending(settings, sending)
    if facts is None:
        said = f"'{settings.mail.sender}' is no address of a domain in the DNS"
        return [Finding("from", "wrong", said, "set mail.from to an address of a domain of yours")]
    return [finding for judge in JUDGES for finding in await names.examine(judge, facts)]


async def _sending(settings: Settings, sending: str) -> Sending | None:
    """Say how our mail leaves; None where From is of no domain that others could look up."""
    mail = settings.mail
    sender, returns = address.parse(mail.sender), address.parse(mail.returns.address)
    if sender is None or "." not in sender.domain or sender.domain.startswith("["):
        return None
    relay = [each for server in relays_of(mail) for each in await addresses_of(server.host)]
    here = mail.route == "direct" or is_here(relay)
    if sending:
        seen: tuple[str, ...] = (sending,)
    else:
        seen = tuple(each for each in ((_own(),) if here else relay) if each and ip_address(each).is_global)
    signers = (Signer(domain=k.domain, selector=k.selector, key=read_key(k.pem)) for k in mail.dkim)
    return Sending(
        domain=sender.domain.lower(),
        envelope=(returns or sender).domain.lower(),
        keys=tuple(SigningKey(each.domain.lower(), each.selector, each.record()) for each in signers),
        addresses=seen,
        is_direct=bool(sending) or (here and bool(seen)),
    )


def _own() -> str:
    """Find the address that this machine writes to others from; empty if it has none."""
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(ELSEWHERE)
        return str(probe.getsockname()[0])
    return ""


async def _relay(settings: Settings, largest: Edition | None, clock: Callable[[], datetime]) -> list[Finding]:
    mail = settings.mail
    if mail.route == "direct":
        said = "mail goes to the servers of its recipients: port 25 must be open from here to the outside"
        return [Finding("relay", "ok", said)]
    found: list[Finding] = []
    for seen in await asyncio.gather(*(visit(through(mail, each)) for each in relays_of(mail))):
        found += reports.relay(seen, largest=_octets(settings, largest), now=clock())
        if seen.date and not seen.is_here:
            found.append(reports.clock(clock(), seen.date, f"the clock of {seen.server}"))
    return found


def _octets(settings: Settings, edition: Edition | None) -> int:
    """Say how large the mails of an edition are; 0 for none."""
    if edition is None:
        return 0
    mail = settings.mail
    facts = Facts(
        sender=mail.sender,
        recipient=mail.sender,
        subject=edition.subject,
        date=edition.created_at,
        message_id="<size@doctor>",
    )
    with suppress(DeliveryError):
        return len(Mould(facts, text=edition.text, html=edition.html).write(facts)) + HEADER
    return 2 * len((edition.text + edition.html).encode()) + HEADER


async def _web(settings: Settings, keys: Sequence[str], clock: Callable[[], datetime]) -> list[Finding]:
    """Visit our own pages as a reader does, from outside in."""
    root = settings.site.base_url
    timeout = aiohttp.ClientTimeout(total=WEB_PATIENCE)
    async with aiohttp.ClientSession(timeout=timeout, trust_env=False) as session:
        health = await fetched(session, f"{root}/healthz")
        now = clock()
        found = reports.base(health)
        if not health.trouble:
            # Nobody has this number: the page says that all is done, and nothing can follow from it.
            link = f"{root}/unsubscribe/{Tokens(keys).unsubscribe(0, 'doctor')}" if keys else ""
            found.append(reports.leaving(await fetched(session, link) if link else None))
    host = urlsplit(root).hostname or ""
    if health.date and not is_here(await addresses_of(host)):
        found.append(reports.clock(now, health.date, f"the clock of {host}"))
    return found


async def fetched(session: aiohttp.ClientSession, url: str) -> reports.Page:
    """Ask for a page, and tell how it was answered."""
    try:
        async with session.get(url, allow_redirects=False) as response:
            date = None
            with suppress(ValueError, KeyError, TypeError):
                date = parsedate_to_datetime(response.headers["Date"])
            return reports.Page(
                url=url,
                status=response.status,
                kind=response.headers.get("Content-Type", ""),
                body=await response.content.read(READ),
                date=date if date and date.tzinfo else None,
            )
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        return reports.Page(url=url, trouble=str(error) or type(error).__name__)
