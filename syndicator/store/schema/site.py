"""What the site itself is made of: the keys that sign links, what admins wrote, and who of them may enter."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text

from syndicator.store.schema.base import COUNTED, STRICT, metadata
from syndicator.store.types import BigInt, Instant

keys = Table(
    "keys",  # secrets that sign links; the newest signs, those that are not over verify
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("secret", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("ends_at", Instant),  # when it verifies no more; NULL: never yet
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

admissions = Table(
    "admissions",  # links to the admin pages, and the session that each of them became when it was used
    metadata,
    Column("name", Text, primary_key=True),  # the token has it, signed
    Column("made_at", Instant, nullable=False),
    Column("opened_at", Instant),  # None: not used yet
    Column("ends_at", Instant, nullable=False),  # of the link, then of the session
    **STRICT,
)
