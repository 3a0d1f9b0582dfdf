"""`syndicator topics release`: what an edit found, for the next digests."""

from __future__ import annotations

from typing import Annotated

import typer


def release(
    ctx: typer.Context,
    slug: Annotated[str, typer.Argument(help="The topic: its file's name without the ending.")],
    days: Annotated[
        int, typer.Option("--days", min=1, max=3660, help="Of what was published in so many days.")
    ] = 7,
) -> None:
    """Let what an edit found in the archive into the next digests of the topic.

    After an edit of its rule a topic holds older articles too: feeds and pages show them, and no digest sends
    them until you say so. What was mailed before, and what the flood guard holds, is not sent by this.

    Example: `syndicator topics release china --days 3`
    """
    from syndicator.cli.common import say, start
    from syndicator.cli.sources.common import counted

    amount = start(_release(ctx, slug, days))
    say(f"{counted(amount, 'article')} let into the next digests of {slug}")


async def _release(ctx: typer.Context, slug: str, days: int) -> int:
    from datetime import timedelta

    from syndicator.cli.common import look
    from syndicator.cli.topics.common import find
    from syndicator.clock import utc_now
    from syndicator.store import matches

    now = utc_now()
    async with look(ctx.obj) as (_, catalog, store):
        find(catalog, slug)
        async with store.write() as conn:
            return await matches.release_edit(conn, slug, since=now - timedelta(days=days), now=now)
