"""What strangers may ask of our hub, and how often."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import pytest
from follower import OPEN, ask_hub, put, topic_url, wanted
from hub import NOW, House, house

from syndicator.publish import following
from syndicator.store import followers, intents
from syndicator.web.followers import MAX_BODY, PER_MINUTE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

CALLBACK = "https://reader.example/take"


@pytest.fixture
async def home(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    async with house(tmp_path, database_url, websub=OPEN) as made:
        await put(made, b"<feed/>")
        yield made


def from_(address: str) -> dict[str, str]:
    """What a web server in front of us says of who asks."""
    return {"X-Forwarded-For": address}


async def post(home: House, **more) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.post(f"{home.base_url}/hub", **more) as response:
        return response.status, await response.text()


async def test_what_is_refused_leaves_no_trace(home):
    for status, changes in (
        (400, {"mode": "publish"}),
        (400, {"callback": "x"}),
        (400, {"callback": None}),
        (400, {"secret": "a" * 200}),
        (403, {"callback": "http://10.0.0.1/"}),
        (403, {"callback": "http://169.254.169.254/latest/meta-data"}),
        (403, {"callback": "https://reader.example:22/"}),
        (403, {"callback": "http://printer.local/"}),
        (404, {"topic": topic_url(home, "planes")}),
        (404, {"topic": topic_url(home, format_="rss")}),
        (404, {"topic": "https://other.example/topics/ships.atom"}),
        (404, {"mode": "unsubscribe"}),
    ):
        got, headers, text = await ask_hub(home, changes.pop("callback", CALLBACK) or "", **changes)
        assert got == status, changes
        assert headers["Content-Type"].startswith("text/plain")
        assert len(text.splitlines()) == 1
    for more, status in (
        ({"json": {"hub.mode": "subscribe"}}, 415),
        ({"data": b"a=" + b"b" * MAX_BODY, "headers": FORM}, 413),
        ({"data": "hub.mode=中".encode(), "headers": FORM}, 400),
        ({"data": "&".join(f"a{n}=b" for n in range(99)), "headers": FORM}, 400),
    ):
        assert (await post(home, **more))[0] == status
    assert await wanted(home) == []


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def test_other_methods(home):
    async with aiohttp.ClientSession() as session, session.get(f"{home.base_url}/hub") as response:
        assert (response.status, response.headers["Allow"]) == (405, "POST")


async def test_one_network_has_so_many_requests_a_minute(home):
    statuses = []
    for number in range(PER_MINUTE + 3):
        answer = await ask_hub(home, CALLBACK, headers=from_(f"203.0.113.{number}"))
        statuses.append(answer[0])
    assert statuses == [202] * PER_MINUTE + [429] * 3
    assert answer[1]["Retry-After"] == "60"
    assert (await ask_hub(home, CALLBACK, headers=from_("198.51.100.1")))[0] == 202
    home.clock.forward(minutes=1)
    assert (await ask_hub(home, CALLBACK, headers=from_("203.0.113.1")))[0] == 202
    assert len(await wanted(home)) == 1


async def test_limits_of_what_is_pending_and_held(home, monkeypatch):
    monkeypatch.setattr(following, "PENDING_OF_HOST", 2)
    monkeypatch.setattr(following, "PER_NETWORK", 4)
    monkeypatch.setattr(following, "MOST", 6)
    monkeypatch.setattr(following, "PENDING", 6)

    async def ask(host: str, path: str, address: str = "203.0.113.1") -> tuple[int, str, str]:
        status, headers, text = await ask_hub(home, f"https://{host}/{path}", headers=from_(address))
        return status, headers.get("Retry-After", ""), text.strip()

    assert [(await ask("a.example", path))[0] for path in "121"] == [202] * 3
    assert await ask("a.example", "3") == (429, "60", "too many unconfirmed requests for this host")
    assert await ask("A.example", "3") == (429, "60", "too many unconfirmed requests for this host")
    assert [(await ask("b.example", path))[0] for path in "12"] == [202] * 2
    assert await ask("c.example", "1") == (429, "3600", "too many followers from your network")
    assert [(await ask("c.example", path, "2001:db8::1"))[0] for path in "12"] == [202] * 2
    assert await ask("d.example", "1", "2001:db8:1::1") == (503, "60", "too many unconfirmed requests")
    assert (await ask("c.example", "1"))[0] == 202, "what is pending already makes nothing more"
    async with home.parts.store.write() as conn:
        for intent in await wanted(home):
            await followers.put(conn, intent, now=NOW)
            await intents.settle(conn, intent)
    assert (await ask("a.example", "1"))[0] == 202, "nor does a renewal"
    assert await ask("d.example", "1", "2001:db8:1::1") == (503, "3600", "too many followers")


async def test_two_that_ask_at_once(home):
    answers = await asyncio.gather(*(ask_hub(home, CALLBACK, secret=str(n)) for n in range(8)))
    assert {status for status, _, _ in answers} == {202}
    assert len(await wanted(home)) == 1
