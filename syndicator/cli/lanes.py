"""`syndicator lanes`: what destinations of mail take now, and why not more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from syndicator.pipeline.destinations import Destination

app = typer.Typer(
    help="Lanes: relays and domains that count our mail; which wait, and why.", no_args_is_help=True
)

Json = Annotated[bool, typer.Option("--json", help="Print as JSON.")]


@app.command("list")
def list_(ctx: typer.Context, json: Json = False) -> None:
    """List lanes: open, narrow (fewer connections for a while) or waiting, until when and why.

    `relay NAME` is one of your mail servers, `*` all mail together (a warm-up), any other name the domain of
    recipients or of their mail servers. What is not listed has never asked for anything.

    Example: `syndicator lanes list`
    """
    from syndicator.cli.common import start

    start(_list(ctx, json=json))


@app.command("resume")
def resume(
    ctx: typer.Context,
    names: Annotated[list[str], typer.Argument(metavar="NAME…", help="Names from `syndicator lanes list`.")],
) -> None:
    """Use lanes again at once, as wide as before: what they asked for is forgotten.

    Limits stay: a relay's letters in a minute, the days of a warm-up.

    Example: `syndicator lanes resume "relay smtp.example.net:587"`
    """
    from syndicator.cli.common import start

    start(_resume(ctx, names))


async def _list(ctx: typer.Context, *, json: bool) -> None:
    from syndicator.cli.common import open_store, print_json, print_table, rfc3339
    from syndicator.clock import utc_now
    from syndicator.pipeline.destinations import look

    settings = ctx.obj.settings()
    async with open_store(settings) as store, store.read() as conn:
        found = await look(conn, settings.mail, utc_now())
    if json:
        names = ("name", "state", "reason", "connections", "most", "per_minute", "today", "queued")
        print_json([{n: getattr(each, n) for n in names} | {"until": rfc3339(each.until)} for each in found])
        return
    heads = ("lane", "state", "until", "connections#", "minute#", "today#", "queued#", "why")
    print_table(heads, [_row(each) for each in found], empty="no lanes: no mail was ever sent")


def _row(each: Destination) -> tuple[str, ...]:
    from syndicator.cli.common import rfc3339

    width = f"{each.connections} of {each.most}"
    counts = ("" if number is None else f"{number:,}" for number in (each.per_minute, each.today))
    return (each.name, each.state, rfc3339(each.until) or "", width, *counts, f"{each.queued:,}", each.reason)


async def _resume(ctx: typer.Context, names: list[str]) -> None:
    from syndicator.cli.common import open_store, say
    from syndicator.clock import utc_now
    from syndicator.errors import NotFound
    from syndicator.store import lanes

    async with open_store(ctx.obj.settings()) as store, store.write() as conn:
        known = {lane.name for lane in await lanes.load(conn)}
        for name in names:
            if name not in known:
                raise NotFound(f"lane: nothing was heard of '{name}'", hint="syndicator lanes list")
        for name in names:
            await lanes.resume(conn, name, now=utc_now())
    for name in names:
        say(f"{name}: used again")
