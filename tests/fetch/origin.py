"""A server that plays whatever a test needs, byte by byte, and remembers what it was asked."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from syndicator.fetch import Fetcher
from syndicator.model import FetchResult, Source, SourceState
from syndicator.settings import Fetch

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
AGENT = "syndicator/test (+https://news.example/)"

Play = Callable[["Asked", asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Asked:
    """One request as it came."""

    path: str
    fields: dict[str, str]
    at: datetime = NOW  # by the server's clock

    @property
    def host(self) -> str:
        return self.fields.get("host", "").partition(":")[0]


@dataclass
class Origin:
    """A raw server on 127.0.0.1: `plays` by path, `log` in order, `busy` and `most` connections at work.

    A play may be told by host and path (`news.example/feed`) too; that one goes first.
    """

    port: int = 0
    plays: dict[str, Play] = field(default_factory=dict)
    log: list[Asked] = field(default_factory=list)
    busy: int = 0
    most: int = 0
    clock: Callable[[], datetime] = lambda: NOW

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def play(self, path: str, answer: bytes | Play) -> str:
        """Answer `path` by these bytes, or by this; return its address."""

        async def send(asked: Asked, writer: asyncio.StreamWriter) -> None:
            writer.write(answer)  # type: ignore[arg-type]

        self.plays[path] = answer if callable(answer) else send
        return self.url(path)

    def _play(self, asked: Asked) -> Play:
        return self.plays.get(asked.host + asked.path) or self.plays.get(asked.path, nothing)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A client that goes away in the middle is what many of the tests are about.
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = head.rstrip().split("\r\n")
                fields = {
                    key.lower(): value.strip() for key, _, value in (line.partition(":") for line in lines)
                }
                asked = Asked(first.split(" ")[1], fields, self.clock())
                self.log.append(asked)
                self.busy += 1
                self.most = max(self.most, self.busy)
                try:
                    await self._play(asked)(asked, writer)
                    await writer.drain()
                finally:
                    self.busy -= 1
        writer.close()


async def nothing(asked: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(answer(b"", status="404 Not Found"))


def answer(body: bytes, *fields: str, status: str = "200 OK", length: int | None = None) -> bytes:
    """Return an HTTP answer; `length` is what it claims."""
    size = len(body) if length is None else length
    head = [f"HTTP/1.1 {status}", f"Content-Length: {size}", *fields, "", ""]
    return "\r\n".join(head).encode("utf-8", "surrogateescape") + body


@dataclass
class Puller:
    """A fetcher with small limits. `settings` may be replaced before the first pull."""

    root: Path
    settings: Fetch = field(
        default_factory=lambda: Fetch(timeout=timedelta(seconds=10), max_bytes=100_000, concurrency=8)
    )

    async def __call__(
        self, url: str, state: SourceState | None = None, *, private: bool = True
    ) -> FetchResult:
        async with self.open() as fetcher:
            source = Source(name="a", url=url, allow_private=private)
            return await fetcher.fetch(source, state or SourceState(name="a"))

    def open(self) -> Fetcher:
        return Fetcher(self.settings, user_agent=AGENT, files_root=self.root, clock=lambda: NOW)

    def limit(self, **changes: object) -> None:
        self.settings = replace(self.settings, **changes)  # type: ignore[arg-type]
