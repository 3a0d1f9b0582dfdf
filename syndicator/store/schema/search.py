"""What readers search in."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Table, Text

from syndicator.store.schema.base import STRICT, metadata
from syndicator.store.types import BigInt

haystacks = Table(
    "haystacks",  # the words of articles that are in a topic, folded; derived, and made anew when they change
    metadata,
    Column("article_id", BigInt, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Text, nullable=False),  # of the folding, and the fingerprint of the article
    Column("words", Text, nullable=False),  # `match.question.haystack`
    **STRICT,
)
