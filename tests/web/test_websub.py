"""The callback, asked by hubs and by others who know an address or guess at one."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import aiohttp
import pytest
from hub import CHALLENGE, NOW, TOPIC, House, house, push, sign

from syndicator.fetch import lease
from syndicator.store import hubs
from syndicator.web.pace import Pace
from syndicator.web.websub import PER_MINUTE, TOKEN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from syndicator.model.hubs import Hub

HUB = "https://hub.example/"
GOOD = {"mode": "subscribe", "topic": TOPIC, "challenge": CHALLENGE, "lease_seconds": "864000"}
BODY = b"<feed/>" * 1000


@pytest.fixture
async def home(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    """With one subscription that the hub has been asked for."""
    async with house(tmp_path, database_url) as made:
        async with made.parts.store.write() as conn:
            await hubs.wish(conn, "wire", (HUB,), TOPIC, NOW)
        await change(made, lease.ask(await made.hub(), now=NOW, base_url=made.base_url))
        await made.pulled()
        yield made


async def change(home: House, hub: Hub) -> None:
    async with home.parts.store.write() as conn:
        await hubs.record(conn, hub)


async def request(home: House, method: str, path: str, **more):
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, home.base_url + path, allow_redirects=False, **more) as response,
    ):
        return response.status, response.headers, await response.read()


async def confirm(home: House, *, token: str = "", **changes: str):
    token = token or (await home.hub()).token
    asks = {f"hub.{name}": value for name, value in (GOOD | changes).items() if value is not None}
    return await request(home, "GET", f"/websub/{token}", params=asks)


# Verification -----------------------------------------------------------------------------------------


async def test_what_we_asked_for_is_confirmed(home):
    status, headers, body = await confirm(home)
    assert (status, body) == (200, CHALLENGE.encode())
    assert headers["Content-Type"] == "text/plain; charset=utf-8"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    hub = await home.hub()
    assert (hub.state, hub.lease_until, hub.attempts) == ("verified", NOW + timedelta(days=10), 0)
    assert NOW + timedelta(days=9) <= hub.next_at <= NOW + timedelta(days=9.5)


async def test_a_question_that_comes_twice_gets_the_same_answer(home):
    first, second = await asyncio.gather(confirm(home), confirm(home))
    assert first[0] == second[0] == 200
    assert (await home.hub()).lease_until == NOW + timedelta(days=10)


MARKUP = "<script>alert(1)</script>"


async def test_a_challenge_of_markup_stays_text(home):
    status, headers, body = await confirm(home, challenge=MARKUP)
    assert (status, body) == (200, MARKUP.encode())
    assert headers["Content-Type"].startswith("text/plain")
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Content-Disposition"] == "attachment"


UNWANTED = [
    {"topic": TOPIC + "x"},
    {"topic": None},
    {"challenge": ""},
    {"challenge": None},
    {"challenge": "a" * 3000},
    {"challenge": "a" * 30_000},
    {"challenge": "\x00\x01"},
    {"mode": "unsubscribe"},
    {"mode": "publish"},
    {"mode": None},
    {"mode": "denied", "topic": TOPIC + "x"},
    {"reason": "a" * 20_000},
]


async def test_what_we_do_not_want_is_not_found(home):
    before = await home.hub()
    for changes in UNWANTED:
        status, _, body = await confirm(home, **changes)
        assert (status, body) == (404, b""), changes
        assert await home.hub() == before


async def test_a_challenge_of_a_megabyte(home):
    """The server's own limit cuts it off, or we do; either way nothing is agreed to."""
    before = await home.hub()
    with contextlib.suppress(aiohttp.ClientError):
        status, _, body = await confirm(home, challenge="a" * 1_000_000)
        assert status in (400, 404, 414, 431)
        assert len(body) < 1000
    assert await home.hub() == before
    assert (await request(home, "GET", "/healthz"))[0] == 200


