"""Articles that tell the same thing."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table

from syndicator.store.schema.base import COUNTED, STRICT, metadata
from syndicator.store.types import BigInt, Blob, Flag, Instant

stories = Table(
    "stories",  # articles that tell the same thing; each article that is in a topic has one, often alone
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("made_at", Instant, nullable=False),
    **COUNTED,
)

story_articles = Table(
    "story_articles",
    metadata,
    Column("article_id", BigInt, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("story_id", BigInt, ForeignKey("stories.id", ondelete="CASCADE"), nullable=False),
    Column("pinned", Flag, nullable=False),  # an admin put it there: it stays whatever its words become
    Index(None, "story_id"),
    **STRICT,
)

story_bars = Table(
    "story_bars",  # an admin took two stories apart: they never become one by themselves
    metadata,
    *(
        Column(name, BigInt, ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True)
        for name in ("one", "other")  # the lower number first
    ),
    Index(None, "other"),
    **STRICT,
)

signatures = Table(
    "signatures",  # of recent articles, to compare new ones with
    metadata,
    Column("seq", BigInt, primary_key=True),  # grows with each edit too, so that all hosts learn of it
    Column("article_id", BigInt, ForeignKey("articles.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("at", Instant, nullable=False),
    Column("bands", Blob, nullable=False),
    Column("features", Blob, nullable=False),
    Index(None, "at"),
    **COUNTED,
)
