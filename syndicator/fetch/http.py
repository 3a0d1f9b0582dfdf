"""Pulls over HTTP (RFC 9110): conditional, guarded, redirects followed one by one, all within limits."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

import aiohttp
from yarl import URL

from syndicator.fetch import headers
from syndicator.fetch.body import TooBig, Unpacker, body_hash
from syndicator.fetch.guard import Allowed, GuardedResolver, check_literal
from syndicator.fetch.lanes import Lanes
from syndicator.fetch.trouble import WORLDLY, explain, failed, refused, shown
from syndicator.model import Fetched, NotModified

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from syndicator.fetch import Means, Pull
    from syndicator.model import FetchFailed, FetchResult, Source, SourceState

MAX_REDIRECTS = 5
MAX_FIELD = 8190  # bytes of one header line
MAX_FIELDS = 128  # header lines
KEEP_ALIVE = 1.0  # seconds; longer, idle connections to thousands of hosts eat the file descriptors

MOVED_FOR_GOOD = frozenset({301, 308})
REDIRECTS = MOVED_FOR_GOOD | {302, 303, 307}
WITH_BODY = frozenset({200, 203, 204, 205})  # the last two bring an empty one

ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, text/html;q=0.5, */*;q=0.1"
)


@asynccontextmanager
async def over_http(means: Means) -> AsyncIterator[Pull]:
    """Open what HTTP pulls need (connections, limits); gives the pull and closes all of it afterwards.

    There are two doors that share nothing, neither names resolved nor connections: were there one, a
    connection that one source may have would wait in the pool for the next source, which may not.
    """
    allowed = Allowed.of(means.settings.allow_private)
    async with _session(means, allowed) as guarded, _session(means, None) as private:
        yield _Http(means, _Door(guarded, allowed), _Door(private, None)).pull


def _session(means: Means, allowed: Allowed | None) -> aiohttp.ClientSession:
    system = aiohttp.ThreadedResolver()
    connector = aiohttp.TCPConnector(
        resolver=system if allowed is None else GuardedResolver(allowed, system),
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
        headers={"User-Agent": means.user_agent, "Accept": ACCEPT, "Accept-Encoding": "gzip, deflate"},
    )


@dataclass(frozen=True, slots=True)
class _Door:
    """A session and what it may reach; None is everything."""

    session: aiohttp.ClientSession
    allowed: Allowed | None


@dataclass(frozen=True, slots=True)
class _Ask:
    """One request of a pull, and what its answer is judged by."""

    url: URL
    conditions: Mapping[str, str]  # fields that make it conditional
    known_hash: str  # of the body that is stored; empty: none
    permanent: bool  # only 301 and 308 led here, at least one of them

    @property
    def host(self) -> str:
        return self.url.raw_host or ""


@dataclass(frozen=True, slots=True)
class _Redirect:
    """An answer that sends us elsewhere."""

    to: URL
    for_good: bool


class _Http:
    def __init__(self, means: Means, guarded: _Door, private: _Door) -> None:
        self._settings = means.settings
        self._clock = means.clock
        self._guarded = guarded
        self._private = private
        self._lanes = Lanes(total=means.settings.concurrency, per_host=means.settings.per_host)

    async def pull(self, source: Source, state: SourceState) -> FetchResult:
        """Follow `source` to its bytes; the time of all requests together is limited."""
        try:
            url = start = _checked(URL(source.url.strip()))
        except ValueError:
            return failed("forbidden", f"the address of {source.name} is not a valid one")
        conditions = _conditions(source, state)
        known_hash = state.body_hash if state.url == source.url else ""
        permanent = False
        left = self._settings.timeout.total_seconds()
        loop = asyncio.get_running_loop()
        for hop in range(MAX_REDIRECTS + 1):
            ask = _Ask(url, conditions, known_hash, permanent)
            async with self._lanes.enter(ask.host):
                begun = loop.time()  # waiting for a turn costs a source none of its time
                answer = await self._ask(ask, self._door(source, start, url), left)
                left -= loop.time() - begun
            if not isinstance(answer, _Redirect):
                return answer
            permanent = answer.for_good and (permanent or hop == 0)
            url = answer.to
        return failed("redirect", f"{start.raw_host} redirects more than {MAX_REDIRECTS} times", url=start)

    def _door(self, source: Source, start: URL, url: URL) -> _Door:
        # What an admin allowed is the host that the source names, not wherever that host may send us.
        is_own = url.raw_host == start.raw_host
        return self._private if source.allow_private and is_own else self._guarded

    async def _ask(self, ask: _Ask, door: _Door, seconds: float) -> FetchResult | _Redirect:
        try:
            async with asyncio.timeout(seconds):
                if door.allowed is not None:
                    check_literal(ask.host, door.allowed)
                asking = door.session.get(ask.url, headers=ask.conditions, allow_redirects=False)
                async with asking as response:
                    return await self._judge(ask, response)
        except TimeoutError:
            allowed = self._settings.timeout.total_seconds()
            return failed("timeout", f"{ask.host} was not done after {allowed:g} seconds", url=ask.url)
        except WORLDLY as error:
            return explain(error, ask.url, limit=self._settings.max_bytes)

    async def _judge(self, ask: _Ask, response: aiohttp.ClientResponse) -> FetchResult | _Redirect:
        fields, status = response.headers, response.status
        if status in REDIRECTS:
            return _redirect(ask, status, fields.get("Location", ""))
        if status == HTTPStatus.NOT_MODIFIED and ask.conditions:
            return NotModified(
                etag=headers.validator(fields, "ETag") or ask.conditions.get("If-None-Match", ""),
                last_modified=headers.validator(fields, "Last-Modified")
                or ask.conditions.get("If-Modified-Since", ""),
                fresh_for=headers.fresh_for(fields, self._clock()),
            )
        if status in WITH_BODY:
            return self._arrived(ask, response, await self._body(response))
        return refused(status, ask.url, retry_after=headers.retry_after(fields, self._clock()))

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        limit = self._settings.max_bytes
        if (response.content_length or 0) > limit:
            raise TooBig
        unpacker = Unpacker(response.headers.get("Content-Encoding", ""), limit)
        async for data in response.content.iter_any():
            unpacker.feed(data)
        return unpacker.finish()

    def _arrived(self, ask: _Ask, response: aiohttp.ClientResponse, body: bytes) -> FetchResult:
        if not body:
            return failed("empty", f"{ask.host} sends an empty page", status=response.status, url=ask.url)
        fields = response.headers
        etag, last_modified = headers.validator(fields, "ETag"), headers.validator(fields, "Last-Modified")
        fresh_for = headers.fresh_for(fields, self._clock())
        if ask.known_hash and body_hash(body) == ask.known_hash:
            return NotModified(etag=etag, last_modified=last_modified, fresh_for=fresh_for)
        return Fetched(
            url=shown(ask.url),
            body=body,
            content_type=headers.plain(fields.get("Content-Type", "")),
            etag=etag,
            last_modified=last_modified,
            fresh_for=fresh_for,
            permanent_url=shown(ask.url) if ask.permanent else "",
        )


def _checked(url: URL) -> URL:
    """Return an address that we may ask, without its fragment. Raises ValueError if we may not."""
    if url.scheme not in ("http", "https") or not url.raw_host:
        raise ValueError("no http address")
    return url.with_fragment(None)


def _conditions(source: Source, state: SourceState) -> dict[str, str]:
    if state.url != source.url:
        return {}
    both = {"If-None-Match": state.etag, "If-Modified-Since": state.last_modified}
    return {field: value for field, value in both.items() if value}


def _redirect(ask: _Ask, status: int, location: str) -> _Redirect | FetchFailed:
    try:
        to = _target(ask.url, location)
    except ValueError:
        said = f"{ask.host} redirects to what is no http address"
        return failed("redirect", said, status=status, url=ask.url)
    return _Redirect(to, for_good=status in MOVED_FOR_GOOD)


def _target(url: URL, location: str) -> URL:
    """Resolve Location against `url`. Raises ValueError if that leads to nothing we may ask."""
    if not location:
        raise ValueError("no target")
    try:
        location.encode()
    except UnicodeEncodeError:
        # Bytes that are no UTF-8 (GBK, for instance): percent-encoded as they are they mean what they did.
        location = quote(location.encode(errors="surrogateescape"), safe="!#$%&'()*+,/:;=?@[]~")
    to = _checked(url.join(URL(location))).with_user(None)
    if url.user and to.origin() == url.origin():  # name and password are for the one who asked for them
        return to.with_user(url.user).with_password(url.password)
    return to
