"""Topics: what is in them and why, what is published, and what admins said of it."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, text

from syndicator.store.schema.base import COUNTED, STRICT, metadata
from syndicator.store.types import BigInt, Blob, Flag, Instant, Json

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
    Column("opened_at", Instant),  # when it was first published for everybody; NULL: never
    Column("slot", Text),  # of its digest, '' for none; NULL: not known yet
    Column("slot_at", Instant),  # when that was last changed; NULL: never
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
    Column(
        "archived", Flag, nullable=False, server_default=text("false")
    ),  # as it is, on a page that is full
    Column("matched_at", Instant, nullable=False),
    UniqueConstraint("topic", "article_id"),
    Index(None, "topic", "seq"),
    Index(None, "topic", "active", "article_id"),  # counting reads nothing else
    Index(None, "article_id"),
    Index(
        "ix_matches_unarchived",
        "topic",
        "seq",
        sqlite_where=text("NOT archived AND active"),
        postgresql_where=text("NOT archived AND active"),
    ),
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
    Column("label", Json),  # what goes with it for whoever serves it: `publish.label`
    **STRICT,
)

feed_keys = Table(
    "feed_keys",  # who may read a private topic; the key itself is nowhere
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("topic", Text, nullable=False),
    Column("label", Text, nullable=False),  # whose it is, in an admin's words
    Column("hash", Text, nullable=False, unique=True),  # SHA-256 of the key
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    Index(None, "topic"),
    **COUNTED,
)

judgements = Table(
    "judgements",  # an admin's word on an article of a topic; no foreign key, for it outlives the article
    metadata,
    *(Column(name, Text, primary_key=True) for name in ("topic", "source", "key")),
    Column("verdict", Text, nullable=False),  # accept, reject
    Column("by", Text, nullable=False, server_default=""),
    Column("at", Instant, nullable=False),
    *(Column(name, Text, nullable=False) for name in ("title", "text", "url", "language")),
    *(Column(name, Json, nullable=False) for name in ("tags", "authors")),
    **STRICT,
)

retractions = Table(
    "retractions",  # an admin took the article back; no foreign key, so that one that returns stays away
    metadata,
    *(Column(name, Text, primary_key=True) for name in ("source", "key")),
    *(Column(name, Text, nullable=False) for name in ("title", "url", "reason", "by")),
    Column("at", Instant, nullable=False),
    Column("sorted_at", Instant, nullable=False, index=True),  # the article's: its place in feeds
    **STRICT,
)

learned = Table(
    "learned",  # derived of judgements, so that all hosts weigh alike: `learn.record`
    metadata,
    Column("topic", Text, primary_key=True),
    Column("version", Text, nullable=False),
    Column("body", Json, nullable=False),
    Column("learned_at", Instant, nullable=False),
    **STRICT,
)
