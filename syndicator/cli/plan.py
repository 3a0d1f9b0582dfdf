"""`syndicator plan`: what an edit of the files would change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from syndicator.catalog.edit import Standing
    from syndicator.model import Plan
    from syndicator.pipeline.outlook import Effect, Outlook

NAMES = 12  # of sources in one line
SIGNS = {"added": "+", "removed": "-", "rule": "~", "settings": "~"}
COLOURS = {"+": "green", "-": "red", "~": "yellow"}


def plan(
    ctx: typer.Context,
    limit: Annotated[
        int, typer.Option("--limit", min=0, max=1000, help="Examples of articles gained and lost.")
    ] = 3,
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Show what the files would change against what is in force: topics, sources, articles, feeds, mails.

    Nothing is written. Articles that an edit finds in the archive are shown in feeds and never mailed, unless
    `syndicator topics release` says so. The exit status is 0 whether or not anything would change.

    Example: `syndicator plan --limit 5`
    """
    from syndicator.cli.common import start

    start(_plan(ctx, limit, json=json))


async def _plan(ctx: typer.Context, limit: int, *, json: bool) -> None:
    from syndicator.cli.common import last_good, print_json, say
    from syndicator.cli.rules import console, in_force, peek
    from syndicator.clock import utc_now
    from syndicator.pipeline.outlook import outlook

    edit = ctx.obj.load()
    async with peek(edit.settings) as store:
        last = await last_good(store) if store else None
        old = await in_force(store, edit.settings) if store else None
        standing: Standing = edit.settle(last if old else None)
        made = await outlook(store, old, standing.catalog, now=utc_now(), limit=limit)
    if json:
        print_json(_as_json(made, standing, is_first=old is None))
        return
    for trouble in standing.said():
        say(trouble)
    screen = console()
    if old is None:
        screen.print("Nothing is in force yet; all of this would be new.", style="bold")
    if not any(getattr(made.plan, name) for name in made.plan.__slots__):
        waits = ", ".join(sorted({*standing.kept, *standing.left_out}))
        if waits:
            screen.print(f"No changes: {waits} is not taken over, its own tests fail; the rest is in force.")
        else:
            screen.print("No changes: what is in force is what the files say.")
        return
    _sources(screen, made)
    for effect in made.effects:
        _topic(screen, effect, limit)
    _sum(screen, made)


def _sources(screen: Console, made: Outlook) -> None:
    listed: Plan = made.plan
    rows = (("+", listed.sources_added), ("-", listed.sources_removed), ("~", listed.sources_changed))
    if any(names for _, names in rows):
        screen.print("Sources", style="bold")
    for sign, names in rows:
        if names:
            screen.print(f"{sign} {_listed(names)}", style=COLOURS[sign])
    if made.pulled:
        screen.print(f"  pulled at once: {_listed(made.pulled)}", style="dim")


def _listed(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - NAMES:,} more" if len(names) > NAMES else ""
    return ", ".join(names[:NAMES]) + more


def _topic(screen: Console, effect: Effect, limit: int) -> None:
    """Show what becomes of one topic, with examples."""
    from rich.text import Text

    from syndicator.cli.preview import article
    from syndicator.cli.rules import scanned

    sign = SIGNS[effect.change]
    what = {"added": "new", "removed": "removed", "rule": "rule changed", "settings": "settings changed"}
    screen.print()
    title = (f"{sign} {effect.slug}", f"bold {COLOURS[sign]}")
    screen.print(Text.assemble(title, f"  {effect.title}: {what[effect.change]}"))
    if effect.change == "removed":
        screen.print(f"  its {effect.stored:,} articles leave the topic, its feeds and page go")
    if made := effect.trial:
        screen.print(
            Text.assemble(
                "  ", (f"+{made.total.gained:,}", "green"), "  ", (f"-{made.total.lost:,}", "red"),
                f"  {made.total.before:,} → {made.total.matched:,} of {scanned(made)}",
            )
        )  # fmt: skip
    screen.print(Text(f"  {_reach(effect)}", style="dim"))
    if made:
        for kind, found in (("+", made.gained), ("-", made.lost)):
            for each in found[:limit]:
                article(screen, each, kind, brief=True)


def _reach(effect: Effect) -> str:
    from syndicator.cli.common import rfc3339
    from syndicator.cli.sources.common import counted

    parts = [f"goes stale: {', '.join(effect.documents)}", counted(effect.readers, "subscriber")]
    if effect.next_digest_at and effect.change != "removed":
        parts.append(f"next digest {rfc3339(effect.next_digest_at)}")
    return "; ".join(parts)


def _sum(screen: Console, made: Outlook) -> None:
    """Say in two lines what all that comes to."""
    from syndicator.cli.sources.common import counted

    gained = sum(effect.trial.total.gained for effect in made.effects if effect.trial)
    readers = sum(effect.readers for effect in made.effects)
    screen.print()
    screen.print(
        f"{counted(len(made.effects), 'topic')} changed, "
        f"{counted(sum(len(e.documents) for e in made.effects), 'document')} stale"
        f"{', with the front page and the list of feeds' if made.site else ''}; "
        f"{counted(readers, 'subscription')} touched"
    )
    if gained:
        amount = counted(gained, "article")
        screen.print(f"No digest sends the {amount} gained unless `syndicator topics release` says so.")


def _as_json(made: Outlook, standing: Standing, *, is_first: bool) -> dict[str, Any]:
    from dataclasses import asdict

    from syndicator.cli.common import rfc3339
    from syndicator.cli.rules import as_json, candidate

    return {
        "first": is_first,
        **{name: list(getattr(made.plan, name)) for name in made.plan.__slots__},
        "pulled_at_once": list(made.pulled),
        "site_stale": made.site,
        "failures": [asdict(problem) for problem in standing.failures],
        "kept": list(standing.kept),
        "left_out": list(standing.left_out),
        "topics": [
            {
                "slug": effect.slug,
                "title": effect.title,
                "change": effect.change,
                "stored": effect.stored,
                "subscribers": effect.readers,
                "documents": list(effect.documents),
                "next_digest_at": rfc3339(effect.next_digest_at),
                "trial": as_json(effect.trial)
                | {
                    "gained_articles": [candidate(each, "gained") for each in effect.trial.gained],
                    "lost_articles": [candidate(each, "lost") for each in effect.trial.lost],
                }
                if effect.trial
                else None,
            }
            for effect in made.effects
        ],
    }
