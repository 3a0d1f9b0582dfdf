"""The last good catalog as text, the same for every host, and the secrets that sign links."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlalchemy import func, or_, select, true, update

from syndicator.store.dialect import insert
from syndicator.store.schema import catalogs, keys, learned

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection


# Built once: every pull asks it.
_NEWEST: Final = select(func.coalesce(func.max(catalogs.c.id), 0).label("id")).subquery()
_IN_FORCE: Final = select(_NEWEST.c.id, learned.c.topic, learned.c.version).select_from(
    _NEWEST.outerjoin(learned, true())
)


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which rules are in force on every host: the number of a catalog (0: none yet), and what was learned.

    Numbers, not versions: an edit that is taken back is another one, and the same texts may come to another
    version on a host with other settings.
    """

    id: int = 0
    learned: Mapping[str, str] = field(default_factory=dict)  # version, by topic


class Kept(NamedTuple):
    """A catalog as it is kept."""

    version: str
    dump: str
    id: int


async def in_force(conn: AsyncConnection) -> Stamp:
    """Read which rules are in force. Under `lock_arrivals` nobody else changes that by an edit."""
    rows = (await conn.execute(_IN_FORCE)).all()
    return Stamp(rows[0].id, {row.topic: row.version for row in rows if row.topic is not None})


async def latest(conn: AsyncConnection) -> Kept | None:
    """Read the last good catalog; None on a new database."""
    listed = (catalogs.c.version, catalogs.c.dump, catalogs.c.id)
    row = (await conn.execute(select(*listed).order_by(catalogs.c.id.desc()).limit(1))).first()
    return Kept(*row) if row else None


async def record(conn: AsyncConnection, version: str, dump: str, *, now: datetime) -> int:
    """Keep a catalog as the last good one, unless it is already; return its number.

    Under `lock_arrivals`, exclusively: whoever stores articles relies on the newest staying the newest.
    """
    found = await latest(conn)
    if found and (found.version, found.dump) == (version, dump):
        return found.id
    made = insert(conn, catalogs).values(version=version, dump=dump, applied_at=now).returning(catalogs.c.id)
    return int((await conn.execute(made)).scalar_one())


class Key(NamedTuple):
    """A key that signs links, without its secret: since when, and until when it verifies (None: it signs)."""

    id: int
    created_at: datetime
    ends_at: datetime | None


async def secrets(conn: AsyncConnection, *, now: datetime) -> tuple[str, ...]:
    """Read the keys that links may be signed with, newest first: the first signs, all verify."""
    good = or_(keys.c.ends_at.is_(None), keys.c.ends_at > now)
    rows = await conn.execute(select(keys.c.secret).where(good).order_by(keys.c.id.desc()))
    return tuple(row.secret for row in rows)


async def first_secret(conn: AsyncConnection) -> str:
    """Read the oldest key, whether it is over or not: what stands in stored editions was made with it."""
    return str(await conn.scalar(select(keys.c.secret).order_by(keys.c.id).limit(1)) or "")


async def add_secret(
    conn: AsyncConnection, secret: str, *, now: datetime, old_until: datetime | None = None
) -> None:
    """Add a key, which signs from now on; links signed with older ones stay valid until then."""
    if old_until is not None:
        longer = or_(keys.c.ends_at.is_(None), keys.c.ends_at > old_until)
        await conn.execute(update(keys).where(longer).values(ends_at=old_until))
    await conn.execute(insert(conn, keys).values(secret=secret, created_at=now))


async def list_keys(conn: AsyncConnection) -> list[Key]:
    """Read all keys that there are or were, newest first, without their secrets."""
    rows = await conn.execute(select(keys.c.id, keys.c.created_at, keys.c.ends_at).order_by(keys.c.id.desc()))
    return [Key(*row) for row in rows]
