"""`syndicator feed`: a topic's feed on stdout."""

from __future__ import annotations

import sys
from typing import Annotated

import typer


def feed(
    ctx: typer.Context,
    slug: Annotated[
        str, typer.Argument(metavar="SLUG", help="The topic: its file's name without the ending.")
    ],
    format: Annotated[str, typer.Option("--format", help="rss, atom or json.")] = "rss",  # noqa: A002
) -> None:
    """Print a topic's feed as it would be published now, from what is stored.

    Example: `syndicator feed china --format atom`
    """
    from syndicator.cli.common import start

    start(_feed(ctx, slug, format))


async def _feed(ctx: typer.Context, slug: str, format_: str) -> None:
    from syndicator.cli.common import look
    from syndicator.cli.topics import find
    from syndicator.publish.feed import of_topic
    from syndicator.publish.formats import FEEDS
    from syndicator.store import matches, topics

    if format_ not in FEEDS:
        raise typer.BadParameter(f"'{format_}' is no format; try {', '.join(FEEDS)}", param_hint="--format")
    async with look(ctx.obj) as (settings, catalog, store), store.read() as conn:
        topic = find(catalog, slug)
        limits = topic.publish
        found = await matches.newest(
            conn,
            slug,
            limit=limits.items if limits else 50,
            per_source=limits.per_source if limits else None,
            once=topic.is_once,
        )
        created = (await topics.created(conn)).get(slug)
    from syndicator.assembly import templates_of
    from syndicator.clock import utc_now

    made = of_topic(
        topic,
        settings.site,
        tuple(found),
        created_at=created or utc_now(),
        also_in=templates_of(settings).also_in(topic.language or settings.site.language),
    )
    sys.stdout.buffer.write(FEEDS[format_].render(made))
    sys.stdout.flush()
