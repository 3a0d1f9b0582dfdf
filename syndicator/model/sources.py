"""Sources, what we remember of them, and what one pull of one brings."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["feed", "page", "newsletter"]
FullText: TypeAlias = Literal["off", "truncated", "always"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How a source is reached where asking for its address is not enough. Secrets are not shown by `repr`."""

    username: str = ""
    password: str = field(default="", repr=False)  # basic (RFC 7617), IMAP
    bearer: str = field(default="", repr=False)  # RFC 6750
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    cookies: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    proxy: str = field(default="", repr=False)  # http://[user:password@]host:port; empty: fetch.proxy
    verify_tls: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A place we pull from, as an admin configured it. `name` is its slug and key."""

    name: str
    url: str  # http:, https: or file: (relative to the config folder); mailboxes: maildir:, imaps:, lmtp:
    kind: Kind = "feed"
    title: str = ""  # what readers see in place of the publisher's own
    language: str | None = None  # BCP 47; what the feed itself declares wins over nothing, not over this
    tags: tuple[str, ...] = ()  # added to the tags of each of its articles
    allow_private: bool = False  # may resolve to private addresses
    min_interval: timedelta = timedelta(minutes=15)
    max_interval: timedelta = timedelta(hours=24)
    full_text: FullText = "off"  # whether the page of an entry is fetched for its text
    select: str = ""  # page: CSS selector of the links to articles; empty: found by their look
    senders: tuple[str, ...] = ()  # newsletter: addresses or domains of those who may publish; empty: all
    articles: Literal["mail", "links"] = "mail"  # newsletter: one article a mail, or one a block of links
    access: Access = Access()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """How often a feed asks to be read, as it said last; remembered across answers that say nothing.

    Hours are UTC, 0 to 23; days are 0 (Monday) to 6, in UTC too (RSS 2.0: GMT).
    """

    ttl: timedelta | None = None  # RSS ttl
    update_every: timedelta | None = None  # sy:updatePeriod ÷ sy:updateFrequency
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """What we remember of a source between two pulls."""

    name: str
    url: str = ""  # the address that the validators belong to
    state: Literal["new", "ok", "failing", "stopped"] = "new"
    title: str = ""  # the publisher's own
    homepage: str = ""
    etag: str = ""  # opaque, sent back verbatim
    last_modified: str = ""  # opaque, sent back verbatim
    body_hash: str = ""  # SHA-256 of the last body that was stored; else see `pipeline.pages.UNREAD`
    failures: int = 0  # in a row
    last_error: str = ""
    last_pull_at: datetime | None = None
    last_success_at: datetime | None = None
    last_change_at: datetime | None = None
    next_pull_at: datetime | None = None  # None: at once
    interval: timedelta = timedelta(0)  # the rhythm found so far
    cadence: Cadence = Cadence()  # what the feed asks for
    fresh_until: datetime | None = None  # what Cache-Control, Expires or Retry-After asked for
    host: str = ""  # the host group that requests are spaced over; set when the address is known
    delay: timedelta | None = None  # how late its articles reach us, on average, since publication
    moved_url: str = ""  # where 301 and 308 led the last good pulls
    moved_count: int = 0  # how many good pulls in a row; enough of them and it is adopted
    adopted_url: str = ""  # the address in use instead of the configured one
    identity: Literal["guid", "link", "hash"] = "guid"  # what names its articles
    pushed_until: datetime | None = None  # until when a hub is trusted to announce news (`store.hubs`)
    fence: int = 0  # grows with each claim; a write with an old fence is refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A pull brought bytes: decoded (no Content-Encoding left) and within the limits."""

    url: str  # after redirects
    body: bytes
    content_type: str = ""  # as the server said it, parameters included
    etag: str = ""
    last_modified: str = ""
    fresh_for: timedelta | None = None  # from Cache-Control or Expires
    permanent_url: str = ""  # where 301 and 308 alone lead, if anywhere
    hub_urls: tuple[str, ...] = ()  # from Link fields, rel=hub (WebSub 4)
    self_url: str = ""  # from Link fields, rel=self


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One mail that lies in a mailbox. `ref` names it to the mailbox alone (`Fetcher.acknowledge`)."""

    ref: str
    raw: bytes  # RFC 5322, as it arrived


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A pull of a mailbox: the mails not yet acknowledged, oldest first; there may be none."""

    letters: tuple[Letter, ...]
    etag: str = ""  # opaque: where the mailbox was read up to
    more: bool = False  # there are others than these: pull again at once


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """A pull was answered 304, or the bytes are those we stored."""

    etag: str = ""
    last_modified: str = ""
    fresh_for: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchFailed:
    """A pull brought nothing.

    `kind` is one word: dns, connect, timeout, tls, forbidden, redirect, too-big, http, gone, file,
    parse, paused, robots, proxy …
    """

    kind: str
    message: str  # one line for an admin
    status: int = 0
    retry_after: timedelta | None = None  # from Retry-After
    url: str = ""


FetchResult: TypeAlias = Fetched | NotModified | FetchFailed | Received
