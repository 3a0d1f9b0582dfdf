"""What leaves: documents, editions, deliveries, and who gets them; and the hint that there is work."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003  a field's type
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from datetime import datetime

    from syndicator.model.topics import Slot

Verb: TypeAlias = Literal[
    "pull",
    "publish",
    "distribute",
    "compose",
    "notify",
    "deliver",
    "reap",
    "apply",
    "renew",
    "confirm",
    "purge",
    "read",
    "returns",
    "count",
]


Format: TypeAlias = Literal["", "text"]  # of a reader's mails; "": HTML with the same as text beside it


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
    format: Format = ""
    created_at: datetime | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)  # what admins noted, by name


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
    shown: tuple[int, ...] = ()  # ids of the articles


class DeliveryStatus(StrEnum):
    """States of a delivery. Open ones (not final) are the outbox."""

    PLANNED = "planned"  # waits for a worker (after `due_at`)
    LEASED = "leased"  # a worker has it; nothing on the wire yet
    SENDING = "sending"  # committed before DATA: from here on the outcome may be unknown
    ACCEPTED = "accepted"  # final: the server answered 2xx to the final dot
    DEFERRED = "deferred"  # 4xx or trouble before the dot: again after `due_at`
    REFUSED = "refused"  # final: 5xx, or suppressed
    HELD = "held"  # until an admin decides: outcome unknown and policy is `hold`, or held by hand


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
    lane: str = ""  # whose queue it waits in, where that is slow; empty: that of all


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
