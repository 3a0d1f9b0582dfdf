"""A mail server that does what it is told at one step of one connection, and else behaves."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

DROP = "drop"  # close without an answer
HANG = "hang"  # never answer
LIMIT = 1 << 24  # octets of a message

POLITE = {
    "CONNECT": "220 mail.test ESMTP",
    "EHLO": "250-mail.test\r\n250-SIZE 1000000\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 ENHANCEDSTATUSCODES",
    "DATA": "354 go on",
    "BODY": "",
    "DOT": "250 2.0.0 kept",
    "QUIT": "221 2.0.0 bye",
    "STARTTLS": "220 go on",
}


class ScriptedServer:
    """Each connection takes the next script, the last one for all that follow.

    A script maps a step (CONNECT, a verb, BODY for the first octets of a message, DOT; `MAIL 2` for its
    second time in a connection) to a reply, DROP, HANG, or `reply|drop`.
    """

    def __init__(
        self,
        *scripts: Mapping[str, str],
        tls: ssl.SSLContext | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.host, self.port = host, port
        self._scripts = scripts or ({},)
        self._tls = tls
        self.said: list[list[str]] = []  # what clients said, by connection
        self.messages: list[bytes] = []  # accepted, dots still doubled
        self.open = 0
        self.most = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._serve, self.host, self.port, ssl=self._tls, limit=LIMIT
        )
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    @property
    def hangs(self) -> bool:
        """Whether some script has a step without an answer."""
        return any(HANG in script.values() for script in self._scripts)

    async def until_closed(self) -> None:
        """Wait until every client has hung up."""
        async with asyncio.timeout(5):
            while self.open:
                await asyncio.sleep(0.005)

    async def until_said(self, verb: str) -> None:
        """Wait until some client has said `verb`."""
        async with asyncio.timeout(5):
            while not any(line.startswith(verb) for lines in self.said for line in lines):
                await asyncio.sleep(0.005)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.open += 1
        self.most = max(self.most, self.open)
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.open -= 1
            self._tasks.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        script = self._scripts[min(len(self.said), len(self._scripts) - 1)]
        said: list[str] = []
        self.said.append(said)
        play = Play(script, reader, writer)
        if not await play.answer("CONNECT"):
            return
        expected = "MAIL"  # in the order of RFC 5321 4.1.4, unless the script has another answer
        while line := await reader.readline():
            said.append(line.decode().rstrip("\r\n"))
            verb = said[-1].split()[0].upper()
            if verb in ("RCPT", "DATA") and verb != expected and verb not in script:
                writer.write(b"503 5.5.1 not yet\r\n")
                continue
            if not await play.answer(verb) or verb == "QUIT":
                return
            if play.last.startswith("2"):
                expected = {"MAIL": "RCPT", "RCPT": "DATA"}.get(verb, "MAIL")
            if verb == "DATA" and play.last.startswith("354"):
                body = await reader.readline()
                if not await play.answer("BODY"):
                    return
                while not body.endswith(b"\r\n.\r\n") and body != b".\r\n":
                    body += await reader.readuntil(b"\n")
                goes_on = await play.answer("DOT")
                if play.last.startswith("250"):
                    self.messages.append(body[:-3])
                expected = "MAIL"
                if not goes_on:
                    return


class Play:
    """One connection's script, as far as it was played."""

    def __init__(
        self, script: Mapping[str, str], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._script, self._reader, self._writer = script, reader, writer
        self._times: Counter[str] = Counter()
        self.last = ""

    async def answer(self, step: str) -> bool:
        """Answer as the script says; whether the connection goes on."""
        self._times[step] += 1
        usual = self._script.get(step, POLITE.get(step, "250 2.0.0 OK"))
        self.last, _, then = self._script.get(f"{step} {self._times[step]}", usual).partition("|")
        if self.last == HANG:
            await self._reader.read(-1)  # until the client hangs up
            return False
        if self.last == DROP:
            return False
        if self.last:
            self._writer.write(self.last.encode() + b"\r\n")
            await self._writer.drain()
        return then != DROP
