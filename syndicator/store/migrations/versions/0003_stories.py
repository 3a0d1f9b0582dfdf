"""Stories: which articles tell the same thing, and what admins said about it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from syndicator.store.types import BigInt, Blob, Flag, Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "stories",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stories")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_table(
        "story_articles",
        sa.Column("article_id", BigInt, nullable=False),
        sa.Column("story_id", BigInt, nullable=False),
        sa.Column("pinned", Flag(), nullable=False),
        _reference("story_articles", "article_id", "articles"),
        _reference("story_articles", "story_id", "stories"),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_story_articles")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_story_articles_story_id"), "story_articles", ["story_id"], unique=False)
    op.create_table(
        "story_bars",
        sa.Column("one", BigInt, nullable=False),
        sa.Column("other", BigInt, nullable=False),
        _reference("story_bars", "one", "stories"),
        _reference("story_bars", "other", "stories"),
        sa.PrimaryKeyConstraint("one", "other", name=op.f("pk_story_bars")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_story_bars_other"), "story_bars", ["other"], unique=False)
    op.create_table(
        "signatures",
        sa.Column("seq", BigInt, nullable=False),
        sa.Column("article_id", BigInt, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("bands", Blob(), nullable=False),
        sa.Column("features", Blob(), nullable=False),
        _reference("signatures", "article_id", "articles"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_signatures")),
        sa.UniqueConstraint("article_id", name=op.f("uq_signatures_article_id")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_signatures_at"), "signatures", ["at"], unique=False)


def _reference(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete="CASCADE")
