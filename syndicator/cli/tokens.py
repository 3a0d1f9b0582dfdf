"""`syndicator tokens`: the keys that sign the links in mails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from syndicator.store.catalogs import Key

app = typer.Typer(help="The keys that sign the links in mails.", no_args_is_help=True)


@app.command("list")
def list_(
    ctx: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="Write a list as JSON.")] = False,
) -> None:
    """List the keys, newest first: since when, and until when links that they signed work.

    Example: `syndicator tokens list`
    """
    from syndicator.cli.common import print_json, print_table, rfc3339, start

    rows = [
        {"key": key.id, "created_at": rfc3339(key.created_at), "ends_at": rfc3339(key.ends_at)}
        for key in start(_list(ctx))
    ]
    if json:
        print_json(rows)
        return
    cells = [(str(row["key"]), str(row["created_at"]), str(row["ends_at"] or "it signs")) for row in rows]
    print_table(("key", "since", "links work until"), cells, empty="no key yet: the daemon makes the first")


@app.command("rotate")
def rotate(
    ctx: typer.Context,
    at_once: Annotated[
        bool,
        typer.Option("--at-once", help="End all links in mails that were sent, those to unsubscribe too."),
    ] = False,
) -> None:
    """Let a new key sign links from now on; those that were signed before work for a year more.

    Running daemons take it over within seconds. `--at-once` is for when a key was stolen: then readers
    leave by mail, or with the link in the next mail.

    Example: `syndicator tokens rotate`
    """
    from syndicator.cli.common import say, start

    start(_rotate(ctx, at_once=at_once))
    until = "are over" if at_once else "work for a year more"
    say(f"a new key signs from now on; links that were signed before {until}")


async def _list(ctx: typer.Context) -> list[Key]:
    from syndicator.cli.common import open_store
    from syndicator.store import catalogs

    async with open_store(ctx.obj.settings()) as store, store.read() as conn:
        return await catalogs.list_keys(conn)


async def _rotate(ctx: typer.Context, *, at_once: bool) -> None:
    import secrets
    from datetime import timedelta

    from syndicator.cli.common import open_store
    from syndicator.clock import utc_now
    from syndicator.digest.tokens import LASTS
    from syndicator.store import catalogs
    from syndicator.store.dialect import lock_arrivals

    now = utc_now()
    until = now + (timedelta(0) if at_once else LASTS["preferences"])
    async with open_store(ctx.obj.settings()) as store, store.write() as conn:
        await lock_arrivals(conn, exclusive=True)
        await catalogs.add_secret(conn, secrets.token_urlsafe(32), now=now, old_until=until)
