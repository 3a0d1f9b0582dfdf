"""Who is told when a feed of ours changes, and who has asked to be."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from syndicator.store.types import BigInt, Instant, Span

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

COUNTED = {"sqlite_strict": True, "sqlite_autoincrement": True}
KEYS = ("callback", "topic", "format")


def _words(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _empty(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False, server_default="") for name in names]


def _count(name: str, kind: sa.types.TypeEngine[int]) -> sa.Column[int]:
    return sa.Column(name, kind, nullable=False, server_default=sa.text("0"))


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "followers",
        sa.Column("id", BigInt, nullable=False),
        *_words("kind", "callback", "topic", "format", "topic_url"),
        *_empty("secret", "host", "network", "version"),
        sa.Column("lease_until", Instant()),
        sa.Column("due_at", Instant(), nullable=False),
        _count("attempts", sa.Integer()),
        sa.Column("failing_since", Instant()),
        *_empty("problem"),
        sa.Column("delivered_at", Instant()),
        sa.Column("held_until", Instant()),
        _count("fence", BigInt),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_followers")),
        sa.UniqueConstraint(*KEYS, name=op.f("uq_followers_callback_topic_format")),
        **COUNTED,
    )
    for names in (("topic", "format"), ("host",), ("network",), ("lease_until",)):
        op.create_index(op.f(f"ix_followers_{'_'.join(names)}"), "followers", list(names))
    op.create_table(
        "intents",
        sa.Column("id", BigInt, nullable=False),
        *_words("mode", "callback", "topic", "format", "topic_url"),
        *_empty("secret", "host", "network", "version", "reason"),
        sa.Column("lease", Span(), nullable=False),
        _count("number", sa.Integer()),
        _count("attempts", sa.Integer()),
        sa.Column("ask_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intents")),
        sa.UniqueConstraint(*KEYS, name=op.f("uq_intents_callback_topic_format")),
        **COUNTED,
    )
    for name in ("host", "network", "ask_at"):
        op.create_index(op.f(f"ix_intents_{name}"), "intents", [name])
    op.create_table(
        "callback_pauses",
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_callback_pauses")),
        sqlite_strict=True,
    )
