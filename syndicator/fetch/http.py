"""Pulls over HTTP (RFC 9110): conditional, guarded, polite, redirects followed one by one, all within limits.

HTTP/1.1 only: aiohttp has no HTTP/2, and the clients that have it cost five times as much for each request.
Through a proxy the guard is weaker: the proxy resolves the names, so only what can be known here is checked
(`guard.check_name`).
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

from yarl import URL

from syndicator.fetch import access, headers, links, moved, target
from syndicator.fetch.body import TooBig, Unpacker, body_hash
from syndicator.fetch.doors import open_doors
from syndicator.fetch.lanes import Lanes, Paused
from syndicator.fetch.manners import PAUSED, due_host_pause
from syndicator.fetch.robots import MAX_BYTES as ROBOTS_BYTES
from syndicator.fetch.robots import Robots
from syndicator.fetch.trouble import WORLDLY, explain, failed, refused, shown
from syndicator.hosts import host_group, is_here
from syndicator.model import Fetched, FetchFailed, NotModified

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    import aiohttp

    from syndicator.fetch.doors import Doors
    from syndicator.fetch.means import Means, Pull
    from syndicator.model import FetchResult, Source, SourceState

MAX_REDIRECTS = 5

MOVED_FOR_GOOD = frozenset({301, 308})
REDIRECTS = MOVED_FOR_GOOD | {302, 303, 307}
WITH_BODY = frozenset({200, 203, 204, 205})  # the last two bring an empty one

FEEDS = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, text/html;q=0.5, */*;q=0.1"
)
PAGES = "text/html, application/xhtml+xml, application/xml;q=0.8, */*;q=0.1"
TEXTS = "text/plain, */*;q=0.1"


@asynccontextmanager
async def over_http(means: Means) -> AsyncIterator[Pull]:
    """Open what HTTP pulls need (connections, limits); gives the pull and closes all of it afterwards."""
    async with open_doors(means) as doors:
        yield Http(means, doors)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Errand:
    """What is wanted, from the first request of it to the last."""

    source: Source
    start: URL
    accept: str
    limit: int  # bytes
    robots: bool = False  # whether robots.txt is obeyed
    cut: bool = False  # whether the beginning of a document that is too long will do
    conditions: Mapping[str, str] = field(default_factory=dict)  # fields that make it conditional
    known_hash: str = ""  # of the body that is stored; empty: none


@dataclass(frozen=True, slots=True)
class _Ask:
    """One request of an errand."""

    errand: _Errand
    url: URL
    permanent: bool  # only 301 and 308 led here, at least one of them

    @property
    def host(self) -> str:
        return self.url.raw_host or ""

    @property
    def is_for_good(self) -> bool:  # whether what is said here is said of the address that was wanted
        return self.permanent or self.url == self.errand.start


@dataclass(frozen=True, slots=True)
class _Redirect:
    """An answer that sends us elsewhere."""

    to: URL
    for_good: bool


class Http:
    """Pulls sources and brings pages; callable as `Pull`."""

    def __init__(self, means: Means, doors: Doors) -> None:
        self._settings = means.settings
        self._clock = means.clock
        self._doors = doors
        self._robots = Robots(means.user_agent, means.clock)
        self._lanes = Lanes(
            pauses=means.pauses,
            total=means.settings.concurrency,
            per_host=means.settings.per_host,
            clock=means.clock,
        )

    async def __call__(self, source: Source, state: SourceState) -> FetchResult:
        """Follow `source` to its bytes. robots.txt is obeyed where they are a page and no feed."""
        try:
            start = target.checked(URL(moved.address(source, state).strip()))
        except ValueError:
            return failed("forbidden", f"the address of {source.name} is not a valid one")
        is_page = source.kind == "page"
        errand = _Errand(
            source=source,
            start=start,
            accept=PAGES if is_page else FEEDS,
            limit=self._settings.max_bytes,
            robots=is_page and self._settings.robots,
            conditions=access.conditions(source, state),
            known_hash=state.body_hash if state.url == source.url else "",
        )
        return await self._follow(errand)

    async def page(self, url: str, source: Source) -> Fetched | FetchFailed:
        """Bring the page at `url`, which `source` led to: no validators, but robots.txt and Crawl-delay."""
        try:
            start = target.checked(URL(url.strip())).with_user(None)
        except ValueError:
            return failed("forbidden", f"{source.name} leads to what is no http address")
        return await self._bring(
            _Errand(
                source=source,
                start=start,
                accept=PAGES,
                limit=self._settings.max_bytes,
                robots=self._settings.robots,
            )
        )

    async def _bring(self, errand: _Errand) -> Fetched | FetchFailed:
        got = await self._follow(errand)
        if isinstance(got, Fetched | FetchFailed):
            return got
        return failed("http", f"{errand.start.raw_host} answers what was not asked", url=errand.start)

    async def _follow(self, errand: _Errand) -> FetchResult:
        """Ask, and go where the answers lead; the time of all requests together is limited."""
        ask = _Ask(errand, errand.start, permanent=False)
        left = self._settings.timeout.total_seconds()
        seen: set[URL] = set()
        loop = asyncio.get_running_loop()
        while ask.url not in seen:
            if len(seen) > MAX_REDIRECTS:
                said = f"{errand.start.raw_host} redirects more than {MAX_REDIRECTS} times"
                return failed("redirect", said, url=errand.start)
            seen.add(ask.url)
            group = host_group(str(ask.url))
            spacing = await self._spacing(ask, group)
            if isinstance(spacing, FetchFailed):
                return spacing
            try:
                async with self._lanes.enter(group, spacing=spacing):
                    begun = loop.time()  # waiting for a turn costs a source none of its time
                    answer = await self._ask(ask, left)
                    left -= loop.time() - begun
                    self._heed(answer)
            except Paused as pause:
                return failed(PAUSED, str(pause), url=ask.url, retry_after=pause.left)
            if not isinstance(answer, _Redirect):
                return answer if ask.is_for_good else _passing(answer)
            permanent = answer.for_good and (ask.permanent or ask.url == errand.start)
            ask = _Ask(errand, answer.to, permanent)
        return failed("redirect", f"{errand.start.raw_host} redirects in a circle", url=errand.start)

    async def _spacing(self, ask: _Ask, group: str) -> timedelta | FetchFailed:
        """Return how far apart requests to this host begin, or why this one must not be made at all."""
        spacing = timedelta(0) if is_here(group) else self._settings.spacing
        if not ask.errand.robots:
            return spacing

        async def bring(url: URL) -> Fetched | FetchFailed:
            file = replace(
                ask.errand, start=url, accept=TEXTS, limit=ROBOTS_BYTES, cut=True, robots=False, conditions={}
            )
            return await self._bring(replace(file, known_hash=""))

        rules = await self._robots.rules(ask.url, bring)
        if isinstance(rules, FetchFailed):
            return rules
        if why := rules.refusal(ask.url, self._robots.token):
            return failed("robots", why, status=rules.status, url=ask.url)
        return max(spacing, rules.delay(self._robots.token))

    def _heed(self, answer: FetchResult | _Redirect) -> None:
        """Let nobody ask a host that has just asked for a pause, before the database knows of it."""
        pause = None if isinstance(answer, _Redirect) else due_host_pause(answer, self._clock())
        if pause:
            self._lanes.pause(pause.host, pause.until)

    async def _ask(self, ask: _Ask, seconds: float) -> FetchResult | _Redirect:
        source, home = ask.errand.source, URL(ask.errand.source.url.strip())
        try:
            async with asyncio.timeout(seconds):
                through = access.proxy(source, self._settings.proxy)
                door = await self._doors.choose(source, ask.url, home, through)
                asking = door.session.get(
                    ask.url.with_user(None),
                    headers={
                        "Accept": ask.errand.accept,
                        **ask.errand.conditions,
                        **access.fields(source, ask.url),
                    },
                    allow_redirects=False,
                    proxy=through,
                    ssl=source.access.verify_tls or ask.url.raw_host != home.raw_host,
                )
                async with asking as response:
                    return await self._judge(ask, response)
        except TimeoutError:
            allowed = self._settings.timeout.total_seconds()
            return failed("timeout", f"{ask.host} was not done after {allowed:g} seconds", url=ask.url)
        except access.Unusable as why:
            return failed("forbidden", f"{source.name} {why}", url=ask.url)
        except WORLDLY as error:
            return explain(error, ask.url, limit=ask.errand.limit)

    async def _judge(self, ask: _Ask, response: aiohttp.ClientResponse) -> FetchResult | _Redirect:
        fields, status, asked = response.headers, response.status, ask.errand.conditions
        if status in REDIRECTS:
            return _redirect(ask, status, fields.get("Location", ""))
        if status == HTTPStatus.NOT_MODIFIED and asked:
            return NotModified(
                etag=headers.validator(fields, "ETag") or asked.get("If-None-Match", ""),
                last_modified=headers.validator(fields, "Last-Modified")
                or asked.get("If-Modified-Since", ""),
                fresh_for=headers.fresh_for(fields, self._clock()),
            )
        if status in WITH_BODY:
            return self._arrived(ask, response, await _body(ask.errand, response))
        return refused(status, ask.url, retry_after=headers.retry_after(fields, self._clock()))

    def _arrived(self, ask: _Ask, response: aiohttp.ClientResponse, body: bytes) -> FetchResult:
        if not body:
            return failed("empty", f"{ask.host} sends an empty page", status=response.status, url=ask.url)
        fields, known = response.headers, ask.errand.known_hash
        etag, last_modified = headers.validator(fields, "ETag"), headers.validator(fields, "Last-Modified")
        fresh_for = headers.fresh_for(fields, self._clock())
        if known and body_hash(body) == known:
            return NotModified(etag=etag, last_modified=last_modified, fresh_for=fresh_for)
        url, linked = shown(ask.url), fields.getall("Link", [])
        return Fetched(
            url=url,
            body=body,
            content_type=headers.plain(fields.get("Content-Type", "")),
            etag=etag,
            last_modified=last_modified,
            fresh_for=fresh_for,
            permanent_url=url if ask.permanent else "",
            hub_urls=links.targets(linked, "hub", base=url),
            self_url=next(iter(links.targets(linked, "self", base=url)), ""),
        )


async def _body(errand: _Errand, response: aiohttp.ClientResponse) -> bytes:
    unpacker = Unpacker(response.headers.get("Content-Encoding", ""), errand.limit)
    says_too_much = (response.content_length or 0) > errand.limit
    if says_too_much and not errand.cut:
        raise TooBig
    try:
        async for data in response.content.iter_any():
            unpacker.feed(data)
        return unpacker.finish()
    except TooBig:
        if errand.cut:
            return unpacker.so_far()
        raise


def _passing(answer: FetchResult) -> FetchResult:
    """What is gone behind a redirect for now is no word on the address that was wanted."""
    if isinstance(answer, FetchFailed) and answer.kind == "gone":
        return replace(answer, kind="http")
    return answer


def _redirect(ask: _Ask, status: int, location: str) -> _Redirect | FetchFailed:
    try:
        to = target.resolve(ask.url, location)
    except ValueError:
        said = f"{ask.host} redirects to what is no http address"
        return failed("redirect", said, status=status, url=ask.url)
    return _Redirect(to, for_good=status in MOVED_FOR_GOOD)
