"""A small real hub, as WebSub describes one, and a house that it can call back: the app on a database."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import aiohttp
import uvicorn
from aiohttp import web

from syndicator.assembly import assemble
from syndicator.model import Source
from syndicator.settings import Fetch, Settings, Site
from syndicator.store import hubs, schema, sources
from syndicator.web.app import create

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from syndicator.model.hubs import Hub
    from syndicator.pipeline.parts import Parts

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
TOPIC = "https://wire.example/feed.atom"
CHALLENGE = "a-challenge-of-the-hub"


@dataclass
class Clock:
    """A time that tests move; hub and house look at the same."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class Promise:
    """What the hub holds for one callback and topic."""

    secret: str
    ends_at: datetime


@dataclass
class HubServer:
    """Takes requests at `url`, verifies intent in the background, pushes what is published, forgets in time.

    `statuses` are answered first (a 307 or 308 leads to `elsewhere`), then `status`. `lease` is given instead
    of what is asked for; `silent` never verifies, `hasty` does so before it answers, and who is told what it
    `denies` is not verified. `log` has what came in and went out, in order: ("ask", form), ("verify", status,
    body), ("denied", status, body), ("push", status).
    """

    clock: Callable[[], datetime]
    statuses: list[int] = field(default_factory=list)
    elsewhere: str = ""
    lease: str = ""
    silent: bool = False
    hasty: bool = False
    denies: str = ""
    status: int = 202
    method: str = "sha256"
    port: int = 0
    log: list[tuple[Any, ...]] = field(default_factory=list)
    held: dict[tuple[str, str], Promise] = field(default_factory=dict)  # by callback and topic
    agents: set[str] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hub"

    @property
    def asked(self) -> list[dict[str, str]]:
        return [entry[1] for entry in self.log if entry[0] == "ask"]

    def kinds(self) -> list[str]:
        return [entry[0] for entry in self.log]

    async def take(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.log.append(("ask", form))
        self.agents.add(request.headers["User-Agent"])
        assert request.content_type == "application/x-www-form-urlencoded"
        status = self.statuses.pop(0) if self.statuses else 202
        if status != 202:
            headers = {"Location": self.elsewhere} if status in (301, 307, 308) else {}
            return web.Response(status=status, text="the hub's\nown\x00 words", headers=headers)
        if self.hasty:
            await self._verify(form)
        elif not self.silent:
            task = asyncio.create_task(self._verify(form))
            self._tasks.add(task)
        return web.Response(status=self.status)

    async def settle(self) -> None:
        """Wait for what is under way in the background."""
        while self._tasks:
            await self._tasks.pop()

    async def _verify(self, form: dict[str, str]) -> None:
        callback, topic, mode = form["hub.callback"], form["hub.topic"], form["hub.mode"]
        if self.denies:
            await self.call(callback, mode="denied", topic=topic, reason=self.denies)
            return
        seconds = self.lease or form.get("hub.lease_seconds", "")
        asks = {"mode": mode, "topic": topic, "challenge": CHALLENGE}
        status, body = await self.call(callback, **asks, lease_seconds=seconds)
        if status // 100 != 2 or body != CHALLENGE.encode():
            return
        if mode == "unsubscribe":
            self.held.pop((callback, topic), None)
        else:
            ends = self.clock() + timedelta(seconds=int(seconds))
            self.held[callback, topic] = Promise(form["hub.secret"], ends)

    async def call(self, callback: str, **asks: str) -> tuple[int, bytes]:
        query = {f"hub.{name}": value for name, value in asks.items()}
        async with aiohttp.ClientSession() as session, session.get(callback, params=query) as response:
            body = await response.read()
        self.log.append(("denied" if asks["mode"] == "denied" else "verify", response.status, body))
        return response.status, body

    async def publish(self, topic: str, body: bytes) -> list[int]:
        """Push to everybody whose lease runs; the statuses. Who answers 410 is forgotten."""
        statuses = []
        for (callback, subscribed), promise in list(self.held.items()):
            if subscribed != topic or promise.ends_at <= self.clock():
                continue
            signature = sign(promise.secret, body, self.method)
            status = await push(callback, body, {"X-Hub-Signature": signature})
            statuses.append(status)
            self.log.append(("push", status))
            if status == 410:
                del self.held[callback, subscribed]
        return statuses


def sign(secret: str, body: bytes, method: str = "sha256") -> str:
    return f"{method}={hmac.new(secret.encode(), body, getattr(hashlib, method)).hexdigest()}"


async def push(callback: str, body: Any, headers: dict[str, str] | None = None) -> int:
    fields = {"Content-Type": "application/atom+xml", **(headers or {})}
    async with (
        aiohttp.ClientSession() as session,
        session.post(callback, data=body, headers=fields, allow_redirects=False) as response,
    ):
        await response.read()
        return response.status


@asynccontextmanager
async def serving(hub: HubServer) -> AsyncIterator[HubServer]:
    app = web.Application()
    app.router.add_post("/hub", hub.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    hub.port = int(runner.addresses[0][1])
    try:
        yield hub
        await hub.settle()
    finally:
        await runner.cleanup()


@dataclass
class House:
    """Our side: parts on a database with the sources wire and post, and the app that hubs call."""

    parts: Parts
    clock: Clock
    server: uvicorn.Server

    async def settle(self) -> None:
        """Wait for what the app does after its answers."""
        while self.server.server_state.tasks:
            await asyncio.sleep(0.005)

    @property
    def base_url(self) -> str:
        return self.parts.settings.site.base_url

    async def hubs(self) -> list[Hub]:
        async with self.parts.store.read() as conn:
            return await hubs.list_all(conn)

    async def hub(self) -> Hub:
        (only,) = await self.hubs()
        return only

    def callback(self, hub: Hub) -> str:
        return f"{self.base_url}/websub/{hub.token}"

    async def due(self) -> set[str]:
        """The sources that a pull would take now; they are put back."""
        async with self.parts.store.write() as conn:
            claimed = await sources.claim(conn, now=self.clock(), lease=timedelta(minutes=5), limit=9)
            await sources.release(conn)
            return {state.name for state in claimed}

    async def pulled(self, *, changed: bool = False, minutes: float = 600) -> None:
        """Let all sources have been pulled just now; they are due again after `minutes`."""
        now = self.clock()
        async with self.parts.store.write() as conn:
            await conn.execute(
                schema.sources.update().values(
                    next_pull_at=now + timedelta(minutes=minutes),
                    lease_until=None,
                    **({"last_change_at": now} if changed else {}),
                )
            )


@asynccontextmanager
async def house(folder: Path, database_url: str, **sections: Any) -> AsyncIterator[House]:
    """Serve the app on a port of its own; `sections` are fields of the settings."""
    listener = await asyncio.to_thread(_listen)
    base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    clock = Clock()
    settings = Settings(
        config=folder / "config",
        root=folder,
        state=folder,
        database="sqlite" if database_url.startswith("sqlite") else database_url,
        site=Site(base_url=base_url),
        fetch=Fetch(
            websub="on", allow_private=("127.0.0.0/8",), timeout=timedelta(seconds=10), max_bytes=1_000_000
        ),
        **sections,
    )
    async with assemble(settings, clock=clock) as parts:
        async with parts.store.write() as conn:
            names = ("wire", "post")
            await sources.sync(conn, [Source(name=n, url=f"https://{n}.example/feed") for n in names])
        config = uvicorn.Config(create(parts), lifespan="off", log_config=None, access_log=False)
        server = uvicorn.Server(config)
        with contextlib.ExitStack() as stack:
            stack.callback(listener.close)
            task = asyncio.create_task(server.serve(sockets=[listener]))
            while not server.started:
                await asyncio.sleep(0.01)
            try:
                yield House(parts, clock, server)
            finally:
                server.should_exit = True
                await task


def _listen() -> Any:
    import socket

    return socket.create_server(("127.0.0.1", 0))
