"""`syndicator topics list`: what the topics are and hold."""

from __future__ import annotations

from typing import Annotated, Any

import typer


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
    from syndicator.cli.common import ago, look, print_json, print_table, rfc3339
    from syndicator.clock import utc_now
    from syndicator.pipeline.timetable import next_digest
    from syndicator.store import matches, subscribers

    async with look(ctx.obj) as (settings, catalog, store), store.read() as conn:
        counts = await matches.counts(conn)
        readers = await subscribers.counts(conn)
        chosen = await subscribers.schedules(conn)
    now, rows = utc_now(), []
    for slug, topic in sorted(catalog.topics.items()):
        articles, newest = counts.get(slug, (0, None))
        rows.append(
            {
                "slug": slug,
                "title": topic.title,
                "articles": articles,
                "newest_at": rfc3339(newest),
                "subscribers": readers.get(slug, {}).get("active", 0),
                "next_digest_at": rfc3339(next_digest(topic, chosen.get(slug, ()), now)),
                "url": f"{settings.site.base_url}/topics/{slug}" if topic.is_public else None,
                "private": bool(topic.publish and topic.publish.private),
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
