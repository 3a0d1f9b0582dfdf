"""A mail server that takes everything and keeps nothing, in a process of its own, and a line that delays.

It offers PIPELINING, and does as little as it can: what is measured is the sender.
"""

from __future__ import annotations

import asyncio
import multiprocessing
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

import uvloop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

GREETING = b"250-sink\r\n250-PIPELINING\r\n250-SIZE 100000000\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"
END = b"\r\n.\r\n"


class Session(asyncio.Protocol):
    """One connection; a message is searched for its end and thrown away."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by its class
        self._in_body = False
        self._rest = b""
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        data, answers = self._rest + data, []
        while data:
            if self._in_body:
                end = data.find(END)
                if end < 0:
                    data = data[-4:]
                    break
                self._in_body, data = False, data[end + len(END) :]
                answers.append(b"250 2.0.0 kept\r\n")
                continue
            line, found, rest = data.partition(b"\r\n")
            if not found:
                break
            data = rest
            verb = line[:4].upper()
            self._in_body = verb == b"DATA"
            answers.append(
                GREETING if verb == b"EHLO" else b"354 go on\r\n" if self._in_body else b"250 2.0.0 ok\r\n"
            )
        self._rest = data
        self._transport.write(b"".join(answers))


class Line(asyncio.Protocol):
    """One direction pair of a line with a delay each way; octets keep their order."""

    def __init__(self, port: int, delay: float) -> None:
        self._port, self._delay = port, delay
        self._other: Line | None = None
        self._early: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        if self._port:
            self._task = asyncio.ensure_future(self._reach())

    async def _reach(self) -> None:
        other = Line(0, self._delay)
        other._other = self
        await asyncio.get_running_loop().create_connection(lambda: other, "127.0.0.1", self._port)
        self._other = other
        for data in self._early:
            self.data_received(data)

    def data_received(self, data: bytes) -> None:
        if self._other is None:
            self._early.append(data)
            return
        write = self._other.transport.write  # type: ignore[attr-defined]
        asyncio.get_running_loop().call_later(self._delay, write, data)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        if self._other is not None:
            asyncio.get_running_loop().call_later(self._delay, self._other.transport.close)


def _serve(pipe: Connection, delay: float) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(Session, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        if delay:
            line = await loop.create_server(lambda: Line(port, delay), "127.0.0.1", 0)
            pipe.send(line.sockets[0].getsockname()[1])
        else:
            pipe.send(port)
        await asyncio.Event().wait()

    uvloop.run(main())


@contextmanager
def sink(delay: float = 0.0) -> Iterator[int]:
    """Start it and give its port; `delay` in seconds each way."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs, delay), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.kill()
        process.join()
