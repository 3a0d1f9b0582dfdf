"""Articles, and every name that they are known by."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, text

from syndicator.store.schema.base import COUNTED, metadata
from syndicator.store.types import BigInt, Instant, Json

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
