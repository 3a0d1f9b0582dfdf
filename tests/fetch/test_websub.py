"""Asking hubs: what goes over the wire, and every answer as a value."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from syndicator.fetch import websub
from syndicator.fetch.means import Means
from syndicator.settings import Fetch, Settings, Site

from .origin import AGENT, NOW, answer

FORM = {"hub.mode": "subscribe", "hub.topic": "https://wire.example/?a=1&b=中", "hub.secret": "s"}
PRIVATE = Fetch(allow_private=("127.0.0.0/8",), timeout=timedelta(seconds=5))


async def ask(url, settings=PRIVATE):
    means = Means(settings=settings, user_agent=AGENT, files_root=Path(), clock=lambda: NOW)
    async with websub.opened(means) as client:
        return await client.ask(url, FORM)


@pytest.fixture
def hub(http_server):
    """A hub that says 202, with the log of a real server and the bodies it got."""
    from aiohttp import web

    bodies = []

    async def take(request):
        bodies.append((request.method, request.content_type, await request.text()))
        return web.Response(status=202)

    server = http_server({"/hub": take})
    server.bodies = bodies
    return server


async def test_the_request(hub):
    assert await ask(hub.url("/hub")) is None
    ((method, kind, body),) = hub.bodies
    assert (method, kind) == ("POST", "application/x-www-form-urlencoded")
    assert parse_qs(body) == {name: [value] for name, value in FORM.items()}
    assert hub.log[0].headers["User-Agent"] == AGENT
    assert "Cookie" not in hub.log[0].headers


@pytest.mark.parametrize("status", [200, 201, 202, 204])
async def test_any_2xx_is_a_hub_that_heard_us(http_server, status):
    server = http_server({"/hub": (b"", {}, status)})
    assert await ask(server.url("/hub")) is None


@pytest.mark.parametrize(
    ("status", "final"),
    [
        (400, True), (401, True), (403, True), (404, True), (405, True), (410, True), (422, True),
        (408, False), (429, False), (500, False), (502, False), (503, False), (504, False),
        (300, False), (301, False), (302, False), (303, False), (304, False),
    ],
)  # fmt: skip
async def test_other_answers(http_server, status, final):
    server = http_server(
        {"/hub": (b"not you\r\n\x00\x1b[31m", {"Retry-After": "7", "Location": "/b"}, status), "/b": b""}
    )
    failure = await ask(server.url("/hub"))
    assert failure.status == status
    assert websub.is_refusal(failure) is final
    assert failure.retry_after == timedelta(seconds=7)
    assert failure.message.isprintable()
    assert "127.0.0.1 answers" in failure.message
    assert [visit.path for visit in server.log] == ["/hub"], "a POST is repeated for 307 and 308 alone"


@pytest.mark.parametrize("status", [307, 308])
async def test_a_hub_may_send_us_to_another(hub, http_server, status):
    server = http_server({"/hub": (b"", {"Location": hub.url("/hub")}, status)})
    assert await ask(server.url("/hub")) is None
    assert parse_qs(hub.bodies[0][2])["hub.secret"] == ["s"]
    assert hub.bodies[0][0] == "POST"


async def test_but_not_round_and_round(http_server):
    server = http_server({"/hub": (b"", {"Location": "/hub"}, 307)})
    failure = await ask(server.url("/hub"))
    assert failure.kind == "redirect"
    assert len(server.log) == 4


@pytest.mark.parametrize("to", ["ftp://x.example/", "http://[::", "mailto:a@b.example"])
async def test_nor_to_what_is_no_address(http_server, to):
    server = http_server({"/hub": (b"", {"Location": to}, 308)})
    failure = await ask(server.url("/hub"))
    assert failure is not None
    assert len(server.log) == 1


async def test_the_guard_stands_before_the_hub_and_before_where_it_leads(hub, http_server):
    strict = Fetch(allow_private=("127.0.0.1/32",))
    server = http_server({"/hub": (b"", {"Location": f"http://127.0.0.2:{hub.port}/hub"}, 307)})
    for url in (server.url("/hub"), hub.url("/hub").replace("127.0.0.1", "2130706434")):
        failure = await ask(url, strict)
        assert failure.kind == "forbidden"
        assert websub.is_refusal(failure)
    failure = await ask(hub.url("/hub").replace("127.0.0.1", "localhost"), Fetch())
    assert failure.kind == "forbidden"
    assert hub.log == []


async def test_a_hub_that_is_silent_or_gone_is_a_failure_for_now(origin):
    import asyncio

    async def never(asked, writer):
        await asyncio.sleep(60)

    quick = Fetch(allow_private=("127.0.0.0/8",), timeout=timedelta(seconds=0.3))
    for url, kind in ((origin.play("/slow", never), "timeout"), ("http://127.0.0.1:1/hub", "connect")):
        failure = await ask(url, quick)
        assert failure.kind == kind
        assert not websub.is_refusal(failure)


async def test_an_endless_answer_is_not_read(origin):
    async def endless(asked, writer):
        writer.write(b"HTTP/1.1 500 Oh\r\nContent-Type: text/plain\r\n\r\n")
        while True:
            writer.write(b"a" * 65536)
            await writer.drain()

    failure = await ask(origin.play("/hub", endless))
    assert failure.status == 500
    assert len(failure.message) < 300


@pytest.mark.parametrize("reply", [b"", b"SMTP 220\r\n\r\n", answer(b"", status="700 Odd")])
async def test_what_is_no_http_is_a_failure(origin, reply):
    async def hangs_up(asked, writer):
        writer.write(reply)
        writer.close()

    assert await ask(origin.play("/hub", hangs_up)) is not None


@pytest.mark.parametrize("url", ["", "hub", "http://", "http://[::1", "file:///etc/passwd"])
async def test_an_address_that_is_none(url):
    failure = await ask(url)
    assert failure.kind == "forbidden"


# Whether hubs are asked at all ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base_url", "reachable"),
    [
        ("https://news.example.org", True),
        ("http://news.example.org:8080/path", True),
        ("https://xn--fiq228c.example", True),
        ("http://8.8.8.8", True),
        ("http://127.0.0.1:8080", False),
        ("https://127.0.0.1", False),
        ("http://127.1", False),
        ("http://10.0.0.8", False),
        ("http://192.168.1.4", False),
        ("http://[::1]:8080", False),
        ("http://[fd00::1]", False),
        ("http://[2606:4700::1111]", True),
        ("http://localhost", False),
        ("http://localhost.", False),
        ("https://nas.local", False),
        ("https://news.internal", False),
        ("https://intranet", False),
        ("https://", False),
        ("nonsense", False),
        ("http://[::", False),
    ],
)
def test_whether_a_hub_can_reach_us(base_url, reachable, tmp_path):
    assert websub.is_reachable(base_url) is reachable
    for wish, wanted in (("on", True), ("off", False), ("auto", reachable)):
        settings = Settings(
            config=tmp_path, root=tmp_path, state=tmp_path, site=Site(base_url=base_url),
            fetch=Fetch(websub=wish),
        )  # fmt: skip
        assert websub.is_wanted(settings) is wanted
