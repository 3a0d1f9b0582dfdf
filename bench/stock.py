"""Articles for `publish.py`: the same at each run, and a database that is full of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Final

from syndicator.model import Article, Enclosure, Publish, Rule, Source, StoredArticle, Topic
from syndicator.store import Store, articles, sources, topics
from syndicator.store.schema import articles as article_rows
from syndicator.store.schema import matches as match_rows

if TYPE_CHECKING:
    from pathlib import Path

NOW: Final = datetime(2026, 11, 24, 7, tzinfo=UTC)
SOURCES: Final = 200
TOPICS: Final = 100  # small ones; BIG holds everything
BIG: Final = Topic(slug="big", title="Everything", rule=Rule())
BATCH: Final = 10_000  # rows a transaction
_WORDS: Final = [
    "the", "harbour", "bridge", "was", "closed", "for", "an", "hour", "while", "engineers", "&", "divers",
    "looked", "at", "its", "old", "piers", "港务局", "公布", "了", "账目", "before", "ferry", "left",
]  # fmt: skip


def article(number: int, *, words: int = 400, minutes: int | None = None) -> Article:
    """Write article `number`, of about `words` words of HTML, published `minutes` before NOW."""
    random = Random(number)
    paragraphs = [
        "<p>" + " ".join(random.choices(_WORDS, k=40)).replace("&", "&amp;") + "</p>"
        for _ in range(words // 40)
    ]
    files = (Enclosure(url=f"https://wire.example/{number}.mp3", type="audio/mpeg", length=4_000_000),)
    return Article(
        source=f"wire-{number % SOURCES}",
        key=f"key-{number}",
        url=f"https://wire.example/news/{number}?from=feed&part=1",
        title=" ".join(random.choices(_WORDS, k=9)),
        published_at=NOW - timedelta(minutes=number if minutes is None else minutes),
        authors=("Anna Berg", "博文") if number % 3 else (),
        tags=("Harbour", "Bridges & piers", "港口"),
        language="en",
        summary=" ".join(random.choices(_WORDS, k=30)),
        content_html="".join(paragraphs),
        image=f"https://wire.example/{number}.jpg" if number % 2 else "",
        enclosures=files if number % 10 == 0 else (),
        fingerprint=str(number),
    )


def stored(number: int) -> StoredArticle:
    """Give article `number` as the database would."""
    return StoredArticle(
        id=number,
        article=article(number),
        arrived_at=NOW,
        changed_at=NOW,
        source_title="The Wire",
        source_url="https://wire.example/feed",
        source_home="https://wire.example/",
    )


def small(number: int) -> Topic:
    """Give one of the topics that share the articles."""
    return Topic(slug=f"topic-{number}", title=f"Topic {number}", rule=Rule(), publish=Publish())


async def full(folder: Path, count: int, *, words: int) -> Store:
    """Make a database of `count` articles: each is in one small topic and in BIG."""
    store = Store(f"sqlite+aiosqlite:///{folder / 'syndicator.db'}")
    await store.upgrade()
    async with store.write() as conn:
        await topics.sync(conn, [BIG, *map(small, range(TOPICS))], now=NOW)
        listed = [f"wire-{n}" for n in range(SOURCES)]
        await sources.sync(conn, [Source(name=name, url=f"https://{name}.example/feed") for name in listed])
    for start in range(0, count, BATCH):
        numbers = range(start, min(start + BATCH, count))
        rows = [_row(number, count, words) for number in numbers]
        hits = [
            {
                "topic": slug, "article_id": number + 1, "score": 3, "because": ["x"], "active": True,
                "backfill": False, "held": False, "matched_at": NOW,
            }
            for number in numbers
            for slug in (f"topic-{number % TOPICS}", BIG.slug)
        ]  # fmt: skip
        async with store.write() as conn:
            await conn.execute(article_rows.insert(), rows)
            await conn.execute(match_rows.insert(), hits)
    return store


def _row(number: int, count: int, words: int) -> dict[str, object]:
    at = NOW - timedelta(minutes=count - number)
    made = article(number, words=words, minutes=count - number)
    return articles.row_of(made, at, at) | {"id": number + 1}
