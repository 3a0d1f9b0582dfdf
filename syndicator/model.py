"""The nouns of syndicator: frozen, slotted, keyword-only dataclasses that know nobody.

In the order of an article's way: Source and its SourceState → FetchResult → ParsedFeed and Entry →
Article → Topic and Rule → Match → Document; then Slot → Edition → Delivery for mail, with Subscriber,
Subscription and Suppression; and Catalog, what all admins wrote at one version. Every instant is an aware
`datetime` in UTC and its name ends in `_at`; every span is a `timedelta`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind: TypeAlias = Literal["feed"]
Verb: TypeAlias = Literal["pull", "publish", "compose", "deliver", "reap", "apply"]
Frequency: TypeAlias = Literal["instant", "daily", "weekdays", "weekly"]


# Sources ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A place we pull from, as an admin configured it. `name` is its slug and key."""

    name: str
    url: str  # http:, https: or file: (relative to the config folder)
    kind: Kind = "feed"
    language: str | None = None  # BCP 47; what the feed itself declares wins over nothing, not over this
    tags: tuple[str, ...] = ()  # added to the tags of each of its articles
    allow_private: bool = False  # may resolve to private addresses
    min_interval: timedelta = timedelta(minutes=15)
    max_interval: timedelta = timedelta(hours=24)


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
    body_hash: str = ""  # SHA-256 of the last body that was stored
    failures: int = 0  # in a row
    last_error: str = ""
    last_pull_at: datetime | None = None
    last_success_at: datetime | None = None
    last_change_at: datetime | None = None
    next_pull_at: datetime | None = None  # None: at once
    interval: timedelta = timedelta(0)  # the rhythm found so far
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


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """A pull was answered 304, or the bytes are those we stored."""

    etag: str = ""
    last_modified: str = ""
    fresh_for: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchFailed:
    """A pull brought nothing.

    `kind` is one word: dns, connect, timeout, tls, forbidden, redirect, too-big, http, gone, file, parse …
    """

    kind: str
    message: str  # one line for an admin
    status: int = 0
    retry_after: timedelta | None = None  # from Retry-After
    url: str = ""


FetchResult: TypeAlias = Fetched | NotModified | FetchFailed


# What the wire said -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A file that belongs to an entry (RSS 2.0 enclosure)."""

    url: str
    type: str = ""  # MIME type
    length: int = 0  # octets, 0 if unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One item of a feed as the wire said it; HTML is raw and hostile. Never stored."""

    guid: str = ""
    url: str = ""
    title: str = ""
    title_is_html: bool = False
    published_at: datetime | None = None
    updated_at: datetime | None = None
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    language: str = ""
    summary: str = ""  # HTML
    content: str = ""  # HTML
    image: str = ""
    enclosures: tuple[Enclosure, ...] = ()
    base_url: str = ""  # relative addresses in this entry are relative to this


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """One feed document as the wire said it."""

    format: str  # rss20, atom10, rss10, json11 …: feedparser's names, and json10, json11
    title: str = ""
    url: str = ""  # the publisher's page
    language: str = ""
    ttl: timedelta | None = None
    entries: tuple[Entry, ...] = ()


