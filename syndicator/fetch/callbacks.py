"""Calling back the followers of our feeds over HTTP: questions (WebSub 5.3) and pushes (7), as values.

Strangers name these addresses. So they are guarded as those of sources are, by a list of private places of
their own (`websub.allow_private`): what admins let us pull from is nothing that strangers may reach. Names
are resolved once for each client, so that the addresses that were counted are those that are asked. No
redirect is followed, and little is read of what comes back.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from syndicator.fetch import headers
from syndicator.fetch.access import Unusable, proxy
from syndicator.fetch.doors import open_doors
from syndicator.fetch.guard import GuardedResolver, is_refused, literal
from syndicator.fetch.trouble import WORLDLY, explain, failed
from syndicator.fetch.websub import STRANGER, is_reachable
from syndicator.networks import Allowed, is_public

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Mapping
    from datetime import timedelta

    from aiohttp.abc import ResolveResult

    from syndicator.fetch.doors import Doors
    from syndicator.fetch.means import Means
    from syndicator.model import FetchFailed
    from syndicator.settings import Settings

QUESTION_TIME, PUSH_TIME = 10.0, 20.0  # seconds, for all of it
MAX_ADDRESSES = 4
"""Addresses of one name that are looked at; a name with hundreds would be a way to count as hundreds."""

KEY = "websub.allow_private"


def is_open(settings: Settings) -> bool:
    """Whether we are a hub for our own feeds: `websub.hub`, or where that is `auto`, if we can be reached."""
    wish = settings.websub.hub
    return wish == "on" or (wish == "auto" and is_reachable(settings.site.base_url))


def hub_urls(settings: Settings) -> tuple[str, ...]:
    """Return the hubs that our public feeds name: our own, and those of others. Archives name none."""
    own = (f"{settings.site.base_url}/hub",) if is_open(settings) else ()
    return tuple(dict.fromkeys((*own, *settings.websub.hubs)))


def is_welcome(callback: str, settings: Settings, *, ports: Collection[int]) -> bool:
    """Whether a callback may be called at all, as far as its address tells.

    It is no private place, its port is a usual one, and a number is written as one; what a name leads to is
    looked at when it is called.
    """
    allowed = Allowed.of(settings.websub.allow_private)
    try:
        url = URL(callback, encoded=True)
        host, port = url.raw_host or "", url.port
    except ValueError:
        return False
    number = literal(host)
    if not host or is_refused(host, allowed) or number not in (None, host.strip("[]").lower()):
        return False
    is_inner = host.lower() in allowed.hosts or (number is not None and not is_public(number))
    return port in ports or is_inner


class Remembering(AbstractResolver):
    """Resolves each name once: who looks at the answer and who connects see the same (no DNS rebinding)."""

    def __init__(self, inner: AbstractResolver) -> None:
        self._inner = inner
        self._known: dict[tuple[str, int, int], list[ResolveResult]] = {}

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Resolve by the inner one, or remember; at most MAX_ADDRESSES."""
        key = (host, port, family)
        if key not in self._known:
            self._known[key] = (await self._inner.resolve(host, port, family))[:MAX_ADDRESSES]
        return self._known[key]

    async def close(self) -> None:
        """Close the inner resolver."""
        await self._inner.close()


