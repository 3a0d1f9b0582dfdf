"""Calling followers back: where we go, where not, and how little we read."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from aiohttp.abc import ResolveResult
from follower import Subscriber, subscribing

from syndicator.fetch import callbacks
from syndicator.fetch.means import Means
from syndicator.publish.following import PORTS
from syndicator.settings import Fetch, Settings, Site, WebSub

from .hostile import Names
from .origin import AGENT, NOW

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

INNER = ("127.0.0.0/8",)


def opened(*, allow=INNER, resolver=None, **limits):
    fetch = Fetch(**({"timeout": timedelta(seconds=5)} | limits))
    means = Means(settings=fetch, user_agent=AGENT, files_root=Path(), resolver=resolver, clock=lambda: NOW)
    return callbacks.opened(means, allow_private=allow)


@pytest.fixture
async def reader() -> AsyncIterator[Subscriber]:
    async with subscribing(Subscriber()) as made:
        yield made


async def ask(client, url):
    return await client.ask(f"{url}?hub.challenge=yes", "yes")


async def test_a_question_and_a_push(reader):
    async with opened() as client:
        assert await ask(client, reader.url("/a%2Fb%7e")) is None
        assert await client.push(reader.url("/a%2Fb?c=%7e"), b"body", {"Link": "<x>"}) is None
    assert reader.questions[0][0] == "/a%2Fb%7e?hub.challenge=yes"
    (pushed,) = reader.pushes
    assert (pushed.path, pushed.body, pushed.headers["Link"]) == ("/a%2Fb?c=%7e", b"body", "<x>")
    assert pushed.headers["User-Agent"] == AGENT
    assert "Cookie" not in pushed.headers


@pytest.mark.parametrize(("status", "kind"), [(410, "gone"), (404, "refused"), (500, "http"), (302, "http")])
async def test_answers(reader, status, kind):
    reader.status = reader.asked_status = status
    async with opened() as client:
        for failure in (await ask(client, reader.url()), await client.push(reader.url(), b"", {})):
            assert (failure.kind, failure.status) == (kind, status)
            assert failure.message.startswith("127.0.0.1 answers ")


async def test_an_answer_that_never_ends_is_not_read(reader):
    async def flood(request):
        from aiohttp import web

        answer = web.StreamResponse()
        await answer.prepare(request)
        while True:
            await answer.write(b"yes" * 10_000)

    loud = Subscriber()
    loud.ask = loud.take = flood
    async with subscribing(loud), opened() as client, asyncio.timeout(5):
        assert (await ask(client, loud.url())).kind == "refused"
        assert await client.push(loud.url(), b"body", {}) is None


async def test_who_is_slow_is_left(reader):
    reader.slow = 5
    async with opened(timeout=timedelta(seconds=0.2)) as client:
        assert (await ask(client, reader.url())).kind == "timeout"
        assert (await client.push(reader.url(), b"", {})).kind == "timeout"


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost", "10.0.0.1", "inner.example"])
async def test_private_places_are_guarded(reader, host):
    """What admins let us pull from (`fetch.allow_private`) is nothing that strangers may reach."""
    names = Names(inner_example="10.0.0.1")
    async with opened(allow=(), resolver=names, allow_private=INNER) as client:
        url = reader.url("/", host)
        assert (await ask(client, url)).kind in ("forbidden", "dns")
        assert (await client.push(url, b"", {})).kind in ("forbidden", "dns")
    assert (reader.questions, reader.pushes) == ([], [])


class Turning(Names):
    """Leads to a public address first, and to this machine ever after."""

    async def resolve(self, host, port=0, family=0):
        self.log.append(host)
        address = "203.0.114.7" if len(self.log) == 1 else "127.0.0.1"
        return [ResolveResult(hostname=host, host=address, port=port, family=2, proto=0, flags=0)]


async def test_a_name_that_turns_is_asked_where_it_was_looked_at(reader):
    turning = Turning()
    async with opened(allow=(), resolver=turning, timeout=timedelta(seconds=0.3)) as client:
        url = reader.url("/", "turning.example")
        assert await client.addresses(url) == {"203.0.114.7"}
        failure = await ask(client, url)
        assert failure.kind in ("timeout", "connect")
        assert await client.addresses(url) == {"203.0.114.7"}
    assert turning.log == ["turning.example"]
    async with opened(allow=(), resolver=turning) as client:  # the next time it is refused
        assert (await client.addresses(url)).kind == "forbidden"
        assert (await ask(client, url)).kind == "forbidden"
    assert reader.questions == []


async def test_a_name_with_many_addresses_counts_as_few():
    class Many(Names):
        async def resolve(self, host, port=0, family=0):
            made = [f"198.51.99.{n}" for n in range(200)]
            return [ResolveResult(hostname=host, host=m, port=port, family=2, proto=0, flags=0) for m in made]

    async with opened(resolver=Many()) as client:
        assert len(await client.addresses("http://many.example/")) == callbacks.MAX_ADDRESSES
        assert await client.addresses("http://203.0.113.9/") == {"203.0.113.9"}


SETTINGS = Settings(config=Path(), root=Path(), state=Path())


@pytest.mark.parametrize(
    ("url", "welcome"),
    [
        ("https://reader.example/", True),
        ("http://reader.example:8080/x", True),
        ("https://reader.example:8443/", True),
        ("https://8.8.8.8/", True),
        ("https://[2606:4700::1111]/", True),
        ("https://reader.example:22/", False),
        ("http://reader.example:25/", False),
        ("http://reader.example:6379/", False),
        ("https://8.8.8.8:5432/", False),
        ("https://134744072/", False),
        ("https://0x8.8.8.8/", False),
        ("https://127.0.0.1/", False),
        ("https://[::ffff:10.0.0.1]/", False),
        ("https://169.254.169.254/latest", False),
        ("https://LOCALHOST/", False),
        ("https://printer.local/", False),
        ("https:///x", False),
    ],
)
def test_callbacks_that_are_refused_at_once(url, welcome):
    assert callbacks.is_welcome(url, SETTINGS, ports=PORTS) is welcome


@pytest.mark.parametrize(
    ("url", "welcome"),
    [
        ("http://127.0.0.1:5000/", True),
        ("http://inside:5000/", True),
        ("http://10.0.0.1/", False),
        ("http://reader.example:5000/", False),
    ],
)
def test_callbacks_that_an_admin_allowed(url, welcome):
    allowing = replace(SETTINGS, websub=WebSub(allow_private=("127.0.0.0/8", "inside")))
    assert callbacks.is_welcome(url, allowing, ports=PORTS) is welcome


@pytest.mark.parametrize(
    ("hub", "base_url", "is_open"),
    [
        ("auto", "https://news.example.org", True),
        ("auto", "http://127.0.0.1:8080", False),
        ("auto", "http://newsbox:8080", False),
        ("on", "http://127.0.0.1:8080", True),
        ("off", "https://news.example.org", False),
    ],
)
def test_which_hubs_our_feeds_name(hub, base_url, is_open):
    others = ("https://hub.example/", f"{base_url}/hub")
    settings = replace(SETTINGS, site=Site(base_url=base_url), websub=WebSub(hub=hub))
    assert callbacks.is_open(settings) is is_open
    own = (f"{base_url}/hub",) if is_open else ()
    assert callbacks.hub_urls(settings) == own
    settings = replace(settings, websub=WebSub(hub=hub, hubs=others[:1]))
    assert callbacks.hub_urls(settings) == (*own, others[0])
