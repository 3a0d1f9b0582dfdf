"""`syndicator topics`: what the topics are and hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from syndicator.model import Catalog, Topic

app = typer.Typer(help="Topics: what articles are kept for.", no_args_is_help=True)


@app.command("list")
def list_(
    ctx: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List the topics with their articles, subscribers and next digest.

    Example: `syndicator topics list --json`
    """
    from syndicator.cli.common import start

    start(_list(ctx, json=json))


async def _list(ctx: typer.Context, *, json: bool) -> None:
    from syndicator import schedule
    from syndicator.cli.common import ago, look, print_json, print_table, rfc3339
    from syndicator.clock import utc_now
    from syndicator.store import matches, subscribers

    async with look(ctx.obj) as (settings, catalog, store), store.read() as conn:
        counts = await matches.counts(conn)
        readers = await subscribers.counts(conn)
    now, rows = utc_now(), []
    for slug, topic in sorted(catalog.topics.items()):
        fire = schedule.next_fire(topic.digest.slot, now) if topic.digest else None
        articles, newest = counts.get(slug, (0, None))
        rows.append(
            {
                "slug": slug,
                "title": topic.title,
                "articles": articles,
                "newest_at": rfc3339(newest),
                "subscribers": readers.get(slug, {}).get("active", 0),
                "next_digest_at": rfc3339(fire.at if fire else None),
                "url": f"{settings.site.base_url}/topics/{slug}",
            }
        )
    if json:
        print_json(rows)
        return
    columns = ("topic", "title", "articles#", "newest", "subscribers#", "next digest")
    arrived = {slug: newest for slug, (_, newest) in counts.items()}
    shown = [_cells(row, ago(arrived.get(str(row["slug"])), now)) for row in rows]
    print_table(columns, shown, empty=f"no topics yet: write {settings.config}/topics/NAME.yaml")


def _cells(row: dict[str, Any], newest: str) -> tuple[str, ...]:
    digest = row["next_digest_at"] or "no digest"
    return row["slug"], row["title"], f"{row['articles']:,}", newest, f"{row['subscribers']:,}", digest


@app.command("release")
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
    from syndicator.clock import utc_now
    from syndicator.store import matches

    now = utc_now()
    async with look(ctx.obj) as (_, catalog, store):
        find(catalog, slug)
        async with store.write() as conn:
            return await matches.release_edit(conn, slug, since=now - timedelta(days=days), now=now)


def find(catalog: Catalog, slug: str) -> Topic:
    """Find a topic, or raise NotFound with the nearest one there is."""
    from syndicator.catalog import missing_topic

    if slug in catalog.topics:
        return catalog.topics[slug]
    raise missing_topic(slug, catalog.topics)
