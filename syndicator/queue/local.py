"""The queue of one process: a worker for each verb, woken by hints.

A verb never runs beside itself; a hint that comes while it runs makes it run once more. A handler that
reports work done is called again, until nothing was due.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from syndicator.errors import SyndicatorError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from syndicator.model import Job

log = structlog.get_logger("syndicator")

PAUSE_AFTER_FAULT = 5.0  # seconds


class LocalQueue:
    """Workers for `handlers` (verb → a call that says whether it found work).

    `run` lasts until it is cancelled or `stop` is set; then each worker ends after the call it is in.
    """

    def __init__(self, handlers: Mapping[str, Callable[[], Awaitable[bool]]], stop: asyncio.Event) -> None:
        self._handlers = handlers
        self._stop = stop
        self._hinted = {verb: asyncio.Event() for verb in handlers}

    def hint(self, job: Job) -> None:
        """Wake the worker of a verb."""
        self._hinted[job.verb].set()

    async def run(self) -> None:
        """Work until stopped."""
        async with asyncio.TaskGroup() as workers:
            for verb in self._handlers:
                workers.create_task(self._work(verb), name=f"verb {verb}")

    def wake(self) -> None:
        """Wake every worker, so that each sees that it must stop."""
        for event in self._hinted.values():
            event.set()

    async def _work(self, verb: str) -> None:
        hinted, handler = self._hinted[verb], self._handlers[verb]
        while not self._stop.is_set():
            await hinted.wait()
            hinted.clear()
            try:
                while not self._stop.is_set() and await handler():
                    pass
            except SyndicatorError as error:
                log.error("cannot go on", verb=verb, error=error.message, hint=error.hint)  # noqa: TRY400  one line
                await self._rest()
            except Exception:
                log.exception("a fault of ours", verb=verb)
                await self._rest()

    async def _rest(self) -> None:
        """Wait a little, or until stopped: the cause is seldom gone at once."""
        try:
            await asyncio.wait_for(self._stop.wait(), PAUSE_AFTER_FAULT)
        except TimeoutError:
            return
