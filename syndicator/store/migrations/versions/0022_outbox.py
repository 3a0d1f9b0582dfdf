"""Find what is open of an edition, what ended last and what is uncertain, beside a long ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_deliveries_open": (["edition_id", "state"], "state NOT IN ('accepted', 'refused')"),
    "ix_deliveries_ended": (["state", "due_at"], "state IN ('accepted', 'refused')"),
    "ix_deliveries_uncertain": (["state", "id"], "uncertain > 0"),
}


def upgrade() -> None:
    """Apply this step."""
    for name, (columns, where) in INDEXES.items():
        condition = sa.text(where)
        op.create_index(name, "deliveries", columns, sqlite_where=condition, postgresql_where=condition)
