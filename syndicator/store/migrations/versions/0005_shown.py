"""What each edition showed, so that a reader is told a story once and none is lost."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from syndicator.store.types import Json

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    default = sa.text("'[]'")
    op.add_column("editions", sa.Column("shown", Json(), nullable=False, server_default=default))
    name = op.f("ix_deliveries_subscriber_id_planned_at")
    op.create_index(name, "deliveries", ["subscriber_id", "planned_at"], unique=False)
