"""How many requests run at once, in all and to one host group; how far apart; and who has to wait.

The connector of the HTTP library has limits too, but waits for them inside the time that a fetch may take,
and a host with many feeds would time out for no fault of its own. Spacing is measured by the loop's clock,
pauses by the clock of the program, because servers speak of dates.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from syndicator.clock import utc_now
from syndicator.fetch.headers import LONGEST_WAIT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from datetime import datetime

NONE = timedelta(0)
UNBELIEVABLE = LONGEST_WAIT + timedelta(days=1)
"""No pause is longer; one that seems so was set by a wrong clock."""


class Paused(Exception):
    """The host group has asked to be left alone; `left` says for how long."""

    def __init__(self, host: str, left: timedelta) -> None:
        super().__init__(f"{host} has asked for a pause")
        self.left = left


@dataclass(slots=True)
class _Lane:
    turns: asyncio.Semaphore
    users: int = 0  # inside or waiting
    free_at: float = 0.0  # by the loop's clock: no request may begin earlier


class Lanes:
    """A lane for each host group in use, and one number for all; memory is bounded by what is under way."""

    def __init__(
        self,
        *,
        total: int,
        per_host: int,
        clock: Callable[[], datetime] = utc_now,
        pauses: dict[str, datetime] | None = None,
    ) -> None:
        self._all = asyncio.Semaphore(total)
        self._per_host = per_host
        self._clock = clock
        self._lanes: dict[str, _Lane] = {}
        self._pauses = {} if pauses is None else pauses  # host group → until when

    def __len__(self) -> int:
        """Count the host groups that are in use, or were within their spacing."""
        return len(self._lanes)

    def pause(self, host: str, until: datetime) -> None:
        """Let nobody in to `host` before `until`, those who wait already included; never shortens a pause."""
        now = self._clock()
        for over in [name for name, end in self._pauses.items() if not _left(end, now)]:
            del self._pauses[over]
        self._pauses[host] = max(until, self._pauses.get(host, until))

    @asynccontextmanager
    async def enter(self, host: str, *, spacing: timedelta = NONE) -> AsyncIterator[None]:
        """Wait for a turn at `host`, then for one of all turns, and hold both. Raises Paused instead.

        Requests to `host` begin at least `spacing` apart. Waiting takes no turn from other hosts; and whoever
        holds one of all turns waits for nobody, so there is no deadlock. Do not nest.
        """
        self._check(host)
        lane = self._lanes.setdefault(host, _Lane(asyncio.Semaphore(self._per_host)))
        lane.users += 1
        try:
            async with lane.turns:
                await self._take_one_of_all(host, lane, spacing.total_seconds())
                try:
                    yield
                finally:
                    self._all.release()
        finally:
            lane.users -= 1
            self._forget(host, lane)

    async def _take_one_of_all(self, host: str, lane: _Lane, spacing: float) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self._check(host)
            if (wait := lane.free_at - loop.time()) > 0:
                await asyncio.sleep(wait)
                continue
            await self._all.acquire()
            if loop.time() >= lane.free_at and not self._pause_left(host):
                lane.free_at = loop.time() + spacing
                return
            self._all.release()  # while we waited another one of this lane has begun

    def _check(self, host: str) -> None:
        if left := self._pause_left(host):
            raise Paused(host, left)

    def _pause_left(self, host: str) -> timedelta:
        until = self._pauses.get(host)
        return _left(until, self._clock()) if until else NONE

    def _forget(self, host: str, lane: _Lane) -> None:
        """Drop a lane that nobody uses, but not before its spacing is over."""
        if lane.users or self._lanes.get(host) is not lane:
            return
        loop = asyncio.get_running_loop()
        if loop.time() >= lane.free_at:
            del self._lanes[host]
        else:
            loop.call_at(lane.free_at, self._forget, host, lane)


def _left(until: datetime, now: datetime) -> timedelta:
    return until - now if NONE < until - now <= UNBELIEVABLE else NONE