class CallbackClient:
    """Calls followers. Made by `opened`."""

    def __init__(self, means: Means, doors: Doors, resolver: GuardedResolver) -> None:
        self._means = means
        self._doors = doors
        self._resolver = resolver

    async def addresses(self, callback: str) -> frozenset[str] | FetchFailed:
        """Return the addresses that a callback leads to, which are those that it will be asked at."""
        try:
            url = URL(callback, encoded=True)
            host = url.raw_host or ""
            if number := literal(host):
                return frozenset({number})
            async with asyncio.timeout(QUESTION_TIME):
                found = await self._resolver.resolve(host, url.port or 0)
        except TimeoutError:
            return failed("dns", "its name did not resolve in time")
        except WORLDLY as error:
            return explain(error, URL(callback, encoded=True), limit=0, key=KEY)
        return frozenset(answer["host"] for answer in found)

    async def ask(self, url: str, challenge: str) -> FetchFailed | None:
        """Ask a question; None if the answer is the challenge, to the byte. An empty one tells only.

        An answer that is none, so that it is no use to ask again, is a failure of kind refused.
        """
        limit = len(challenge) + 1
        answer = await self._call("GET", url, QUESTION_TIME, limit=limit)
        if not isinstance(answer, bytes):
            return answer
        if challenge and answer != challenge.encode():
            return failed("refused", f"{_host(url)} does not answer with the challenge")
        return None

    async def get(self, url: str, *, limit: int) -> bytes | FetchFailed:
        """Read up to `limit` bytes of an answer."""
        return await self._call("GET", url, QUESTION_TIME, limit=limit)

    async def push(self, url: str, body: bytes, fields: Mapping[str, str]) -> FetchFailed | None:
        """Post a document; None if it was taken. 410 is a failure of kind gone."""
        answer = await self._call("POST", url, PUSH_TIME, limit=0, body=body, fields=fields)
        return None if isinstance(answer, bytes) else answer

    async def _call(
        self,
        method: str,
        address: str,
        seconds: float,
        *,
        limit: int,
        body: bytes | None = None,
        fields: Mapping[str, str] | None = None,
    ) -> bytes | FetchFailed:
        """Call once, and bring up to `limit` bytes of a good answer. Raises nothing but cancellation."""
        url = URL(address, encoded=True)
        try:
            through = proxy(STRANGER, self._means.settings.proxy)
            async with asyncio.timeout(min(self._means.settings.timeout.total_seconds(), seconds)):
                door = await self._doors.choose(STRANGER, url, URL(STRANGER.url), through)
                said = {"Accept": "*/*", "Accept-Encoding": "identity", **(fields or {})}
                asking = door.session.request(
                    method, url, data=body, headers=said, allow_redirects=False, proxy=through
                )
                async with asking as response:
                    if 200 <= response.status < 300:
                        return await _head(response.content, limit) if limit else b""
                    wait = headers.retry_after(response.headers, self._means.clock())
                    return _refused(response.status, url, wait)
        except TimeoutError:
            return failed("timeout", f"{url.raw_host} did not answer in time", url=url)
        except Unusable:
            return failed("proxy", "fetch.proxy is no http address")
        except WORLDLY as error:
            return explain(error, url, limit=limit, key=KEY)


async def _head(stream: aiohttp.StreamReader, limit: int) -> bytes:
    """Read the first `limit` bytes, however they are cut."""
    found = bytearray()
    while len(found) < limit and (data := await stream.read(limit - len(found))):
        found += data
    return bytes(found)


def _refused(status: int, url: URL, wait: timedelta | None) -> FetchFailed:
    known = status in HTTPStatus._value2member_map_
    said = f"{status} {HTTPStatus(status).phrase}" if known else str(status)
    kind = {404: "refused", 410: "gone"}.get(status, "http")
    return failed(kind, f"{url.raw_host} answers {said}", url=url, status=status, retry_after=wait)


def _host(url: str) -> str:
    return URL(url, encoded=True).raw_host or ""


@asynccontextmanager
async def opened(means: Means, *, allow_private: Collection[str]) -> AsyncIterator[CallbackClient]:
    """Open a client behind the address guard, with connections and names of its own.

    `allow_private` takes the place of what the means allow.
    """
    inner = Remembering(means.resolver or aiohttp.ThreadedResolver())
    settings = replace(means.settings, allow_private=tuple(allow_private))
    strict = replace(means, settings=settings, resolver=inner)
    async with open_doors(strict) as doors:
        yield CallbackClient(strict, doors, GuardedResolver(Allowed.of(allow_private), inner))
