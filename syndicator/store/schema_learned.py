"""The tables of judgements and of what was learned of them; the others are in `schema`."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text

from syndicator.store.schema import STRICT, metadata
from syndicator.store.types import Instant, Json

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

learned = Table(
    "learned",  # derived of judgements, so that all hosts weigh alike: `learn.record`
    metadata,
    Column("topic", Text, primary_key=True),
    Column("version", Text, nullable=False),
    Column("body", Json, nullable=False),
    Column("learned_at", Instant, nullable=False),
    **STRICT,
)
