"""Our subscriptions at hubs: wishes, leases, pushes as rows. What happens to them `fetch.lease` decides."""

from __future__ import annotations

import secrets
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, delete, func, insert, or_, select, update

from syndicator.model.hubs import Hub
from syndicator.store.schema import hubs, sources

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Row
    from sqlalchemy.ext.asyncio import AsyncConnection

COLUMNS = tuple(hubs.c[field.name] for field in fields(Hub))
STAYING = hubs.c.state != "leaving"
TOKEN_BYTES = 24  # in base64: 32 characters
_TELL = (
    update(sources)
    .where(sources.c.name == bindparam("told"))
    .values(pushed_until=bindparam("until", type_=sources.c.pushed_until.type))
)


def fresh() -> tuple[str, str]:
    """Make a token and a secret (of less than 200 bytes, WebSub 5.1) that nobody can guess."""
    return secrets.token_urlsafe(TOKEN_BYTES), secrets.token_urlsafe(32)


def _hub(row: Row[*tuple[Any, ...]]) -> Hub:
    values = {field.name: getattr(row, field.name) for field in fields(Hub)}
    return Hub(**(values | {"hub_urls": tuple(values["hub_urls"])}))


async def wish(
    conn: AsyncConnection, source: str, hub_urls: Sequence[str], topic_url: str, now: datetime
) -> None:
    """Note which hubs the feed of `source` names; one read where nothing has changed.

    A new hub or topic takes the place of the old one, which is left. A feed that names no hub any more has
    its subscription lapse: perhaps it names one again tomorrow. The arguments are as `lease.usable` gives
    them. Call it while the source is claimed, so that there is one writer.
    """
    held = and_(hubs.c.source == source, STAYING)
    row = (await conn.execute(select(*COLUMNS).where(held).limit(1))).first()
    old = _hub(row) if row else None
    if not hub_urls:
        if old:
            await conn.execute(delete(hubs).where(held, hubs.c.state != "verified"))
            await conn.execute(update(hubs).where(held, hubs.c.next_at.is_not(None)).values(next_at=None))
        return
    if old and old.topic_url == topic_url and old.hub_url in hub_urls:
        values: dict[str, Any] = {} if old.hub_urls == tuple(hub_urls) else {"hub_urls": list(hub_urls)}
        values |= {"next_at": now} if old.next_at is None else {}
        if values:
            await conn.execute(update(hubs).where(hubs.c.id == old.id).values(values))
        return
    await conn.execute(update(hubs).where(held).values(_left(now)))
    token, secret = fresh()
    row_new = {"source": source, "hub_url": hub_urls[0], "hub_urls": list(hub_urls), "topic_url": topic_url}
    await conn.execute(
        insert(hubs).values(row_new | {"token": token, "secret": secret, "state": "wished", "next_at": now})
    )


def _left(now: datetime) -> dict[str, Any]:
    return {"state": "leaving", "next_at": now, "attempts": 0, "asked_until": None, "look_at": None}


async def retry(
    conn: AsyncConnection, *, now: datetime, names: Iterable[str] | None = None, refused_as: str = ""
) -> None:
    """Have hubs asked again that rest because they said no: of the sources `names`, or of all.

    Of those alone whose problem holds `refused_as`.
    """
    said_no = [hubs.c.state == "refused", hubs.c.problem.contains(refused_as, autoescape=True)]
    if names is not None:
        said_no.append(hubs.c.source.in_(list(names)))
    await conn.execute(update(hubs).where(*said_no).values(next_at=now))


async def is_empty(conn: AsyncConnection) -> bool:
    """Whether there is nothing at all to do with hubs, nor anything left to tell the sources."""
    told = select(sources.c.name).where(sources.c.pushed_until.is_not(None))
    any_ = await conn.scalar(select(or_(select(hubs.c.id).exists(), told.exists())))
    return not any_


async def tidy(conn: AsyncConnection, now: datetime, *, base_url: str, everything: bool = False) -> None:
    """Bring the rows up to date with what has happened elsewhere.

    What belongs to a source that is no longer pulled (or just `everything`) is left, what has lapsed is
    forgotten, and what was asked for under another `base_url` is asked for again.
    """
    pulled = select(sources.c.name).where(sources.c.configured, sources.c.state != "stopped")
    gone = STAYING if everything else and_(STAYING, hubs.c.source.not_in(pulled))
    await conn.execute(update(hubs).where(gone).values(_left(now)))
    lapsed = and_(hubs.c.next_at.is_(None), or_(hubs.c.lease_until.is_(None), hubs.c.lease_until <= now))
    await conn.execute(delete(hubs).where(lapsed))
    moved = and_(hubs.c.state.in_(("asked", "verified")), hubs.c.base_url != base_url, hubs.c.next_at > now)
    await conn.execute(update(hubs).where(moved).values(next_at=now))


