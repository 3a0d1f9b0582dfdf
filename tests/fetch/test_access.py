"""What a request carries for one source alone, and that nobody else sees it: servers, logs, errors."""

from __future__ import annotations

import asyncio
import base64
import ssl
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import trustme

from syndicator.model import Access, Fetched, FetchFailed, Source, SourceState

from .hostile import HERE, Names, desk, feed, redirect
from .origin import Origin, answer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

SECRET = "s3cret"
ALL = Access(
    username="ann",
    password=SECRET,
    headers=(("X-Key", SECRET), ("User-Agent", "other/1")),
    cookies=(("id", SECRET), ("b", "2")),
)
BASIC = "Basic " + base64.b64encode(b"ann:s3cret").decode()


@pytest.mark.parametrize(
    ("access", "sent"),
    [
        (
            ALL,
            {"authorization": BASIC, "x-key": SECRET, "cookie": f"id={SECRET}; b=2", "user-agent": "other/1"},
        ),
        (Access(bearer=SECRET, username="ann", password="x"), {"authorization": f"Bearer {SECRET}"}),
        (Access(username="é", password="ü"), {"authorization": "Basic w6k6w7w="}),
    ],
)
async def test_what_is_sent(origin: Origin, tmp_path: Path, access: Access, sent: dict[str, str]) -> None:
    async with desk(origin, tmp_path) as d:
        d.add("a", "news.example/feed", answer(feed("1")), access=access)
        await d.run(days=0.001)
    assert origin.log[0].fields.items() >= sent.items()


@pytest.mark.parametrize("leave", [True, False])
async def test_it_stays_with_its_origin(origin: Origin, tmp_path: Path, leave: bool) -> None:
    async with desk(origin, tmp_path) as d:
        host = "other.example" if leave else "news.example"
        origin.play(f"{host}/g", answer(feed("1")))
        to = f"http://eve:guess@{host}:{origin.port}/g"
        d.add("a", "news.example/f", redirect(302, to), access=ALL)
        await d.run(days=0.001)
        assert d.fetcher
        await d.fetcher.page(to, d.sources["a"])
    for asked in origin.log[-1:], origin.log[1:2]:
        carried = asked[0].fields.keys() & {"authorization", "x-key", "cookie"}
        assert len(carried) == (0 if leave else 3)
    assert SECRET not in repr(d.brought) + repr(d.sources) + repr(d.states)


@pytest.mark.parametrize(
    "access",
    [
        Access(headers=(("X: y", SECRET),)),
        Access(headers=(("X", f"{SECRET}\r\nY: z"),)),
        Access(bearer=f"{SECRET}\n"),
        Access(cookies=(("a", f"{SECRET}\x00"),)),
        Access(proxy=f"ftp://ann:{SECRET}@proxy.example"),
        Access(proxy=f"http://ann:{SECRET}@[::1"),
    ],
)
async def test_what_cannot_be_sent_is_one_clear_failure(
    origin: Origin, tmp_path: Path, access: Access
) -> None:
    async with desk(origin, tmp_path) as d:
        d.add("a", "news.example/feed", answer(feed("1")), access=access)
        await d.run(days=0.001)
    (got,) = d.brought
    assert isinstance(got, FetchFailed)
    assert got.kind == "forbidden"
    assert got.message.startswith("a has a ")
    assert SECRET not in repr(got)
    assert origin.log == []


# Proxies ----------------------------------------------------------------------------------------------


