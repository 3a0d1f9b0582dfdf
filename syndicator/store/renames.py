"""A topic that got another slug keeps its readers, matches and keys, and what was said and learned of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Text, and_, bindparam, case, cast, delete, exists, func, or_, select, update

from syndicator.store import followers, schema
from syndicator.store.dialect import insert, lock_arrivals
from syndicator.store.schema import documents, matches, metadata, subscriptions, topics

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement, Row, Table
    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.model import Topic

# Documents are made anew; the others may meet rows that are there.
_SPECIAL: Final = (documents, matches, subscriptions, schema.followers, schema.intents)
# Lists of slugs in one column. What a sign-up chose stays as it was said, for its link is bound to that.
_LISTS: Final = (schema.editions.c.topics, schema.signups.c.tied)
_NAMES: Final = 100  # former slugs of one statement


async def follow(conn: AsyncConnection, configured: Iterable[Topic]) -> list[tuple[str, str]]:
    """Carry over what is left under former slugs (`was`); return (old, new) of those that had anything.

    A match keeps its number, so no digest sends it twice, and each reader's cursor stays where it was. Where
    both slugs were topics side by side, the new one's rule decides, and what came from the other is mailed to
    nobody. To be called in the transaction that puts the catalog in force; again, it does nothing.
    """
    wanted = [
        (old, topic.slug) for topic in configured for old in reversed(topic.was) if old != topic.slug
    ]  # the last name first: it is the one that was in force
    known = await _rows(conn, {name for pair in wanted for name in pair}) if wanted else {}
    moved = []
    for old, new in wanted:
        if old in known and await _move(conn, known[old], new, known.get(new)):
            moved.append((old, new))
            known |= await _rows(conn, {new})
    await _lists(conn, {old: new for old, new in reversed(wanted) if old in known})
    return moved


async def _rows(conn: AsyncConnection, slugs: Iterable[str]) -> dict[str, Row[Any]]:
    rows = await conn.execute(select(topics).where(topics.c.slug.in_(list(slugs))))
    return {row.slug: row for row in rows}


async def _move(conn: AsyncConnection, old: Row[Any], new: str, target: Row[Any] | None) -> bool:
    """Carry over from one slug; whether there was anything."""
    is_there = target is not None and target.configured
    await lock_arrivals(conn, exclusive=True)
    if target is None:
        values = {"slug": new, "configured": True, "fingerprint": "", "created_at": old.created_at}
        opened = {"opened_at": old.opened_at, "slot": old.slot, "slot_at": old.slot_at}
        await conn.execute(insert(conn, topics).values(values | opened).on_conflict_do_nothing())
    elif not is_there:  # a slug of long ago: its readers were promised nothing of this
        newest = select(func.max(matches.c.seq)).scalar_subquery()
        await conn.execute(update(subscriptions).where(subscriptions.c.topic == new).values(cursor=newest))
    amount = await _matches(conn, old.slug, new, is_there=is_there, is_merged=is_there and old.configured)
    amount += await _subscriptions(conn, old.slug, new)
    await followers.rename(conn, old.slug, new)
    for table in metadata.sorted_tables:
        if "topic" in table.c and table not in _SPECIAL:
            amount += await _others(conn, table, old.slug, new, is_there=is_there)
    if old.configured or amount:  # what was on its way under the old slug is to be matched again
        await conn.execute(update(topics).where(topics.c.slug == new).values(fingerprint=""))
    return bool(old.configured or amount)


async def _matches(conn: AsyncConnection, old: str, new: str, *, is_there: bool, is_merged: bool) -> int:
    other = matches.alias()
    same = other.c.article_id == matches.c.article_id
    lost = matches.c.topic == (old if is_there else new)  # whose archive goes: it waits for a page again
    await conn.execute(update(matches).where(lost, matches.c.archived).values(archived=False))
    if not is_there:
        await conn.execute(
            delete(matches).where(matches.c.topic == new, exists().where(same, other.c.topic == old))
        )
    values: dict[str, Any] = {"topic": new} | ({"backfill": True} if is_merged else {})
    free = ~exists().where(same, other.c.topic == new)
    return (await conn.execute(update(matches).where(matches.c.topic == old, free).values(values))).rowcount


async def _subscriptions(conn: AsyncConnection, old: str, new: str) -> int:
    """Move readers; of who has both, the one that goes on stays, and the old one where both do."""
    other = subscriptions.alias()
    same = other.c.subscriber_id == subscriptions.c.subscriber_id
    goes_on = case((subscriptions.c.state == "ended", 0), else_=1)
    other_goes_on = case((other.c.state == "ended", 0), else_=1)
    weaker = exists().where(and_(same, other.c.topic == old, other_goes_on >= goes_on))
    await conn.execute(delete(subscriptions).where(subscriptions.c.topic == new, weaker))
    free = ~exists().where(same, other.c.topic == new)
    mine: ColumnElement[bool] = subscriptions.c.topic == old
    moved = (await conn.execute(update(subscriptions).where(mine, free).values(topic=new))).rowcount
    await conn.execute(delete(subscriptions).where(mine))
    return moved


async def _others(conn: AsyncConnection, table: Table, old: str, new: str, *, is_there: bool) -> int:
    """Move what a table holds by topic; where rows may not meet, those of a topic in force stay."""
    if "topic" in table.primary_key.columns:
        await conn.execute(delete(table).where(table.c.topic == (old if is_there else new)))
    return (await conn.execute(update(table).where(table.c.topic == old).values(topic=new))).rowcount


async def _lists(conn: AsyncConnection, now_named: dict[str, str]) -> None:
    """Write the slugs of today where several stand in one column, so that whoever compares them finds theirs.

    Each time anew, for an edition may have been on its way while its topic moved.
    """
    former = sorted(now_named)
    for column in _LISTS:
        (key,) = column.table.primary_key
        for start in range(0, len(former), _NAMES):
            said = [cast(column, Text).contains(f'"{old}"') for old in former[start : start + _NAMES]]
            found = [
                {"row": id_, "list": [*dict.fromkeys(now_named.get(slug, slug) for slug in slugs)]}
                for id_, slugs in await conn.execute(select(key, column).where(or_(*said)))
            ]
            if found:
                mine = update(column.table).where(key == bindparam("row"))
                await conn.execute(mine.values({column.name: bindparam("list")}), found)
