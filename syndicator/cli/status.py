"""`syndicator status`: is it running, what came in, what goes out."""

from __future__ import annotations

from typing import Annotated, Any

import typer


def status(
    ctx: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Show on one screen whether all is well: sources, articles, subscribers, mail.

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
        ("next digest", found["next_digest_at"] or "none planned"),
    ]
    import sys

    sys.stdout.writelines(f"{name:<12} {value}\n" for name, value in lines)
    for trouble in found["trouble"]:
        say(trouble)


async def _gather(ctx: typer.Context) -> dict[str, Any]:
    from collections import Counter

    from syndicator import schedule
    from syndicator.cli.common import look, rfc3339
    from syndicator.clock import utc_now
    from syndicator.errors import DaemonRunning
    from syndicator.lock import only_one
    from syndicator.store import deliveries, matches, sources, subscribers

    try:
        with only_one(ctx.obj.settings(), patience=0):
            running = False
    except DaemonRunning:
        running = True
    async with look(ctx.obj) as (_, catalog, store), store.read() as conn:
        states = await sources.list_all(conn)
        counts = await matches.counts(conn)
        readers = await subscribers.list_all(conn)
        mail = await deliveries.counts(conn)
        own = await subscribers.own_slots(conn)
    slots = {topic.digest.slot for topic in catalog.topics.values() if topic.digest} | set(own)
    fires = [fire.at for slot in slots if (fire := schedule.next_fire(slot, utc_now()))]
    tally: Counter[str] = Counter(state.state for state in states)
    return {
        "running": running,
        "sources": {"total": len(catalog.sources), **{name: tally[name] for name in STATES}},
        "articles": sum(counts[slug][0] for slug in catalog.topics if slug in counts),
        "topics": len(catalog.topics),
        "subscribers": len(readers),
        "deliveries": mail,
        "next_digest_at": rfc3339(min(fires, default=None)) if readers else None,
        "trouble": [f"{state.name}: {state.last_error}" for state in states if state.last_error],
    }


STATES = ("new", "ok", "failing", "stopped")
