"""Our hub between whole programs: our own subscriber follows our feed, and a kill in the middle of a push."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from aiohttp import web
from follower import OPEN, held
from hub import House, house
from newsroom import Story, rss
from test_kill import begun, wait_until

from syndicator import pipeline
from syndicator.catalog import dump, load_all, load_settings
from syndicator.model.followers import Intent
from syndicator.store import Store, followers
from syndicator.store.articles import scan

if TYPE_CHECKING:
    from pathlib import Path

    from program import Program

TOMORROW = (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0)


def ship(number: int) -> Story:
    return Story(f"ship-{number}", f"Ship number {number} came in", "It brought oranges.")


# Two programs of ours ---------------------------------------------------------------------------------


async def configure(home: House, **sources: str) -> None:
    """Write a config folder with sources and one topic, and put it in force."""
    config = home.parts.settings.config
    for part in ("sources", "topics"):
        (config / part).mkdir(parents=True, exist_ok=True)
    listed = [{"name": name, "url": url} for name, url in sources.items()]
    (config / "sources" / "all.yaml").write_text(json.dumps({"sources": listed}))
    (config / "topics" / "ships.yaml").write_text(json.dumps({"title": "Ships", "any": ["ship*"]}))
    _, catalog = load_all(config, {})
    await pipeline.apply(home.parts, catalog, dump(config))


async def titles(home: House) -> set[str]:
    async with home.parts.store.read() as conn:
        return {each.article.title async for chunk in scan(conn) for each in chunk}


async def test_our_subscriber_follows_our_feed(tmp_path: Path, database_url: str):
    elsewhere = f"sqlite+aiosqlite:///{tmp_path / 'reader' / 'syndicator.db'}"
    async with (
        house(tmp_path / "publisher", database_url, websub=OPEN) as publisher,
        house(tmp_path / "reader", elsewhere) as reader,
    ):
        wire = tmp_path / "publisher" / "config" / "wire.xml"
        wire.parent.mkdir(parents=True)

        async def write(*numbers: int) -> None:
            """Bring news to the publisher, a while later, up to its feed."""
            for home in (publisher, reader):
                home.clock.forward(minutes=20)
            wire.write_bytes(rss("Wire", *(ship(number) for number in numbers)))
            await configure(publisher, wire="file:wire.xml")
            await publisher.pulled(minutes=0)
            await pipeline.pull(publisher.parts)
            await pipeline.publish(publisher.parts)

        await write(1)
        feed = f"{publisher.base_url}/topics/ships.atom"
        await configure(reader, ours=feed)
        await pipeline.pull(reader.parts)
        assert await titles(reader) == {"Ship number 1 came in"}
        assert (await pipeline.renew(reader.parts)).failed == 0
        await write(1, 2)
        assert (await pipeline.confirm(publisher.parts)).confirmed == 1
        (hub,) = await reader.hubs()
        assert (hub.state, hub.hub_url) == ("verified", f"{publisher.base_url}/hub")
        assert hub.lease_until == reader.clock() + timedelta(days=10)
        await reader.pulled(minutes=600)
        assert (await pipeline.distribute(publisher.parts)).pushed == 1, "news between request and answer"
        assert await reader.due() == {"ours"}
        await pipeline.pull(reader.parts)
        assert await titles(reader) == {"Ship number 1 came in", "Ship number 2 came in"}
        (hub,) = await reader.hubs()
        assert (hub.heard_at, hub.ignored) == (reader.clock(), 0), "it was signed as agreed"
        (follower,) = await held(publisher)
        assert (follower.topic_url, follower.format) == (feed, "atom")
        await configure(reader)  # the source leaves, and with it the subscription
        await pipeline.renew(reader.parts)
        assert (await pipeline.confirm(publisher.parts)).confirmed == 1
        assert (await reader.hubs(), await held(publisher)) == ([], [])


# Killed -----------------------------------------------------------------------------------------------


class Reader:
    """Stalls at the first push until it is let go; keeps what comes afterwards."""

    def __init__(self) -> None:
        self.reached, self.let_go = threading.Event(), threading.Event()
        self.pushes: list[tuple[bytes, str]] = []

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        if not self.reached.is_set():
            self.reached.set()
            await asyncio.to_thread(self.let_go.wait, 60)
        else:
            self.pushes.append((body, request.headers["X-Hub-Signature"]))
        return web.Response(status=204)


def add_follower(program: Program, callback: str) -> None:
    """Add a follower that has confirmed, and read nothing yet."""

    async def add() -> None:
        store = Store(load_settings(program.config, {}).database_url)
        url = f"{program.settings['site']['base_url']}/topics/ships.atom"
        wish = Intent(id=0, mode="subscribe", callback=callback, topic="ships", format="atom", topic_url=url,
                      secret="k", lease=timedelta(days=9), host="127.0.0.1")  # fmt: skip
        async with store.write() as conn:
            await followers.put(conn, wish, now=TOMORROW)
        await store.close()

    asyncio.run(add())


def test_killed_in_the_middle_of_a_push(embedded, http_server):
    reader = Reader()
    server = http_server({"/wire": rss("Wire", ship(1)), "/take": reader.take})
    embedded.sources(wire=server.url("/wire"))
    embedded.topic("ships", any=["ship*"])
    embedded.configure(websub={"hub": "on", "allow_private": ["127.0.0.0/8"]})
    assert embedded.once(TOMORROW.isoformat())["pushed"] == 0
    add_follower(embedded, server.url("/take"))
    with begun(embedded, "once", "--now", TOMORROW.isoformat()) as process:
        assert wait_until(reader.reached.is_set, process)
    reader.let_go.set()
    server.pages["/wire"] = rss("Wire", ship(1), ship(2))
    later = TOMORROW + timedelta(days=1)
    assert embedded.once(later.isoformat())["pushed"] == 1
    ((body, signature),) = reader.pushes
    assert body == (embedded.folder / "var" / "public" / "topics" / "ships.atom").read_bytes()
    assert b"Ship number 2" in body
    hub = f'href="{embedded.settings["site"]["base_url"]}/hub"'
    assert hub.encode() in body
    assert signature == f"sha256={hmac.new(b'k', body, hashlib.sha256).hexdigest()}"
