"""`syndicator editions`: what was mailed."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(help="Editions: each digest as it was rendered.", no_args_is_help=True)


@app.callback()
def _editions() -> None:
    """Keep `editions list` a subcommand while it is the only one."""


@app.command("list")
def list_(
    ctx: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List editions, newest first.

    Example: `syndicator editions list`
    """
    from syndicator.cli.common import start

    start(_list(ctx, json=json))


async def _list(ctx: typer.Context, *, json: bool) -> None:
    from syndicator.cli.common import open_store, print_json, print_table, rfc3339
    from syndicator.store import editions

    settings = ctx.obj.settings()
    async with open_store(settings) as store, store.read() as conn:
        found = await editions.list_all(conn)
    rows = [
        {
            "id": edition.id,
            "slot": edition.slot,
            "topics": list(edition.topics),
            "language": edition.language,
            "subject": edition.subject,
            "articles": edition.articles,
            "created_at": rfc3339(edition.created_at),
            "url": f"{settings.site.base_url}/editions/{edition.id}",
        }
        for edition in found
    ]
    if json:
        print_json(rows)
        return
    shown = [(rfc3339(e.created_at) or "", e.slot, str(e.articles), e.subject) for e in found]
    print_table(("made", "slot", "articles#", "subject"), shown, empty="no editions yet")
