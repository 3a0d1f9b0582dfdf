"""A world of hostile publishers at simulated time: names, a server that plays them, and a desk that pulls.

The log of requests is what tests judge: nothing too early, too often, or to where nobody may go.
"""

from __future__ import annotations

import itertools
import random
import socket
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from aiohttp.abc import AbstractResolver, ResolveResult

from syndicator.errors import ParseError
from syndicator.fetch import Fetcher, body_hash, settle
from syndicator.fetch.manners import adoption, due_host_pause
from syndicator.hosts import host_group
from syndicator.model import Fetched, FetchFailed, Source, SourceState
from syndicator.parse import parse
from syndicator.settings import Fetch

from .origin import AGENT, NOW, Asked, Origin, answer

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from syndicator.model import FetchResult

    from .origin import Play

HERE, INNER = "127.0.0.1", "127.0.0.2"


class Names(AbstractResolver):
    """Every `.example` name leads to the server, but for those in `book`; `log` has the questions."""

    def __init__(self, **book: str) -> None:
        self.book = {name.replace("_", "."): address for name, address in book.items()}
        self.log: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        self.log.append(host)
        address = self.book.get(host, HERE if host.endswith(".example") else "")
        if not address:
            raise OSError(f"no such name: {host}")
        return [
            ResolveResult(hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=0)
        ]

    async def close(self) -> None:
        pass


def feed(*items: str, channel: str = "") -> bytes:
    """An RSS feed with a line for each item's guid."""
    listed = "".join(f"<item><guid>{item}</guid><title>{item}</title></item>" for item in items)
    head = '<?xml version="1.0"?><rss version="2.0" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">'
    return f"{head}<channel><title>News</title>{channel}{listed}</channel></rss>".encode()


def in_turn(*answers: bytes) -> Play:
    """Play these answers one after the other, the last for ever."""
    left = list(answers)

    async def play(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(left.pop(0) if len(left) > 1 else left[0])

    return play


def conditional(body: bytes, etag: str, *fields: str, quiet: bool = True) -> Play:
    """Play a server that answers 304, without a word about freshness if `quiet`."""

    async def play(asked: Asked, writer: asyncio.StreamWriter) -> None:
        if asked.fields.get("if-none-match") == etag:
            writer.write(answer(b"", *([] if quiet else fields), status="304 Not Modified"))
        else:
            writer.write(answer(body, f"ETag: {etag}", *fields))

    return play


def redirect(status: int, to: str) -> bytes:
    return answer(b"", f"Location: {to}", status=f"{status} Moved")


@dataclass
class Desk:
    """Pulls its sources when they are due, as the pipeline does, with a clock that jumps to the next one."""

    origin: Origin
    fetcher: Fetcher | None = None
    now: datetime = NOW
    states: dict[str, SourceState] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)  # adoptions
    brought: list[FetchResult] = field(default_factory=list)
    dice: random.Random = field(default_factory=lambda: random.Random(7))

    def add(self, name: str, url: str, play: Play | bytes | None = None, **fields: object) -> Source:
        """Add a source at `url` (host and path; the port is the server's), and what is played there."""
        host, _, path = url.partition("/")
        if play is not None:
            self.origin.play(f"{host}/{path}", play)
        source = Source(name=name, url=f"http://{host}:{self.origin.port}/{path}", **fields)  # type: ignore[arg-type]
        self.sources[name] = source
        self.states[name] = SourceState(name=name, host=host_group(source.url))
        return source

    async def run(self, days: float) -> None:
        """Pull whatever comes due within that time."""
        end = self.now + timedelta(days=days)
        while due := self._due(end):
            self.now = max(self.now, due.next_pull_at or self.now)
            await self._pull(self.sources[due.name], due)
        self.now = end

    def asked(self, url: str) -> list[datetime]:
        """When the server was asked for this host and path."""
        return [asked.at for asked in self.origin.log if asked.host + asked.path == url]

    def _due(self, end: datetime) -> SourceState | None:
        waiting = [
            s for s in self.states.values() if s.state != "stopped" and (s.next_pull_at or self.now) < end
        ]
        return min(waiting, key=lambda s: s.next_pull_at or self.now, default=None)

    async def _pull(self, source: Source, state: SourceState) -> None:
        assert self.fetcher
        result = await self.fetcher.fetch(source, state)
        cadence, digest = None, ""
        if isinstance(result, Fetched):
            try:
                cadence = parse(result.body, content_type=result.content_type, url=result.url).cadence
                digest = body_hash(result.body)
            except ParseError as error:
                result = FetchFailed(kind="parse", message=error.message, url=result.url)
        self.brought.append(result)
        after = settle(
            state,
            source,
            result,
            now=self.now,
            jitter=self.dice.random(),
            cadence=cadence,
            changed=isinstance(result, Fetched) and digest != state.body_hash,
            digest=digest,
        )
        self.states[source.name] = after
        self.said += [line] if (line := adoption(state, after, source)) else []
        if pause := due_host_pause(result, self.now):
            self._pause(pause.host, pause.until)

    def _pause(self, host: str, until: datetime) -> None:
        for state in self.states.values():  # as store.sources.pause does
            if state.host == host and (state.next_pull_at or self.now) < until and state.state != "stopped":
                self.states[state.name] = replace(state, next_pull_at=until)


@asynccontextmanager
async def desk(
    origin: Origin, root: Path, *, names: Names | None = None, **limits: object
) -> AsyncIterator[Desk]:
    """Open a desk whose fetcher may reach the server, and no other address that is not public."""
    made = Desk(origin)
    origin.clock = lambda: made.now
    given = {
        "timeout": timedelta(seconds=5),
        "spacing": timedelta(0),
        "max_bytes": 100_000,
        "allow_private": (HERE,),
    }
    settings = Fetch(**(given | limits))  # type: ignore[arg-type]
    fetcher = Fetcher(
        settings, user_agent=AGENT, files_root=root, resolver=names or Names(), clock=lambda: made.now
    )
    async with fetcher:
        made.fetcher = fetcher
        yield made


def gaps(times: Sequence[datetime]) -> list[timedelta]:
    """The waits between these."""
    return [later - earlier for earlier, later in itertools.pairwise(times)]
