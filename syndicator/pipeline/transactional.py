"""notify: mails to one person that a deed asked for → a mail server or the Maildir.

As with deliveries, nothing is on the wire without its row saying so. What is killed before that is sent
again; what is killed after it is counted as uncertain, and sent again under the same Message-ID.
"""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from syndicator.deliver.retry import next_attempt
from syndicator.deliver.smtp import PATIENCE
from syndicator.deliver.transport import Letter, Outcome
from syndicator.digest.notes import message_of, name_of
from syndicator.errors import DeliveryError, StoreError, TemplateError
from syndicator.model import DeliveryStatus
from syndicator.pipeline.parts import Summary, log
from syndicator.store import subscribers, transactional

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from syndicator.model.notes import Note
    from syndicator.pipeline.parts import Parts

BATCH: Final = 50
LEASE: Final = timedelta(minutes=10)  # for a batch, before its bytes are on the wire
MARGIN: Final = timedelta(minutes=2)
RESEND_AFTER: Final = timedelta(minutes=5)
RECORD_TRIES: Final = 5
RECORD_PAUSE: Final = 2.0  # seconds
KEPT: Final = timedelta(days=30)  # rows of what is over


async def notify(parts: Parts, *, limit: int = BATCH) -> Summary:
    """Send up to `limit` such mails that are due; what dead workers held is taken back first."""
    now = parts.clock()
    async with parts.store.write() as conn:
        if unsure := await transactional.reap(conn, now=now):
            log.warning("mails to one person whose outcome is unknown are sent again", count=unsure)
        batch = await transactional.claim(conn, now=now, lease=LEASE, limit=limit)
        barred = await subscribers.suppressed(conn, {note.address for note in batch}) if batch else {}
        for note in batch:
            if found := barred.get(subscribers.key(note.address)):
                why = f"suppressed: {found.reason}"
                await transactional.record(conn, note, DeliveryStatus.REFUSED, reply=why, now=now)
    post = Notes(parts, [note for note in batch if subscribers.key(note.address) not in barred])
    try:
        if post.untouched:
            await parts.transport.run(post)
    except StoreError as error:
        log.error("cannot send mails to one person", error=error.message)
    finally:
        await post.close()
    return post.summary


class _Ending(NamedTuple):
    note: Note
    state: DeliveryStatus
    reply: str
    due_at: datetime | None = None
    uncertain: bool = False
    suppress: str = ""


class Notes:
    """The `Work` of one batch. How a mail ended is committed with the next that begins, or by itself."""

    def __init__(self, parts: Parts, batch: Sequence[Note]) -> None:
        self._parts = parts
        self._lease = PATIENCE + 2 * parts.settings.mail.timeout + MARGIN
        self._waiting = deque(batch)
        self._taken: dict[str, Note] = {}  # by letter, until it is begun or has ended
        self._begun: dict[str, Note] = {}
        self._endings: list[_Ending] = []
        self.summary = Summary()

    @property
    def untouched(self) -> list[Note]:
        """The mails that are neither begun nor ended."""
        return [*self._waiting, *self._taken.values()]

    def next(self) -> Letter | None:
        """Make the next letter; none once the program is stopping."""
        parts, mail = self._parts, self._parts.settings.mail
        while self._waiting and not parts.stopping.is_set():
            note = self._waiting.popleft()
            try:
                message = message_of(note, parts.templates, parts.settings.site, mail, parts.signers)
            except (DeliveryError, TemplateError) as error:
                self._endings.append(self._ended(note, Outcome(kind="deferred", reply=error.message)))
                continue
            letter = Letter(
                sender=mail.returns.address or mail.sender,
                recipient=note.address,
                message=message,
                name=f"note.{note.planned_at:%Y%m%d%H%M%S}.{note.id}",
            )
            self._taken[letter.name] = note
            return letter
        return None

    async def begin(self, letter: Letter, ended: tuple[Letter, Outcome] | None) -> bool:
        """Commit how the letter before it ended, and that this one may be delivered from now on."""
        note = self._taken[letter.name]
        if ended:
            self._endings.append(self._close(*ended))
        try:
            ours = await self._commit(note)
        except asyncio.CancelledError:
            del self._taken[letter.name]  # whether the commit was in time nobody knows; nothing was sent
            self._endings.append(_Ending(note, DeliveryStatus.PLANNED, note.reply, note.due_at))
            raise
        del self._taken[letter.name]
        if ours:
            self._begun[letter.name] = note
        return ours

    async def end(self, letter: Letter, outcome: Outcome) -> None:
        """Commit how a letter ended; if the database is away, `close` does it."""
        self._endings.append(self._close(letter, outcome))
        try:
            await self._commit()
        except StoreError as error:
            log.error("cannot record a mail to one person", error=error.message)

    async def close(self) -> None:
        """Commit what is left to say, and give back what nobody has begun.

        What cannot be written is held until its lease is over, and then uncertain.
        """
        for _ in range(RECORD_TRIES if self._endings or self.untouched else 0):
            try:
                async with self._parts.store.write() as conn:
                    await transactional.release(conn, self.untouched, now=self._parts.clock())
                await self._commit()
            except StoreError as error:
                log.error("cannot record mails to one person", error=error.message)
                await asyncio.sleep(RECORD_PAUSE)
            else:
                return

    async def _commit(self, beginning: Note | None = None) -> bool:
        endings, self._endings = self._endings, []
        now, mail = self._parts.clock(), self._parts.settings.mail
        try:
            async with self._parts.store.write() as conn:
                for note, state, reply, due_at, unsure, suppress in endings:
                    how = {"reply": reply, "now": now, "due_at": due_at, "uncertain": unsure}
                    await transactional.record(conn, note, state, **how)  # type: ignore[arg-type]
                    if suppress:
                        await subscribers.suppress(conn, note.address, suppress, now=now)
                if beginning is None:
                    return False
                name = name_of(beginning, mail.sender)
                return await transactional.begin(conn, beginning, message_id=name, now=now, lease=self._lease)
        except BaseException:
            self._endings = endings + self._endings
            raise

    def _close(self, letter: Letter, outcome: Outcome) -> _Ending:
        note = self._begun.pop(letter.name, None) or self._taken.pop(letter.name)
        return self._ended(note, outcome)

    def _ended(self, note: Note, outcome: Outcome) -> _Ending:
        """Decide what an outcome means for a mail, and count it."""
        now = self._parts.clock()
        again = next_attempt(
            note.attempts + 1,
            planned_at=note.planned_at,
            now=now,
            give_up=note.until_at - note.planned_at,
            jitter=self._parts.jitter(),
        )
        if outcome.kind == "accepted":
            self.summary.notes += 1
            return _Ending(note, DeliveryStatus.ACCEPTED, outcome.reply)
        log.warning("a note was not accepted", kind=note.kind, outcome=outcome.kind, reply=outcome.reply)
        if outcome.kind == "refused" or again is None:
            return _Ending(note, DeliveryStatus.REFUSED, outcome.reply, suppress=outcome.suppress)
        unsure = outcome.kind == "uncertain"
        due_at = now + RESEND_AFTER if unsure else outcome.until or again
        return _Ending(note, DeliveryStatus.DEFERRED, outcome.reply, due_at, unsure)
