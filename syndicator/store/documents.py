"""Published renditions as rows, so that every host can serve the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select

from syndicator.store.dialect import insert
from syndicator.store.schema import documents

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.model import Document


async def known(conn: AsyncConnection, topic: str) -> dict[str, tuple[str, datetime, Any]]:
    """Read, by format, (etag, modified_at, label) of a topic's documents."""
    columns = [documents.c[name] for name in ("format", "etag", "modified_at", "label")]
    rows = await conn.execute(select(*columns).where(documents.c.topic == topic))
    return {row.format: (row.etag, row.modified_at, row.label) for row in rows}


async def version(conn: AsyncConnection, topic: str, format_: str) -> str | None:
    """Read the etag of a document; None if there is none."""
    where = (documents.c.topic == topic, documents.c.format == format_)
    found: str | None = await conn.scalar(select(documents.c.etag).where(*where))
    return found


async def bodies(
    conn: AsyncConnection, wanted: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], tuple[str, bytes]]:
    """Read (etag, body in gzip) of documents, each (topic, format); those that are not there are left out."""
    by_topic: dict[str, set[str]] = {}
    for topic, format_ in wanted:
        by_topic.setdefault(topic, set()).add(format_)
    columns = (documents.c.topic, documents.c.format, documents.c.etag, documents.c.body)
    rows = await conn.execute(select(*columns).where(documents.c.topic.in_(list(by_topic))))
    return {
        (row.topic, row.format): (row.etag, row.body) for row in rows if row.format in by_topic[row.topic]
    }


async def body(conn: AsyncConnection, topic: str, format_: str) -> bytes:
    """Read a document's bytes, in gzip."""
    statement = select(documents.c.body).where(documents.c.topic == topic, documents.c.format == format_)
    return bytes((await conn.execute(statement)).scalar_one())


async def put(conn: AsyncConnection, document: Document, compressed: bytes, label: Any = None) -> None:
    """Write a document over its predecessor; `compressed` is its body in gzip, `label` goes with it."""
    values = {
        "etag": document.etag,
        "body": compressed,
        "modified_at": document.modified_at,
        "label": label,
    }
    await conn.execute(
        insert(conn, documents)
        .values(topic=document.topic, format=document.format, **values)
        .on_conflict_do_update(index_elements=["topic", "format"], set_=values)
    )


async def drop(conn: AsyncConnection, topic: str, formats: Iterable[str]) -> None:
    """Remove documents that are published no more."""
    await conn.execute(
        delete(documents).where(documents.c.topic == topic, documents.c.format.in_(list(formats)))
    )
