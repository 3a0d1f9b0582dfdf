"""Judgements: what admins said of articles. Plain data that outlives its articles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select

from syndicator.model import Judgement
from syndicator.store.dialect import insert
from syndicator.store.schema import judgements

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.model import Verdict

PLACE = ("topic", "source", "key")


async def record(conn: AsyncConnection, told: Sequence[Judgement]) -> int:
    """Write judgements, each in place of an older one of its article; return how many were written."""
    newest = {(one.topic, one.article.source, one.article.key): one for one in sorted(told, key=_at)}
    written = 0
    for values in (one.row for one in newest.values()):
        statement = insert(conn, judgements).values(values)
        said = {name: statement.excluded[name] for name in values if name not in PLACE}
        done = await conn.execute(
            statement.on_conflict_do_update(
                index_elements=PLACE, set_=said, where=judgements.c.at <= statement.excluded.at
            ).returning(judgements.c.verdict)
        )
        written += done.first() is not None
    return written


async def forget(conn: AsyncConnection, topic: str, source: str, key: str) -> bool:
    """Take back what was said of an article; whether there was anything."""
    where = (judgements.c.topic == topic, judgements.c.source == source, judgements.c.key == key)
    return bool((await conn.execute(delete(judgements).where(*where))).rowcount)


async def of_topic(conn: AsyncConnection, topic: str) -> list[Judgement]:
    """Read the judgements of a topic, in the order of source and key."""
    rows = await conn.execute(
        select(judgements).where(judgements.c.topic == topic).order_by(judgements.c.source, judgements.c.key)
    )
    return [Judgement.of(row._asdict()) for row in rows]


async def verdicts(
    conn: AsyncConnection, topic: str, keys: Collection[str]
) -> dict[tuple[str, str], Verdict]:
    """Read what was said of articles with these keys, by source and key, without their texts."""
    columns = (judgements.c.source, judgements.c.key, judgements.c.verdict)
    where = (judgements.c.topic == topic, judgements.c.key.in_(keys))
    return {(row.source, row.key): row.verdict for row in await conn.execute(select(*columns).where(*where))}


async def count(conn: AsyncConnection, topic: str) -> tuple[int, int]:
    """Count the accepted and the rejected articles of a topic."""
    rows = await conn.execute(
        select(judgements.c.verdict, func.count())
        .where(judgements.c.topic == topic)
        .group_by(judgements.c.verdict)
    )
    counts = {row[0]: row[1] for row in rows}
    return counts.get("accept", 0), counts.get("reject", 0)


def _at(judgement: Judgement) -> Any:
    return judgement.at
