"""When readers and topics took the slot that they have; runs by their time, and those that are open."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from syndicator.store.types import Instant

revision = "0019"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.add_column("subscribers", sa.Column("scheduled_at", Instant(), nullable=True))
    columns = ["frequency", "at", "zone", "id"]
    op.create_index(op.f("ix_subscribers_frequency_at_zone_id"), "subscribers", columns, unique=False)
    op.add_column("topics", sa.Column("slot", sa.Text(), nullable=True))
    op.add_column("topics", sa.Column("slot_at", Instant(), nullable=True))
    op.create_index(op.f("ix_slot_runs_fired_at"), "slot_runs", ["fired_at"], unique=False)
    op.create_index(
        "ix_slot_runs_open",
        "slot_runs",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
