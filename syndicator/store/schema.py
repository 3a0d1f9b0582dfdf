"""All tables, for SQLite (STRICT) and PostgreSQL alike. A change here needs a file in `migrations/versions`.

In the order of an article's way. `shard` columns let many hosts divide the work (0 in one process).
A lease (`lease_until`, `fence`) says who works on a row: a write with an old fence is refused.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, Table, Text, UniqueConstraint, text

from syndicator.store.types import BigInt, Blob, Cadenced, Flag, Instant, Json, Span

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

STRICT: dict[str, Any] = {"sqlite_strict": True}
COUNTED: dict[str, Any] = {
    "sqlite_strict": True,
    "sqlite_autoincrement": True,
}  # numbers are never used again

keys = Table(
    "keys",  # secrets that sign links; the newest signs, all verify
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("secret", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    **COUNTED,
)

catalogs = Table(
    "catalogs",  # what the admins wrote; the newest row is the last good one on every host
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("version", Text, nullable=False),
    Column("dump", Text, nullable=False),
    Column("applied_at", Instant, nullable=False),
    **COUNTED,
)

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
articles = Table(
    "articles",
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("source", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("guid", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("published_at", Instant),
    Column("updated_at", Instant),
    Column("authors", Json, nullable=False),
    Column("tags", Json, nullable=False),
    Column("language", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("content_html", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("image", Text, nullable=False),
    Column("enclosures", Json, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("arrived_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("edits", Integer, nullable=False, server_default=text("0")),  # on the day of the last change
    Column("sorted_at", Instant, nullable=False),  # published, or arrived where that is missing or later
    UniqueConstraint("source", "key"),
    Index(None, "sorted_at"),
    Index(None, "source", "arrived_at"),
    **COUNTED,
)

article_keys = Table(
    "article_keys",  # every name that an article of a source is known by: `store.names`
    metadata,
    Column("source", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("article_id", BigInt, ForeignKey("articles.id", ondelete="SET NULL")),  # NULL: it was purged
    Column("wire", Text, nullable=False, server_default=""),  # hash of what the wire said, when last read
    Column("noted_at", Instant, nullable=False),  # last seen in a document, to a week
    Index(None, "article_id"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

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

topics = Table(
    "topics",  # what we remember of each topic
    metadata,
    Column("slug", Text, primary_key=True),
    Column("shard", Integer, nullable=False, server_default=text("0")),
    Column("configured", Flag, nullable=False),
    Column("fingerprint", Text, nullable=False),  # of the rule that the stored matches obey
    Column("wanted", BigInt, nullable=False, server_default=text("1")),  # grows when documents go stale
    Column("published", BigInt, nullable=False, server_default=text("0")),  # the `wanted` last rendered
    Column("created_at", Instant, nullable=False),
    **STRICT,
)

matches = Table(
    "matches",  # topic × article; never deleted, so that nothing is mailed twice when a rule goes to and fro
    metadata,
    Column("seq", BigInt, primary_key=True),  # the order of arrival in topics; windows are cut by it
    Column("topic", Text, nullable=False),
    Column("article_id", BigInt, ForeignKey("articles.id", ondelete="CASCADE"), nullable=False),
    Column("score", Integer, nullable=False),
    Column("because", Json, nullable=False),
    Column("active", Flag, nullable=False),
    Column("backfill", Flag, nullable=False),  # found by an edit of the rule, or held: no digest sends it
    Column("held", Flag, nullable=False, server_default=text("false")),  # by the flood guard, for an admin
    Column("matched_at", Instant, nullable=False),
    UniqueConstraint("topic", "article_id"),
    Index(None, "topic", "seq"),
    Index(None, "article_id"),
    **COUNTED,
)

documents = Table(
    "documents",  # what is published: topic × format; topic '' is the whole site
    metadata,
    Column("topic", Text, primary_key=True),
    Column("format", Text, primary_key=True),
    Column("etag", Text, nullable=False),
    Column("body", Blob, nullable=False),  # gzip
    Column("modified_at", Instant, nullable=False),
    **STRICT,
)

subscribers = Table(
    "subscribers",
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("shard", Integer, nullable=False, server_default=text("0")),
    Column("address", Text, nullable=False),
    Column("address_key", Text, nullable=False, unique=True),  # casefolded
    Column("language", Text, nullable=False, server_default=""),
    Column("frequency", Text),  # with `at` and `zone`: their own schedule; NULL: the topic's
    Column("at", Text),
    Column("zone", Text),
    Column("created_at", Instant, nullable=False),
    **COUNTED,
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("subscriber_id", BigInt, ForeignKey("subscribers.id", ondelete="CASCADE"), nullable=False),
    Column("topic", Text, nullable=False),
    Column("state", Text, nullable=False),  # pending, active, paused, ended
    Column("since_at", Instant, nullable=False),  # of that state
    Column("cursor", BigInt),  # last match seq that a digest has covered
    Column("run_id", BigInt, nullable=False, server_default=text("0")),  # last slot run that dealt with it
    UniqueConstraint("subscriber_id", "topic"),
    Index(None, "topic", "state"),
    **COUNTED,
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("address_key", Text, primary_key=True),
    Column("address", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    **STRICT,
)

slot_runs = Table(
    "slot_runs",  # the ledger: a slot runs once per local date
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("slot", Text, nullable=False),
    Column("local_date", Text, nullable=False),  # for `instant` the minute in UTC
    Column("fired_at", Instant, nullable=False),  # when it was due
    Column("cutoff", BigInt, nullable=False),  # last match seq inside the window
    Column("state", Text, nullable=False),  # open, done
    Column("editions", Integer, nullable=False, server_default=text("0")),
    Column("deliveries", Integer, nullable=False, server_default=text("0")),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("slot", "local_date"),
    **COUNTED,
)

editions = Table(
    "editions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("run_id", BigInt, nullable=False),
    Column("slot", Text, nullable=False),
    Column("topics", Json, nullable=False),
    Column("language", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("articles", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    **STRICT,
)

deliveries = Table(
    "deliveries",  # the ledger of mail; open rows are the outbox
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("shard", Integer, nullable=False, server_default=text("0")),
    Column("edition_id", Text, ForeignKey("editions.id"), nullable=False),
    Column("subscriber_id", BigInt, nullable=False),  # no foreign key: the ledger outlives the reader
    Column("address", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("uncertain", Integer, nullable=False, server_default=text("0")),
    Column("message_id", Text, nullable=False, server_default=""),
    Column("reply", Text, nullable=False, server_default=""),
    Column("planned_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("lease_until", Instant),
    Column("fence", BigInt, nullable=False, server_default=text("0")),
    UniqueConstraint("edition_id", "subscriber_id"),
    Index(None, "state", "due_at"),
    **COUNTED,
)
