"""How often somebody may ask: a count for each, kept in memory, and not for ever."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable
    from datetime import datetime

REMEMBERED = 10_000  # askers whose pace is known


class Pace:
    """Counts requests in each minute, by who makes them: a bound on what one asker can cost us."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._counts: OrderedDict[Hashable, tuple[int, int]] = OrderedDict()  # who → minute, count

    def admits(self, who: Hashable, now: datetime) -> bool:
        """Whether one more is welcome; counts it."""
        minute = int(now.timestamp()) // 60
        then, count = self._counts.pop(who, (minute, 0))
        count = count + 1 if then == minute else 1
        self._counts[who] = (minute, count)
        while len(self._counts) > REMEMBERED:
            self._counts.popitem(last=False)
        return count <= self._per_minute
