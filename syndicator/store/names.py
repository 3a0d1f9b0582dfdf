"""Names: every key that an article of a source is or was known by; without an article they are tombstones.

An article has a row for the key that its source's scheme gives it, for its guid and link where they identify,
and for its words and title. Rows outlive their article, so that what was purged is not new when it returns.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sqlalchemy import bindparam, delete, or_, select, update

from syndicator.store.dialect import insert
from syndicator.store.schema import article_keys, articles
from syndicator.store.types import Flag

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Executable
    from sqlalchemy.dialects import postgresql, sqlite
    from sqlalchemy.ext.asyncio import AsyncConnection

BATCH: Final = 500  # names a statement: below every driver's limit on parameters
GRAIN: Final = timedelta(days=7)  # how exactly it is known when a document last showed an article
MOST: Final = 12  # names an article keeps: guids that change at each fetch would fill the disk


_KNOWN: Final = select(
    article_keys.c.key, article_keys.c.article_id, article_keys.c.wire, article_keys.c.noted_at
).where(article_keys.c.source == bindparam("of"), article_keys.c.key.in_(bindparam("names", expanding=True)))


class Seen(NamedTuple):
    """What is known of a name. Without an article it is a tombstone; without `wire` it was never read."""

    article_id: int | None
    wire: str
    noted_at: datetime


class Name(NamedTuple):
    """A name to be noted for an article (None: a tombstone)."""

    key: str
    article_id: int | None
    wire: str = ""
    is_loose: bool = False  # several articles may bear it, the last one counts: words and titles


async def known(conn: AsyncConnection, source: str, keys: Iterable[str]) -> dict[str, Seen]:
    """Read what is known of these names of a source; those that are not there are new."""
    listed = list(dict.fromkeys(keys))
    found: dict[str, Seen] = {}
    for batch in _batches(listed):
        rows = await conn.execute(_KNOWN, {"of": source, "names": batch})
        found |= {key: Seen(article_id, wire, noted_at) for key, article_id, wire, noted_at in rows}
    return found


async def note(conn: AsyncConnection, source: str, named: Iterable[Name], *, now: datetime) -> None:
    """Write names. A firm one stays with the article that has it; its wire is brought up to date."""
    rows: dict[tuple[bool, str], dict[str, Any]] = {}
    for name in named:
        row = {"article_id": name.article_id, "wire": name.wire, "source": source, "key": name.key}
        rows.setdefault((name.is_loose, name.key), row | {"noted_at": now, "is_loose": name.is_loose})
    if rows:
        kind: Any = type(insert(conn, article_keys))
        await conn.execute(_noting(kind), list(rows.values()))


@cache
def _noting(kind: type[sqlite.Insert | postgresql.Insert]) -> Executable:
    """Build the statement once for a dialect: building it costs as much as running it."""
    statement = kind(article_keys)
    new = statement.excluded
    both_buried = article_keys.c.article_id.is_(None) & new.article_id.is_(None)
    return statement.on_conflict_do_update(
        index_elements=["source", "key"],
        set_={name: new[name] for name in ("article_id", "wire", "noted_at")},
        where=or_(
            bindparam("is_loose", type_=Flag), article_keys.c.article_id == new.article_id, both_buried
        ),
    )


def are_fading(seen: Mapping[str, Seen], now: datetime) -> bool:
    """Whether it is time to `refresh` any of these names."""
    return any(each.noted_at < now - GRAIN for each in seen.values())


async def refresh(conn: AsyncConnection, source: str, seen: Mapping[str, Seen], *, now: datetime) -> None:
    """Note that a document shows these names; written once in `GRAIN`, for most pulls change nothing."""
    fading = [key for key, each in seen.items() if each.noted_at < now - GRAIN]
    for batch in _batches(fading):
        where = (article_keys.c.source == source, article_keys.c.key.in_(batch))
        await conn.execute(update(article_keys).where(*where).values(noted_at=now))


async def trim(conn: AsyncConnection, article_ids: Collection[int], keep: Collection[str]) -> None:
    """Forget the oldest names of articles that have more than `MOST`; never their key, nor any of `keep`.

    What the document says now is to be kept: a link is noted but once, guids may change at each fetch.
    """
    for batch in _batches(sorted(article_ids)):
        columns = (article_keys.c.article_id, article_keys.c.source, article_keys.c.key)
        rows = await conn.execute(
            select(*columns)
            .join(articles, articles.c.id == article_keys.c.article_id)
            .where(article_keys.c.article_id.in_(batch), article_keys.c.key != articles.c.key)
            .order_by(article_keys.c.noted_at.desc(), article_keys.c.key)
        )
        held: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
        for id_, source, key in rows:
            if key not in keep:
                held[id_].append((source, key))
        for source, key in (each for listed in held.values() for each in listed[MOST:]):
            await conn.execute(
                delete(article_keys).where(article_keys.c.source == source, article_keys.c.key == key)
            )


async def bury(conn: AsyncConnection, article_ids: Sequence[int], *, now: datetime) -> None:
    """Make tombstones of all names of articles that are about to be deleted."""
    for batch in _batches(article_ids):
        await conn.execute(
            update(article_keys)
            .where(article_keys.c.article_id.in_(batch))
            .values(article_id=None, noted_at=now)
        )


def _batches(listed: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (listed[start : start + BATCH] for start in range(0, len(listed), BATCH))