async def test_only_while_we_are_asking_or_a_lease_runs(home):
    home.clock.forward(hours=2)
    assert (await confirm(home))[0] == 404
    hub = await home.hub()
    await change(home, replace(hub, state="verified", lease_until=home.clock() + timedelta(hours=1)))
    assert (await confirm(home))[0] == 200
    await change(home, replace(hub, state="refused"))
    assert (await confirm(home))[0] == 404


async def test_leases_are_believed_within_bounds(home):
    for said, span in (
        ("3600", timedelta(hours=1)),
        ("5", timedelta(minutes=1)),
        ("999999999999999999999", timedelta(days=30)),
        ("", timedelta(days=1)),
        ("soon", timedelta(days=1)),
        (None, timedelta(days=1)),
    ):
        assert (await confirm(home, lease_seconds=said))[0] == 200
        assert (await home.hub()).lease_until == NOW + span


async def test_a_denial(home):
    await confirm(home)
    status, _, body = await confirm(home, mode="denied", reason="not\r\nyou\x1b[1m")
    assert (status, body) == (200, b"")
    hub = await home.hub()
    assert (hub.state, hub.lease_until, hub.problem) == ("refused", None, "denied: not you [1m")


async def test_leaving_is_confirmed_once_and_forgotten(home):
    await confirm(home)
    hub = replace(await home.hub(), state="leaving")
    await change(home, hub)
    assert (await confirm(home))[0] == 404, "we do not come back"
    assert (await confirm(home, mode="unsubscribe", lease_seconds="x"))[0] == 200
    assert await home.hubs() == []
    assert (await confirm(home, token=hub.token, mode="unsubscribe"))[0] == 404
    assert await push(home.callback(hub), BODY) == 410


# Strangers --------------------------------------------------------------------------------------------

STRANGE = [
    "a" * 32,
    "A" * 31,
    "a" * 33,
    "..%2f..%2fx",
    "%00" * 32,
    "%E4%B8%AD",
    "a" * 8000,
    "-" * 32,
    "*",
    "'",
]


async def test_an_unknown_token_is_nothing(home):
    before = await home.hub()
    for token in STRANGE:
        is_shaped = TOKEN.fullmatch(token) is not None
        for method, shaped in (("GET", 404), ("HEAD", 405), ("POST", 410)):
            asks = {"hub.mode": "denied", "hub.topic": TOPIC}
            status, headers, body = await request(home, method, f"/websub/{token}", params=asks)
            assert status == (shaped if is_shaped else 404), (method, token)
            assert len(body) < 20_000
            assert "X-Content-Type-Options" in headers
    assert await home.hub() == before


async def test_other_methods_do_nothing(home):
    hub = await home.hub()
    for method in ("HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"):
        asks = {f"hub.{name}": value for name, value in GOOD.items()}
        status, headers, _ = await request(home, method, f"/websub/{hub.token}", params=asks)
        assert status == 405
        assert set(headers["Allow"].split(", ")) >= {"GET", "POST"}
    assert await home.hub() == hub


# Pushes -----------------------------------------------------------------------------------------------


@pytest.fixture
async def live(home: House) -> House:
    """With a verified subscription; no source is due for hours."""
    await confirm(home)
    assert await home.due() == set()
    return home


async def post(home: House, body=BODY, signature: str | None = None, **headers: str) -> int:
    hub = await home.hub()
    field = sign(hub.secret, body) if signature is None else signature
    return await push(home.callback(hub), body, {"X-Hub-Signature": field, **headers})


async def test_a_signed_push_makes_its_source_due(live):
    for method in ("sha1", "sha256", "sha384", "sha512"):
        assert await post(live, signature=sign((await live.hub()).secret, BODY, method)) == 202
        assert await live.due() == {"wire"}, method
        hub = await live.hub()
        assert (hub.heard_at, hub.looks, hub.ignored) == (live.clock(), 1, 0)
        live.clock.forward(minutes=1)
        await live.pulled()


async def chunks(*parts: bytes):
    for part in parts:
        yield part


async def test_a_push_in_chunks(live):
    hub = await live.hub()
    field = {"X-Hub-Signature": sign(hub.secret, BODY)}
    assert await push(live.callback(hub), chunks(BODY[:10], BODY[10:]), field) == 202
    assert await live.due() == {"wire"}