# Articles ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """A normalised entry: plain title, clean HTML, absolute links, one identity over many pulls.

    `key` is unique within `source`; `fingerprint` is the hash of what a reader sees.
    """

    source: str
    key: str
    guid: str = ""
    url: str = ""  # the publisher's link, untouched
    title: str = ""  # plain text, no control characters
    published_at: datetime | None = None
    updated_at: datetime | None = None
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    language: str = ""  # BCP 47 or empty
    summary: str = ""  # plain text
    content_html: str = ""  # cleaned
    text: str = ""  # plain text of the content, what rules read
    image: str = ""
    enclosures: tuple[Enclosure, ...] = ()
    fingerprint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredArticle:
    """An article with what the database adds to it."""

    id: int
    article: Article
    arrived_at: datetime  # first seen
    changed_at: datetime  # last time the fingerprint changed
    source_title: str = ""  # the publisher's own
    source_url: str = ""  # the feed's address as the public may see it; empty for a file
    because: tuple[str, ...] = ()  # why it is in the topic that it was read for
    score: float = 0.0
    seq: int = 0  # of its match: the order of arrival in the topic

    @property
    def sorted_at(self) -> datetime:
        """When it was published, or first seen where the publisher is silent or ahead of us."""
        published = self.article.published_at
        return min(published, self.arrived_at) if published else self.arrived_at


# Topics -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One thing to look for: a run of folded tokens, in one field; `prefix` frees the last token's end."""

    tokens: tuple[str, ...]
    field: str = "text"
    prefix: bool = False
    source: str = ""  # as the admin wrote it


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A topic's parsed expression. A line of `any` or `all` is a tuple of terms that must all be there."""

    any: tuple[tuple[Term, ...], ...] = ()
    all: tuple[tuple[Term, ...], ...] = ()
    none: tuple[tuple[Term, ...], ...] = ()
    mask: tuple[Term, ...] = ()  # phrases that neither count nor hide
    tags: tuple[str, ...] = ()  # folded publishers' tags, each as good as a line of `any`


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    """How a topic is republished."""

    formats: tuple[str, ...] = ("rss", "atom", "json")
    items: int = 50
    per_source: int = 10  # so that a busy source starves nobody
    content: Literal["full", "excerpt"] = "full"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Slot:
    """Frequency × local time × zone. A ledger holds its runs, unique by local date."""

    frequency: Frequency
    at: time  # local; naive on purpose
    zone: str  # IANA

    @property
    def key(self) -> str:
        """Name it in one word, as the ledger does."""
        return f"{self.frequency}@{self.at:%H:%M}@{self.zone}"

    @classmethod
    def of_key(cls, key: str) -> Slot:
        """Read a slot from its `key`."""
        frequency, at, zone = key.split("@", 2)
        return cls(frequency=cast("Frequency", frequency), at=time.fromisoformat(at), zone=zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestPlan:
    """When and how a topic is mailed to subscribers who chose no schedule of their own."""

    slot: Slot
    max_items: int = 20
    minimum: int = 1  # fewer articles than this wait for the next run


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """An admin's topic file. `slug` is the file's name without its ending."""

    slug: str
    title: str
    rule: Rule
    description: str = ""
    language: str = ""
    languages: tuple[str, ...] = ()  # only articles in these; empty: all
    sources: tuple[str, ...] = ()  # only from these; empty: all
    min_score: float = 3
    publish: Publish | None = field(default_factory=Publish)
    digest: DigestPlan | None = None
    fingerprint: str = ""  # of what decides its matches


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Topic × article: how well, and because of what, in words that an admin reads."""

    topic: str
    score: float
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """All topics and sources at one version (a hash of what the admins wrote)."""

    version: str
    sources: Mapping[str, Source]
    topics: Mapping[str, Topic]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The difference of two catalogs. Names are sorted."""

    sources_added: tuple[str, ...] = ()
    sources_removed: tuple[str, ...] = ()
    sources_changed: tuple[str, ...] = ()
    topics_added: tuple[str, ...] = ()
    topics_removed: tuple[str, ...] = ()
    topics_rematch: tuple[str, ...] = ()  # their rule changed: stored articles are matched again
    topics_restyled: tuple[str, ...] = ()  # only what is published or mailed changed


# Output -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One published rendition: topic × format."""

    topic: str
    format: str
    body: bytes
    etag: str  # SHA-256 of the body, hex, without quotes
    modified_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """A person. Without a schedule of their own each topic's digest plan rules."""

    id: int
    address: str
    language: str = ""
    slot: Slot | None = None
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A subscriber's tie to a topic. `cursor` is the last match (by seq) that a digest has covered."""

    id: int
    subscriber: Subscriber
    topic: str
    state: Literal["pending", "active", "paused", "ended"]
    since_at: datetime  # active since
    cursor: int | None = None  # None: no digest yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """What one slot run sends to all who share topics, window and language; rendered once.

    Where the personal parts belong, `html` and `text` hold marks made by `digest.message.mark`.
    """

    id: str  # hash of run, topics, windows, language: the same again after a crash
    slot: str
    subject: str
    html: str
    text: str
    topics: tuple[str, ...]
    language: str
    articles: int
    created_at: datetime


class DeliveryStatus(StrEnum):
    """States of a delivery. Open ones (not final) are the outbox."""

    PLANNED = "planned"  # waits for a worker (after `due_at`)
    LEASED = "leased"  # a worker has it; nothing on the wire yet
    SENDING = "sending"  # committed before DATA: from here on the outcome may be unknown
    ACCEPTED = "accepted"  # final: the server answered 2xx to the final dot
    DEFERRED = "deferred"  # 4xx or trouble before the dot: again after `due_at`
    REFUSED = "refused"  # final: 5xx, or suppressed
    HELD = "held"  # final until an admin decides: outcome unknown and policy is `hold`


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Edition × subscriber, unique. `uncertain` counts the times its outcome was unknown; it never falls."""

    id: int
    edition: str
    subscriber: int
    address: str
    state: DeliveryStatus
    attempts: int = 0
    uncertain: int = 0
    message_id: str = ""
    reply: str = ""  # the server's last words, or ours
    fence: int = 0
    planned_at: datetime | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """An address we must not write to, with the reason."""

    address: str
    reason: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A hint that there may be work: (verb, shard). It may be lost, late or doubled without harm."""

    verb: Verb
    shard: int = 0
