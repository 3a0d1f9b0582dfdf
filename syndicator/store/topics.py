"""What we remember of topics: whose rule the stored matches obey, and which documents are stale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import not_, select, update

from syndicator.store.dialect import insert
from syndicator.store.schema import topics

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.model import Topic

SITE = ""  # the pseudo topic of what belongs to all: the front page, OPML


async def sync(conn: AsyncConnection, configured: Iterable[Topic], *, now: datetime) -> None:
    """Make the rows agree with the catalog; the documents of who comes or leaves are stale.

    A new topic has no fingerprint: nothing is matched yet.
    """
    listed = [*configured]
    wanted = {SITE, *(topic.slug for topic in listed)}
    rows = (await conn.execute(select(topics.c.slug, topics.c.configured, topics.c.slot))).all()
    known = {row.slug: row.configured for row in rows}
    new = sorted(wanted - known.keys())
    if new:
        values = [{"slug": s, "configured": True, "fingerprint": "", "created_at": now} for s in new]
        await conn.execute(insert(conn, topics).on_conflict_do_nothing(), values)
    for slug, was in known.items():
        if was != (slug in wanted):
            # What arrives while a topic is away is not matched: one that returns starts anew.
            values_now = {"configured": slug in wanted, "fingerprint": "", "wanted": topics.c.wanted + 1}
            await conn.execute(update(topics).where(topics.c.slug == slug).values(values_now))
    await _note_slots(conn, listed, {row.slug: row.slot for row in rows}, now)


async def _note_slots(
    conn: AsyncConnection, configured: Iterable[Topic], before: Mapping[str, str | None], now: datetime
) -> None:
    """Note which slot the digest of each topic has, and since when if it had another."""
    for topic in configured:
        slot, was = topic.digest.slot.key if topic.digest else "", before.get(topic.slug)
        if slot != was:
            values = {"slot": slot} | ({} if was is None else {"slot_at": now})
            await conn.execute(update(topics).where(topics.c.slug == topic.slug).values(values))


async def changed_slots(conn: AsyncConnection, since: datetime) -> dict[str, datetime]:
    """Read, by slug, when topics took the slot that they have, of those that did so after an instant."""
    rows = await conn.execute(select(topics.c.slug, topics.c.slot_at).where(topics.c.slot_at > since))
    return {row.slug: row.slot_at for row in rows}


async def fingerprints(conn: AsyncConnection) -> dict[str, str]:
    """Read, by slug, the fingerprint of the rule that the stored matches obey."""
    rows = await conn.execute(select(topics.c.slug, topics.c.fingerprint).where(topics.c.configured))
    return {row.slug: row.fingerprint for row in rows}


async def set_fingerprint(conn: AsyncConnection, slug: str, fingerprint: str) -> None:
    """Note that the stored matches of a topic obey this rule now."""
    await conn.execute(update(topics).where(topics.c.slug == slug).values(fingerprint=fingerprint))


async def touch(conn: AsyncConnection, slugs: Iterable[str]) -> None:
    """Mark the documents of these topics as stale, and those of the whole site with them."""
    names = sorted({SITE, *slugs})
    await conn.execute(update(topics).where(topics.c.slug.in_(names)).values(wanted=topics.c.wanted + 1))


async def again(conn: AsyncConnection, slug: str) -> None:
    """Mark the documents of one topic as stale, and no others: not all could be done at once."""
    await conn.execute(update(topics).where(topics.c.slug == slug).values(wanted=topics.c.wanted + 1))


async def stale(conn: AsyncConnection) -> list[tuple[str, int]]:
    """Read (slug, wanted) of the topics whose documents are stale, removed ones too; the site comes last."""
    rows = await conn.execute(
        select(topics.c.slug, topics.c.wanted)
        .where(topics.c.published < topics.c.wanted)
        .order_by(topics.c.slug.desc())
    )
    return [(row.slug, row.wanted) for row in rows]


async def published(conn: AsyncConnection) -> dict[str, int]:
    """Read, by slug, which state each topic's documents show, as a number that grows."""
    rows = await conn.execute(select(topics.c.slug, topics.c.published))
    return {row.slug: row.published for row in rows}


async def set_published(conn: AsyncConnection, slug: str, wanted: int) -> None:
    """Note that the documents show what `wanted` asked for; a later touch stays a touch."""
    await conn.execute(
        update(topics).where(topics.c.slug == slug, topics.c.published < wanted).values(published=wanted)
    )


async def set_opened(conn: AsyncConnection, slug: str, *, now: datetime) -> None:
    """Note that a topic was published for everybody; the first time counts."""
    await conn.execute(
        update(topics).where(topics.c.slug == slug, topics.c.opened_at.is_(None)).values(opened_at=now)
    )


async def is_retired(conn: AsyncConnection, slug: str) -> bool:
    """Whether a topic was once open to everybody and has left the catalog."""
    opened = select(topics.c.slug).where(
        topics.c.slug == slug, not_(topics.c.configured), topics.c.opened_at.is_not(None)
    )
    return (await conn.execute(opened)).first() is not None


async def created(conn: AsyncConnection) -> dict[str, datetime]:
    """Read, by slug, when each configured topic was first seen."""
    rows = await conn.execute(select(topics.c.slug, topics.c.created_at).where(topics.c.configured))
    return {row.slug: row.created_at for row in rows}
