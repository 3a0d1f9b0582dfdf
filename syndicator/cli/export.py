"""`syndicator export`: everything that is published, as files in a folder."""

from __future__ import annotations

import sys
from pathlib import Path  # noqa: TC003  typer reads it
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from syndicator.catalog.edit import Edit
    from syndicator.pipeline.export import Changes


def export(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to write; made if missing.")],
    folders: Annotated[
        bool,
        typer.Option("--folders", help="Write page X as X/index.html too, for object stores."),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list what would be done.")] = False,
) -> None:
    """Write feeds, pages, archives and what belongs to them into a folder, for any web server to serve.

    Publishes first what waits to be published, unless a daemon runs, which does so by itself. Only what
    changed is written, each file in one step; what is published no more is removed, and no file that an
    export did not write is touched. Private topics are never exported. See docs/serving.md. The exit
    status is 1 if something could not be published; it is named, and all else exported.

    Example: `syndicator export /srv/www --dry-run`
    """
    from syndicator.cli.common import say, start
    from syndicator.cli.log import configure_log
    from syndicator.pipeline.export import export as write

    configure_log("warning")
    edit = ctx.obj.load()
    unpublished = {} if dry_run else start(_publish(edit))
    changes = write(edit.settings.public, folder, folders=folders, dry_run=dry_run)
    for sign, paths in (("+", changes.added), ("~", changes.changed), ("-", changes.removed)):
        sys.stdout.writelines(f"{sign} {path}\n" for path in paths)
    for path in changes.left:
        say(f"left alone, for it is not as an export wrote it: {path}")
    say(_summary(changes))
    for name, why in unpublished.items():
        say(f"error: cannot publish {name}: {why}")
    if unpublished:
        raise typer.Exit(1)


def _summary(changes: Changes) -> str:
    return (
        f"{len(changes.added):,} added, {len(changes.changed):,} changed, {len(changes.removed):,} removed, "
        f"{changes.unchanged:,} as they were"
    )


async def _publish(edit: Edit) -> dict[str, str]:
    """Publish all that waits, if no daemon does; return what could not be, and why."""
    from syndicator import pipeline
    from syndicator.assembly import assemble
    from syndicator.cli.common import last_good, say
    from syndicator.errors import DaemonRunning
    from syndicator.lock import only_one
    from syndicator.pipeline.parts import Summary

    try:
        with only_one(edit.settings):
            async with assemble(edit.settings) as parts:
                standing = edit.settle(await last_good(parts.store))
                for trouble in standing.said():
                    say(trouble)
                await pipeline.apply(parts, standing.catalog, standing.dump)
                while Summary().add(await pipeline.publish(parts)):
                    pass
                return parts.unpublished
    except DaemonRunning:
        say("a daemon publishes; what it has written by now is exported")
        return {}
