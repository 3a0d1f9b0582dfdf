"""Mail to a mail server: lanes of letters over a few connections, opened at need and used again.

Any failure before the final dot is clean. After it silence is `uncertain`, and is waited for as long as
RFC 5321 4.5.3.2.6 asks, so that a slow server does not make duplicates.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from aiosmtplib import SMTPAuthenticationError

from syndicator import address
from syndicator.deliver.dialogue import TROUBLE, Connection, trouble
from syndicator.deliver.lanes.answers import is_mere_end
from syndicator.deliver.transport import Letter, Outcome, words
from syndicator.errors import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from syndicator.deliver.transport import Work
    from syndicator.settings import Mail

PATIENCE = timedelta(seconds=600)  # for the answer to the final dot
OPENING = 60.0  # seconds for all doors of a destination together
GRACE = 0.05  # seconds that an outcome waits for the next envelope's answers, to be committed with it


class Gate(Protocol):
    """Who watches over a server, and says when it is to be left alone."""

    def heard(self, outcome: Outcome) -> Outcome:
        """Take notice of how an attempt ended, at once; give it as it is to be believed."""
        ...

    def waits(self) -> datetime | None:
        """Say until when nothing may be begun; None if it may."""
        ...


class SmtpTransport:
    """Sends letters over up to `mail.connections` connections at once. It belongs to one event loop.

    `tls` replaces the system's trust (a private CA); `patience` is how long the last answer is waited for.
    Where `doors` are given, they are tried in turn instead of `mail` until one opens, for `opening` seconds
    in all; `name` is what they are called. `room` is shared by those who may have only so many connections
    together.
    """

    def __init__(
        self,
        mail: Mail,
        *,
        name: str = "",
        doors: Sequence[Mail] = (),
        opening: float = OPENING,
        room: asyncio.Semaphore | None = None,
        gate: Gate | None = None,
        tls: ssl.SSLContext | None = None,
        patience: timedelta = PATIENCE,
    ) -> None:
        self._mail = mail
        self._doors, self._opening = doors, opening
        self._gate = gate
        self._tls = tls
        self._patience = patience
        self._name = name or f"{mail.host}:{mail.port}"
        self._room = room or asyncio.Semaphore(mail.connections)
        self._idle: list[Connection] = []  # the last used at the end: the others may time out
        self._closed = False

    async def run(self, work: Work, *, width: int = 0) -> None:
        """Send all letters of `work`; see `Transport`. Cancelling it closes the connections it was using.

        `width`, where it is not 0, is how many connections may be used at most.
        """
        width = min(width or self._mail.connections, self._mail.connections)
        lanes = [asyncio.ensure_future(self._lane(work)) for _ in range(width)]
        done = await asyncio.gather(*lanes, return_exceptions=True)
        for error in done:
            if error is not None:
                raise error

    async def close(self) -> None:
        """Say goodbye on all idle connections. What is still being sent closes its own when it is done."""
        self._closed = True
        idle, self._idle = self._idle, []
        await asyncio.gather(*(connection.quit() for connection in idle))

    async def _lane(self, work: Work) -> None:
        """Send letter after letter over one connection at a time."""
        async with self._room:
            lane = _Lane(work)
            try:
                while (letter := lane.take()) is not None:
                    await self._one(lane, letter)
                await lane.settle()
            except BaseException:
                lane.abort()
                await lane.settle()
                raise
            if lane.connection:
                await self._keep(lane.connection)

    async def _one(self, lane: _Lane, letter: Letter) -> None:
        """Send one letter; its outcome may be committed together with the beginning of the next."""
        outcome = self._objection(lane, letter) or await self._offered(lane, letter)
        connection = lane.connection
        if outcome is not None or connection is None:
            outcome = self._hear(outcome or Outcome(kind="deferred", reply="no connection"))
            await lane.settle()
            await lane.work.end(letter, outcome)
            return
        ended, lane.ended = lane.ended, None
        if not await lane.work.begin(letter, ended):
            lane.abort()  # the server waits for a message that will not come
            return
        following = lane.look_ahead() if self._may_go_on(connection) else None
        outcome = await connection.message(letter.message, patience=self._patience, following=following)
        lane.ended = letter, self._hear(outcome)
        if not self._may_go_on(connection, done=True):
            lane.connection = None
            await self._keep(connection)

    async def _offered(self, lane: _Lane, letter: Letter) -> Outcome | None:
        """Find a connection that waits for the letter's message; or why there is none.

        That a server ends a connection between two messages is normal: one fresh connection is tried then.
        """
        old = lane.connection or self._take()
        if old is not None:
            lane.connection = old
            await lane.settle_unless_answered()
            outcome = await old.offer(letter)
            if outcome is None or old.is_alive() or not is_mere_end(outcome):
                return outcome
        lane.connection = None
        await lane.settle()
        try:
            lane.connection = await self._open()
        except TROUBLE as error:
            return self._closed_door(error)
        outcome = await lane.connection.offer(letter)
        if outcome is not None and not outcome.code and not lane.connection.is_alive():
            return replace(outcome, step="connect")  # it lets us in and says nothing
        return outcome

    def _closed_door(self, error: Exception) -> Outcome:
        return Outcome(
            kind="deferred",
            reply=words(f"cannot use the mail server {self._name}: {trouble(error)}"),
            code=getattr(error, "code", 0),
            step="login" if isinstance(error, SMTPAuthenticationError) else "connect",
        )

    def _hear(self, outcome: Outcome) -> Outcome:
        return self._gate.heard(outcome) if self._gate else outcome

    def _objection(self, lane: _Lane, letter: Letter) -> Outcome | None:
        """Refuse, as put off, what we should never have made, and what must wait."""
        until = self._gate.waits() if self._gate else None
        if until is not None:
            lane.abort()
            return Outcome(kind="deferred", reply="the mail server is left alone", until=until)
        try:
            check(letter)
        except DeliveryError as error:
            return Outcome(kind="deferred", reply=words(error.message))
        return None

    def _take(self) -> Connection | None:
        """Take the idle connection that was used last, of those that are still open."""
        while self._idle:
            connection = self._idle.pop()
            if connection.is_alive():
                return connection
        return None

    def _may_go_on(self, connection: Connection, *, done: bool = False) -> bool:
        """Whether a connection takes a message after the one that is now sent (`done`: was sent)."""
        return connection.sent + (0 if done else 1) < self._mail.per_connection

    async def _open(self) -> Connection:
        if self._mail.security != "none" and self._tls is None:
            # Reading the system's certificates takes some 20 ms: once, and beside the loop.
            self._tls = await asyncio.to_thread(ssl.create_default_context)
        if not self._doors:
            return await Connection.open(self._mail, tls=self._tls)
        return await self._open_one()

    async def _open_one(self) -> Connection:
        """Open the first door that can be; each has its part of the time that is left."""
        loop = asyncio.get_running_loop()
        end, met = loop.time() + self._opening, Exception()
        for tried, door in enumerate(self._doors):
            try:
                async with asyncio.timeout((end - loop.time()) / (len(self._doors) - tried)):
                    return await Connection.open(door, tls=self._tls)
            except TROUBLE as error:
                met = error if str(error) else TimeoutError("no answer in time")
        raise met

    async def _keep(self, connection: Connection) -> None:
        """Keep a connection for the next letter, if there may be one."""
        if not connection.is_alive():
            return
        if self._closed:
            connection.abort()
        elif self._may_go_on(connection, done=True):
            self._idle.append(connection)
        else:
            await connection.quit()


class _Lane:
    """What one lane has in its hands: a connection, the letter to send next, and an outcome to commit."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.connection: Connection | None = None
        self.ended: tuple[Letter, Outcome] | None = None
        self._next: Letter | None = None

    def take(self) -> Letter | None:
        """Take the letter that is next."""
        letter, self._next = self._next, None
        return letter or self.work.next()

    def look_ahead(self) -> Letter | None:
        """Tell which letter will be next; `take` will give it."""
        self._next = self._next or self.work.next()
        return self._next

    async def settle(self) -> None:
        """Commit the outcome that waits for it, if any. A caller who is cancelled meanwhile waits for it."""
        ended, self.ended = self.ended, None
        if ended:
            await asyncio.shield(asyncio.ensure_future(self.work.end(*ended)))

    async def settle_unless_answered(self) -> None:
        """Commit the outcome now, unless the server lets us begin the next letter in a moment."""
        if self.ended and self.connection and not await self.connection.has_reply(GRACE):
            await self.settle()

    def abort(self) -> None:
        """Close the connection at once."""
        if self.connection:
            self.connection.abort()
            self.connection = None


def check(letter: Letter) -> None:
    """Raise DeliveryError for what would end a message early in a server's eyes, or begin a command."""
    if letter.sender and address.parse(letter.sender) is None:
        raise DeliveryError(
            f"the sender {words(letter.sender)!r} is no e-mail address", hint="set `from` in `mail`"
        )
    rest = letter.message.replace(b"\r\n", b"")  # of each mail: half the time of counting both
    if b"\r" in rest or b"\n" in rest:
        raise DeliveryError("the message has bare CR or LF, and only CRLF may end its lines (RFC 5321 2.3.8)")
