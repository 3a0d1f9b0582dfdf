"""`syndicator subscribers count`: how many read each topic, and how that changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syndicator.store.audience import Count


def count(
    ctx: typer.Context,
    topic: Annotated[
        str, typer.Argument(metavar="[TOPIC]", help="A topic's slug: day by day; else all.")
    ] = "",
    since: Annotated[str, typer.Option(help="From when on: 30d, or a day.")] = "30d",
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Count the subscribers of each topic, or of one day by day.

    The daemon notes these counts once an hour, `once` each time; days on which neither ran are missing. Who
    joined and left is counted from --since on. Rows are counted, nobody is followed: whether a mail is opened
    is known to nobody.

    Example: `syndicator subscribers count china --since 90d`
    """
    from syndicator.cli.common import start

    start(_count(ctx, topic, since, json=json))


async def _count(ctx: typer.Context, slug: str, since: str, *, json: bool) -> None:
    from syndicator.cli.common import look, parse_since, print_json
    from syndicator.cli.topics import find
    from syndicator.clock import utc_now
    from syndicator.store import audience, subscribers

    day = parse_since(since, utc_now()).date()
    async with look(ctx.obj) as (_, catalog, store), store.read() as conn:
        if slug:
            find(catalog, slug)
        days = await audience.over_time(conn, since=day, topic=slug)
        now = await subscribers.counts(conn)
    if slug:
        _print_days(days.get(slug, []), json=json)
        return
    rows = [_whole(each, now.get(each, {}), days.get(each, ())) for each in sorted({*catalog.topics, *now})]
    if json:
        print_json(rows)
    else:
        _print_topics(rows)


def _whole(topic: str, states: Mapping[str, int], days: Sequence[Count]) -> dict[str, Any]:
    from syndicator.store.audience import STATES

    came = {"joined": sum(each.joined for each in days), "left": sum(each.gone for each in days)}
    return {"topic": topic} | {state: states.get(state, 0) for state in STATES} | came


def _print_topics(rows: list[dict[str, Any]]) -> None:
    from syndicator.cli.common import print_table

    names = ("active", "paused", "pending", "ended", "joined", "left")
    shown = [(row["topic"], *(f"{row[name]:,}" for name in names)) for row in rows]
    print_table(("topic", *(f"{name}#" for name in names)), shown, empty="no topics yet")


def _print_days(days: Sequence[Count], *, json: bool) -> None:
    from dataclasses import asdict

    from syndicator.cli.common import print_json, print_table

    if json:
        rows = [{**asdict(each), "left": each.gone} for each in days]
        print_json([{name: value for name, value in row.items() if name != "gone"} for row in rows])
        return
    names = ("active", "paused", "pending", "ended", "joined", "gone")
    shown = [(each.day, *(f"{getattr(each, name):,}" for name in names)) for each in days]
    columns = ("day", "active#", "paused#", "pending#", "ended#", "joined#", "left#")
    print_table(columns, shown, empty="nothing noted in this time: the daemon does it once an hour")
