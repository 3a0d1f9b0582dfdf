"""Followers as rows: who has which version of which document. `publish.following` decides what happens.

Nothing is queued: who does not have the version that `documents` has is due. A worker holds a row for a
while (`held_until`, `fence`), so that a push is made once, and again by somebody else if the worker dies.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, case, delete, func, or_, select, update

from syndicator.model.followers import Follower
from syndicator.store.dialect import insert
from syndicator.store.schema import documents, followers, intents, topics

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime, timedelta

    from sqlalchemy import Row
    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.model.followers import Intent

COLUMNS = tuple(followers.c[field.name] for field in fields(Follower))
KEY = ("callback", "topic", "format")
SAME_DOCUMENT = and_(documents.c.topic == followers.c.topic, documents.c.format == followers.c.format)
STEP = 1000  # rows changed in one transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many there are, by what an admin asks."""

    callbacks: int = 0
    hubs: int = 0  # of others; each counts once, however many documents it is told of
    failing: int = 0
    behind: int = 0  # do not have what is published


def _follower(row: Row[*tuple[Any, ...]]) -> Follower:
    return Follower(**{field.name: getattr(row, field.name) for field in fields(Follower)})


async def put(conn: AsyncConnection, intent: Intent, *, now: datetime) -> None:
    """Take in who has confirmed a subscription, or renew it; what it has already is not sent again.

    A new one has what was published when it asked: it read that, or asked because it had.
    """
    renewed = {
        "topic_url": intent.topic_url,
        "secret": intent.secret,
        "host": intent.host,
        "network": intent.network,
        "lease_until": now + intent.lease,
        "due_at": now,
        "attempts": 0,
        "failing_since": None,
        "problem": "",
    }
    key = {"callback": intent.callback, "topic": intent.topic, "format": intent.format}
    await conn.execute(
        insert(conn, followers)
        .values(kind="callback", version=intent.version, **key, **renewed)
        .on_conflict_do_update(index_elements=list(KEY), set_=renewed)
    )


async def get(conn: AsyncConnection, callback: str, topic: str, format_: str) -> Follower | None:
    """Read the follower of a document at an address."""
    held = (followers.c.callback == callback, followers.c.topic == topic, followers.c.format == format_)
    row = (await conn.execute(select(*COLUMNS).where(*held))).first()
    return _follower(row) if row else None


async def at(conn: AsyncConnection, callback: str, topic_url: str) -> Follower | None:
    """Read who follows at an address by the name that it used, whatever the topic is called by now."""
    held = (followers.c.callback == callback, followers.c.topic_url == topic_url)
    row = (await conn.execute(select(*COLUMNS).where(*held).order_by(followers.c.id).limit(1))).first()
    return _follower(row) if row else None


async def rename(conn: AsyncConnection, old: str, new: str) -> None:
    """Let those who follow a topic, or ask to, follow the one that has taken its place; once each."""
    for table in (followers, intents):
        other = table.alias()
        same = (other.c.callback == table.c.callback, other.c.format == table.c.format)
        follows_both = select(other.c.id).where(*same, other.c.topic == new).correlate(table).exists()
        await conn.execute(delete(table).where(table.c.topic == old, follows_both))
        await conn.execute(update(table).where(table.c.topic == old).values(topic=new))


async def forget(conn: AsyncConnection, callback: str, topic: str, format_: str) -> None:
    """Forget a follower that has confirmed that it leaves."""
    held = (followers.c.callback == callback, followers.c.topic == topic, followers.c.format == format_)
    await conn.execute(delete(followers).where(followers.c.kind == "callback", *held))


async def counts(conn: AsyncConnection, *, host: str, network: str) -> tuple[int, int, int]:
    """Count callbacks: all, those of a host, and those from a network."""
    row = (
        await conn.execute(
            select(
                func.count(),
                func.coalesce(func.sum(case((followers.c.host == host, 1), else_=0)), 0),
                func.coalesce(func.sum(case((followers.c.network == network, 1), else_=0)), 0),
            ).where(followers.c.kind == "callback")
        )
    ).one()
    return int(row[0]), int(row[1]), int(row[2])


