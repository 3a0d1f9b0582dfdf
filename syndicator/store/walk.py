"""The newest articles that are somewhere, looked at newest first until enough are found.

So the cost does not grow with the archive, as it does where all is put in order first (`leads.ranked`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import exists, func, literal, select, true, tuple_

from syndicator.store.schema import articles, matches, story_articles

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import ColumnElement, Row
    from sqlalchemy.ext.asyncio import AsyncConnection

CHUNK: Final = 200  # articles read at a time
CHUNKS: Final = 50  # that are read at most: one source alone may have filled them all


async def choose(
    conn: AsyncConnection,
    which: ColumnElement[bool],
    *,
    limit: int,
    per_source: int,
    once: bool = True,
    tell_all: Collection[str] = (),
    spilled: list[Row[*tuple[Any, ...]]] | None = None,
) -> tuple[list[Row[*tuple[Any, ...]]], bool]:
    """Choose id, source, sorted_at and story of the newest articles, at most `per_source` of each source.

    `which` chooses matches. `once`: of each story only the article that came first, but for topics in
    `tell_all`. Returns the rows, and whether there can be no others; the stories on the way whose source had
    no room are added to `spilled`.
    """
    chosen: list[Row[*tuple[Any, ...]]] = []
    counted: dict[str, int] = {}
    last: Row[*tuple[Any, ...]] | None = None
    for _ in range(CHUNKS):
        rows = (await conn.execute(_after(which, last))).all()
        kept = await _leading(conn, which, tell_all, rows) if once else {row.id for row in rows}
        for row in rows:
            if row.id in kept and counted.get(row.source, 0) < per_source:
                counted[row.source] = counted.get(row.source, 0) + 1
                chosen.append(row)
            elif spilled is not None and row.id in kept and row.story is not None:
                spilled.append(row)
        if len(chosen) >= limit or len(rows) < CHUNK:
            return chosen[:limit], True
        last = rows[-1]
    return chosen, False


def _after(which: ColumnElement[bool], last: Row[*tuple[Any, ...]] | None) -> Any:
    order = (articles.c.sorted_at, articles.c.id)
    here = (
        tuple_(*order) < tuple_(literal(last.sorted_at, order[0].type), literal(last.id, order[1].type))
        if last
        else true()
    )
    is_shown = exists().where(matches.c.article_id == articles.c.id, which)
    return (
        select(
            articles.c.id, articles.c.source, articles.c.sorted_at, story_articles.c.story_id.label("story")
        )
        .outerjoin(story_articles, story_articles.c.article_id == articles.c.id)
        .where(is_shown, here)
        .order_by(*(column.desc() for column in order))
        .limit(CHUNK)
    )


async def _leading(
    conn: AsyncConnection,
    which: ColumnElement[bool],
    tell_all: Collection[str],
    rows: Sequence[Row[*tuple[Any, ...]]],
) -> set[int]:
    """Tell which of these articles speak for a story, or for none but themselves."""
    told = sorted({row.story for row in rows if row.story is not None})
    first = await conn.execute(
        select(func.min(matches.c.article_id))
        .join(story_articles, story_articles.c.article_id == matches.c.article_id)
        .where(story_articles.c.story_id.in_(told), which)
        .group_by(story_articles.c.story_id)
    )
    kept = {*first.scalars(), *(row.id for row in rows if row.story is None)}
    if tell_all:
        ids = [row.id for row in rows]
        in_these = (matches.c.article_id.in_(ids), matches.c.topic.in_(sorted(tell_all)), which)
        kept.update((await conn.execute(select(matches.c.article_id).where(*in_these))).scalars())
    return kept
