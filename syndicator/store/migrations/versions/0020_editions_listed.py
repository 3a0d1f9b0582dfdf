"""Which editions an archive lists, how many read a topic by day, and what admins noted of readers."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from syndicator.store.types import Instant, Json

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "listed_editions",
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("local_date", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("edition_id", sa.Text(), nullable=False),
        sa.Column("standing", sa.Integer(), nullable=False),
        sa.Column("readers", sa.Integer(), nullable=False),
        sa.Column("articles", sa.Integer(), nullable=False),
        sa.Column("headlines", Json(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "local_date", "language", name=op.f("pk_listed_editions")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_listed_editions_edition_id"), "listed_editions", ["edition_id"], unique=False)
    op.create_index(op.f("ix_editions_run_id"), "editions", ["run_id"], unique=False)
    op.create_table(
        "audience_counts",
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("active", sa.Integer(), nullable=False),
        sa.Column("pending", sa.Integer(), nullable=False),
        sa.Column("paused", sa.Integer(), nullable=False),
        sa.Column("ended", sa.Integer(), nullable=False),
        sa.Column("joined", sa.Integer(), nullable=False),
        sa.Column("gone", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "day", name=op.f("pk_audience_counts")),
        sqlite_strict=True,
    )
    op.add_column(
        "subscribers", sa.Column("attributes", Json(), nullable=False, server_default=sa.text("'{}'"))
    )
    _list_what_was_mailed(op.get_bind())


def _list_what_was_mailed(conn: sa.Connection) -> None:
    """List the editions of earlier runs as `store.listings` would, as if no slot were a topic's own."""
    editions = sa.table(
        "editions", *map(sa.column, ("id", "run_id", "topics", "language", "articles", "shown"))
    )
    runs = sa.table("slot_runs", *map(sa.column, ("id", "slot", "local_date", "fired_at")))
    mails = sa.table("deliveries", sa.column("edition_id"))
    fired_at = sa.type_coerce(runs.c.fired_at, Instant()).label("at")
    topics, shown = (sa.type_coerce(editions.c[name], Json()).label(name) for name in ("topics", "shown"))
    counted = sa.select(sa.func.count()).where(mails.c.edition_id == editions.c.id).scalar_subquery()
    best: dict[tuple[str, str, str], dict[str, Any]] = {}
    for row in conn.execute(
        sa.select(
            editions.c.id, topics, editions.c.language, editions.c.articles, runs.c.slot, runs.c.local_date,
            fired_at, shown, counted.label("readers"),
        ).join(runs, runs.c.id == editions.c.run_id).order_by(runs.c.id, editions.c.id)
    ):  # fmt: skip
        if len(row.topics) != 1:
            continue
        standing = 0 if row.slot.startswith("instant@") else 1
        place = (row.topics[0], row.local_date[:10], row.language)
        known = best.get(place)
        if known and (known["standing"], known["readers"], known["articles"]) >= (
            standing, row.readers, row.articles
        ):  # fmt: skip
            continue
        best[place] = {
            "edition_id": row.id, "standing": standing, "readers": row.readers, "articles": row.articles,
            "headlines": row.shown[:5], "at": row.at,
        }  # fmt: skip
    headlines, at = sa.column("headlines", Json()), sa.column("at", Instant())
    columns = ("topic", "local_date", "language", "edition_id", "standing", "readers", "articles")
    listed = sa.table("listed_editions", *map(sa.column, columns), headlines, at)
    articles = sa.table("articles", sa.column("id"), sa.column("title"))
    for place, values in best.items():
        ids = values["headlines"]
        wanted = sa.select(articles).where(articles.c.id.in_(ids))
        titles = {article.id: article.title for article in conn.execute(wanted)}
        told = {"headlines": [[id_, titles.get(id_, "")] for id_ in ids]}
        conn.execute(listed.insert(), dict(zip(columns, place, strict=False)) | values | told)
