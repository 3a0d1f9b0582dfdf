"""How many fetches run at once: in all, and to one host.

The connector of the HTTP library has such limits too, but waits for them inside the time that a fetch may
take, and a host with many feeds would time out for no fault of its own.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@dataclass(slots=True)
class _Lane:
    turns: asyncio.Semaphore
    users: int = 0  # inside or waiting; a lane without any is forgotten


class Lanes:
    """A counter for each host in use, and one for all; memory is bounded by the fetches under way."""

    def __init__(self, *, total: int, per_host: int) -> None:
        self._all = asyncio.Semaphore(total)
        self._per_host = per_host
        self._lanes: dict[str, _Lane] = {}

    def __len__(self) -> int:
        """Count the hosts that are in use."""
        return len(self._lanes)

    @asynccontextmanager
    async def enter(self, host: str) -> AsyncIterator[None]:
        """Wait for a turn at `host`, then for one of all turns, and hold both.

        In this order, so that fetches that queue for one slow host take no turn from others; and whoever
        holds one of all turns waits for nobody, so there is no deadlock. Do not nest.
        """
        lane = self._lanes.setdefault(host, _Lane(asyncio.Semaphore(self._per_host)))
        lane.users += 1
        try:
            async with lane.turns, self._all:
                yield
        finally:
            lane.users -= 1
            if not lane.users:
                del self._lanes[host]
