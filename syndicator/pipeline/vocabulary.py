"""vocabulary: the words of the newest articles, for warnings about rules. Nothing is written."""

from __future__ import annotations

import asyncio
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from syndicator.match.lint import Vocabulary
from syndicator.pipeline.trial import PORTION, Bounds
from syndicator.store import archive
from syndicator.text import tokens

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from syndicator.model import StoredArticle
    from syndicator.store import Store
    from syndicator.store.archive import Place

NEWEST = Bounds(articles=5_000, seconds=5.0)
MOST_WORDS = 1_000_000  # that memory holds; no newsroom has as many


async def vocabulary(
    store: Store, pairs: frozenset[tuple[str, str]], *, bounds: Bounds = NEWEST
) -> Vocabulary:
    """Count in how many of the newest articles each word stands, and see which `pairs` occur."""
    words: Counter[str] = Counter()
    seen: set[tuple[str, str]] = set()
    articles = 0
    async for found in newest(store, bounds):
        seen |= await asyncio.to_thread(_count, found, words, pairs)
        articles += len(found)
        if len(words) > MOST_WORDS:
            break
    return Vocabulary(articles, words, frozenset(seen))


async def newest(store: Store, bounds: Bounds) -> AsyncIterator[list[StoredArticle]]:
    """Read the newest articles in portions, as far as `bounds` allow."""
    loop = asyncio.get_running_loop()
    end = loop.time() + bounds.seconds
    left = bounds.articles
    before: Place | None = None
    while left > 0 and loop.time() < end:
        async with store.read() as conn:
            found = await archive.newest(conn, before=before, limit=min(PORTION, left))
        if not found:
            return
        yield found
        left -= len(found)
        before = archive.place(found[-1])


def _count(
    portion: Iterable[StoredArticle], words: Counter[str], pairs: frozenset[tuple[str, str]]
) -> set[tuple[str, str]]:
    seen: set[tuple[str, str]] = set()
    for stored in portion:
        texts = [tokens(stored.article.title), tokens(stored.article.text or stored.article.summary)]
        words.update({word for text in texts for word in text})
        for text in texts:
            seen |= pairs.intersection(pairwise(text))
    return seen
