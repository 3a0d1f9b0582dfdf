"""Who may read private topics, and what goes with a document for whoever serves it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from syndicator.store.types import BigInt, Instant, Json

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "feed_keys",
        sa.Column("id", BigInt, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("topic", "label", "hash")),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_keys")),
        sa.UniqueConstraint("hash", name=op.f("uq_feed_keys_hash")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_feed_keys_topic"), "feed_keys", ["topic"], unique=False)
    op.add_column("documents", sa.Column("label", Json(), nullable=True))
