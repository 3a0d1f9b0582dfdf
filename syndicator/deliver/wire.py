"""Our end of an open SMTP connection: octets out, replies in, in order; as many at once as we like.

aiosmtplib connects, secures and logs in; then its transport is given to this protocol (`set_protocol`, public
in asyncio), because it cannot pipeline (RFC 2920) and does not say whether the final dot has left.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from typing import NamedTuple

LONGEST = 64 * 1024  # octets of one reply, all its lines; RFC 5321 4.5.3.1.5 has 512 a line
_LINE = re.compile(rb"([2-5]\d\d)(?:([ -])(.*))?")
CLOSED = "the mail server closed the connection"


class Reply(NamedTuple):
    """What the server said: its code (0 where it was no SMTP) and its words, a line for each of its lines."""

    code: int
    text: str

    @property
    def is_done(self) -> bool:
        """Whether it is 2xx."""
        return self.code // 100 == 2

    @property
    def is_refusal(self) -> bool:
        """Whether it is 5xx: for good."""
        return self.code // 100 == 5

    @property
    def is_failure(self) -> bool:
        """Whether it is 4xx or 5xx."""
        return self.code // 100 in (4, 5)

    @property
    def is_end(self) -> bool:
        """Whether nothing sensible can follow: the server is leaving (421), or does not speak SMTP."""
        return self.code in (0, 421)

    def __str__(self) -> str:
        return f"{self.code} {self.text}".rstrip() if self.code else self.text


class Wire(asyncio.Protocol):
    """Writes without waiting; `reply` waits for the next reply, `flushed` until all has left."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._buffer = bytearray()
        self._lines: list[bytes] = []  # of a reply that is not whole yet
        self._replies: deque[Reply] = deque()
        self._changed: asyncio.Future[None] | None = None  # who waits for any of this
        self._lost: OSError | None = None
        self._full = False
        # Paused means then that something is still in this process, and not with the system. With 0 Python's
        # TLS would pause when nothing is there.
        transport.set_write_buffer_limits(high=1 if transport.get_extra_info("sslcontext") else 0, low=0)
        transport.set_protocol(self)

    def is_alive(self) -> bool:
        """Whether nothing has closed it, as far as is known."""
        return self._lost is None and not self._transport.is_closing()

    async def has_reply(self, seconds: float) -> bool:
        """Whether `reply` would not wait, now or within that time."""
        try:
            async with asyncio.timeout(seconds):
                while not self._replies and self.is_alive():
                    await self._change()
        except TimeoutError:
            return False
        return True

    def write(self, data: bytes) -> None:
        """Hand octets to the system, as far as it takes them at once.

        Raises ConnectionError if it is closed: then none of them was sent.
        """
        if not self.is_alive():
            raise self._lost or ConnectionResetError(CLOSED)
        self._transport.write(data)

    async def flushed(self, seconds: float) -> None:
        """Wait until all that was written has left. Raises ConnectionError, TimeoutError."""
        async with asyncio.timeout(seconds):
            while self._full:
                if self._lost:
                    raise self._lost
                await self._change()

    async def reply(self, seconds: float) -> Reply:
        """Take the next reply. Raises ConnectionError, TimeoutError."""
        if not self._replies:
            try:
                async with asyncio.timeout(seconds):
                    while not self._replies:
                        if self._lost:
                            raise self._lost
                        await self._change()
            except TimeoutError:
                raise TimeoutError("the mail server did not answer in time") from None
        return self._replies.popleft()

    def abort(self) -> None:
        """Close at once; a mere close of TLS waits half a minute for the other side."""
        self._transport.abort()
        self._lose(ConnectionAbortedError(CLOSED))

    async def _change(self) -> None:
        self._changed = asyncio.get_running_loop().create_future()
        try:
            await self._changed
        finally:
            self._changed = None

    def _wake(self) -> None:
        if self._changed and not self._changed.done():
            self._changed.set_result(None)

    def _lose(self, why: OSError) -> None:
        self._lost = self._lost or why
        self._wake()

    # What asyncio calls ---------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Take lines; whole replies become available."""
        self._buffer += data
        *lines, rest = self._buffer.split(b"\n")
        self._buffer = bytearray(rest)
        for line in lines:
            self._take(bytes(line).rstrip(b"\r"))
        if len(self._buffer) + sum(map(len, self._lines)) > LONGEST:
            self.abort()
        self._wake()

    def _take(self, line: bytes) -> None:
        found = _LINE.fullmatch(line)
        if found is None or (self._lines and found[1] != self._lines[0][:3]):
            self._lines = []  # no SMTP: whoever reads it closes the connection
            self._replies.append(Reply(0, line[:LONGEST].decode("utf-8", "replace")))
            return
        self._lines.append(line)
        if found[2] != b"-":
            text = "\n".join(each[4:].decode("utf-8", "replace") for each in self._lines)
            self._replies.append(Reply(int(found[1]), text))
            self._lines = []

    def connection_lost(self, exc: Exception | None) -> None:
        """Remember it; replies that came before can still be taken."""
        self._lose(exc if isinstance(exc, OSError) else ConnectionResetError(CLOSED))

    def pause_writing(self) -> None:
        """Note that something waits to leave."""
        self._full = True

    def resume_writing(self) -> None:
        """Note that all has left."""
        self._full = False
        self._wake()
