"""The words of articles, for readers' searches; they are filled in beside other work."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from syndicator.store.types import BigInt

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "haystacks",
        sa.Column("article_id", BigInt, nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["articles.id"],
            name=op.f("fk_haystacks_article_id_articles"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_haystacks")),
        sqlite_strict=True,
    )
