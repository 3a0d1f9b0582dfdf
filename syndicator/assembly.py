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
from syndicator.digest.tokens import Tokens
from syndicator.fetch import Fetcher
from syndicator.fetch.websub import user_agent
from syndicator.match.index import Index
from syndicator.model import Catalog
from syndicator.pipeline.parts import Current, Parts
from syndicator.store import Store, catalogs
from syndicator.store.dialect import lock_arrivals
from syndicator.templates import environments

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from datetime import datetime

    from syndicator.deliver.transport import Transport
    from syndicator.settings import Mail, Settings
    from syndicator.templates import Templates

EMPTY = Catalog(version="", sources={}, topics={})


def templates_of(settings: Settings) -> Templates:
    """Read the templates: an admin's `templates/` beside the config folder wins over the packaged ones."""
    return environments([settings.root / "templates"])


@asynccontextmanager
async def assemble(settings: Settings, *, clock: Callable[[], datetime] = utc_now) -> AsyncIterator[Parts]:
    """Build the parts on an upgraded database, and close them in the end. No catalog is in force yet."""
    templates = templates_of(settings)
    store = Store(settings.database_url)
    board = Board(settings.mail)
    transport = _carrier(settings.mail, board, clock) if settings.mail.transport == "smtp" else None
    try:
        await store.upgrade()
        keys = await _secrets(store, clock())
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
                transport=transport or MaildirTransport(settings.maildir),
                lanes=board,
                tokens=Tokens(keys),
                signers=signers_of(settings),
                mark_key=hashlib.sha256(b"marks:" + keys[-1].encode()).digest(),
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


def signers_of(settings: Settings) -> tuple[Signer, ...]:
    """Make what signs mail by DKIM of the keys in the settings."""
    return tuple(
        Signer(domain=key.domain, selector=key.selector, key=read_key(key.pem)) for key in settings.mail.dkim
    )


async def _secrets(store: Store, now: datetime) -> tuple[str, ...]:
    """Read the keys that sign links; a new database gets its first."""
    async with store.write() as conn:
        await lock_arrivals(conn, exclusive=True)  # two hosts that start at once must not make a key each
        found = await catalogs.secrets(conn)
        if not found:
            await catalogs.add_secret(conn, secrets.token_urlsafe(32), now=now)
            found = await catalogs.secrets(conn)
    return found
