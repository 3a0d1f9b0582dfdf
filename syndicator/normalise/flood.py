"""The flood guard: what arrives all at once and is no news is kept out of digests until an admin decides.

An archive comes back under new names or new dates after a move, a window grows from 20 entries to 200, a
source is added that has shown its whole life from the start. Feeds show such articles by their dates, where
they belong; a digest, which goes by arrival, would mail them all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

FEW: Final = 12  # so many old articles may come late without being a flood
MANY: Final = 30  # so many articles are no flood, however quiet the source is
ISSUE: Final = 90  # so many that are dated since the last pull are the new issue of a journal
TIMES: Final = 3  # as many as it ever brings
LATE: Final = timedelta(days=3)  # after its publication a feed may first show an article
FIRST: Final = 50  # of a new source are mailed, however old; the newest


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """How a source used to bring articles, before the pull in question.

    `busiest` is the most that one pull or one issue of it brought, `daily` the mean of a day of late, `since`
    the last good pull (None: there was none); `is_settled` whether the installation has been at work for
    over a day: in a new one all is new, and nothing is held back.
    """

    busiest: int = 0
    daily: float = 0.0
    since: datetime | None = None
    is_settled: bool = False


def held_back(
    published: Sequence[datetime | None], habit: Habit, *, now: datetime, echoes: Collection[int] = ()
) -> frozenset[int]:
    """Say which of the new articles of a pull, given by their dates, are a flood: their places.

    Dated since the last good pull is what news is: held back only where there is far more of it than an issue
    of any journal, and than the source ever brought, the time allowed for. What is old is held where there is
    more than a `FEW` of it; what has no date, where all is far more than usual, and so what says word for
    word what was told before, whatever its date (`echoes`: the places of those). Of a new source all but the
    newest `FIRST` and those of the last days are held.
    """
    if not habit.is_settled:
        return frozenset()
    since = habit.since or now
    old = {at for at, moment in enumerate(published) if moment and moment < since - LATE}
    if habit.since is None:
        by_age = sorted(range(len(published)), key=lambda at: published[at] or now, reverse=True)
        return frozenset(old.intersection(by_age[FIRST:]))
    bare = {at for at, moment in enumerate(published) if moment is None}.union(echoes) - old
    fresh = frozenset(range(len(published))) - old - bare
    usual = TIMES * (habit.busiest + habit.daily * max(now - since, timedelta(0)) / timedelta(days=1))
    held = old if len(old) > FEW else set()
    held = held | bare if len(bare | old) > max(MANY, usual) else held
    return frozenset(held | fresh if len(fresh) > max(ISSUE, usual) else held)
