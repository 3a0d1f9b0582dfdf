"""The archive of topics (RFC 5005): what each page holds, and its documents."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text, text

from syndicator.store.schema.base import STRICT, metadata
from syndicator.store.types import BigInt, Blob, Flag, Instant

history = Table(
    "history",  # articles as they were when their page was full, whatever became of them
    metadata,
    Column("topic", Text, primary_key=True),
    Column("page", BigInt, primary_key=True, autoincrement=False),  # 1 is the oldest
    Column("place", Integer, primary_key=True, autoincrement=False),  # 0 is the first to arrive
    Column("source", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("hidden", Flag, nullable=False, server_default=text("false")),  # an admin retracted it
    Column("body", Blob, nullable=False),  # `store.snapshot`
    Index(None, "source", "key"),
    **STRICT,
)

history_documents = Table(
    "history_documents",  # topic × page × format, so that every host can serve the same bytes
    metadata,
    Column("topic", Text, primary_key=True),
    Column("page", BigInt, primary_key=True, autoincrement=False),
    Column("format", Text, primary_key=True),
    Column("made_with", Text, nullable=False),  # names all that may change its bytes
    Column("etag", Text, nullable=False),
    Column("modified_at", Instant, nullable=False),
    Column("body", Blob, nullable=False),  # gzip
    Index(None, "topic", "format", "made_with"),
    **STRICT,
)
