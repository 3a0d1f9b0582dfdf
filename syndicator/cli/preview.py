"""`syndicator preview`: what a topic's file would match in the archive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from datetime import datetime

    from rich.console import Console
    from rich.text import Text

    from syndicator.model import Topic
    from syndicator.pipeline.trial import Candidate, Trial

SOURCES = 8  # in the chart; the rest is one line
BAR = 24  # columns
EXCERPT = 220  # characters


def preview(
    ctx: typer.Context,
    slug: Annotated[str, typer.Argument(help="The topic: its file's name without the ending.")],
    limit: Annotated[
        int, typer.Option("--limit", min=0, max=1000, help="Show at most so many articles.")
    ] = 20,
    since: Annotated[
        str,
        typer.Option(
            "--since", metavar="TIME", help="Only what was published since then: a time, or 12h, 3d, 2w ago."
        ),
    ] = "",
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Show what a topic's file would match in the archive, newest first, with the words that count marked.

    The file is read as it stands on disk, saved or in force or not, and its rule is held against the one in
    force: what it gains and loses. Nothing is changed.

    Example: `syndicator preview china --limit 5 --since 3d`
    """
    from syndicator.cli.common import parse_since, start
    from syndicator.clock import utc_now

    start(_preview(ctx, slug, limit, parse_since(since, utc_now()) if since else None, json=json))


async def _preview(ctx: typer.Context, slug: str, limit: int, since: datetime | None, *, json: bool) -> None:
    from syndicator.cli.common import print_json
    from syndicator.cli.rules import as_json, bench, candidate, console
    from syndicator.pipeline.trial import trial

    async with bench(ctx.obj, slug) as open_:
        against = open_.in_force
        made = await trial(open_.store, open_.topic, against=against, since=since, limit=limit)
        edited = open_.is_edited
    shown = made.matched[:limit]
    gained = {each.stored.id for each in made.gained} if against else set()
    if json:
        articles = [candidate(each, "gained" if each.stored.id in gained else "kept") for each in shown]
        lost = [candidate(each, "lost") for each in made.lost]
        told = {"in_force": against is not None, "articles": articles, "lost_articles": lost}
        print_json(as_json(made) | told)
        return
    screen = console()
    head(screen, open_.topic, made, edited=edited, in_force=against is not None)
    for each in shown:
        article(screen, each, "+" if edited and each.stored.id in gained else " ")
    if made.lost and against:
        screen.print("\nNo longer in the topic:", style="bold")
        for each in made.lost[:limit]:
            article(screen, each, "-")


def head(screen: Console, topic: Topic, made: Trial, *, edited: bool, in_force: bool) -> None:
    """Say how much there is, how it differs from what is in force, and draw it by day and by source."""
    from rich.text import Text

    from syndicator.cli.rules import by_size, scanned

    title = Text.assemble((topic.title, "bold"), f"  {topic.slug}")
    screen.print(title)
    screen.print(f"{made.total.matched:,} of {scanned(made)} in the topic")
    if not in_force:
        screen.print("no rule is in force under this name")
    elif not edited:
        screen.print("this rule is in force")
    else:
        screen.print(f"the rule in force has {made.total.before:,}: {change(made)}")
    if made.total.matched:
        screen.print()
        chart(screen, made)
        screen.print()
        most = max(tally.matched for tally in made.by_source.values())
        rows = [(name, tally.matched) for name, tally in by_size(made.by_source) if tally.matched]
        _bars(screen, rows, most)


def change(made: Trial) -> str:
    """Say what a rule gains and loses: `12 gained, 3 lost`."""
    return f"{made.total.gained:,} gained, {made.total.lost:,} lost"


def chart(screen: Console, made: Trial) -> None:
    """Draw the matched articles by day of publication."""
    from syndicator.cli.drawing import over_days

    counts = {day: tally.matched for day, tally in made.by_day.items() if tally.matched}
    width = max(min(screen.width - 12, 90), 20)
    for line in over_days(counts, min(counts), max(counts), width=width):
        screen.print(line, style="cyan" if line.strip()[-1:] in "▁▂▃▄▅▆▇█▕" else "dim")


def _bars(screen: Console, rows: list[tuple[str, int]], most: int) -> None:
    from rich.text import Text

    from syndicator.cli.drawing import bar

    name_width = max(len(name) for name, _ in rows[:SOURCES])
    number_width = len(f"{most:,}")
    for name, count in rows[:SOURCES]:
        words = f"{name:<{name_width}}  {count:>{number_width},} "
        screen.print(Text.assemble(words, (bar(count, most, BAR), "cyan")))
    if more := rows[SOURCES:]:
        screen.print(f"and {sum(count for _, count in more):,} from {len(more):,} more sources", style="dim")


def article(screen: Console, each: Candidate, sign: str, *, brief: bool = False) -> None:
    """Show one article: when, where, how well, its headline with the hits marked, why, and a piece of it."""
    from rich.text import Text

    from syndicator.cli.drawing import marked
    from syndicator.cli.rules import when
    from syndicator.text.marks import clip

    stored = each.stored
    colour = {"+": "green", "-": "red"}.get(sign, "")
    screen.print()
    first = Text.assemble(
        (f"{sign} ", colour), (f"{when(stored.sorted_at)}  {stored.article.source}", "dim"),
        (f"  {each.match.score:g} points  #{stored.id}", "dim"),
    )  # fmt: skip
    screen.print(first)
    seen, spans = stored.article.title or "(no title)", each.marks.get("title", ())
    title = marked(seen, spans, terminal=screen.is_terminal, style="bold")
    _indented(screen, title)
    _indented(screen, Text("; ".join(each.match.because), style="dim"))
    name = "text" if stored.article.text else "summary"
    if not brief and (spans := each.marks.get(name, ())):
        body, inside = clip(getattr(stored.article, name), spans, EXCERPT)
        _indented(screen, marked(body, inside, terminal=screen.is_terminal))


def _indented(screen: Console, words: Text) -> None:
    """Write words two columns in, wrapped on a terminal and in one line elsewhere."""
    from rich.padding import Padding

    if screen.is_terminal:
        screen.print(Padding(words, (0, 0, 0, 2)))
    else:
        words.pad_left(2)
        screen.print(words)
