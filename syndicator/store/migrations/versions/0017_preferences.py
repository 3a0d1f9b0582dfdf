"""What readers choose of their mails, and the links to their own pages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from syndicator.store.types import BigInt, Instant

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.add_column("subscribers", sa.Column("format", sa.Text(), server_default="", nullable=False))
    op.add_column("keys", sa.Column("ends_at", Instant(), nullable=True))
    op.add_column("subscribers", sa.Column("secret", sa.Text(), nullable=True))
    op.create_table(
        "reader_links",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("subscriber_id", BigInt, nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.id"],
            name=op.f("fk_reader_links_subscriber_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_reader_links")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_reader_links_ends_at"), "reader_links", ["ends_at"], unique=False)
    op.create_index(op.f("ix_reader_links_subscriber_id"), "reader_links", ["subscriber_id"], unique=False)
