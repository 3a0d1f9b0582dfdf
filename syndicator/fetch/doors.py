"""Sessions of the HTTP library, one for each degree of trust. HTTP/1.1: aiohttp speaks no HTTP/2.

Doors share nothing, neither names resolved nor connections: were there one, a connection that one source
may have would wait in the pool for the next source, which may not.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp

from syndicator.fetch.body import ACCEPTED
from syndicator.fetch.guard import GuardedResolver, check_literal, check_name
from syndicator.networks import Allowed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp.abc import AbstractResolver
    from yarl import URL

    from syndicator.fetch.means import Means
    from syndicator.model import Source

MAX_FIELD = 8190  # bytes of one header line
MAX_FIELDS = 128  # header lines
KEEP_ALIVE = 1.0  # seconds; longer, idle connections to thousands of hosts eat the file descriptors


@dataclass(frozen=True, slots=True)
class Door:
    """A session and what it may reach; `allowed` is None where it may reach everything."""

    session: aiohttp.ClientSession
    allowed: Allowed | None


@dataclass(frozen=True, slots=True)
class Doors:
    """`guarded` reaches public addresses, `private` every one; `proxied` connects to proxies only."""

    guarded: Door
    private: Door
    proxied: Door
    resolver: AbstractResolver

    async def choose(self, source: Source, url: URL, home: URL, proxy: URL | None) -> Door:
        """Return the door to `url`. Raises AddressRefused where the guard knows already that there is none.

        What an admin allowed is the host and port that the source names (`home`), not wherever they may send
        us: on the same machine other programs listen.
        """
        host = url.raw_host or ""
        is_own = source.allow_private and url.raw_host == home.raw_host and _same_port(url, home)
        if proxy is not None:
            if not is_own and self.guarded.allowed is not None:
                await check_name(host, self.guarded.allowed, self.resolver)
            return self.proxied
        if is_own:
            return self.private
        if self.guarded.allowed is not None:
            check_literal(host, self.guarded.allowed)
        return self.guarded


def _same_port(url: URL, home: URL) -> bool:
    """Whether both name one port; from http to https on their own ports is no other program."""
    return url.port == home.port or {url.port, home.port} == {80, 443}


@asynccontextmanager
async def open_doors(means: Means) -> AsyncIterator[Doors]:
    """Open the sessions that `means` allows, and close them in the end."""
    allowed = Allowed.of(means.settings.allow_private)
    resolver = means.resolver or aiohttp.ThreadedResolver()
    async with (
        _session(means, GuardedResolver(allowed, resolver)) as guarded,
        _session(means, resolver) as private,
        _session(means, resolver) as proxied,
    ):
        yield Doors(Door(guarded, allowed), Door(private, None), Door(proxied, None), resolver)


def _session(means: Means, resolver: AbstractResolver) -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(
        resolver=resolver,
        ssl=means.ssl_context or True,
        limit=0,  # Lanes limit
        keepalive_timeout=KEEP_ALIVE,
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(),  # none: ours spans redirects
        auto_decompress=False,
        trust_env=False,  # neither .netrc nor a proxy that the guard knows nothing of
        max_line_size=MAX_FIELD,
        max_field_size=MAX_FIELD,
        max_headers=MAX_FIELDS,
        headers={"User-Agent": means.user_agent, "Accept-Encoding": ACCEPTED},
    )
