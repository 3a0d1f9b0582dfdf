"""Links to the admin pages that work once, and sessions that can be ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from syndicator.store.types import Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "admissions",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=True),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_admissions")),
        sqlite_strict=True,
    )
