"""`syndicator admin`: the link that opens the admin pages."""

from __future__ import annotations

import typer  # noqa: TC002 - typer reads the annotations at run time


def admin(ctx: typer.Context) -> None:
    """Print a link that opens the admin pages of the running daemon in a browser.

    It works once, within 15 minutes. Each browser needs one of its own.

    Example: `syndicator admin`
    """
    from syndicator.cli.common import start

    start(print_link(ctx))


async def print_link(ctx: typer.Context, to: str = "") -> None:
    """Print a link that opens the door, and leads to a page below /admin."""
    from syndicator.cli.common import open_store
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
    print(f"{address}?to={to}" if to else address)  # noqa: T201
