"""When a reader's pause ends by itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from syndicator.store.types import Instant

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.add_column("subscriptions", sa.Column("until_at", Instant(), nullable=True))
    op.create_index(op.f("ix_subscriptions_until_at"), "subscriptions", ["until_at"], unique=False)
