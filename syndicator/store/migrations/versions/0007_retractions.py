"""Articles that admins took back, and an index that counts topics."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from syndicator.store.types import Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "retractions",
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("source", "key", "title", "url", "reason", "by")
        ),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("sorted_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("source", "key", name=op.f("pk_retractions")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_retractions_sorted_at"), "retractions", ["sorted_at"], unique=False)
    op.create_index(
        op.f("ix_matches_topic_active_article_id"), "matches", ["topic", "active", "article_id"], unique=False
    )
