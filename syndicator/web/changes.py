"""When a document may change next: what Cache-Control tells, looked up beside the requests."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from syndicator.errors import StoreError
from syndicator.pipeline.parts import log
from syndicator.store.pulls import next_pulls

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syndicator.pipeline.parts import Parts

FLOOR: Final = 60  # seconds: what is due at any moment is not there at once
CEILING: Final = 900  # seconds: a source may bring its first article to a topic, or be pushed by its hub
PULL: Final = 15  # seconds from a source's time until its articles are published
LOOK: Final = 30  # seconds between two looks at the sources


class Changes:
    """Remembers when each source is pulled next. A look is begun by whoever asks, and awaited by nobody."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._due: Mapping[str, float] = {}
        self._soonest = 0.0
        self._looked = -float("inf")
        self._looking: asyncio.Task[None] | None = None

    def max_age(self, names: Sequence[str], now: float) -> int:
        """Say for how many seconds what these sources brought stays as it is; without names: what all did."""
        if now - self._looked > LOOK and (self._looking is None or self._looking.done()):
            self._looking = asyncio.get_running_loop().create_task(self._look(now))
        soonest = min(self._due.get(name, 0.0) for name in names) if names else self._soonest
        return max(FLOOR, min(CEILING, int(soonest + PULL - now)))

    async def _look(self, now: float) -> None:
        try:
            async with self._parts.store.read() as conn:
                due = await next_pulls(conn)
        except StoreError as error:
            log.warning("cannot look when sources are due", error=error.message)
        else:
            self._due = {name: at.timestamp() for name, at in due.items()}
            self._soonest = min(self._due.values(), default=0.0)
        self._looked = now
