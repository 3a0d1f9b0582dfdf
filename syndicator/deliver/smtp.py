"""Mail to a mail server: a small pool of connections, opened at need and used again.

Any failure before DATA is clean. After the message has gone out, silence is `uncertain` and is waited for as
long as RFC 5321 4.5.3.2.6 asks, so that a slow server does not make duplicates.
"""

from __future__ import annotations

import asyncio
import ssl
from datetime import timedelta
from typing import TYPE_CHECKING

from syndicator import address
from syndicator.deliver.dialogue import TROUBLE, Connection, trouble
from syndicator.deliver.transport import Letter, Outcome, words
from syndicator.errors import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from syndicator.settings import Mail

PATIENCE = timedelta(seconds=600)  # for the answer to the final dot


class SmtpTransport:
    """Sends letters over up to `mail.connections` connections at once. It belongs to one event loop.

    `tls` replaces the system's trust (a private CA); `patience` is how long the last answer is waited for.
    """

    def __init__(
        self, mail: Mail, *, tls: ssl.SSLContext | None = None, patience: timedelta = PATIENCE
    ) -> None:
        self._mail = mail
        self._tls = tls
        self._patience = patience
        self._room = asyncio.Semaphore(mail.connections)
        self._idle: list[Connection] = []  # the last used at the end: the others may time out
        self._closed = False

    async def send(self, letter: Letter, *, before_data: Callable[[], Awaitable[None]]) -> Outcome:
        """Send one letter; see `Transport`. Cancelling it closes the connection it was using.

        Raises DeliveryError for a sender or a message that no server may get.
        """
        _check(letter)
        async with self._room:
            connection = await self._prepared(letter)
            if isinstance(connection, Outcome):
                return connection
            try:
                await before_data()
                outcome = await connection.data(letter.message, patience=self._patience)
            except BaseException:
                connection.abort()
                raise
            self._keep(connection)
            return outcome

    async def close(self) -> None:
        """Say goodbye on all idle connections. What is still being sent closes its own when it is done."""
        self._closed = True
        idle, self._idle = self._idle, []
        await asyncio.gather(*(connection.quit() for connection in idle))

    async def _prepared(self, letter: Letter) -> Connection | Outcome:
        """Find a connection that has accepted the letter's envelope.

        That a server ends a connection between two messages is normal: one fresh connection is tried then.
        """
        idle = self._take()
        if idle is not None:
            outcome = await self._enveloped(idle, letter)
            if outcome is None:
                return idle
            if idle.is_alive():
                self._keep(idle)
                return outcome
        try:
            connection = await self._open()
        except TROUBLE as error:
            server = f"{self._mail.host}:{self._mail.port}"
            return Outcome(
                kind="deferred",
                reply=words(f"cannot use the mail server {server}: {trouble(error)}"),
                code=getattr(error, "code", 0),
            )
        outcome = await self._enveloped(connection, letter)
        if outcome is None:
            return connection
        self._keep(connection)
        return outcome

    def _take(self) -> Connection | None:
        """Take the idle connection that was used last, of those that are still open."""
        while self._idle:
            connection = self._idle.pop()
            if connection.is_alive():
                return connection
        return None

    async def _enveloped(self, connection: Connection, letter: Letter) -> Outcome | None:
        try:
            return await connection.envelope(letter)
        except BaseException:
            connection.abort()
            raise

    async def _open(self) -> Connection:
        if self._mail.security != "none" and self._tls is None:
            # Reading the system's certificates takes some 20 ms: once, and beside the loop.
            self._tls = await asyncio.to_thread(ssl.create_default_context)
        return await Connection.open(self._mail, tls=self._tls)

    def _keep(self, connection: Connection) -> None:
        """Keep a connection for the next letter, if there may be one. Not async: an outcome waits on it."""
        if self._closed:
            connection.abort()
        else:
            self._idle.append(connection)


def _check(letter: Letter) -> None:
    """Refuse what would let a message end early in some server's eyes, or a command begin."""
    if letter.sender and address.parse(letter.sender) is None:
        raise DeliveryError(
            f"the sender {words(letter.sender)!r} is no e-mail address", hint="set `from` in `mail`"
        )
    ends = letter.message.count(b"\r\n")
    if letter.message.count(b"\r") != ends or letter.message.count(b"\n") != ends:
        raise DeliveryError("the message has bare CR or LF, and only CRLF may end its lines (RFC 5321 2.3.8)")
