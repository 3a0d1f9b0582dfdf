"""Hubs of others as followers: which documents they are told of, in rows of the table `followers`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, case, delete, literal, or_, select

from syndicator.store.dialect import insert
from syndicator.store.followers import KEY, SAME_DOCUMENT, STEP
from syndicator.store.schema import documents, followers

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection


async def unplanned(
    conn: AsyncConnection, hub: str, *, formats: Collection[str], private: Collection[str]
) -> Sequence[tuple[str, str]]:
    """Find documents (topic, format) that a hub is not told of yet, STEP of them at most."""
    of_hub = select(followers.c.id).where(SAME_DOCUMENT, followers.c.callback == hub)
    is_planned = of_hub.correlate(documents).exists()
    wanted = (documents.c.format.in_(formats), documents.c.topic.not_in(private), ~is_planned)
    rows = await conn.execute(select(documents.c.topic, documents.c.format).where(*wanted).limit(STEP))
    return [(row.topic, row.format) for row in rows]


async def plan(
    conn: AsyncConnection, hub: str, pages: Iterable[tuple[str, str, str]], *, host: str, now: datetime
) -> None:
    """Let a hub be told of documents (topic, format, address)."""
    rows = [
        {"kind": "hub", "callback": hub, "topic": topic, "format": format_, "topic_url": url,
         "host": host, "due_at": now}
        for topic, format_, url in sorted(pages)
    ]  # fmt: skip
    if rows:
        await conn.execute(insert(conn, followers).on_conflict_do_nothing(index_elements=list(KEY)), rows)


def _strays(hubs: Collection[str], private: Collection[str], base_url: str) -> ColumnElement[bool]:
    """Pings of hubs that are no longer in the settings, of what is public no more, of a former address."""
    has_document = select(documents.c.topic).where(SAME_DOCUMENT).correlate(followers).exists()
    site = literal(f"{base_url}/all.") + followers.c.format
    of_topic = literal(f"{base_url}/topics/") + followers.c.topic + "." + followers.c.format
    is_ours = followers.c.topic_url == case((followers.c.topic == "", site), else_=of_topic)
    gone = or_(followers.c.callback.not_in(hubs), followers.c.topic.in_(private), ~has_document, ~is_ours)
    return and_(followers.c.kind == "hub", gone)


async def has_strays(
    conn: AsyncConnection, hubs: Collection[str], *, private: Collection[str], base_url: str
) -> bool:
    """Whether there are pings that nobody wants."""
    found = select(followers.c.id).where(_strays(hubs, private, base_url)).exists()
    return bool(await conn.scalar(select(found)))


async def drop_strays(
    conn: AsyncConnection, hubs: Collection[str], *, private: Collection[str], base_url: str
) -> None:
    """Forget pings that nobody wants; those of an address that has changed are planned anew."""
    await conn.execute(delete(followers).where(_strays(hubs, private, base_url)))
