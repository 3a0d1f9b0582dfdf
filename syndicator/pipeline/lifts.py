"""Which learned words are a topic's own, and not everyday ones: its judged articles beside the archive."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

from syndicator.learn.features import is_word, own
from syndicator.learn.weigh import lift
from syndicator.pipeline.vocabulary import NEWEST, newest
from syndicator.store import judgements

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from syndicator.model import Article
    from syndicator.pipeline.trial import Bounds
    from syndicator.store import Store


async def lifts(
    store: Store, topic: str, weights: Mapping[str, float], *, bounds: Bounds = NEWEST
) -> dict[str, float]:
    """Say of learned words how much they are of the articles judged so, against the newest of the archive.

    Of words that pull towards the topic the accepted articles count, of the others the rejected ones.
    """
    async with store.read() as conn:
        told = await judgements.of_topic(conn, topic)
    asked = frozenset(filter(is_word, weights))
    judged = {
        verdict: [one.article for one in told if one.verdict == verdict] for verdict in ("accept", "reject")
    }
    sides = {verdict: await asyncio.to_thread(_spread, some, asked) for verdict, some in judged.items()}
    common, articles = Counter[str](), 0
    async for portion in newest(store, bounds):
        common += await asyncio.to_thread(_spread, [each.article for each in portion], asked)
        articles += len(portion)
    return {
        word: lift(sides[side][word], len(judged[side]), common[word], articles)
        for word in asked
        for side in ("accept" if weights[word] > 0 else "reject",)
    }


def _spread(found: Iterable[Article], asked: frozenset[str]) -> Counter[str]:
    """Count in how many articles each of some words stands."""
    return Counter(word for article in found for word in asked.intersection(own(article)))
