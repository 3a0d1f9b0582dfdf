"""The words of the newest articles, counted by article."""

from __future__ import annotations

from datetime import timedelta

from shelf import NOW, article

from syndicator.pipeline.trial import Bounds
from syndicator.pipeline.vocabulary import vocabulary
from syndicator.store import articles


async def test_words_are_counted_by_article_and_pairs_within_one_text(store):
    found = [
        article("a", title="A ship, a ship", text="came in", published_at=NOW),
        article("b", title="Ship", text="A boat came", published_at=NOW - timedelta(hours=1)),
        article("c", title="Old", text="harbour", published_at=NOW - timedelta(days=9)),
    ]
    async with store.write() as conn:
        await articles.upsert(conn, "wire", found, now=NOW)
    asked = frozenset({("a", "ship"), ("ship", "came"), ("boat", "came"), ("no", "such")})
    made = await vocabulary(store, asked)
    assert (made.articles, made.words["ship"], made.words["came"]) == (3, 2, 2)
    assert made.pairs == {("a", "ship"), ("boat", "came")}, "no pair from a headline into its body"
    newest = await vocabulary(store, asked, bounds=Bounds(articles=2))
    assert (newest.articles, "harbour" in newest.words) == (2, False)
    assert (await vocabulary(store, asked, bounds=Bounds(seconds=-1))).articles == 0