async def test_a_push_that_is_not_signed_is_acknowledged_counted_and_ignored(live):
    secret = (await live.hub()).secret
    forged = (
        "",
        "sha256=",
        "sha256=" + "0" * 64,
        "md5=" + "0" * 32,
        sign("guess", BODY),
        sign(secret, BODY)[:-2],
        sign(secret, BODY + b"!"),
    )
    for number, signature in enumerate(forged, 1):
        assert await post(live, signature=signature) == 202
        hub = await live.hub()
        assert (hub.ignored, hub.heard_at, hub.look_at) == (number, None, None), signature
    assert await live.due() == set()


async def test_a_body_beyond_the_limit_is_refused(live):
    limit = live.parts.settings.fetch.max_bytes
    assert await post(live, body=b"a" * limit) == 202
    live.clock.forward(minutes=30)
    await change(live, replace(await live.hub(), look_at=None))
    hub = await live.hub()
    field = {"X-Hub-Signature": "sha256=" + "0" * 64}
    endless = [b"a" * 65_536] * 64
    with contextlib.suppress(aiohttp.ClientError):  # we may hang up while it is still talking
        assert await push(live.callback(hub), chunks(*endless), field) == 413
    assert await live.hub() == hub


async def test_a_body_that_never_ends_to_come_is_given_up(live, monkeypatch):
    monkeypatch.setattr("syndicator.web.websub.BODY_TIME", 0.2)
    hub = await live.hub()

    async def dripping():
        yield b"a"
        await asyncio.sleep(2)
        yield b"b"

    field = {"X-Hub-Signature": "sha256=" + "0" * 64}
    with contextlib.suppress(aiohttp.ClientError):
        assert await push(live.callback(hub), dripping(), field) == 408
    assert await live.hub() == hub


async def test_pushes_in_a_crowd_cause_one_pull_a_minute(live):
    assert await post(live) == 202
    await live.pulled()
    for _ in range(5):
        assert await post(live) == 202
        assert await live.due() == set()
    hub = await live.hub()
    assert (hub.look_at, hub.looks) == (NOW + timedelta(minutes=1), 0)
    live.clock.forward(minutes=5)
    await change(live, replace(hub, look_at=None, looks=1))
    assert await post(live) == 202
    assert await live.due() == {"wire"}


async def test_one_token_can_cost_only_so_much(live):
    statuses = [await post(live, signature="sha256=" + "0" * 64) for _ in range(PER_MINUTE + 5)]
    assert statuses[: PER_MINUTE - 1] == [202] * (PER_MINUTE - 1)
    assert statuses[-4:] == [429] * 4
    assert (await live.hub()).ignored <= PER_MINUTE
    assert (await confirm(live))[0] == 429
    live.clock.forward(minutes=1)
    assert await post(live) == 202


async def test_a_push_during_a_pull_is_not_lost(live):
    """The pull under way may have asked before the news was out."""
    from syndicator.pipeline.renew import renew
    from syndicator.store import schema

    async with live.parts.store.write() as conn:
        held = {"lease_until": NOW + timedelta(minutes=10)}
        await conn.execute(schema.sources.update().values(held))
    assert await post(live) == 202
    assert (await live.hub()).look_at == NOW
    await live.pulled()
    assert await live.due() == set()
    assert (await renew(live.parts)).looked == 1
    assert await live.due() == {"wire"}


async def test_a_push_for_a_subscription_that_is_being_left(live):
    hub = replace(await live.hub(), state="leaving")
    await change(live, hub)
    assert await post(live) == 410
    assert await live.due() == set()


def test_the_memory_of_paces_is_bounded(monkeypatch):
    monkeypatch.setattr("syndicator.web.pace.REMEMBERED", 3)
    pace = Pace(9)
    for hub in (1, 2, 3, 4, 2, 5):
        assert pace.admits(hub, NOW)
    assert len(pace._counts) == 3
