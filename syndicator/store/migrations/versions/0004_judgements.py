"""Judgements of articles, and what was learned of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from syndicator.store.types import Instant, Json

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "judgements",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("topic", "source", "key", "verdict")),
        sa.Column("by", sa.Text(), nullable=False, server_default=""),
        sa.Column("at", Instant(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("title", "text", "url", "language")),
        *(sa.Column(name, Json(), nullable=False) for name in ("tags", "authors")),
        sa.PrimaryKeyConstraint("topic", "source", "key", name=op.f("pk_judgements")),
        sqlite_strict=True,
    )
    op.create_table(
        "learned",
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("body", Json(), nullable=False),
        sa.Column("learned_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("topic", name=op.f("pk_learned")),
        sqlite_strict=True,
    )
