"""Followers: who is told when a feed of ours changes (W3C WebSub, from the publisher's and the hub's side).

Our subscriptions to the feeds of others are `model.hubs`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from datetime import datetime, timedelta

FollowerKind: TypeAlias = Literal["callback", "hub"]
Mode: TypeAlias = Literal["subscribe", "unsubscribe", "denied"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """One address × one feed document, and which version of the document it has.

    A `callback` subscribed at our own hub and has meant it; it gets the whole document. A `hub` of others
    stands in the settings; it is pinged. `publish.following` has all that can happen to either.
    """

    id: int
    kind: FollowerKind
    callback: str  # for a hub: its address
    topic: str  # slug; empty: the site
    format: str
    topic_url: str  # as the subscriber wrote it
    secret: str = field(default="", repr=False)  # key of the signatures; empty: none
    host: str = ""  # the group of hosts (`hosts.host_group`) that the callback is in
    network: str = ""  # where the request came from
    version: str = ""  # etag of the document that it has
    lease_until: datetime | None = None  # None: for ever, a hub
    due_at: datetime | None = None  # not to be told before
    attempts: int = 0  # failures in a row
    failing_since: datetime | None = None
    problem: str = ""  # the last one, in a line for an admin
    delivered_at: datetime | None = None
    fence: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody asks of our hub, read and found possible; `lease` is within our bounds."""

    mode: Mode
    callback: str
    topic: str
    format: str
    topic_url: str
    secret: str = field(default="", repr=False)
    lease: timedelta
    host: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """A wish whose callback is still to be asked whether it is meant, or a denial to be told."""

    id: int
    mode: Mode
    callback: str
    topic: str
    format: str
    topic_url: str
    secret: str = field(default="", repr=False)
    lease: timedelta
    host: str
    network: str = ""
    version: str = ""  # etag of the document when it was wished for
    reason: str = ""  # of a denial
    number: int = 0  # goes up when a newer request takes its place
    attempts: int = 0
    ask_at: datetime | None = None
