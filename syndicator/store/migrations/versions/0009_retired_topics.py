"""Which topics were ever open to everybody, so that their addresses can say that they are gone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from syndicator.store.types import Instant

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step. A topic that is published now was open since it came, as far as anybody knows."""
    op.add_column("topics", sa.Column("opened_at", Instant(), nullable=True))
    op.execute(
        "UPDATE topics SET opened_at = created_at WHERE slug <> '' "
        "AND (published > 0) AND (slug IN (SELECT topic FROM documents) OR NOT configured)"
    )
