"""`syndicator once`: everything that is due, then exit."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from syndicator.pipeline.parts import Summary

WORDS = {  # of one, and of several
    "pulled": ("source pulled", "sources pulled"),
    "unchanged": ("of them unchanged", "of them unchanged"),
    "failed": ("failed", "failed"),
    "articles": ("article new or changed", "articles new or changed"),
    "matched": ("match", "matches"),
    "documents": ("document written", "documents written"),
    "editions": ("edition made", "editions made"),
    "planned": ("mail planned", "mails planned"),
    "sent": ("mail sent", "mails sent"),
    "deferred": ("mail deferred", "mails deferred"),
    "refused": ("mail refused", "mails refused"),
    "uncertain": ("mail with unknown outcome", "mails with unknown outcome"),
    "pushed": ("follower told", "followers told"),
    "notes": ("mail to one person sent", "mails to one person sent"),
}


def once(
    ctx: typer.Context,
    now: Annotated[str, typer.Option(help="Take this for the clock everywhere.", metavar="TIME")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Do everything that is due, print a summary, and exit: for cron, and for trying things out.

    Example: `syndicator once --now 2026-11-24T07:00:00Z --json`
    """
    from syndicator.cli.common import parse_time, print_json, say, start
    from syndicator.cli.log import configure_log
    from syndicator.clock import utc_now

    configure_log("warning")
    instant = parse_time(now) if now else None
    if instant and instant > utc_now():
        say("note: sources and digests remember this time; for a trial point SYNDICATOR_STATE elsewhere")
    summary: Summary = start(_once(ctx, instant))
    counts = {name: getattr(summary, name) for name in WORDS}
    if json:
        print_json(counts)
        return
    shown = [f"{count:>8,}  {WORDS[name][count != 1]}\n" for name, count in counts.items() if count]
    sys.stdout.writelines(shown or ["nothing was due\n"])


async def _once(ctx: typer.Context, instant: datetime | None) -> Summary:
    from syndicator import pipeline
    from syndicator.assembly import assemble
    from syndicator.cli.common import last_good, say
    from syndicator.clock import utc_now
    from syndicator.lock import only_one

    clock = (lambda: instant) if instant else utc_now
    edit = ctx.obj.load(sends=True)
    with only_one(edit.settings):
        async with assemble(edit.settings, clock=clock) as parts:
            for fault in parts.broken_templates:
                raise fault
            standing = edit.settle(await last_good(parts.store))
            for trouble in standing.said():
                say(trouble)
            await pipeline.apply(parts, standing.catalog, standing.dump)
            await pipeline.recover(parts)
            with _progress() as show:
                return await pipeline.once(parts, show)


@contextmanager
def _progress() -> Iterator[Callable[[str, Summary], None] | None]:
    """Show what is going on, on a terminal only."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console

    with Console(stderr=True).status("pull …") as status:

        def show(verb: str, total: Summary) -> None:
            status.update(
                f"{verb} … {total.pulled:,} sources, {total.articles:,} articles, "
                f"{total.documents:,} documents, {total.sent:,} mails"
            )

        yield show