@asynccontextmanager
async def proxy(log: list[tuple[str, dict[str, str]]], status: str = "200 OK") -> AsyncIterator[int]:
    """A proxy that answers every request itself."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.rstrip().split("\r\n")
        log.append((first, {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}))
        writer.write(answer(feed("1"), "Connection: close", status=status))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, HERE, 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@pytest.mark.parametrize("whose", ["source", "everyone"])
async def test_a_proxy_leads_to_the_source(origin: Origin, tmp_path: Path, whose: str) -> None:
    log: list[tuple[str, dict[str, str]]] = []
    async with proxy(log) as port:
        url = f"http://ann:{SECRET}@{HERE}:{port}"
        mine, everyones = (url, "") if whose == "source" else ("", url)
        async with desk(origin, tmp_path, proxy=everyones) as d:
            d.add("a", "news.example/feed", access=Access(proxy=mine))
            d.sources["a"] = replace(d.sources["a"], url="http://unknown.invalid/feed")
            await d.run(days=0.001)
    assert isinstance(d.brought[0], Fetched)
    assert log[0][0] == "GET http://unknown.invalid/feed HTTP/1.1", "names are the proxy's to resolve"
    assert log[0][1]["proxy-authorization"] == BASIC
    assert SECRET not in repr(d.brought)


@pytest.mark.parametrize(
    "host",
    ["10.0.0.1", "2130706434", "localhost", "x.localhost", "LocalHost.", "printer.local", "inner.example"],
)
async def test_a_proxy_opens_no_way_into_the_network(origin: Origin, tmp_path: Path, host: str) -> None:
    log: list[tuple[str, dict[str, str]]] = []
    async with proxy(log) as port:
        names = Names(inner_example="10.0.0.1")
        async with desk(origin, tmp_path, names=names, proxy=f"http://{HERE}:{port}") as d:
            d.add("a", f"{host}/feed")
            d.sources["a"] = replace(d.sources["a"], url=f"http://{host}/feed")
            await d.run(days=0.001)
    assert isinstance(d.brought[0], FetchFailed)
    assert d.brought[0].kind == "forbidden"
    assert log == []


async def test_an_inner_source_goes_round_the_proxy_of_all(origin: Origin, tmp_path: Path) -> None:
    async with desk(origin, tmp_path, proxy=f"http://{HERE}:1") as d:
        d.add("a", "news.example/feed", answer(feed("1")), allow_private=True)
        d.add("b", "news.example/feed", None)
        await d.run(days=0.001)
    assert [type(got) for got in d.brought] == [Fetched, FetchFailed]
    assert d.brought[1].kind == "proxy"  # type: ignore[union-attr]


async def test_a_proxy_that_refuses_is_named(origin: Origin, tmp_path: Path) -> None:
    log: list[tuple[str, dict[str, str]]] = []
    async with proxy(log, "407 Proxy Authentication Required") as port, desk(origin, tmp_path) as d:
        d.add("a", "news.example/f", access=Access(proxy=f"http://ann:{SECRET}@{HERE}:{port}"))
        d.sources["a"] = replace(d.sources["a"], url="https://news.example/f")
        await d.run(days=0.001)
    (got,) = d.brought
    assert isinstance(got, FetchFailed)
    assert (got.kind, got.message) == ("proxy", "the proxy does not lead to news.example")


# TLS --------------------------------------------------------------------------------------------------


async def test_one_source_may_do_without_a_valid_certificate(origin: Origin, tmp_path: Path) -> None:
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("news.example").configure_cert(serving)
    server = await asyncio.start_server(origin.serve, HERE, 0, ssl=serving)
    async with server, desk(origin, tmp_path) as d:
        port = server.sockets[0].getsockname()[1]
        origin.play("/f", answer(feed("1"), "Connection: close"))
        origin.play("/away", redirect(302, f"https://other.example:{port}/f"))
        assert d.fetcher
        got = {}
        for name, path, verify in (("lax", "f", False), ("strict", "f", True), ("away", "away", False)):
            source = Source(
                name=name, url=f"https://news.example:{port}/{path}", access=Access(verify_tls=verify)
            )
            got[name] = await d.fetcher.fetch(source, SourceState(name=name))
    assert isinstance(got["lax"], Fetched)
    for name in ("strict", "away"):
        failure = got[name]
        assert isinstance(failure, FetchFailed)
        assert failure.kind == "tls"
