"""Sign-ups that wait, how often somebody asks, and mails to one person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from syndicator.store.types import BigInt, Flag, Instant, Json

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

COUNTED = {"sqlite_strict": True, "sqlite_autoincrement": True}


def upgrade() -> None:
    """Apply this step."""
    _transactional()
    _signups()
    op.create_table(
        "signup_attempts",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signup_attempts")),
        **COUNTED,
    )
    op.create_index(op.f("ix_signup_attempts_who_at"), "signup_attempts", ["who", "at"], unique=False)
    op.create_index(op.f("ix_signup_attempts_at"), "signup_attempts", ["at"], unique=False)


def _signups() -> None:
    op.create_table(
        "signups",
        sa.Column("subscriber_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("topics", Json(), nullable=False),
        sa.Column("tied", Json(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("frequency", sa.Text(), nullable=True),
        sa.Column("at", sa.Text(), nullable=True),
        sa.Column("zone", sa.Text(), nullable=True),
        sa.Column("adds", Flag(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.id"],
            name=op.f("fk_signups_subscriber_id_subscribers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("subscriber_id", name=op.f("pk_signups")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_signups_made_at"), "signups", ["made_at"], unique=False)


def _transactional() -> None:
    op.create_table(
        "transactional",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), server_default="", nullable=False),
        sa.Column("subscriber_id", BigInt, nullable=True),
        sa.Column("facts", Json(), nullable=False),
        sa.Column("waiting", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("uncertain", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("message_id", sa.Text(), server_default="", nullable=False),
        sa.Column("reply", sa.Text(), server_default="", nullable=False),
        sa.Column("planned_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("until_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("fence", BigInt, server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.id"],
            name=op.f("fk_transactional_subscriber_id_subscribers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transactional")),
        sa.UniqueConstraint("waiting", name=op.f("uq_transactional_waiting")),
        **COUNTED,
    )
    for columns in (["address_key"], ["subscriber_id"], ["state", "due_at"]):
        name = op.f(f"ix_transactional_{'_'.join(columns)}")
        op.create_index(name, "transactional", columns, unique=False)
