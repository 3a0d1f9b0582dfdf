"""`syndicator followers` and what `status` says of them."""

from __future__ import annotations

import asyncio
import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from program import Program
from typer.testing import CliRunner

from syndicator.catalog import load_settings
from syndicator.cli import app
from syndicator.model import Document
from syndicator.model.followers import Intent, Wish
from syndicator.publish.following import failed
from syndicator.store import Store, documents, followers, intents, notices, pings

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

NOW = datetime.now(UTC)
FEED = "https://news.example/topics/ships.atom"


@pytest.fixture
def desk(tmp_path: Path) -> Program:
    """With a follower that is well, one that fails, a pending one, and a hub of others."""
    program = Program(tmp_path)

    async def fill() -> None:
        store = Store(load_settings(program.config, {}).database_url)
        await store.upgrade()
        shared = {"mode": "subscribe", "topic": "ships", "topic_url": FEED, "lease": timedelta(days=3)}
        made = Document(topic="ships", format="atom", body=b"x", etag="new", modified_at=NOW)
        async with store.write() as conn:
            await documents.put(conn, made, gzip.compress(b"x"))
            for number, host in enumerate(("a.example", "b.example"), 1):
                wish = Intent(
                    id=0, callback=f"https://{host}/{number}?t=hidden", host=host, format="atom",
                    version="new", secret="s3cret", **shared,
                )  # fmt: skip
                await followers.put(conn, wish, now=NOW)
            bad = await followers.get(conn, "https://b.example/2?t=hidden", "ships", "atom")
            problem = "b.example answers 500\x1b[31m"
            after = failed(bad, now=NOW, problem=problem, retry_after=None, jitter=0)
            await followers.record(conn, after)
            pending = Wish(callback="https://c.example/", host="c.example", format="rss", **shared)
            await intents.put(conn, pending, network="", version="", now=NOW)
            page = ("ships", "atom", FEED)
            await pings.plan(conn, "https://hub.example/", [page], host="hub.example", now=NOW)
            await notices.raise_(conn, "/hub", "follower", "a follower was dropped", now=NOW)
            await notices.raise_(conn, "/hub hub.example", "ping", "it takes no pings", now=NOW)
        await store.close()

    asyncio.run(fill())
    return program


def call(desk: Program, *words: str) -> Result:
    return CliRunner().invoke(app, ["--config", str(desk.config), *words])


def test_the_list_names_hosts_and_no_secrets(desk):
    done = call(desk, "followers", "list")
    assert done.exit_code == 0
    for said in ("a.example", "b.example answers 500", "hub.example", "wants to subscribe", "ships.atom"):
        assert said in done.stdout
    assert not [secret for secret in ("hidden", "s3cret", "\x1b") if secret in done.stdout]
    failing = json.loads(call(desk, "followers", "list", "--failing", "--json").stdout)
    assert [one["callback"] for one in failing] == ["https://b.example/2?t=hidden"]
    assert [one["failures"] for one in failing] == [1]
    everything = call(desk, "followers", "list", "--json").stdout
    assert {one["kind"] for one in json.loads(everything)} == {"callback", "hub", "pending"}
    assert "s3cret" not in everything


def test_dropping(desk):
    done = call(desk, "followers", "drop", "a.example", "nobody")
    assert done.exit_code != 0
    assert "there is no 'nobody'" in str(done.exception)
    done = call(desk, "followers", "drop", "a.example", "2")
    assert (done.exit_code, done.stderr) == (0, "2 followers dropped\n")
    left = json.loads(call(desk, "followers", "list", "--json").stdout)
    told = [(one["kind"], one.get("mode")) for one in left]
    assert told == [("hub", None), ("pending", "subscribe"), ("pending", "denied"), ("pending", "denied")]


def test_status_counts_them_and_shows_notices_of_the_hub(desk):
    done = call(desk, "status")
    assert "followers    2 callbacks, 1 hub of others, 1 failing, 1 behind, 1 pending" in done.stdout
    assert "notice: /hub: a follower was dropped" in done.stderr
    assert "alarm: /hub hub.example: it takes no pings" in done.stderr
    counted = json.loads(call(desk, "status", "--json").stdout)["followers"]
    assert counted == {"callbacks": 2, "hubs": 1, "failing": 1, "behind": 1, "pending": 1}
    assert "no longer configured" not in call(desk, "sources", "list").stderr
    done = call(desk, "sources", "clear", "/hub hub.example", "--kind", "ping")
    assert (done.exit_code, done.stderr) == (0, "1 notice settled\n")
