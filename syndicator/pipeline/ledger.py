"""The ledger of mail, written for many connections at once: their transitions share commits.

No window grows by it: a letter is begun, and its outcome forgotten, only after the commit that says so. So
there is never more than one letter a connection of which a kill would leave the outcome unknown.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, NamedTuple

from syndicator.errors import StoreError
from syndicator.pipeline.parts import log
from syndicator.pipeline.returns import note_refusal
from syndicator.store import progress

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from syndicator.deliver.transport import Outcome
    from syndicator.model import Delivery, DeliveryStatus
    from syndicator.pipeline.parts import Parts

RECORD_TRIES = 30
RECORD_PAUSE = 2.0  # seconds; with the database's own patience some minutes in all, less than a lease


class Ending(NamedTuple):
    """How an attempt ended, as the ledger has it; `refusal` is the server's word that it never will be."""

    delivery: Delivery
    state: DeliveryStatus
    reply: str
    due_at: datetime | None = None
    uncertain: bool = False
    refusal: Outcome | None = None
    attempted: bool = True

    @property
    def row(self) -> progress.Ended:
        """What the delivery's row says of it."""
        return progress.Ended(
            self.delivery, self.state, self.reply, self.due_at, self.uncertain, self.attempted
        )


class Beginning(NamedTuple):
    """A delivery that is about to be sent, under this Message-ID."""

    delivery: Delivery
    message_id: str

    @property
    def row(self) -> progress.Begun:
        """What the delivery's row says of it."""
        return progress.Begun(self.delivery, self.message_id)


class _Lost(Exception):
    """Some lease was lost; whose, each by itself will tell."""


class _Step(NamedTuple):
    ending: Ending | None
    beginning: Beginning | None
    done: asyncio.Future[bool]


class Ledger:
    """Takes transitions and commits all that wait together, in the order in which they came.

    `lease` is how long an answer may take. Whoever is cancelled while waiting has not taken it back.
    """

    def __init__(self, parts: Parts, *, lease: timedelta) -> None:
        self._parts = parts
        self._lease = lease
        self._waiting: list[_Step] = []
        self._writer: asyncio.Task[None] | None = None

    async def step(self, ending: Ending | None, beginning: Beginning | None = None) -> bool:
        """Commit how one delivery ended, and that another begins; whether that one is still ours.

        Raises StoreError if it cannot be begun; what ended is tried again and again, for what is forgotten
        is sent twice.
        """
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Step(ending, beginning, done))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write(), name="ledger")
        return await asyncio.shield(done)

    async def close(self) -> None:
        """Wait until all is committed, or given up."""
        while self._writer is not None and not self._writer.done():
            await asyncio.shield(self._writer)

    async def _write(self) -> None:
        while self._waiting:
            steps, self._waiting = self._waiting, []
            try:
                await self._settle(steps)
            except BaseException as error:
                left, self._waiting = self._waiting, []  # whom we tell that it failed must not be begun later
                for step in [*steps, *left]:
                    _fail(step, error)
                raise

    async def _settle(self, steps: list[_Step]) -> None:
        try:
            begun = await self._commit(steps)
        except StoreError as error:
            await self._rescue(steps, error)
        except _Lost:
            await self._singly(steps)
        except Exception:  # noqa: BLE001  whatever it is, it is met again, alone
            log.exception("a fault of ours: deliveries are recorded one by one", count=len(steps))
            await self._singly(steps)
        else:
            for step, ours in zip(steps, begun, strict=True):
                _answer(step, ours)

    async def _singly(self, steps: list[_Step]) -> None:
        """Commit each by itself, and what ended before what begins: a fault in one harms no other."""
        for step in steps:
            left = step
            try:
                if step.ending:
                    await self._commit([step._replace(beginning=None)])
                    left = step._replace(ending=None)
                (ours,) = await self._commit([left])
            except StoreError as error:
                await self._rescue([left], error)
            except Exception as error:  # noqa: BLE001  who waits for it raises it
                _fail(step, error)
            else:
                _answer(step, ours)

    async def _commit(self, steps: list[_Step]) -> list[bool]:
        now = self._parts.clock()
        endings = [step.ending for step in steps if step.ending]
        beginnings = [step.beginning.row for step in steps if step.beginning]
        async with self._parts.store.write() as conn:
            held = await progress.record(conn, [ending.row for ending in endings], now=now)
            refused = [(ending.delivery, ending.refusal) for ending in endings if ending.refusal]
            if refused and held < len(endings) and len(steps) > 1:
                raise _Lost
            for delivery, refusal in refused if held else ():  # who was erased is not written down again
                await note_refusal(self._parts, conn, delivery, refusal)
            begun = await progress.begin(conn, beginnings, now=now, lease=self._lease)
            if begun < len(beginnings) and len(steps) > 1:
                raise _Lost
        return [step.beginning is not None and bool(begun) for step in steps]

    async def _rescue(self, steps: list[_Step], error: StoreError) -> None:
        """Begin nothing, and write what ended as soon as the database is back."""
        for step in steps:
            if step.beginning:
                _fail(step, error)
        endings = [step._replace(beginning=None) for step in steps if step.ending]
        for _ in range(RECORD_TRIES if endings else 0):
            # If it stays away: the rows say `sending`, and the end of their leases makes them uncertain.
            log.error("cannot record deliveries", count=len(endings), error=error.message)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._parts.stopping.wait(), RECORD_PAUSE)
            with contextlib.suppress(StoreError):
                await self._record(endings)
                break
            if self._parts.stopping.is_set():
                break
        for step in steps:
            _answer(step, ours=False)

    async def _record(self, endings: list[_Step]) -> None:
        try:
            await self._commit(endings)
        except StoreError:
            raise
        except Exception:  # noqa: BLE001  see _settle
            await self._singly(endings)


def _fail(step: _Step, error: BaseException) -> None:
    if not step.done.done():
        step.done.set_exception(error)
        step.done.exception()  # whoever was cancelled does not ask


def _answer(step: _Step, ours: bool) -> None:
    if not step.done.done():
        step.done.set_result(ours)
