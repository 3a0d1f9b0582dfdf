"""`syndicator admin`: the link that opens the admin pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer  # noqa: TC002 - typer reads the annotations at run time

if TYPE_CHECKING:
    from syndicator.settings import Settings


def admin(ctx: typer.Context) -> None:
    """Print a link that opens the admin pages of the running daemon in a browser.

    It works once, within 15 minutes. Each browser needs one of its own.

    Example: `syndicator admin`
    """
    from syndicator.cli.common import start

    start(print_link(ctx))


async def print_link(ctx: typer.Context, to: str = "") -> None:
    """Print a link that opens the door, and leads to a page below /admin."""
    from syndicator.cli.common import open_store, say
    from syndicator.clock import utc_now
    from syndicator.digest.tokens import Tokens
    from syndicator.errors import SyndicatorError
    from syndicator.store import catalogs
    from syndicator.web.door import link

    settings = ctx.obj.settings()
    async with open_store(settings) as store, store.write() as conn:
        keys = await catalogs.secrets(conn, now=utc_now())
        if not keys:
            raise SyndicatorError("there is no daemon yet that a link could lead to", hint="syndicator run")
        address = await link(conn, Tokens(keys), settings.site.base_url, utc_now())
    if not _may_answer(settings):
        say("note: no daemon is running, so the link leads nowhere until `syndicator run`")
    print(f"{address}?to={to}" if to else address)  # noqa: T201


def _may_answer(settings: Settings) -> bool:
    """Whether a daemon may be there: with PostgreSQL it may be on any host."""
    from syndicator.errors import DaemonRunning
    from syndicator.lock import only_one

    try:
        with only_one(settings, patience=0):
            return not settings.is_embedded
    except DaemonRunning:
        return True
