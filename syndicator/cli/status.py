"""`syndicator status`: is it running, what came in, what goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from syndicator.model import Catalog, SourceState
    from syndicator.store.notices import Notice


def status(
    ctx: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Show on one screen whether all is well: sources, articles, subscribers, mail, and what needs you.

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
    for alarm in found["alarms"]:
        say(f"alarm: {alarm}")
    alarmed = tuple(f"{alarm.partition(': ')[0]}: " for alarm in found["alarms"])
    for trouble in found["trouble"]:
        if not trouble.startswith(alarmed):
            say(trouble)


async def _gather(ctx: typer.Context) -> dict[str, Any]:
    from collections import Counter

    from syndicator import schedule
    from syndicator.cli.common import looking, rfc3339
    from syndicator.clock import utc_now
    from syndicator.errors import DaemonRunning
    from syndicator.lock import only_one
    from syndicator.store import deliveries, matches, notices, sources, subscribers

    try:
        with only_one(ctx.obj.settings(), patience=0):
            running = False
    except DaemonRunning:
        running = True
    async with looking(ctx.obj) as found, found.store.read() as conn:
        catalog = found.catalog
        states = await sources.list_all(conn)
        counts = await matches.counts(conn)
        readers = await subscribers.list_all(conn)
        mail = await deliveries.counts(conn)
        own = await subscribers.own_slots(conn)
        told = await notices.list_open(conn)
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
        "alarms": [*found.troubles, *_alarms(catalog, states, told)],
    }


def _alarms(catalog: Catalog, states: Iterable[SourceState], told: Iterable[Notice]) -> list[str]:
    """Say what will not get better by itself: dead, silent, moved and stopped sources, and open notices."""
    from syndicator.cli.sources.common import titled
    from syndicator.clock import utc_now
    from syndicator.fetch.health import health

    now = utc_now()
    known = [(catalog.sources[state.name], state) for state in states if state.name in catalog.sources]
    said = [(source.name, health(state, source, now)) for source, state in known]
    alarms = [f"{name}: {doing.text}" for name, doing in said if doing.is_alarm]
    return alarms + [
        " ".join(filter(None, (f"{titled(one.source, catalog)}: {one.text}", one.url))) for one in told
    ]


STATES = ("new", "ok", "failing", "stopped")
