"""What we remember of sources: claiming those that are due, and recording what a pull brought."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, bindparam, case, func, or_, select, union_all, update

from syndicator.hosts import host_group
from syndicator.model import Source, SourceState
from syndicator.store import pauses
from syndicator.store.dialect import insert
from syndicator.store.schema import host_pauses, sources
from syndicator.store.types import Instant

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import BindParameter, Column, ColumnElement, Row, Select, Subquery
    from sqlalchemy.ext.asyncio import AsyncConnection
    from sqlalchemy.sql.dml import ReturningUpdate

STATE_FIELDS = tuple(field.name for field in fields(SourceState))
FARTHEST = timedelta(days=40)  # ahead; the longest wait is a month, and up to a week of skipped days
AHEAD = 8  # times as many are looked at as are wanted, where a host group has more than it may
KEY = ("name", "fence")  # what a write must agree with; the rest is what it writes
OTHERS = ("pushed_until",)  # but for this, which `store.hubs` may have written while we pulled

WRITTEN = tuple(name for name in STATE_FIELDS if name not in KEY + OTHERS)

# Built once: with a column for each field, building it costs as much as running it.
_RECORD = (
    update(sources)
    .where(*(sources.c[name] == bindparam(f"new_{name}") for name in KEY))
    .values(lease_until=None, **{name: bindparam(f"new_{name}") for name in WRITTEN})
)


_NOW, _FAR = bindparam("now", type_=Instant), bindparam("far", type_=Instant)  # FARTHEST lies between
_LIMIT = bindparam("limit", type_=Integer)

_MOVE = (
    update(sources)
    .where(sources.c.name == bindparam("moved"))
    .values(
        configured=True,
        configured_url=bindparam("to"),
        host=bindparam("at"),
        next_pull_at=None,
        state="new",
        failures=0,
    )
)
_SETTLE_HOST = update(sources).where(sources.c.name == bindparam("homeless")).values(host=bindparam("at"))
_FENCES = select(sources.c.name, sources.c.fence).where(sources.c.name.in_(bindparam("told", expanding=True)))
_PUT_OFF = update(sources).where(sources.c.name == bindparam("waits")).values(next_pull_at=bindparam("to"))


def _state(row: Row[*tuple[Any, ...]]) -> SourceState:
    return SourceState(**dict(zip(STATE_FIELDS, row, strict=True)))


async def sync(conn: AsyncConnection, configured: Iterable[Source]) -> None:
    """Make the rows agree with the catalog; nothing is deleted, what returns finds its memory again.

    A changed address is pulled at once, and starts a stopped source again.
    """
    wanted = {source.name: source.url for source in configured}
    columns = (sources.c.name, sources.c.configured, sources.c.configured_url, sources.c.host)
    known = {row.name: row for row in (await conn.execute(select(*columns))).all()}
    both = [(name, wanted[name], row) for name, row in known.items() if name in wanted]
    gone = [name for name, row in known.items() if row.configured and name not in wanted]
    back = [name for name, _, row in both if not row.configured]
    for names, flag in ((gone, False), (back, True)):
        if names:
            await conn.execute(update(sources).where(sources.c.name.in_(names)).values(configured=flag))
    if moved := [(name, url) for name, url, row in both if row.configured_url != url]:
        await conn.execute(_MOVE, [{"moved": n, "to": url, "at": host_group(url)} for n, url in moved])
    if homeless := [(name, url) for name, url, row in both if not row.host and host_group(url)]:
        await conn.execute(_SETTLE_HOST, [{"homeless": n, "at": host_group(url)} for n, url in homeless])
    if new := [(name, url) for name, url in wanted.items() if name not in known]:
        rows = [
            {"name": n, "configured": True, "configured_url": url, "host": host_group(url)} for n, url in new
        ]
        await conn.execute(insert(conn, sources).on_conflict_do_nothing(), rows)


async def make_due(
    conn: AsyncConnection, names: Iterable[str], *, pushed: bool = False, anew: bool = False
) -> None:
    """Pull sources as soon as their publishers let us, whatever the schedule says: an admin wants it.

    Freshness and Retry-After go on. If the publisher's hub wants it (`pushed`), only a Retry-After does.
    `anew` forgets what was seen: the same bytes are to be read in another way.
    """
    listed = list(names)
    if listed:
        due: Any = sources.c.fresh_until  # None, or past: at once
        if pushed:
            due = case((sources.c.state == "failing", due), else_=None)
        unseen = {"etag": "", "last_modified": "", "body_hash": ""} if anew else {}
        await conn.execute(
            update(sources).where(sources.c.name.in_(listed)).values(next_pull_at=due, **unseen)
        )


async def put_off(conn: AsyncConnection, until: Mapping[str, datetime]) -> None:
    """Pull sources, by name, not before these times."""
    if until:
        await conn.execute(_PUT_OFF, [{"waits": name, "to": at} for name, at in until.items()])


async def pause(
    conn: AsyncConnection, host: str, until: datetime, *, spacing: timedelta = timedelta(seconds=1)
) -> int:
    """Put off all sources of a host group to `until` or later, `spacing` apart; return how many.

    Who is due later anyway stays so. They keep their order, and do not come back as a crowd. The pause is
    remembered by its host, too: for sources that move there, are added, or were under way.
    """
    if not host:
        return 0
    await pauses.remember(conn, host, until)
    early = or_(sources.c.next_pull_at.is_(None), sources.c.next_pull_at < until)
    found = await conn.execute(
        select(sources.c.name)
        .where(sources.c.host == host, sources.c.configured, sources.c.state != "stopped", early)
        .order_by(sources.c.next_pull_at.asc().nulls_first(), sources.c.name)
    )
    rows = [{"waits": name, "to": until + spacing * place} for place, name in enumerate(found.scalars())]
    if rows:
        await conn.execute(_PUT_OFF, rows)
    return len(rows)


async def lock(conn: AsyncConnection, names: Iterable[str], hosts: Iterable[str]) -> None:
    """Lock sources, by name and by host group, in one order: two who pause hosts must not block each other.

    SQLite has one writer; there it is but a read.
    """
    which = or_(sources.c.name.in_(list(names)), sources.c.host.in_(list(hosts)))
    await conn.execute(select(sources.c.name).where(which).order_by(sources.c.name).with_for_update())


async def claim(
    conn: AsyncConnection,
    *,
    now: datetime,
    lease: timedelta,
    limit: int,
    per_host: int | None = None,
    only: Collection[str] | None = None,
) -> Sequence[SourceState]:
    """Take up to `limit` sources (of `only`) that are due and that nobody holds; the longest waiting first.

    Of one host group no more than `per_host` are held at a time, by anybody: the others would only stand in
    its lane, in places that sources of other hosts could use. So fewer than `limit` may come though more
    are due; they come once some of those held are recorded.
    """
    values = {"now": now, "far": now + FARTHEST, "until": now + lease, "limit": limit}
    if per_host:
        values |= {"ahead": limit * AHEAD, "per_host": per_host}
    if only is not None:
        values |= {"only": list(only)}
    taken = await conn.execute(_claiming(is_fair=bool(per_host), is_among=only is not None), values)
    return [_state(row) for row in taken]


@cache
def _claiming(*, is_fair: bool, is_among: bool) -> ReturningUpdate[Any]:
    """Build the statement once: building it costs several times as much as running it."""
    among = (sources.c.name.in_(bindparam("only", expanding=True)),) if is_among else ()
    chosen = _in_turn(*among) if is_fair else select(_waiting(_LIMIT, *among).c.name)
    due = (
        select(sources.c.name)
        .where(sources.c.name.in_(chosen), *_is_free())  # again, on the rows that are locked now
        .limit(_LIMIT)
        .with_for_update(skip_locked=True)
    )
    return (
        update(sources)
        .where(sources.c.name.in_(due.scalar_subquery()))
        .values(fence=sources.c.fence + 1, lease_until=bindparam("until"))
        .returning(*(sources.c[name] for name in STATE_FIELDS))
    )


def _come(column: Column[datetime]) -> tuple[ColumnElement[bool], ...]:
    """Select times that are past, not set, or so far ahead that only a wrong clock can have set them."""
    return (column.is_(None), column <= _NOW, column > _FAR)


def _is_free() -> tuple[ColumnElement[bool], ...]:
    return (sources.c.configured, sources.c.state != "stopped", or_(*_come(sources.c.lease_until)))


def _waiting(limit: BindParameter[int], *conditions: ColumnElement[bool]) -> Subquery:
    """Select those that are due, the longest waiting first.

    One part for each way to be due: an index serves each of them, and none of them together (10 of 10,000
    in 3 ms instead of 8).
    """
    columns = (sources.c.name, sources.c.host, sources.c.next_pull_at)
    paused = select(host_pauses.c.host).where(host_pauses.c.until > _NOW, host_pauses.c.until <= _FAR)
    conditions = (*conditions, sources.c.host.not_in(paused))
    parts = (
        select(*columns).where(come, *_is_free(), *conditions).order_by(sources.c.next_pull_at).limit(limit)
        for come in _come(sources.c.next_pull_at)
    )
    return union_all(*(select(part.subquery()) for part in parts)).limit(limit).subquery()


def _in_turn(*conditions: ColumnElement[bool]) -> Select[tuple[Any]]:
    """Select the names of those that are due, no more of a host group than it has places for."""
    per_host = bindparam("per_host", type_=Integer)
    held = (
        select(sources.c.host, func.count().label("places"))
        .where(sources.c.lease_until > _NOW, sources.c.lease_until <= _FAR, sources.c.host != "")
        .group_by(sources.c.host)
        .cte("held")
    )
    full = select(held.c.host).where(held.c.places >= per_host)
    waiting = _waiting(bindparam("ahead", type_=Integer), sources.c.host.not_in(full), *conditions)
    place = func.row_number().over(partition_by=waiting.c.host, order_by=waiting.c.next_pull_at)
    ranked = select(waiting, place.label("place")).subquery()
    return (
        select(ranked.c.name)
        .outerjoin(held, held.c.host == ranked.c.host)
        .where(or_(ranked.c.host == "", ranked.c.place + func.coalesce(held.c.places, 0) <= per_host))
        .order_by(ranked.c.next_pull_at.asc().nulls_first())
        .limit(_LIMIT)
    )


async def record(conn: AsyncConnection, state: SourceState) -> bool:
    """Write what a pull taught us and give the lease back; False if another has claimed it since."""
    done = await conn.execute(_RECORD, _values(state))
    return done.rowcount == 1


async def record_all(conn: AsyncConnection, states: Iterable[SourceState]) -> set[str]:
    """Write many states as `record` does, in one go; return the names of those that were written."""
    told = {state.name: state for state in states}
    if not told:
        return set()
    await conn.execute(_RECORD, [_values(state) for state in told.values()])
    # The driver does not count row by row. A row that was written is ours until the transaction ends, and
    # a fence that has grown never comes back: what has our fence now was written.
    rows = await conn.execute(_FENCES, {"told": list(told)})
    return {name for name, fence in rows if fence == told[name].fence}


def _values(state: SourceState) -> dict[str, Any]:
    return {f"new_{name}": getattr(state, name) for name in KEY + WRITTEN}


async def release(conn: AsyncConnection, names: Iterable[str] | None = None) -> None:
    """Give leases back unused: of `names`, or all (when no other process can hold any)."""
    listed = None if names is None else list(names)
    if listed == []:
        return
    statement = update(sources).where(sources.c.lease_until.is_not(None)).values(lease_until=None)
    await conn.execute(statement if listed is None else statement.where(sources.c.name.in_(listed)))


async def list_all(conn: AsyncConnection) -> list[SourceState]:
    """Read the state of every configured source, by name."""
    rows = await conn.execute(
        select(*(sources.c[name] for name in STATE_FIELDS))
        .where(sources.c.configured)
        .order_by(sources.c.name)
    )
    return [_state(row) for row in rows]
