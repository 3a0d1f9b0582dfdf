"""`syndicator feed`: a topic's feed on stdout."""

from __future__ import annotations

import sys
from typing import Annotated

import typer


def feed(
    ctx: typer.Context,
    slug: Annotated[
        str,
        typer.Argument(
            metavar="[SLUG]", help="The topic: its file's name without the ending. Without it: all topics."
        ),
    ] = "",
    format: Annotated[str, typer.Option("--format", help="rss, atom or json.")] = "rss",  # noqa: A002
) -> None:
    """Print a topic's feed as it would be published now, from what is stored, or that of all topics together.

    Example: `syndicator feed china --format atom`
    """
    from syndicator.cli.common import start

    start(_feed(ctx, slug, format))


async def _feed(ctx: typer.Context, slug: str, format_: str) -> None:
    from syndicator.assembly import templates_of
    from syndicator.cli.common import look
    from syndicator.cli.topics import find
    from syndicator.clock import utc_now
    from syndicator.pipeline.gather import site_feed, topic_feed
    from syndicator.publish.formats import FEEDS

    if format_ not in FEEDS:
        raise typer.BadParameter(f"'{format_}' is no format; try {', '.join(FEEDS)}", param_hint="--format")
    async with look(ctx.obj) as (settings, catalog, store), store.read() as conn:
        templates, now = templates_of(settings), utc_now()
        if slug:
            made = await topic_feed(conn, find(catalog, slug), settings, templates, now=now)
        else:
            made = await site_feed(conn, catalog, settings, templates, now=now)
    sys.stdout.buffer.write(FEEDS[format_].render(made))
    sys.stdout.flush()
