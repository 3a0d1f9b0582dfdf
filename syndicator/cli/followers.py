"""`syndicator followers`: who is told when a feed of ours changes (WebSub)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from datetime import datetime

    from syndicator.model.followers import Follower, Intent

app = typer.Typer(
    help="Followers: programs that are told at once when a feed of ours changes.", no_args_is_help=True
)


@app.command("list")
def list_(
    ctx: typer.Context,
    failing: Annotated[bool, typer.Option("--failing", help="Only those that take nothing.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List who follows our feeds: callbacks that subscribed at our hub, and hubs of others that are pinged.

    Of a callback only the host is shown, for its address may be a secret; --json has all of it.

    Example: `syndicator followers list`
    """
    from syndicator.cli.common import start

    start(_list(ctx, failing=failing, json=json))


async def _list(ctx: typer.Context, *, failing: bool, json: bool) -> None:
    from syndicator.cli.common import open_store, print_json, print_table
    from syndicator.clock import utc_now
    from syndicator.store import followers, intents

    async with open_store(ctx.obj.settings()) as store, store.read() as conn:
        held = [one for one in await followers.list_all(conn) if one.attempts or not failing]
        asked = [] if failing else await intents.list_all(conn)
    if json:
        print_json([*map(_told, held), *map(_asked, asked)])
        return
    now = utc_now()
    print_table(
        ("id#", "who", "host", "feed", "until", "last told", "failures#", "what"),
        [*(_cells(one, now) for one in held), *(_pending(one) for one in asked)],
        empty="all take what they are sent" if failing else "no followers yet",
    )


@app.command("drop")
def drop(
    ctx: typer.Context,
    who: Annotated[list[str], typer.Argument(help="Numbers of `followers list`, or hosts.", metavar="WHO…")],
) -> None:
    """Drop followers: each is told so (hub.mode=denied), and gets nothing more unless it subscribes again.

    A hub of others is dropped by deleting it from `websub.hubs`.

    Example: `syndicator followers drop reader.example.org`
    """
    from syndicator.cli.common import say, start
    from syndicator.cli.sources.common import counted

    say(f"{counted(start(_drop(ctx, who)), 'follower')} dropped")


async def _drop(ctx: typer.Context, who: list[str]) -> int:
    from syndicator.cli.common import open_store
    from syndicator.clock import utc_now
    from syndicator.errors import NotFound
    from syndicator.store import followers, intents

    async with open_store(ctx.obj.settings()) as store, store.write() as conn:
        held = [one for one in await followers.list_all(conn) if one.kind == "callback"]
        known = {str(one.id) for one in held} | {one.host for one in held}
        if strange := [name for name in who if name not in known]:
            raise NotFound(
                f"followers: there is no '{strange[0]}'", hint="syndicator followers list names them"
            )
        gone = await followers.take(conn, [one.id for one in held if {str(one.id), one.host} & set(who)])
        await intents.deny(conn, gone, reason="ended by the publisher", now=utc_now())
    return len(gone)


def _told(one: Follower) -> dict[str, Any]:
    from syndicator.cli.common import rfc3339

    return {
        "id": one.id,
        "kind": one.kind,
        "callback": one.callback,
        "feed": one.topic_url,
        "signed": bool(one.secret),
        "until": rfc3339(one.lease_until),
        "told_at": rfc3339(one.delivered_at),
        "failures": one.attempts,
        "failing_since": rfc3339(one.failing_since),
        "next_at": rfc3339(one.due_at),
        "problem": one.problem,
    }


def _asked(one: Intent) -> dict[str, Any]:
    from syndicator.cli.common import rfc3339

    return {
        "kind": "pending",
        "mode": one.mode,
        "callback": one.callback,
        "feed": one.topic_url,
        "asked": one.attempts,
        "next_at": rfc3339(one.ask_at),
    }


def _cells(one: Follower, now: datetime) -> tuple[str, ...]:
    from syndicator.cli.common import ago

    until = ago(one.lease_until, now) if one.lease_until else ""
    told = ago(one.delivered_at, now)
    feed = f"{one.topic or 'all'}.{one.format}"
    return str(one.id), one.kind, one.host, feed, until, told, str(one.attempts or ""), one.problem


def _pending(one: Intent) -> tuple[str, ...]:
    what = "is to be told that it ended" if one.mode == "denied" else f"wants to {one.mode}, not confirmed"
    return "", "pending", one.host, f"{one.topic or 'all'}.{one.format}", "", "", "", what
