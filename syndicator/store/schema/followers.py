"""Who is told when a feed of ours changes, and who has asked to be (WebSub, the publisher's side)."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text, UniqueConstraint, text

from syndicator.store.schema.base import COUNTED, STRICT, metadata
from syndicator.store.types import BigInt, Instant, Span

followers = Table(
    "followers",  # callback, or another's hub, × document; due where `version` is not the document's etag
    metadata,
    Column("id", BigInt, primary_key=True),
    *(Column(name, Text, nullable=False) for name in ("kind", "callback", "topic", "format", "topic_url")),
    *(
        Column(name, Text, nullable=False, server_default="")
        for name in ("secret", "host", "network", "version")
    ),
    Column("lease_until", Instant),
    Column("due_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("failing_since", Instant),
    Column("problem", Text, nullable=False, server_default=""),
    Column("delivered_at", Instant),
    Column("held_until", Instant),  # by whoever pushes to it just now
    Column("fence", BigInt, nullable=False, server_default=text("0")),
    UniqueConstraint("callback", "topic", "format"),
    *(Index(None, *names) for names in (("topic", "format"), ("host",), ("network",), ("lease_until",))),
    **COUNTED,
)

intents = Table(
    "intents",  # what was asked of our hub and is not confirmed; a newer request takes the place of an older
    metadata,
    Column("id", BigInt, primary_key=True),
    *(Column(name, Text, nullable=False) for name in ("mode", "callback", "topic", "format", "topic_url")),
    *(
        Column(name, Text, nullable=False, server_default="")
        for name in ("secret", "host", "network", "version", "reason")
    ),
    Column("lease", Span, nullable=False),
    Column("number", Integer, nullable=False, server_default=text("0")),  # of the request: its newest
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("ask_at", Instant, nullable=False),
    UniqueConstraint("callback", "topic", "format"),
    *(Index(None, name) for name in ("host", "network", "ask_at")),
    **COUNTED,
)

_UNTIL = (Column("place", Text, primary_key=True), Column("until", Instant, nullable=False))
callback_pauses = Table("callback_pauses", metadata, *_UNTIL, **STRICT)  # hosts and addresses left alone
