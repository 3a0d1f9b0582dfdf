"""probe: what is at an address, and which feed belongs to it. Nothing is stored and nothing is changed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

from syndicator.discover import Candidate, candidates, guesses, patterned
from syndicator.errors import ParseError
from syndicator.extract import extract, listing
from syndicator.extract.fulltext import is_truncated
from syndicator.hosts import host_group
from syndicator.model import Fetched, FetchFailed, SourceState
from syndicator.parse import parse

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from syndicator.fetch import Fetcher
    from syndicator.model import FetchResult, ParsedFeed, Source

TRIES: Final = 8
"""Feeds that a page names, fetched at most; and as many well-known paths, where none of them can be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The first article of a list page, read from its own page; or the problem with that."""

    url: str
    published_at: datetime | None = None
    characters: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A feed (or list page) that was read: where, what the server said, and what it holds."""

    url: str  # after redirects
    result: Fetched
    feed: ParsedFeed
    source: Source  # as it can be pulled: its address is the one to configure
    sample: Sample | None = None  # of a list page
    how: str = "asked"  # or declared, pattern, linked, guess: how a page led to it

    @property
    def truncated(self) -> int:
        """How many entries hold but a beginning of their article; those of list pages are always read."""
        if self.source.kind == "page":
            return 0
        return sum(is_truncated(entry) for entry in self.feed.entries)

    @property
    def charset_trouble(self) -> str:
        """What is odd about the document's characters; empty if nothing is."""
        return _charset_trouble(self.result)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What came of looking at one address."""

    url: str
    found: Found | None = None
    failure: FetchFailed | None = None  # why there is nothing; of the address itself
    others: tuple[Candidate, ...] = ()  # further feeds that the page names
    tried: tuple[tuple[str, str], ...] = ()  # addresses that were tried in vain, and why


async def probe(fetcher: Fetcher, source: Source) -> Probe:
    """Look at the address of `source`: a feed, or a page whose feed is looked for.

    A page source is read as one. Of a page's feeds the first that can be read is found; with none declared
    or linked those that the host's front page declares, else the well-known paths are asked, one after the
    other, and only at the page's own host.
    """
    result = await _fetch(fetcher, source)
    if source.kind == "page" and isinstance(result, Fetched):
        return await _listed(fetcher, source, result)
    found, failure = await _as_feed(source, result)
    if found:
        return Probe(url=source.url, found=found)
    named = await _named_by(source, result)
    tried: list[tuple[str, str]] = []
    for find in (_own, _of_front, _unnamed):
        for candidate in await find(fetcher, source, result, named):
            if candidate.url in dict(tried):
                continue
            there = _like(source, candidate.url)
            found, why = await _as_feed(there, await _fetch(fetcher, there))
            if found:
                others = tuple(other for other in named if other.url != candidate.url)
                found = replace(found, how=candidate.how)
                return Probe(url=source.url, found=found, others=others, tried=tuple(tried))
            if why:
                tried.append((candidate.url, why.message))
                if why.kind in ("paused", "robots") or why.status == 429:
                    return Probe(url=source.url, failure=why, others=named, tried=tuple(tried))
    if failure and failure.kind in ("not-a-feed", "parse"):
        failure = FetchFailed(kind="no-feed", message="is a page on which no feed is found", url=source.url)
    return Probe(url=source.url, failure=failure, others=named, tried=tuple(tried))


async def _fetch(fetcher: Fetcher, source: Source) -> FetchResult:
    return await fetcher.fetch(source, SourceState(name=source.name, url=source.url))


async def _as_feed(source: Source, result: FetchResult) -> tuple[Found | None, FetchFailed | None]:
    """Read what came as a feed; or say why it is none."""
    if isinstance(result, FetchFailed):
        return None, result
    if not isinstance(result, Fetched):
        return None, FetchFailed(kind="empty", message="sends nothing", url=source.url)
    try:
        feed = await asyncio.to_thread(parse, result.body, content_type=result.content_type, url=result.url)
    except ParseError as error:
        return None, FetchFailed(kind=error.kind, message=error.message, url=result.url)
    moved = result.permanent_url or source.url
    return Found(url=result.url, result=result, feed=feed, source=replace(source, url=moved)), None


async def _listed(fetcher: Fetcher, source: Source, result: Fetched) -> Probe:
    """Read what came as a page that links to articles."""
    try:
        feed = await asyncio.to_thread(
            listing.read, result.body, content_type=result.content_type, url=result.url, select=source.select
        )
    except ParseError as error:
        failure = FetchFailed(kind=error.kind, message=error.message, url=result.url)
        return Probe(url=source.url, failure=failure)
    sample = await _sample(fetcher, source, feed.entries[0].url) if feed.entries else None
    found = Found(url=result.url, result=result, feed=feed, source=source, sample=sample)
    return Probe(url=source.url, found=found)


async def _sample(fetcher: Fetcher, source: Source, url: str) -> Sample:
    """Read one article as the daemon would."""
    got = await fetcher.page(url, source)
    if isinstance(got, FetchFailed):
        return Sample(url=url, problem=got.message)
    try:
        page = await asyncio.to_thread(extract, got.body, url=got.url, content_type=got.content_type)
    except ParseError as error:
        return Sample(url=url, problem=error.message)
    return Sample(
        url=url, published_at=page.published_at, characters=len(page.text), problem=page.obstacle or ""
    )


async def _named_by(source: Source, result: FetchResult) -> tuple[Candidate, ...]:
    """Name the feeds that the page has by its own word, or that its site is known for."""
    if isinstance(result, Fetched):
        charset = _said_charset(result.content_type)
        return await asyncio.to_thread(candidates, result.body, result.url, charset=charset)
    return patterned(source.url)


async def _own(
    _fetcher: Fetcher, _source: Source, _result: FetchResult, named: Sequence[Candidate]
) -> tuple[Candidate, ...]:
    """Give what the page itself names."""
    return tuple(named[:TRIES])


async def _of_front(
    fetcher: Fetcher, source: Source, result: FetchResult, _named: Sequence[Candidate]
) -> tuple[Candidate, ...]:
    """Name the feeds that the front page of its host declares: pages of a section often declare none."""
    if not isinstance(result, Fetched) or not result.url.startswith("http"):
        return ()
    front = urljoin(result.url, "/")
    if front.rstrip("/") == result.url.partition("?")[0].rstrip("/"):
        return ()
    there = _like(source, front)
    found = await _named_by(there, await _fetch(fetcher, there))
    return tuple(each for each in found if each.how == "declared")[:TRIES]


async def _unnamed(
    _fetcher: Fetcher, _source: Source, result: FetchResult, named: Sequence[Candidate]
) -> tuple[Candidate, ...]:
    """Name the well-known paths that are worth a try: none where the address itself cannot be had."""
    if not isinstance(result, Fetched):
        return ()
    known = {candidate.url.rstrip("/") for candidate in named}
    return tuple(each for each in guesses(result.url) if each.url.rstrip("/") not in known)[:TRIES]


def _like(source: Source, url: str) -> Source:
    """Make a source for another address; what lets us in is for the host that it was given for."""
    if host_group(url) == host_group(source.url):
        return replace(source, url=url)
    return replace(source, url=url, access=type(source.access)(), allow_private=False)


def _said_charset(content_type: str) -> str:
    for part in content_type.split(";")[1:]:
        name, _, value = part.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip("\"'")
    return ""


def _charset_trouble(result: Fetched) -> str:
    """Compare what the server says of the characters with what the bytes are."""
    body, said = result.body, _said_charset(result.content_type).lower().replace("_", "-")
    if b"\x00" in body and not body.startswith((b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<", b"{\x00")):
        return "holds NUL characters, which are dropped"
    declared = _declared_charset(body) or said or "utf-8"
    if declared in ("utf-8", "utf8"):
        try:
            body.decode()
        except UnicodeDecodeError:
            return "says UTF-8 and is not; its characters are guessed"
    if said and _declared_charset(body) not in ("", said):
        return f"the server says {said}, the document {_declared_charset(body)}"
    return ""


def _declared_charset(body: bytes) -> str:
    head = body[:200]
    if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<?xml") or b"encoding" not in head:
        return ""
    rest = head.split(b"encoding", 1)[1].lstrip(b" \t=")
    quote = rest[:1]
    return rest[1:].split(quote, 1)[0].decode("ascii", "replace").lower() if quote in (b'"', b"'") else ""
