"""Judgements of articles, and what was learned of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from syndicator.model.articles import Article

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

Verdict: TypeAlias = Literal["accept", "reject"]
Learn: TypeAlias = Literal["off", "rank", "filter"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """An admin's word on one article of a topic: plain data, which nothing but an admin changes.

    `article` has what can be learned from, so that a judgement outlives its article.
    """

    topic: str
    article: Article
    verdict: Verdict
    by: str = ""
    at: datetime

    @property
    def row(self) -> dict[str, Any]:
        """Lay it out as one row, which tables and files have alike; `of` reads it back."""
        article = self.article
        return {
            "topic": self.topic,
            "source": article.source,
            "key": article.key,
            "verdict": self.verdict,
            "by": self.by,
            "at": self.at,
            "title": article.title,
            "text": article.text,
            "tags": list(article.tags),
            "authors": list(article.authors),
            "language": article.language,
            "url": article.url,
        }

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Judgement:
        """Read a row, whose values are sound."""
        told = {name: row[name] for name in ("topic", "verdict", "by", "at")}
        article: dict[str, Any] = {
            name: row[name] for name in ("source", "key", "title", "text", "language", "url")
        }
        article |= {name: tuple(row[name]) for name in ("tags", "authors")}
        return cls(article=Article(**article), **told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How the rule does on the judged articles, alone and with what was learned (cross-validated)."""

    accepted: int
    rejected: int
    rule_f1: float
    f1: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What was learned of one topic's judgements. Derived: it can be made again at any time."""

    topic: str
    version: str  # hash of all that decides
    weights: Mapping[str, float]  # feature → its pull towards the topic (above 0) or away from it
    bias: float
    threshold: float  # chance of belonging below which `filter` removes an article
    verdicts: Mapping[str, bool] = field(default_factory=dict)  # of the judged articles, by `reference`
    figures: Figures


def reference(article: Article) -> str:
    """Name an article for good: its source, and its key there."""
    return f"{article.source}\t{article.key}"
