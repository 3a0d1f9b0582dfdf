"""What came back by mail, and how far the mailbox for it was read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from syndicator.store.types import BigInt, Flag, Instant

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    texts = ("address", "address_key", "reason", "verdict", "status")
    op.create_table(
        "returns",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("delivery_id", BigInt, nullable=True),
        *(sa.Column(name, sa.Text(), server_default="", nullable=False) for name in texts),
        *(sa.Column(name, Flag(), nullable=False) for name in ("hard", "final")),
        *(sa.Column(name, sa.Text(), server_default="", nullable=False) for name in ("effect", "excerpt")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_returns")),
        sa.UniqueConstraint("hash", name=op.f("uq_returns_hash")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_returns_address_key_at"), "returns", ["address_key", "at"])
    op.create_index(op.f("ix_returns_at"), "returns", ["at"])
    op.create_table(
        "return_cursors",
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_return_cursors")),
        sqlite_strict=True,
    )
