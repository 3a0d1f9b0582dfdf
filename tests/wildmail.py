"""A mail server in a process of its own that misbehaves at every step, and says truly what it has kept.

At random it hangs up, puts off or is slow at the greeting, EHLO, MAIL, RCPT, DATA, in the middle of a message
and at its end: before it keeps the message, or after it and before the 250. It closes after a few messages.
Some readers it refuses for good, always. SIGUSR1 makes it polite. Each line of the log is flushed before the
client can know of it: `kept RECIPIENT MESSAGE-ID`, `silent …` for a message whose end was answered by nothing
(or by no SMTP), kept or not.
"""

from __future__ import annotations

import asyncio
import random
import signal
import sys
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TextIO

GREETING = "250-wild\r\n250-PIPELINING\r\n250-SIZE 1000000\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES"
LIMIT = 1 << 24
REFUSED_AT = {0: "RCPT", 1: "DOT"}  # by `fate`


def fate(recipient: str) -> int:
    """A number below 60 that each reader has for ever."""
    return zlib.crc32(recipient.encode()) % 60


class Closed(Exception):
    """The server hangs up."""


@dataclass
class Wild:
    """What all connections share. `chance` of trouble at each step; 0 for a polite one."""

    log: TextIO
    dice: random.Random
    chance: float = 0.02
    connections: int = 0
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def note(self, *words: str) -> None:
        self.log.write(" ".join(words) + "\n")
        self.log.flush()

    def hits(self, times: float = 1.0) -> bool:
        return self.dice.random() < self.chance * times

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            await Session(self, reader, writer).run()
        except (Closed, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            self.connections -= 1
            writer.transport.abort()


class Session:
    """One connection."""

    def __init__(self, wild: Wild, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._wild, self._reader, self._writer = wild, reader, writer
        self._recipient = ""
        self._left = wild.dice.choice((1, 2, 5, 20, 1000)) if wild.chance else 1000

    async def run(self) -> None:
        await self._step("CONNECT", "220 wild ESMTP")
        while line := await self._reader.readline():
            verb, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
            await self._answer(verb.upper(), rest)

    async def _answer(self, verb: str, rest: str) -> None:
        match verb:
            case "EHLO":
                await self._step(verb, GREETING)
            case "MAIL":
                await self._mail()
            case "RCPT":
                await self._rcpt(rest.partition("<")[2].partition(">")[0])
            case "DATA":
                if not self._recipient:
                    await self._say("503 5.5.1 no recipient")
                elif await self._step(verb, "354 go on"):
                    await self._body()
            case "RSET":
                self._recipient = ""
                await self._say("250 2.0.0 ok")
            case "QUIT":
                await self._say("221 2.0.0 bye")
                raise Closed
            case _:
                await self._say("502 5.5.1 what?")

    async def _mail(self) -> None:
        self._recipient = ""
        if self._left <= 0:
            if self._wild.hits(25):
                await self._say("421 4.3.2 enough for one connection")
            raise Closed
        await self._step("MAIL", "250 2.1.0 ok")

    async def _rcpt(self, address: str) -> None:
        if REFUSED_AT.get(fate(address)) == "RCPT":
            await self._say("550 5.1.1 no such user here")
        elif await self._step("RCPT", "250 2.1.5 ok"):
            self._recipient = address

    async def _step(self, verb: str, usual: str) -> bool:
        """Answer as usual, or hang up, put off, or be slow; whether it was the usual."""
        if not self._wild.hits():
            await self._say(usual)
            return True
        if (what := self._wild.dice.choice(("drop", "421", "450", "slow"))) == "drop":
            raise Closed
        if what == "slow":
            await asyncio.sleep(self._wild.dice.uniform(0, 0.3))
            await self._say(usual)
            return True
        await self._say(f"{what} 4.3.0 not now, {verb}")
        if what == "421":
            raise Closed
        return False

    async def _body(self) -> None:
        if self._wild.hits():
            await self._reader.readexactly(200)
            raise Closed
        message = await self._reader.readuntil(b"\r\n.\r\n")
        name = message.partition(b"\r\nMessage-ID: ")[2].partition(b"\r\n")[0].decode()
        self._left -= 1
        await self._end(name)

    async def _end(self, name: str) -> None:
        """Decide after the final dot; what is kept is kept before anybody is told."""
        wild, recipient = self._wild, self._recipient
        if REFUSED_AT.get(fate(recipient)) == "DOT":
            await self._say("554 5.7.1 not for this reader")
            return
        what = wild.dice.choice(("lost", "kept", "nonsense", "451", "hang", "slow")) if wild.hits(2) else ""
        if what in ("lost", "451"):
            if what == "lost":
                wild.note("silent", recipient, name)
                raise Closed
            await self._say("451 4.3.0 the disk is full")
            return
        wild.note("kept", recipient, name)
        if what in ("kept", "hang", "nonsense"):
            wild.note("silent", recipient, name)
            if what == "hang":
                await asyncio.sleep(3600)
            if what == "nonsense":
                await self._say("hello?")
            raise Closed
        if what == "slow":
            await asyncio.sleep(wild.dice.uniform(0, 0.5))
        await self._say("250 2.0.0 kept")
        if self._left <= 0 and wild.hits(15):
            raise Closed  # between two messages, without a word

    async def _say(self, text: str) -> None:
        self._writer.write(text.encode() + b"\r\n")
        await self._writer.drain()


async def main(path: str, seed: int, chance: float) -> None:
    """Serve until killed; the port is the first line of standard output."""
    with open(path, "a", encoding="utf-8") as log:  # noqa: PTH123  it stays open
        wild = Wild(log, random.Random(seed), chance)
        server = await asyncio.start_server(wild.serve, "127.0.0.1", 0, limit=LIMIT)
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, setattr, wild, "chance", 0.0)
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
