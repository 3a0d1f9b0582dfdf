"""Hubs: what tells us of news instead of being asked (W3C WebSub, PubSubHubbub 0.4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from datetime import datetime

HubState: TypeAlias = Literal["wished", "asked", "verified", "refused", "leaving"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """Our subscription to the feed of one source at one of its hubs. A source has one, or none.

    Beside it there may be some that are `leaving`: given up, and to be ended at their hub. `fetch.lease`
    has all that can happen to it. `token` (in the address of the callback) and `secret` (the key of
    signatures) are made for one hub and never given to another.
    """

    id: int
    source: str
    hub_url: str  # the one of `hub_urls` that is in use
    hub_urls: tuple[str, ...]  # those that the feed names, the best first
    topic_url: str  # what is subscribed to: the feed's own name for itself
    token: str = field(repr=False)
    secret: str = field(repr=False)
    state: HubState = "wished"
    base_url: str = ""  # what the callback's address began with when the hub was asked last
    attempts: int = 0  # requests in a row that brought no verification
    next_at: datetime | None = None  # when to ask (again); None: never, it may lapse
    asked_until: datetime | None = None  # until when a verification is welcome
    lease_until: datetime | None = None  # until when the hub promises to push
    problem: str = ""  # the last one, in a line for an admin
    heard_at: datetime | None = None  # the last push with a good signature
    trusted_until: datetime | None = None  # what changes later than this was not announced by that push
    look_at: datetime | None = None  # when the source is to be pulled because of it
    looks: int = 0  # pulls because of it so far
    looked_at: datetime | None = None  # the last of them
    ignored: int = 0  # pushes with a wrong signature, or none