async def tell_sources(conn: AsyncConnection) -> None:
    """Let each source know until when a hub is trusted to announce its news (`pushed_until`).

    A lease alone is no proof: there are hubs that verify and never push. So trust begins with the first
    push, and ends when a pull finds a change that no push came before; the next push brings it back. A
    source that is being written to just now is told at the next call.
    """
    found = (
        select(func.max(hubs.c.lease_until))
        .where(
            hubs.c.source == sources.c.name,
            hubs.c.state == "verified",
            hubs.c.trusted_until.is_not(None),
            or_(sources.c.last_change_at.is_(None), sources.c.last_change_at <= hubs.c.trusted_until),
        )
        .scalar_subquery()
    )
    concerned = or_(sources.c.pushed_until.is_not(None), sources.c.name.in_(select(hubs.c.source)))
    news = (
        select(sources.c.name.label("told"), found.label("until"))
        .where(concerned, sources.c.pushed_until.is_distinct_from(found))
        .with_for_update(skip_locked=True, of=sources)
    )
    if rows := [row._asdict() for row in await conn.execute(news)]:
        await conn.execute(_TELL, rows)


async def claim(conn: AsyncConnection, *, now: datetime, limit: int) -> list[Hub]:
    """Read those that are to be asked, the longest waiting first; the caller must move each one's `next_at`.

    Rows that another worker looks at are passed over.
    """
    due = select(*COLUMNS).where(hubs.c.next_at <= now).order_by(hubs.c.next_at, hubs.c.id).limit(limit)
    return [_hub(row) for row in await conn.execute(due.with_for_update(skip_locked=True))]


async def looks(
    conn: AsyncConnection, *, now: datetime, only: int | None = None
) -> list[tuple[Hub, datetime | None, datetime | None]]:
    """Read those whose source is to be pulled because of a push, unless it is being pulled just now.

    With each comes when its source changed last, and until when its host has asked us to wait, if it has.
    """
    same_host = sources.alias()
    paused_until = (
        select(func.max(same_host.c.fresh_until))
        .where(
            same_host.c.state == "failing",
            or_(
                same_host.c.name == sources.c.name,
                and_(same_host.c.host == sources.c.host, same_host.c.host != ""),
            ),
        )
        .scalar_subquery()
    )
    due = (
        select(*COLUMNS, sources.c.last_change_at, paused_until.label("paused_until"))
        .join(sources, sources.c.name == hubs.c.source)
        .where(
            hubs.c.look_at <= now,
            or_(sources.c.lease_until.is_(None), sources.c.lease_until <= now),
            *(() if only is None else (hubs.c.id == only,)),
        )
        .with_for_update(skip_locked=True, of=[hubs, sources])
    )
    rows = await conn.execute(due)
    return [(_hub(row), row.last_change_at, row.paused_until) for row in rows]


async def by_token(conn: AsyncConnection, token: str, *, lock: bool = False) -> Hub | None:
    """Find the subscription that a callback's address names; `lock` keeps others off it until commit."""
    statement = select(*COLUMNS).where(hubs.c.token == token)
    row = (await conn.execute(statement.with_for_update() if lock else statement)).first()
    return _hub(row) if row else None


async def same(conn: AsyncConnection, hub: Hub) -> Hub | None:
    """Read a claimed row again, locked; None if it was verified, moved or forgotten since it was asked."""
    statement = select(*COLUMNS).where(
        hubs.c.id == hub.id, hubs.c.attempts == hub.attempts, hubs.c.next_at == hub.next_at
    )
    row = (await conn.execute(statement.with_for_update())).first()
    return _hub(row) if row else None


async def record(conn: AsyncConnection, hub: Hub) -> None:
    """Write all of a row that was read with a lock in this transaction."""
    values = asdict(hub) | {"hub_urls": list(hub.hub_urls)}
    await conn.execute(update(hubs).where(hubs.c.id == values.pop("id")).values(values))


async def forget(conn: AsyncConnection, hub: Hub) -> None:
    """Delete a row: its callback is unknown from now on."""
    await conn.execute(delete(hubs).where(hubs.c.id == hub.id))


async def count_ignored(conn: AsyncConnection, hub: Hub) -> None:
    """Count a push that nobody signed."""
    await conn.execute(update(hubs).where(hubs.c.id == hub.id).values(ignored=hubs.c.ignored + 1))


async def list_all(conn: AsyncConnection, source: str | None = None) -> list[Hub]:
    """Read all, or those of one source; by source."""
    where = () if source is None else (hubs.c.source == source,)
    statement = select(*COLUMNS).where(*where).order_by(hubs.c.source, hubs.c.id)
    return [_hub(row) for row in await conn.execute(statement)]
