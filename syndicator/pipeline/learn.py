"""learn: a topic's judgements → what was learned of them, kept if it does better than the rule alone."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from syndicator.learn.record import from_json, to_json
from syndicator.match.index import Index
from syndicator.pipeline.parts import log
from syndicator.store import judgements, learned

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from syndicator.learn.train import Lesson
    from syndicator.model import Catalog, Judgement, Learned, Match, Topic
    from syndicator.store import Store


async def read_learned(store: Store) -> dict[str, Learned]:
    """Read what was learned, by topic. What cannot be used weighs nothing; the log says so at each reload."""
    async with store.read() as conn:
        bodies = await learned.bodies(conn)
    found = {topic: from_json(topic, version, body) for topic, (version, body) in bodies.items()}
    for topic, one in found.items():
        if not one.weights:
            log.warning(
                "what was learned cannot be used", topic=topic, hint=f"syndicator topics learn {topic}"
            )
    return found


async def learn(store: Store, topic: Topic, *, now: datetime) -> Lesson:
    """Learn from the judgements of `topic`; what was learned before is forgotten if it is no better.

    Daemons see the change and match the topic again.

    Raises:
        SyndicatorError: too few judgements, or scikit-learn is not installed; nothing changed.
    """
    from syndicator.learn.train import train  # noqa: PLC0415  only here is it needed

    async with store.read() as conn:
        told = await judgements.of_topic(conn, topic.slug)
    judged = await asyncio.to_thread(_matched, topic, told)
    lesson = await asyncio.to_thread(train, topic.slug, judged)
    one = lesson.learned
    async with store.write() as conn:
        if lesson.is_better:
            await learned.record(conn, topic.slug, one.version, to_json(one), now=now)
        else:
            await learned.forget(conn, topic.slug)
    return lesson


def _matched(topic: Topic, told: Sequence[Judgement]) -> list[tuple[Judgement, Match | None]]:
    """Say what the rule alone makes of each judged article, however low its score."""
    index = Index([topic])
    return [(one, next(iter(index.match(one.article)), None)) for one in told]


def carried(taught: Mapping[str, Learned], catalog: Catalog) -> dict[str, Learned]:
    """Give what was learned to topics by the names that they have now."""
    names = {old: topic.slug for topic in catalog.topics.values() for old in topic.was}
    found: dict[str, Learned] = {}
    for slug, one in taught.items():
        now = slug if slug in catalog.topics else names.get(slug, slug)
        if now == slug or now not in taught:
            found[now] = replace(one, topic=now)
    return found
