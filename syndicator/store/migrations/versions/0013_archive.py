"""The archive of topics, and which matches are in it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from syndicator.store.types import BigInt, Blob, Flag, Instant

revision = "0013"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "history",
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("page", BigInt, autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("hidden", Flag(), nullable=False, server_default=sa.text("false")),
        sa.Column("body", Blob(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "page", "place", name=op.f("pk_history")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_history_source_key"), "history", ["source", "key"], unique=False)
    op.create_table(
        "history_documents",
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("page", BigInt, autoincrement=False, nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("made_with", sa.Text(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.Column("modified_at", Instant(), nullable=False),
        sa.Column("body", Blob(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "page", "format", name=op.f("pk_history_documents")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_history_documents_topic_format_made_with"),
        "history_documents",
        ["topic", "format", "made_with"],
        unique=False,
    )
    op.add_column("matches", sa.Column("archived", Flag(), nullable=False, server_default=sa.text("false")))
    op.create_index(
        "ix_matches_unarchived",
        "matches",
        ["topic", "seq"],
        unique=False,
        sqlite_where=sa.text("NOT archived AND active"),
        postgresql_where=sa.text("NOT archived AND active"),
    )
