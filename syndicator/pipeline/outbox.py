"""A batch of claimed deliveries as a transport sees it: letters to send, and where to say how they ended."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from datetime import timedelta
from typing import TYPE_CHECKING

from syndicator.deliver.lanes.hours import not_before
from syndicator.deliver.retry import next_attempt
from syndicator.deliver.smtp import PATIENCE
from syndicator.deliver.transport import Letter, Outcome
from syndicator.digest.message import message_id
from syndicator.errors import DeliveryError
from syndicator.model import Delivery, DeliveryStatus, Slot
from syndicator.pipeline.ledger import Beginning, Ending, Ledger
from syndicator.pipeline.letters import Letters
from syndicator.pipeline.parts import Summary, log
from syndicator.store.preferences import Manner

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from syndicator.model import Edition
    from syndicator.pipeline.parts import Parts

MARGIN = timedelta(minutes=2)  # for the commits before and after
RESEND_AFTER = timedelta(minutes=5)  # an uncertain one is sent again, under the same Message-ID


class Outbox:
    """The `Work` of one batch.

    `summary` counts what happened, `begun` the letters that a server was tried with, by the lane whose queue
    they waited in; `untouched` is what nobody has begun.
    """

    def __init__(
        self,
        parts: Parts,
        batch: Sequence[Delivery],
        editions: Mapping[str, Edition],
        manners: Mapping[int, Manner],
    ) -> None:
        self._parts = parts
        self._manners = manners
        self._editions = editions
        self._letters = Letters(parts)
        # The message leaves, its answer comes, and is committed with the next envelope's.
        self._ledger = Ledger(parts, lease=PATIENCE + 2 * parts.settings.mail.timeout + MARGIN)
        self._waiting = deque(batch)
        self._taken: dict[str, Delivery] = {}  # by letter, until it is begun or has ended
        self._begun: dict[str, Delivery] = {}
        self._unmade: list[Ending] = []
        self.summary = Summary()
        self.begun: Counter[str] = Counter()

    @property
    def untouched(self) -> list[Delivery]:
        """The deliveries that are neither begun nor ended."""
        return [*self._waiting, *self._taken.values()]

    def next(self) -> Letter | None:
        """Make the next letter; none once the program is stopping."""
        while self._waiting and not self._parts.stopping.is_set():
            delivery = self._waiting.popleft()
            edition = self._editions[delivery.edition]
            now = self._parts.clock()
            if (due_at := self._not_quiet(delivery, now)) > now:  # it came due before they began
                back = Ending(delivery, DeliveryStatus.PLANNED, delivery.reply, due_at, attempted=False)
                self._unmade.append(back)
                continue
            try:
                letter = self._letters.of(
                    edition, subscriber=delivery.subscriber, address=delivery.address, delivery=delivery.id,
                    manner=self._manners.get(delivery.subscriber, Manner()),
                )  # fmt: skip
            except DeliveryError as error:
                self._unmade.append(self._ending(delivery, Outcome(kind="deferred", reply=error.message)))
                continue
            self._taken[letter.name] = delivery
            return letter
        return None

    async def begin(self, letter: Letter, ended: tuple[Letter, Outcome] | None) -> bool:
        """Commit how the letter before it ended, and that this one may be delivered from now on.

        Raises StoreError if the database is away: then the letter is as untouched as it was. Whoever is
        cancelled here has sent nothing: `close` takes back what may be committed meanwhile.
        """
        ending = self._close(*ended) if ended else None
        delivery = self._taken[letter.name]
        name = message_id(delivery.edition, delivery.subscriber, self._parts.settings.mail.sender)
        try:
            ours = await self._ledger.step(ending, Beginning(delivery, name))
        except asyncio.CancelledError:
            back = Ending(
                self._taken.pop(letter.name),
                DeliveryStatus.PLANNED,
                delivery.reply,
                delivery.due_at,
                attempted=False,
            )
            self._unmade.append(back)
            raise
        del self._taken[letter.name]
        if ours:
            self._begun[letter.name] = delivery
            self.begun[delivery.lane] += 1
        return ours

    async def end(self, letter: Letter, outcome: Outcome) -> None:
        """Commit how a letter ended."""
        await self._ledger.step(self._close(letter, outcome))

    async def refuse(self, delivery: Delivery, reason: str) -> None:
        """Commit that a delivery is not even tried."""
        self.summary.add(Summary(refused=1))
        await self._ledger.step(Ending(delivery, DeliveryStatus.REFUSED, reason, attempted=False))

    async def close(self) -> None:
        """Commit what is left to say."""
        unmade, self._unmade = self._unmade, []
        await asyncio.gather(*(self._ledger.step(ending) for ending in unmade))
        await self._ledger.close()

    def _close(self, letter: Letter, outcome: Outcome) -> Ending:
        if delivery := self._begun.pop(letter.name, None):
            self.begun[delivery.lane] -= outcome.until is not None
        else:
            delivery = self._taken.pop(letter.name)
        return self._ending(delivery, outcome)

    def _not_quiet(self, delivery: Delivery, moment: datetime) -> datetime:
        quiet = self._parts.settings.mail.quiet
        return (
            not_before(moment, quiet, Slot.of_key(self._editions[delivery.edition].slot)) if quiet else moment
        )

    def _ending(self, delivery: Delivery, outcome: Outcome) -> Ending:
        """Decide what an outcome means for a delivery, and count it."""
        if outcome.until:  # it was not even tried
            later = self._not_quiet(delivery, outcome.until)
            return Ending(delivery, DeliveryStatus.PLANNED, outcome.reply, later, attempted=False)
        now, mail = self._parts.clock(), self._parts.settings.mail
        assert delivery.planned_at is not None  # noqa: S101  the column is NOT NULL
        again = None
        if outcome.kind != "accepted":
            again = next_attempt(
                delivery.attempts + 1,
                planned_at=delivery.planned_at,
                now=now,
                give_up=mail.give_up,
                jitter=self._parts.jitter(),
            )
        state = DeliveryStatus.ACCEPTED
        due_at: datetime | None = None
        match outcome.kind:
            case "refused":
                state = DeliveryStatus.REFUSED
            case "uncertain":
                hold = mail.uncertain == "hold" or again is None
                state = DeliveryStatus.HELD if hold else DeliveryStatus.DEFERRED
                due_at = self._not_quiet(delivery, now + RESEND_AFTER)
            case "deferred" if again:
                state, due_at = DeliveryStatus.DEFERRED, self._not_quiet(delivery, again)
            case "deferred":
                state = DeliveryStatus.REFUSED
        refusal = outcome if outcome.kind == "refused" and outcome.code else None
        ending = Ending(delivery, state, outcome.reply, due_at, outcome.kind == "uncertain", refusal)
        self._count(outcome, ending)
        return ending

    def _count(self, outcome: Outcome, ending: Ending) -> None:
        if outcome.kind != "accepted":
            log.warning(
                "mail not accepted",
                outcome=outcome.kind,
                address=ending.delivery.address,
                reply=outcome.reply,
                next_at=ending.due_at,
            )
        self.summary.add(
            Summary(
                sent=int(outcome.kind == "accepted"),
                deferred=int(ending.state is DeliveryStatus.DEFERRED and not ending.uncertain),
                refused=int(ending.state is DeliveryStatus.REFUSED),
                uncertain=int(ending.uncertain),
            )
        )
