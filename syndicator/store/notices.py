"""What an admin should see and no source's state tells: mails to confirm, floods, adopted addresses.

A notice is open until it is cleared. Of one source, kind and text there is at most one open notice, so that
what is found again at every pull is told once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, literal, select, update

from syndicator.store.dialect import insert
from syndicator.store.schema import notices

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection

LONGEST = 1000
"""Characters of a notice's text; what a publisher wrote may be in it."""

MOST = 200
"""Open notices of one source; a source that raises more has said enough."""


OWN = "/"
"""What names begin with that are no sources but parts of ours; none of a source can."""

MAIL = "mail.returns"
"""Stands for the source of notices about our own mail; no source can be called that."""

QUIET = frozenset({"welcome", "other", "follower"})
"""Kinds that are told and ask for nothing: greetings, bounces, automatic answers, followers that are lost."""


def is_ours(name: str) -> bool:
    """Whether notices under a name are about a part of ours, and not about a source."""
    return name == MAIL or name.startswith(OWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing for an admin to know, or to do at `url`."""

    id: int
    source: str
    kind: str  # one word: confirm, flood, adopted, loop …
    text: str  # one line
    url: str
    raised_at: datetime

    @property
    def is_alarm(self) -> bool:
        """Whether there is something to do."""
        return self.kind not in QUIET


async def raise_(
    conn: AsyncConnection, source: str, kind: str, text: str, *, url: str = "", now: datetime
) -> bool:
    """Open a notice, unless the same one (source, kind, text) is open; whether it was opened.

    `text` becomes one line. Two writers that find the same thing at the same instant may both be heard;
    `list_open` shows the first.
    """
    line = " ".join(text.split())[:LONGEST]
    values = {"source": source, "kind": kind, "text": line, "url": url, "raised_at": now}
    opened = select(notices.c.id).where(*_open(source, kind), notices.c.text == line)
    amount = select(func.count()).select_from(notices).where(*_open(source)).scalar_subquery()
    row = select(*(literal(value, notices.c[name].type) for name, value in values.items())).where(
        ~opened.exists(), amount < MOST
    )
    done = await conn.execute(insert(conn, notices).from_select(list(values), row).returning(notices.c.id))
    return done.first() is not None


async def clear(
    conn: AsyncConnection, source: str, kinds: Iterable[str] | None = None, *, now: datetime
) -> int:
    """Close the open notices of a source, of all `kinds` or of those given; return how many there were."""
    where = _open(source)
    if kinds is not None:
        where.append(notices.c.kind.in_(list(kinds)))
    done = await conn.execute(update(notices).where(*where).values(cleared_at=now))
    return done.rowcount


async def list_open(conn: AsyncConnection, source: str | None = None) -> list[Notice]:
    """Read the open notices, of all sources or of one, oldest first."""
    where = [notices.c.cleared_at.is_(None), *([notices.c.source == source] if source else ())]
    columns = (notices.c[name] for name in Notice.__slots__)
    rows = await conn.execute(select(*columns).where(*where).order_by(notices.c.id))
    found: dict[tuple[str, str, str], Notice] = {}
    for row in rows:
        found.setdefault((row.source, row.kind, row.text), Notice(**row._mapping))
    return list(found.values())


async def purge(conn: AsyncConnection, *, before: datetime) -> int:
    """Forget what was settled before an instant; return how many there were. Open notices stay."""
    return (await conn.execute(delete(notices).where(notices.c.cleared_at < before))).rowcount


def _open(source: str, kind: str = "") -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [notices.c.source == source, notices.c.cleared_at.is_(None)]
    return [*where, notices.c.kind == kind] if kind else where
