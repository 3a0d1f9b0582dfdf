"""`syndicator status`: is it running, what came in, what goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Collection


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
    from syndicator.fetch.causes import by_cause

    found, names = await _gather(ctx)
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
    alarms = [_cut(alarm, names) for alarm in found["alarms"]]
    for words in [alarm for name, alarm in alarms if not name]:
        say(f"alarm: {words}")
    for cause in by_cause(alarm for alarm in alarms if alarm[0]):
        say(f"alarm: {cause}")
    alarmed = {name for name, _ in alarms}
    troubles = (_cut(trouble, names) for trouble in found["trouble"])
    for cause in by_cause(trouble for trouble in troubles if trouble[0] not in alarmed):
        say(str(cause))
    for lane in found["lanes"]:
        say(f"mail: {lane}")
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


def _cut(said: str, names: Collection[str]) -> tuple[str, str]:
    """Cut `NAME: words` of a source; what is of none has no name."""
    name, _, words = said.partition(": ")
    return (name, words) if name in names else ("", said)


async def _gather(ctx: typer.Context) -> tuple[dict[str, Any], Collection[str]]:
    """Gather what there is to say, and the names of the sources."""
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
        mail = ctx.obj.settings().mail
        found = await survey(around.store, around.catalog, utc_now(), mail=mail)
    told = {
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
        "lanes": list(found.lanes),
        "followers": dict(found.followers),
    }
    return told, around.catalog.sources.keys()
