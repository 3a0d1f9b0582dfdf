"""`syndicator backtest`: what a topic's feeds and digests would have held."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from datetime import datetime

    from rich.console import Console

    from syndicator.model import Slot
    from syndicator.pipeline.backtest import Backtest
    from syndicator.pipeline.trial import Trial

LONGEST = 400  # days


def backtest(
    ctx: typer.Context,
    slug: Annotated[str, typer.Argument(help="The topic: its file's name without the ending.")],
    since: Annotated[
        str, typer.Option("--since", metavar="TIME", help="From then until now: a time, or 12h, 3d, 2w ago.")
    ],
    limit: Annotated[
        int, typer.Option("--limit", min=0, max=1000, help="Examples of articles gained and lost.")
    ] = 3,
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Show what feeds and digests would have held with a topic's file, beside the rule in force.

    Days are counted by when articles were published, digests by when they arrived. What was read for the
    first time together, as from a new source, stands in one digest.

    Example: `syndicator backtest china --since 2w`
    """
    from syndicator.cli.common import start

    start(_backtest(ctx, slug, since, limit, json=json))


async def _backtest(ctx: typer.Context, slug: str, typed: str, limit: int, *, json: bool) -> None:
    from datetime import timedelta

    from syndicator.cli.common import parse_since, print_json
    from syndicator.cli.rules import bench, console
    from syndicator.clock import utc_now
    from syndicator.pipeline.backtest import backtest as run

    now = utc_now()
    since = parse_since(typed, now)
    if since >= now or now - since > timedelta(days=LONGEST):
        raise typer.BadParameter(f"give a time within the last {LONGEST} days", param_hint="--since")
    async with bench(ctx.obj, slug) as open_:
        against = open_.in_force
        made = await run(open_.store, open_.topic, against=against, since=since, now=now, limit=limit)
    if json:
        print_json(_as_json(made, since, now))
        return
    screen = console()
    _head(screen, made.trial, open_.topic.title, in_force=against is not None)
    _days(screen, made.trial)
    if open_.topic.digest:
        _digests(screen, made, open_.topic.digest.slot, now)
    else:
        screen.print("\nno digest: the topic has none of its own", style="dim")
    _sources(screen, made.trial)
    _examples(screen, made.trial, against is not None)


def _head(screen: Console, made: Trial, title: str, *, in_force: bool) -> None:
    from rich.text import Text

    from syndicator.cli.preview import change
    from syndicator.cli.rules import scanned

    screen.print(Text.assemble((title, "bold"), f"  {made.topic}"))
    screen.print(f"{made.total.matched:,} of {scanned(made)} that arrived")
    if in_force:
        screen.print(f"the rule in force: {made.total.before:,}; {change(made)}")


def _days(screen: Console, made: Trial) -> None:
    from syndicator.cli.preview import chart

    if made.total.matched:
        screen.print("\nBy day of publication", style="bold")
        chart(screen, made)


def _digests(screen: Console, made: Backtest, slot: Slot, now: datetime) -> None:
    from zoneinfo import ZoneInfo

    from rich.text import Text

    from syndicator.cli.drawing import bar

    most = max(max(each.articles, each.before) for each in made.digests)
    number = len(f"{most:,}")
    zone = ZoneInfo(slot.zone)
    heading = f"\nDigests, {slot.frequency} at {slot.at:%H:%M} {slot.zone}"
    screen.print(Text.assemble((heading, "bold"), "  articles (and by the rule in force)"))
    for each in made.digests:
        told = "no mail" if not each.articles else ""
        if each.articles > each.shown:
            told = f"{each.shown} shown"
        if each.at > now:
            told = "so far"
        day, before = each.at.astimezone(zone), f"({each.before:,})"
        words = f"{day:%a %Y-%m-%d}  {each.articles:>{number},} {before:>{number + 2}} "
        line = Text.assemble(
            words, (bar(each.articles, most, 24), "cyan"), (f"  {told}" if told else "", "dim")
        )
        screen.print(line)


def _sources(screen: Console, made: Trial) -> None:
    from rich.table import Table

    from syndicator.cli.rules import by_size

    rows = [(name, t) for name, t in by_size(made.by_source) if t.matched or t.lost]
    if not rows:
        return
    screen.print()
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("source")
    for column in ("articles", "gained", "lost"):
        table.add_column(column, justify="right")
    for name, tally in rows[:20]:
        table.add_row(name, *(f"{number:,}" for number in (tally.matched, tally.gained, tally.lost)))
    screen.print(table)
    if len(rows) > 20:
        screen.print(f"and {len(rows) - 20:,} more", style="dim")


def _examples(screen: Console, made: Trial, in_force: bool) -> None:
    from syndicator.cli.preview import article

    for sign, found in (("+", made.gained if in_force else ()), ("-", made.lost)):
        for each in found:
            article(screen, each, sign, brief=True)


def _as_json(made: Backtest, since: datetime, now: datetime) -> dict[str, Any]:
    from syndicator.cli.common import rfc3339
    from syndicator.cli.rules import as_json, candidate, tally

    return as_json(made.trial) | {
        "since": rfc3339(since),
        "until": rfc3339(now),
        "digests": [
            {
                "at": rfc3339(each.at),
                "articles": each.articles,
                "shown": each.shown,
                "before": each.before,
                "arrived": tally(each.arrived),
            }
            for each in made.digests
        ],
        "gained_articles": [candidate(each, "gained") for each in made.trial.gained],
        "lost_articles": [candidate(each, "lost") for each in made.trial.lost],
    }
