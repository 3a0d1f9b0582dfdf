"""`syndicator status`: is it running, what came in, what goes out."""

from __future__ import annotations

from typing import Annotated, Any

import typer


def status(
    ctx: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Show on one screen whether all is well: sources, articles, subscribers, mail, and what needs you.

    The exit status is 0 whatever it shows; a monitor reads `alarms` of --json, empty where nobody is needed.

    Example: `syndicator status`
    """
    from syndicator.cli.common import start

    start(_status(ctx, json=json))


async def _status(ctx: typer.Context, *, json: bool) -> None:
    from syndicator.cli.common import print_json, say

    found = await _gather(ctx)
    if json:
        print_json(found)
        return
    sources, mail = found["sources"], found["deliveries"]
    lines = [
        ("daemon", "running" if found["running"] else "not running"),
        ("sources", f"{sources['ok']:,} of {sources['total']:,} well" if sources["total"] else "none"),
        ("articles", f"{found['articles']:,} in topics"),
        ("topics", f"{found['topics']:,}"),
        ("subscribers", f"{found['subscribers']:,}"),
        ("mail", ", ".join(f"{count:,} {state}" for state, count in mail.items()) or "none yet"),
        ("followers", _followers(found["followers"])),
        ("next digest", found["next_digest_at"] or "none planned"),
    ]
    import sys

    sys.stdout.writelines(f"{name:<12} {value}\n" for name, value in lines)
    for alarm in found["alarms"]:
        say(f"alarm: {alarm}")
    alarmed = tuple(f"{alarm.partition(': ')[0]}: " for alarm in found["alarms"])
    for trouble in found["trouble"]:
        if not trouble.startswith(alarmed):
            say(trouble)
    for notice in found["notices"]:
        say(f"notice: {notice}")


def _followers(counts: dict[str, int]) -> str:
    """Say how many are told of news, and how many of them do not take them."""
    from syndicator.cli.sources.common import counted

    said = [
        *([counted(counts["callbacks"], "callback")] if counts["callbacks"] else []),
        *([counted(counts["hubs"], "hub of others", "hubs of others")] if counts["hubs"] else []),
        *(f"{counts[name]:,} {name}" for name in ("failing", "behind", "pending") if counts[name]),
    ]
    return ", ".join(said) or "none"


async def _gather(ctx: typer.Context) -> dict[str, Any]:
    from syndicator.cli.common import looking, rfc3339
    from syndicator.clock import utc_now
    from syndicator.errors import DaemonRunning
    from syndicator.lock import only_one
    from syndicator.pipeline.survey import survey

    try:
        with only_one(ctx.obj.settings(), patience=0):
            running = False
    except DaemonRunning:
        running = True
    async with looking(ctx.obj) as around:
        found = await survey(around.store, around.catalog, utc_now())
    return {
        "running": running,
        "sources": found.sources,
        "articles": found.articles,
        "topics": len(around.catalog.topics),
        "subscribers": found.subscribers,
        "deliveries": found.deliveries,
        "next_digest_at": rfc3339(found.next_digest_at),
        "trouble": list(found.trouble),
        "alarms": [*around.troubles, *found.alarms],
        "notices": list(found.notices),
        "followers": dict(found.followers),
    }
