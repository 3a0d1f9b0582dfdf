"""`lanes list|resume`, and what `status` says of a lane that waits."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from syndicator.cli import app
from syndicator.clock import utc_now
from syndicator.model import Lane, Sign, Used
from syndicator.store import Store, lanes

CONFIG = """
mail:
  transport: smtp
  relays:
    - {name: east, host: east.example, weight: 3}
    - {name: west, host: west.example, connections: 4, per_minute: 60}
  domains: {gmail.com: {per_minute: 30}}
"""


@pytest.fixture
def desk(tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "syndicator.yaml").write_text(CONFIG)
    (tmp_path / "var").mkdir()
    asyncio.run(_fill(Store(f"sqlite+aiosqlite:///{tmp_path / 'var' / 'syndicator.db'}")))
    return tmp_path / "config"


async def _fill(store):
    await store.upgrade()
    now = utc_now()
    async with store.write() as conn:
        waits = Lane(
            name="relay east", until=now + timedelta(hours=1), sign=Sign.OURS, reason="550 5.7.1 \x1b[31mno",
            failures=1, refusals=3, width=1,
        )  # fmt: skip
        await lanes.save(
            conn, [waits, Lane(name="relay west", sign=Sign.SLOW, reason="452", width=2)], now=now
        )
        await lanes.count(conn, "gmail.com", Used(tokens=1, at=now, day=now.date(), today=12), now=now)
    await store.close()


def call(desk, *words, code=0):
    done = CliRunner().invoke(app, ["--config", str(desk), *words])
    assert done.exit_code == code, done.output
    return done


def test_lanes_are_listed_and_resumed(desk):
    found = {each["name"]: each for each in json.loads(call(desk, "lanes", "list", "--json").stdout)}
    assert list(found) == ["gmail.com", "relay east", "relay west"]
    assert (found["gmail.com"]["state"], found["gmail.com"]["today"]) == ("open", 12)
    east, west = found["relay east"], found["relay west"]
    assert (east["state"], east["connections"], east["most"]) == ("waits", 1, 10)
    assert east["until"]
    assert (west["state"], west["connections"], west["most"], west["per_minute"]) == ("narrow", 2, 4, 60)
    shown = call(desk, "lanes", "list").stdout
    assert "2 of 4" in shown
    assert "\x1b[31m" not in shown
    assert "mail: relay east waits until" in call(desk, "status").stderr
    assert "relay north" in str(call(desk, "lanes", "resume", "relay north", code=1).exception)
    call(desk, "lanes", "resume", "relay east")
    found = {each["name"]: each for each in json.loads(call(desk, "lanes", "list", "--json").stdout)}
    assert (found["relay east"]["state"], found["relay east"]["reason"]) == ("open", "")
    assert json.loads(call(desk, "status", "--json").stdout)["lanes"] == []
