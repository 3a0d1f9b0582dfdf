"""What the site itself is made of: the keys that sign links, and what admins wrote."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text

from syndicator.store.schema.base import COUNTED, metadata
from syndicator.store.types import BigInt, Instant

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
