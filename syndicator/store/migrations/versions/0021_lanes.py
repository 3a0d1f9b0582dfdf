"""Queues of their own for destinations that take less than we could send, and what those ask of us."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from syndicator.store.types import Instant

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.add_column("deliveries", sa.Column("lane", sa.Text(), server_default="", nullable=False))
    op.drop_index(op.f("ix_deliveries_state_due_at"), table_name="deliveries")
    op.create_index(
        op.f("ix_deliveries_state_lane_due_at"), "deliveries", ["state", "lane", "due_at"], unique=False
    )
    op.create_table(
        "lanes",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("until", Instant(), nullable=True),
        *(sa.Column(name, sa.Text(), server_default="", nullable=False) for name in ("sign", "reason")),
        *(
            sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False)
            for name in ("failures", "refusals", "width", "taken", "tokens")
        ),
        sa.Column("tokens_at", Instant(), nullable=True),
        sa.Column("day", sa.Text(), server_default="", nullable=False),
        sa.Column("today", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lanes")),
        sqlite_strict=True,
    )
