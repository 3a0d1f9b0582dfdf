"""retract: take an article back from everything that is published, or give it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syndicator.match.index import Index
from syndicator.pipeline.grouping import Recent, group_missing
from syndicator.pipeline.learn import read_learned
from syndicator.pipeline.parts import Current
from syndicator.store import history, matches, retractions, topics
from syndicator.store.dialect import lock_arrivals

if TYPE_CHECKING:
    from datetime import datetime

    from syndicator.model import Catalog, StoredArticle
    from syndicator.store import Store


async def retract(store: Store, stored: StoredArticle, *, reason: str, by: str, now: datetime) -> list[str]:
    """Take an article back: its topics' documents go stale; mails that were sent stay as they are.

    Returns the topics that it was in, or that show it on a page of their archive though it left them.
    """
    async with store.write() as conn:
        left = await retractions.retract(conn, stored, reason=reason, by=by, now=now)
        kept = await history.topics_of(conn, stored.article.source, stored.article.key)
        gone_from = sorted({*left, *kept})
        await topics.touch(conn, gone_from)
    return gone_from


async def restore(
    store: Store, catalog: Catalog, stored: StoredArticle, *, now: datetime
) -> list[str] | None:
    """Give an article back to the topics that it matches by now; None if it was not taken back.

    No digest sends it anew.
    """
    index = Index(catalog.topics.values())
    found = Current(catalog=catalog, index=index, learned=await read_learned(store)).match(stored.article)
    article = stored.article
    async with store.write() as conn:
        await lock_arrivals(conn, exclusive=True)
        if not await retractions.restore(conn, article.source, article.key):
            return None
        await group_missing(conn, Recent(), [stored.id] if found else [], now=now)
        changed = await matches.record(conn, {stored.id: found}, now=now, backfill=True)
        await topics.touch(conn, changed)
    return sorted(changed)
