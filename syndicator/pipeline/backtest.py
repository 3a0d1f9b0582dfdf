"""backtest: what a topic's digests would have held since a day, by the rule on trial and by the one in force.

Windows are cut by arrival and days counted by publication, as digests and feeds do. Nothing is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from syndicator import schedule
from syndicator.pipeline.trial import DEFAULT, LIMIT, Pair, Tally, trials

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from syndicator.model import DigestPlan, Topic
    from syndicator.pipeline.trial import Bounds, Trial
    from syndicator.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """One digest that would have been due. What is not enough for a mail waits for the next.

    `articles` counts what the mail would have told of (0: no mail): each story once, and nothing that the
    flood guard holds. `shown` is what would have stood in it, `before` is `articles` by the rule in force,
    without what an edit found. The last one is still to come: it has what arrived so far.
    """

    at: datetime
    arrived: Tally
    articles: int
    shown: int
    before: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """The trial since that day, and its digests, oldest first; none for a topic without a digest."""

    trial: Trial
    digests: tuple[Digest, ...]


async def backtest(
    store: Store,
    topic: Topic,
    *,
    against: Topic | None,
    since: datetime,
    now: datetime,
    limit: int = LIMIT,
    bounds: Bounds = DEFAULT,
) -> Backtest:
    """Try a rule on all that arrived since an instant."""
    fires = _fires(topic.digest, since, now) if topic.digest else []
    (made,) = await trials(
        store, [Pair(new=topic, old=against)], since=since, limit=limit, bounds=bounds,
        order="arrived", windows=[since, *fires] if fires else (),
    )  # fmt: skip
    held = _digests(topic.digest, fires, made) if topic.digest else ()
    return Backtest(trial=made, digests=held)


def _fires(digest: DigestPlan, since: datetime, now: datetime) -> list[datetime]:
    """List when the digest is due from `since` on; the last one is after `now`."""
    fires: list[datetime] = []
    at = since
    while at <= now and (fire := schedule.next_fire(digest.slot, at)):
        at = fire.at
        fires.append(at)
    return fires


def _digests(digest: DigestPlan, fires: Sequence[datetime], trial: Trial) -> tuple[Digest, ...]:
    made: list[Digest] = []
    waiting = waiting_before = 0
    for at, tally, (told, told_before) in zip(fires, trial.windows, trial.told, strict=True):
        waiting += told
        waiting_before += told_before
        articles = waiting if waiting >= digest.minimum else 0
        before = waiting_before if waiting_before >= digest.minimum else 0
        shown = min(articles, digest.max_items)
        made.append(Digest(at=at, arrived=tally, articles=articles, shown=shown, before=before))
        waiting, waiting_before = waiting - articles, waiting_before - before
    return tuple(made)
