"""Who follows a topic that gets another name goes along, though nothing is published there yet."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from fleet import NOW, Host
from newsroom import Story

from syndicator import pipeline
from syndicator.model.followers import Intent
from syndicator.store import documents, followers, intents
from syndicator.store.dialect import insert
from syndicator.store.schema import intents as intent_rows

AT = "http://127.0.0.1:9/take"


@pytest.fixture
async def host(tmp_path):
    made = Host(tmp_path / "config", f"sqlite+aiosqlite:///{tmp_path / 'syndicator.db'}")
    told = {"mail": {"from": "d@desk.example"}, "websub": {"hub": "on", "allow_private": ["127.0.0.1"]}}
    (made.config / "syndicator.yaml").write_text(json.dumps(told))
    made.sources("wire")
    made.publish("wire", Story("ship", "A ship came in", "It brought oranges."))
    made.topic("ships", any=["ship"], min_score=0)
    await made.start()
    await made.pull("wire")
    await pipeline.publish(made.parts)
    yield made
    await made.stop()


async def subscribe(host: Host) -> None:
    """One has confirmed, another is still to be asked."""
    async with host.parts.store.write() as conn:
        said = {
            "callback": AT, "topic": "ships", "format": "atom", "topic_url": "http://x/topics/ships.atom",
            "secret": "", "host": "127.0.0.1", "network": "", "lease": timedelta(days=5), "mode": "subscribe",
            "reason": "", "attempts": 0, "ask_at": NOW + timedelta(days=1),
            "version": await documents.version(conn, "ships", "atom"),
        }  # fmt: skip
        await followers.put(conn, Intent(id=1, number=1, **said), now=NOW)
        await conn.execute(insert(conn, intent_rows).values(said | {"callback": f"{AT}/2"}))


async def follow(host: Host) -> tuple[list[str], list[tuple[str, str]]]:
    async with host.parts.store.read() as conn:
        return (
            [each.topic for each in await followers.list_all(conn)],
            [(each.topic, each.mode) for each in await intents.list_all(conn)],
        )


async def test_they_go_along_while_nothing_is_published_under_the_new_name(host):
    await subscribe(host)
    (host.config / "topics" / "ships.yaml").unlink()
    host.topic("harbour", any=["ship"], min_score=0, was=["ships"])
    await host.edit()
    await pipeline.confirm(host.parts)
    assert await follow(host) == (["harbour"], [("harbour", "subscribe")])
    await pipeline.publish(host.parts)
    await pipeline.confirm(host.parts)
    assert await follow(host) == (["harbour"], [("harbour", "subscribe")])


async def test_a_format_that_is_gone_is_denied_once_the_topic_is_published(host):
    await subscribe(host)
    host.topic("ships", any=["ship"], min_score=0, publish={"formats": ["rss"]})
    await host.edit()
    await pipeline.publish(host.parts)
    await pipeline.confirm(host.parts)
    assert [mode for _, mode in (await follow(host))[1]] == ["denied", "denied"]
