"""Politeness that is remembered, moved sources, identity, newsletters and hubs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from alembic import op

from syndicator.store.types import BigInt, Cadenced, Flag, Instant, Json, Span

if TYPE_CHECKING:
    from datetime import datetime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    _sources()
    _articles()
    _notices()
    _hubs()


def _sources() -> None:
    def text(name: str, default: str = "") -> sa.Column[str]:
        return sa.Column(name, sa.Text(), nullable=False, server_default=default)

    for column in (
        sa.Column("cadence", Cadenced(), nullable=False, server_default="{}"),
        sa.Column("fresh_until", Instant(), nullable=True),
        text("host"),
        sa.Column("delay", Span(), nullable=True),
        text("moved_url"),
        sa.Column("moved_count", sa.Integer(), nullable=False, server_default=sa.text("0")),
        text("adopted_url"),
        text("identity", "guid"),
        sa.Column("pushed_until", Instant(), nullable=True),
    ):
        op.add_column("sources", column)
    op.create_index(op.f("ix_sources_host"), "sources", ["host"], unique=False)
    op.create_index(op.f("ix_sources_lease_until"), "sources", ["lease_until"], unique=False)
    op.create_table(
        "host_pauses",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_host_pauses")),
        sqlite_strict=True,
    )


def _articles() -> None:
    op.add_column("articles", sa.Column("edits", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.create_index(op.f("ix_articles_source_arrived_at"), "articles", ["source", "arrived_at"], unique=False)
    op.create_table(
        "article_keys",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("article_id", BigInt, nullable=True),
        sa.Column("wire", sa.Text(), nullable=False, server_default=""),
        sa.Column("noted_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["articles.id"],
            name=op.f("fk_article_keys_article_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("source", "key", name=op.f("pk_article_keys")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO article_keys (source, key, article_id, noted_at) "
        "SELECT source, key, id, changed_at FROM articles"
    )
    op.create_index(op.f("ix_article_keys_article_id"), "article_keys", ["article_id"], unique=False)
    op.add_column("matches", sa.Column("held", Flag(), nullable=False, server_default=sa.text("false")))


def _notices() -> None:
    op.create_table(
        "notices",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False, server_default=""),
        sa.Column("raised_at", Instant(), nullable=False),
        sa.Column("cleared_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_notices_source_kind"), "notices", ["source", "kind"], unique=False)


def _hubs() -> None:
    def text(name: str, default: str | None = None) -> sa.Column[str]:
        return sa.Column(name, sa.Text(), nullable=False, server_default=default)

    def instant(name: str) -> sa.Column[datetime]:
        return sa.Column(name, Instant(), nullable=True)

    def count(name: str) -> sa.Column[int]:
        return sa.Column(name, sa.Integer(), nullable=False, server_default=sa.text("0"))

    op.create_table(
        "hubs",
        sa.Column("id", BigInt, nullable=False),
        text("source"),
        text("hub_url"),
        sa.Column("hub_urls", Json(), nullable=False),
        text("topic_url"),
        text("token"),
        text("secret"),
        text("state"),
        text("base_url", ""),
        count("attempts"),
        *(instant(name) for name in ("next_at", "asked_until", "lease_until")),
        text("problem", ""),
        *(instant(name) for name in ("heard_at", "trusted_until", "look_at")),
        count("looks"),
        instant("looked_at"),
        count("ignored"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hubs")),
        sa.UniqueConstraint("token", name=op.f("uq_hubs_token")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    for name in ("source", "next_at", "look_at"):
        op.create_index(op.f(f"ix_hubs_{name}"), "hubs", [name], unique=False)
