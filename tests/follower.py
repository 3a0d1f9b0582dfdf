"""A small real subscriber of our hub, as WebSub describes one, and what it takes to publish for it."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp import web

from syndicator.model import Document
from syndicator.settings import WebSub
from syndicator.store import documents, followers, intents

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from hub import House

    from syndicator.model.followers import Follower, Intent

OPEN = WebSub(hub="on", allow_private=("127.0.0.0/8", "::1", "localhost"))
MEDIA = {"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json"}


@dataclass
class Push:
    """What came with one POST."""

    path: str
    headers: Any
    body: bytes


@dataclass
class Subscriber:
    """Confirms what it is asked at any path, takes what is posted, and remembers all of it.

    `statuses` are answered to pushes first, then `status`; `answer` and `asked_status` take the place of the
    challenge and of 200. Beside them `moved` sends whoever comes to another address.
    """

    status: int = 204
    statuses: list[int] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)
    answer: str | None = None
    asked_status: int = 200
    slow: float = 0
    moved: str = ""
    port: int = 0
    questions: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    pushes: list[Push] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0

    def url(self, path: str = "/take", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    async def ask(self, request: web.Request) -> web.Response:
        self.questions.append((request.path_qs, dict(request.query)))
        await asyncio.sleep(self.slow)
        if self.moved:
            return web.Response(status=307, headers={"Location": self.moved})
        said = request.query.get("hub.challenge", "") if self.answer is None else self.answer
        return web.Response(status=self.asked_status, text=said)

    async def take(self, request: web.Request) -> web.Response:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.pushes.append(Push(request.path_qs, request.headers.copy(), await request.read()))
        await asyncio.sleep(self.slow)
        self.at_once -= 1
        if self.moved:
            return web.Response(status=307, headers={"Location": self.moved})
        status = self.statuses.pop(0) if self.statuses else self.status
        return web.Response(status=status, text="the subscriber's words", headers=self.fields)


@asynccontextmanager
async def subscribing(subscriber: Subscriber) -> AsyncIterator[Subscriber]:
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_get("/{path:.*}", subscriber.ask)
    app.router.add_post("/{path:.*}", subscriber.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    subscriber.port = int(runner.addresses[0][1])
    try:
        yield subscriber
    finally:
        await runner.cleanup()


async def put(home: House, body: bytes, topic: str = "ships", format_: str = "atom") -> str:
    """Publish a document, as far as the database is concerned; its etag."""
    etag = hashlib.sha256(body).hexdigest()
    made = Document(topic=topic, format=format_, body=body, etag=etag, modified_at=home.clock())
    async with home.parts.store.write() as conn:
        await documents.put(conn, made, gzip.compress(body))
    return etag


async def unpublish(home: House, topic: str = "ships", format_: str = "atom") -> None:
    async with home.parts.store.write() as conn:
        await documents.drop(conn, topic, [format_])


def topic_url(home: House, topic: str = "ships", format_: str = "atom") -> str:
    return f"{home.base_url}/topics/{topic}.{format_}"


async def ask_hub(home: House, callback: str, *, headers: dict[str, str] | None = None, **changes: Any):
    """Ask the hub; the status, the headers and the text of its answer."""
    asks = {"mode": "subscribe", "topic": topic_url(home), "callback": callback, "secret": "s3cret"} | changes
    form = {f"hub.{name}": str(value) for name, value in asks.items() if value is not None}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{home.base_url}/hub", data=form, headers=headers) as response,
    ):
        return response.status, response.headers, await response.text()


async def held(home: House) -> list[Follower]:
    async with home.parts.store.read() as conn:
        return await followers.list_all(conn)


async def wanted(home: House) -> list[Intent]:
    async with home.parts.store.read() as conn:
        return await intents.list_all(conn)