async def is_known(conn: AsyncConnection, host: str, now: datetime) -> bool:
    """Whether a host has confirmed a subscription that still runs, and takes what it is sent."""
    runs = (followers.c.host == host, followers.c.lease_until > now, followers.c.attempts == 0)
    return bool(await conn.scalar(select(select(followers.c.id).where(*runs).exists())))


# Telling ----------------------------------------------------------------------------------------------


def _due(now: datetime, private: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    return (
        documents.c.etag != followers.c.version,
        followers.c.due_at <= now,
        or_(followers.c.held_until.is_(None), followers.c.held_until <= now),
        or_(followers.c.lease_until.is_(None), followers.c.lease_until > now),
        followers.c.topic.not_in(private),
    )


async def is_anyone_due(conn: AsyncConnection, *, now: datetime, private: Collection[str]) -> bool:
    """Whether somebody lacks what is published, and may be told now."""
    due = select(followers.c.id).join(documents, SAME_DOCUMENT).where(*_due(now, private)).exists()
    return bool(await conn.scalar(select(due)))


async def claim(
    conn: AsyncConnection, *, now: datetime, lease: timedelta, limit: int, private: Collection[str]
) -> list[Follower]:
    """Take up to `limit` who lack what is published, those first that took the last push.

    Documents of topics that are `private` are nobody's.
    """
    due = (
        select(followers.c.id)
        .join(documents, SAME_DOCUMENT)
        .where(*_due(now, private))
        .order_by(followers.c.attempts, followers.c.due_at, followers.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=followers)
    )
    rows = await conn.execute(
        update(followers)
        .where(followers.c.id.in_(due.scalar_subquery()))
        .values(held_until=now + lease, fence=followers.c.fence + 1)
        .returning(*COLUMNS)
    )
    return sorted(map(_follower, rows), key=lambda follower: (follower.attempts, follower.id))


async def record(conn: AsyncConnection, after: Follower) -> bool:
    """Write what became of a follower that was claimed, and let go of it; False if another took it over."""
    done = await conn.execute(
        update(followers)
        .where(followers.c.id == after.id, followers.c.fence == after.fence)
        .values(
            version=after.version,
            due_at=after.due_at,
            attempts=after.attempts,
            failing_since=after.failing_since,
            problem=after.problem,
            delivered_at=after.delivered_at,
            held_until=None,
        )
    )
    return done.rowcount == 1


async def drop(conn: AsyncConnection, claimed: Follower) -> bool:
    """Forget a follower that was claimed; False if another took it over."""
    held = (followers.c.id == claimed.id, followers.c.fence == claimed.fence)
    return (await conn.execute(delete(followers).where(*held))).rowcount == 1


async def hold_host(conn: AsyncConnection, failed: Follower, *, until: datetime, since: datetime) -> bool:
    """Leave all of a host alone for a while, unless one of them took something after `since`; whether so.

    For whoever has confirmed a thousand addresses of a host may later let its name lead to somebody else.
    """
    table = followers
    at_host = (table.c.kind == failed.kind, table.c.host == failed.host)
    is_well = select(table.c.id).where(*at_host, table.c.delivered_at > since).exists()
    if await conn.scalar(select(is_well)):
        return False
    # Those that others write just now are passed over: to wait for them while they wait for us is a deadlock.
    late = select(table.c.id).where(*at_host, table.c.due_at < until).with_for_update(skip_locked=True)
    await conn.execute(update(table).where(table.c.id.in_(late.scalar_subquery())).values(due_at=until))
    return True


async def release(conn: AsyncConnection, claimed: Iterable[Follower] | None = None) -> None:
    """Let go of those that were claimed and not told; of all, where no other process can hold any."""
    if claimed is None:
        held = followers.c.held_until.is_not(None)
        await conn.execute(update(followers).where(held).values(held_until=None))
        return
    for one in claimed:
        mine = (followers.c.id == one.id, followers.c.fence == one.fence)
        await conn.execute(update(followers).where(*mine).values(held_until=None))


# Callbacks that lose what they follow -----------------------------------------------------------------


def _lost(private: Collection[str], *, everything: bool) -> tuple[ColumnElement[bool], ...]:
    has_document = select(documents.c.topic).where(SAME_DOCUMENT).correlate(followers).exists()
    is_coming = (  # a topic that just got another name is followed before its documents are written
        select(topics.c.slug)
        .where(topics.c.slug == followers.c.topic, topics.c.configured, topics.c.published < topics.c.wanted)
        .correlate(followers)
        .exists()
    )
    lost = () if everything else (or_(followers.c.topic.in_(private), ~or_(has_document, is_coming)),)
    return (followers.c.kind == "callback", *lost)


async def is_anyone_leaving(
    conn: AsyncConnection, *, now: datetime, private: Collection[str], everything: bool
) -> bool:
    """Whether there is work for `expire` or `take_orphans`."""
    over = select(followers.c.id).where(followers.c.lease_until <= now).exists()
    lost = select(followers.c.id).where(*_lost(private, everything=everything)).exists()
    return bool(await conn.scalar(select(or_(over, lost))))


async def expire(conn: AsyncConnection, now: datetime) -> int:
    """Forget those whose lease is over; return how many."""
    over = select(followers.c.id).where(followers.c.lease_until <= now).with_for_update(skip_locked=True)
    gone = followers.c.id.in_(over.scalar_subquery())
    return (await conn.execute(delete(followers).where(gone))).rowcount


async def take_orphans(
    conn: AsyncConnection, *, private: Collection[str], everything: bool = False, limit: int = STEP
) -> list[Follower]:
    """Remove, and return, callbacks whose document is public no more; or just all of them."""
    lost = _lost(private, everything=everything)
    ids = select(followers.c.id).where(*lost).limit(limit).with_for_update(skip_locked=True)
    rows = await conn.execute(
        delete(followers).where(followers.c.id.in_(ids.scalar_subquery())).returning(*COLUMNS)
    )
    return [_follower(row) for row in rows]


async def take(conn: AsyncConnection, ids: Iterable[int]) -> list[Follower]:
    """Remove, and return, callbacks by their number: an admin says so."""
    chosen = (followers.c.kind == "callback", followers.c.id.in_(list(ids)))
    rows = await conn.execute(delete(followers).where(*chosen).returning(*COLUMNS))
    return [_follower(row) for row in rows]


# Looking ----------------------------------------------------------------------------------------------


async def list_all(conn: AsyncConnection) -> list[Follower]:
    """Read all, by document."""
    order = (followers.c.topic, followers.c.format, followers.c.kind, followers.c.id)
    return [_follower(row) for row in await conn.execute(select(*COLUMNS).order_by(*order))]


async def tally(conn: AsyncConnection, private: Collection[str] = ()) -> Tally:
    """Count them."""
    is_callback = followers.c.kind == "callback"
    is_behind = and_(documents.c.etag != followers.c.version, followers.c.topic.not_in(private))
    row = (
        await conn.execute(
            select(
                func.coalesce(func.sum(case((is_callback, 1), else_=0)), 0),
                func.count(case((is_callback, None), else_=followers.c.callback).distinct()),
                func.coalesce(func.sum(case((followers.c.attempts > 0, 1), else_=0)), 0),
                func.coalesce(func.sum(case((is_behind, 1), else_=0)), 0),
            ).select_from(followers.outerjoin(documents, SAME_DOCUMENT))
        )
    ).one()
    return Tally(callbacks=int(row[0]), hubs=int(row[1]), failing=int(row[2]), behind=int(row[3]))
