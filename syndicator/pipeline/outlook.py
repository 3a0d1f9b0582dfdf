"""outlook: what an edit of the files would change, before it is made. Nothing is written.

The difference of two catalogs (`catalog.plan`) says which topics are matched again; their rules are tried on
the archive in one scan (`trial`), and the rows say whom that reaches.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from syndicator.catalog.plan import due, plan
from syndicator.pipeline.timetable import next_digest
from syndicator.pipeline.trial import DEFAULT, Pair, trials
from syndicator.store import matches, subscribers

if TYPE_CHECKING:
    from datetime import datetime

    from syndicator.model import Catalog, Plan, Slot, Topic
    from syndicator.pipeline.trial import Bounds, Trial
    from syndicator.store import Store

EXAMPLES = 3  # articles of each kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What becomes of one topic.

    `stored` is how many articles it holds now, `readers` how many active subscriptions it has, `documents`
    which of its documents go stale. The trial is missing where the rule stays the same, or the topic goes.
    """

    slug: str
    title: str
    change: Literal["added", "removed", "rule", "settings"]
    trial: Trial | None
    stored: int
    readers: int
    documents: tuple[str, ...]
    next_digest_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What an edit would change; `pulled` are the sources that would be asked at once."""

    plan: Plan
    effects: tuple[Effect, ...]
    pulled: tuple[str, ...]
    site: bool  # the front page and the list of feeds go stale


async def outlook(
    store: Store | None,
    old: Catalog | None,
    new: Catalog,
    *,
    now: datetime,
    limit: int = EXAMPLES,
    bounds: Bounds = DEFAULT,
) -> Outlook:
    """Compare the catalog in force (None: none yet) with a new one; without a store there is no archive."""
    made = await asyncio.to_thread(plan, old, new)
    before = old.topics if old else {}
    tried = [
        Pair(new=new.topics[slug], old=before.get(slug))
        for slug in sorted((*made.topics_added, *made.topics_rematch))
    ]
    found: dict[str, Trial] = {}
    counts: dict[str, tuple[int, datetime | None]] = {}
    readers: dict[str, dict[str, int]] = {}
    chosen: dict[str, set[Slot | None]] = {}
    if store:
        done = await trials(store, tried, limit=limit, bounds=bounds) if tried else []
        found = {each.topic: each for each in done}
        async with store.read() as conn:
            counts, readers = await matches.counts(conn), await subscribers.counts(conn)
            chosen = await subscribers.schedules(conn)
    effects = []
    for change, slugs in _changes(made):
        for slug in slugs:
            topic = new.topics.get(slug) or before[slug]
            effects.append(
                Effect(
                    slug=slug, title=topic.title, change=change, trial=found.get(slug),
                    stored=counts.get(slug, (0, None))[0], readers=readers.get(slug, {}).get("active", 0),
                    documents=_documents(topic), next_digest_at=next_digest(topic, chosen.get(slug, ()), now),
                )
            )  # fmt: skip
    site = bool(made.topics_added or made.topics_removed or made.topics_restyled)
    return Outlook(plan=made, effects=tuple(effects), pulled=due(old, new), site=site)


def _changes(
    made: Plan,
) -> list[tuple[Literal["added", "removed", "rule", "settings"], tuple[str, ...]]]:
    return [
        ("added", made.topics_added),
        ("removed", made.topics_removed),
        ("rule", made.topics_rematch),
        ("settings", made.topics_restyled),
    ]


def _documents(topic: Topic) -> tuple[str, ...]:
    return ("page", *(topic.publish.formats if topic.publish else ()))
