"""Real documents that nobody here wrote: nothing crashes, and the customer's own article comes out right."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from syndicator.errors import ParseError
from syndicator.model import Article, Source
from syndicator.normalise import clean, normalise
from syndicator.parse import parse

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = Source(name="wire", url="https://wire.example/feed")
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def articles_of(path: Path) -> tuple[Article, ...]:
    return normalise(parse(path.read_bytes(), url=SOURCE.url), source=SOURCE, now=NOW, languages=("en", "zh"))


def test_no_document_crashes(corpus: Path) -> None:
    read, refused = 0, []
    for path in sorted((corpus / "feeds").rglob("*")):
        if not path.is_file():
            continue
        try:
            articles = articles_of(path)
        except ParseError as error:
            refused.append((error.kind, path, error))
            continue
        read += 1
        assert len({article.key for article in articles}) == len(articles), path
        for article in articles[:3]:
            assert clean(article.content_html) == article.content_html, path
    assert read > 1000
    assert {kind for kind, *_ in refused} == {"empty", "not-a-feed"}, refused


def test_the_customers_article(corpus: Path) -> None:
    (article,) = (
        each
        for each in articles_of(corpus / "seed" / "feed-full.xml")
        if each.guid == "https://wire.example/?p=48213"
    )
    assert article.title == "Joint Operation Targets Telecom Fraud in Southeast Asia"
    assert article.tags == ("China",)
    assert article.published_at == datetime(2023, 9, 22, tzinfo=UTC)
    assert article.language == "en-US"
    assert article.text.startswith("In a span of only four days")
    assert article.text.endswith("68.5% of all international cases.")
    assert article.summary.endswith("the Chinese Embassy in Myanmar.")
