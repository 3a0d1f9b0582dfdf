"""The only place where parts are built and joined; the daemon and the commands get them from here."""

from __future__ import annotations

import hashlib
import secrets
from contextlib import asynccontextmanager
from random import SystemRandom
from typing import TYPE_CHECKING

from syndicator.clock import utc_now
from syndicator.deliver.lanes.board import Board
from syndicator.deliver.maildir import MaildirTransport
from syndicator.deliver.switch import Switch
from syndicator.digest.dkim import Signer, read_key
from syndicator.digest.proof import faults
from syndicator.digest.tokens import Tokens
from syndicator.errors import TemplateError
from syndicator.fetch import Fetcher
from syndicator.fetch.websub import user_agent
from syndicator.match.index import Index
from syndicator.model import Catalog
from syndicator.pipeline.parts import Current, Parts
from syndicator.store import Store, catalogs
from syndicator.store.dialect import lock_arrivals
from syndicator.templates import environments, own_folders

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from datetime import datetime
    from pathlib import Path

    from syndicator.deliver.transport import Transport
    from syndicator.settings import Mail, Settings
    from syndicator.templates import Templates

EMPTY = Catalog(version="", sources={}, topics={})


TRIES = 10  # at leaving out files, one set of faults after the other


def templates_of(settings: Settings) -> Templates:
    """Read the templates: an admin's own (`own_folders`) win over the packaged ones."""
    return environments(own_folders(settings.config))


def proved_templates(settings: Settings) -> Templates:
    """Read the templates and prove an admin's, if there are any; raises the first TemplateError."""
    templates = templates_of(settings)
    if any(folder.is_dir() for folder in own_folders(settings.config)):
        for fault in faults(templates):
            raise fault
    return templates


def sound_templates(settings: Settings) -> tuple[Templates, tuple[TemplateError, ...]]:
    """Read the templates but for those of an admin's files that are faulty; the faults come second."""
    folders = own_folders(settings.config)
    if not any(folder.is_dir() for folder in folders):
        return environments(), ()
    left_out: set[Path] = set()
    told: list[TemplateError] = []
    for _ in range(TRIES):
        try:
            templates = environments(folders, left_out=left_out)
            found = faults(templates)
        except TemplateError as error:
            found = [error]
        if not found:
            return templates, tuple(told)
        told += found
        files = ([folder / fault.name for folder in folders] for fault in found)
        guilty = {file for places in files for file in places if file.is_file()}
        if not guilty - left_out:
            break
        left_out |= guilty
    return environments(), tuple(told)


@asynccontextmanager
async def assemble(settings: Settings, *, clock: Callable[[], datetime] = utc_now) -> AsyncIterator[Parts]:
    """Build the parts on an upgraded database, and close them in the end. No catalog is in force yet."""
    templates, broken = sound_templates(settings)
    store = Store(settings.database_url)
    board = Board(settings.mail)
    transport = _carrier(settings.mail, board, clock) if settings.mail.transport == "smtp" else None
    try:
        await store.upgrade()
        keys, first = await _secrets(store, clock())
        fetcher = Fetcher(
            settings.fetch,
            user_agent=user_agent(settings),
            files_root=settings.config,
            inboxes=settings.inboxes,
            inbound=settings.inbound,
            clock=clock,
        )
        async with fetcher:
            yield Parts(
                settings=settings,
                store=store,
                fetcher=fetcher,
                templates=templates,
                broken_templates=broken,
                transport=transport or MaildirTransport(settings.maildir),
                lanes=board,
                tokens=Tokens(keys),
                signers=signers_of(settings),
                mark_key=hashlib.sha256(b"marks:" + first.encode()).digest(),
                clock=clock,
                jitter=SystemRandom().random,
                current=Current(catalog=EMPTY, index=Index(())),
            )
    finally:
        if transport:
            await transport.close()
        await store.close()


def _carrier(mail: Mail, board: Board, clock: Callable[[], datetime]) -> Transport:
    """Make what carries mail: over relays, or to the servers of its recipients."""
    if mail.route == "relay":
        return Switch(mail, board, clock=clock)
    # Only who goes without a relay pays for the library that asks the DNS.
    from syndicator.deliver.direct import Direct  # noqa: PLC0415
    from syndicator.deliver.exchanges import Exchanges  # noqa: PLC0415
    from syndicator.deliver.names import Names  # noqa: PLC0415

    exchanges = Exchanges(
        Names(mail.resolver),
        own=mail.helo,
        allowed=mail.allow_private,
        clock=clock,
        jitter=SystemRandom().random,
    )
    return Direct(mail, board, exchanges, clock=clock)


async def follow_keys(parts: Parts) -> None:
    """Take over keys that were added or ended since, on this host or another."""
    async with parts.store.read() as conn:
        found = await catalogs.secrets(conn, now=parts.clock())
    if found and not parts.tokens.are_of(found):
        parts.tokens = Tokens(found)


def signers_of(settings: Settings) -> tuple[Signer, ...]:
    """Make what signs mail by DKIM of the keys in the settings."""
    return tuple(
        Signer(domain=key.domain, selector=key.selector, key=read_key(key.pem)) for key in settings.mail.dkim
    )


async def _secrets(store: Store, now: datetime) -> tuple[tuple[str, ...], str]:
    """Read the keys that sign links, and the first there was; a new database gets one."""
    async with store.write() as conn:
        await lock_arrivals(conn, exclusive=True)  # two hosts that start at once must not make a key each
        found = await catalogs.secrets(conn, now=now)
        if not found:
            await catalogs.add_secret(conn, secrets.token_urlsafe(32), now=now)
            found = await catalogs.secrets(conn, now=now)
        return found, await catalogs.first_secret(conn)
