"""Names that the store's tests share; pytest's conftest cannot be imported by name from several folders."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from syndicator.model import Article
from syndicator.store import windows

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.model import StoredArticle

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


def article(key: str, *, source: str = "wire", **fields: object) -> Article:
    given = {"title": f"Title {key}", "fingerprint": f"f-{key}", "url": f"https://{source}.example/{key}"}
    return Article(source=source, key=key, **(given | fields))  # type: ignore[arg-type]


async def window(
    conn: AsyncConnection, topic: str, *, after: int, upto: int, told: Collection[int] | None = None
) -> tuple[list[StoredArticle], int]:
    """Read all that a digest's window holds, the best matches first, and how many there are."""
    found, total = await windows.candidates(conn, topic, after=after, upto=upto, told=told)
    read = await windows.told(conn, topic, [each.id for each in found], once=told is not None)
    return [read[each.id] for each in found], total
