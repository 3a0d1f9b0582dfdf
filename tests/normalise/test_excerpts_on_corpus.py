"""What real feeds give readers as an excerpt: the publisher's words, else a lead, else nothing."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from syndicator.errors import ParseError
from syndicator.model import Article, Source
from syndicator.normalise import normalise
from syndicator.normalise.excerpt import MAX_HAN, MAX_LENGTH, _is_wide
from syndicator.parse import parse

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 24, tzinfo=UTC)
SOURCE = Source(name="x", url="https://x.example/feed")
FEEDS = 60  # of a few articles each
LARGE = 200_000  # octets


def kind(article: Article, described: str) -> str:
    """Whose words an excerpt is."""
    if not article.summary:
        return "nothing there" if not article.text else "none"
    return "publisher's" if article.summary[:20] in " ".join(described.split()) else "lead"


@pytest.fixture(scope="module")
def articles(corpus: Path) -> list[tuple[Article, str]]:
    found = []
    files = [file for file in sorted((corpus / "feeds" / "fastfeedparser").rglob("*")) if file.is_file()]
    for file in [each for each in files if each.stat().st_size < LARGE][:FEEDS]:
        try:
            feed = parse(file.read_bytes(), url=SOURCE.url)
        except ParseError:
            continue
        few = feed.entries[:5]
        described = {entry.guid: entry.summary for entry in few}
        cut = type(feed)(
            format=feed.format, title=feed.title, url=feed.url, language=feed.language, entries=few
        )
        made = normalise(cut, source=SOURCE, now=NOW, languages=("en", "zh"))
        found.extend((each, described.get(each.guid, "")) for each in made)
    return found


def test_excerpts_of_real_feeds(articles: list[tuple[Article, str]]) -> None:
    counted = Counter(kind(*each) for each in articles)
    print(f"\nexcerpts of {len(articles)} articles: {dict(counted.most_common())}")
    for article, _ in articles:
        said = article.summary
        assert len(said) <= (MAX_HAN if _is_wide(said) else MAX_LENGTH)
        assert "<p" not in said
        assert "\n" not in said
    assert len(articles) > 100
    assert counted["none"] <= len(articles) * 0.1
    sentences = sum(article.summary.endswith("…") for article, _ in articles)
    assert sentences <= len(articles) * 0.25, "cut in the middle of a sentence"
