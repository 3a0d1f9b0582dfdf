"""What we remember of the places that we pull from."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text, text

from syndicator.store.schema.base import COUNTED, STRICT, metadata
from syndicator.store.types import BigInt, Cadenced, Flag, Instant, Json, Span

sources = Table(
    "sources",  # what we remember of each source
    metadata,
    Column("name", Text, primary_key=True),
    Column("shard", Integer, nullable=False, server_default=text("0")),
    Column("configured", Flag, nullable=False),  # stands in the catalog
    Column("configured_url", Text, nullable=False),
    Column("url", Text, nullable=False, server_default=""),
    Column("state", Text, nullable=False, server_default="new"),
    Column("title", Text, nullable=False, server_default=""),
    Column("homepage", Text, nullable=False, server_default=""),
    Column("etag", Text, nullable=False, server_default=""),
    Column("last_modified", Text, nullable=False, server_default=""),
    Column("body_hash", Text, nullable=False, server_default=""),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("last_error", Text, nullable=False, server_default=""),
    Column("last_pull_at", Instant),
    Column("last_success_at", Instant),
    Column("last_change_at", Instant),
    Column("next_pull_at", Instant),
    Column("interval", Span, nullable=False, server_default=text("0")),
    Column("cadence", Cadenced, nullable=False, server_default="{}"),
    Column("fresh_until", Instant),
    Column("host", Text, nullable=False, server_default=""),
    Column("delay", Span),
    Column("moved_url", Text, nullable=False, server_default=""),
    Column("moved_count", Integer, nullable=False, server_default=text("0")),
    Column("adopted_url", Text, nullable=False, server_default=""),
    Column("identity", Text, nullable=False, server_default="guid"),
    Column("pushed_until", Instant),
    Column("lease_until", Instant),
    Column("fence", BigInt, nullable=False, server_default=text("0")),
    Index(None, "next_pull_at"),
    Index(None, "host"),
    Index(None, "lease_until"),
    **STRICT,
)

_UNTIL = (Column("host", Text, primary_key=True), Column("until", Instant, nullable=False))
host_pauses = Table("host_pauses", metadata, *_UNTIL, **STRICT)  # of host groups: `store.pauses`

hubs = Table(
    "hubs",  # our subscriptions at hubs (WebSub); one for a source, beside those that are leaving
    metadata,
    Column("id", BigInt, primary_key=True),
    *(Column(name, Text, nullable=False) for name in ("source", "topic_url", "hub_url", "secret")),
    Column("hub_urls", Json, nullable=False),
    Column("token", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),  # wished, asked, verified, refused, leaving
    *(Column(name, Text, nullable=False, server_default="") for name in ("base_url", "problem")),
    *(
        Column(name, Integer, nullable=False, server_default=text("0"))
        for name in ("attempts", "looks", "ignored")
    ),
    *(Column(name, Instant) for name in ("next_at", "asked_until", "lease_until")),
    *(Column(name, Instant) for name in ("heard_at", "trusted_until", "look_at", "looked_at")),
    *(Index(None, name) for name in ("source", "next_at", "look_at")),
    **COUNTED,
)

notices = Table(
    "notices",  # what an admin should see and a source's state does not tell: `store.notices`
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("source", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("text", Text, nullable=False),  # one line
    Column("url", Text, nullable=False, server_default=""),  # where to act
    Column("raised_at", Instant, nullable=False),
    Column("cleared_at", Instant),  # open as long as this is empty
    Index(None, "source", "kind"),
    **COUNTED,
)
