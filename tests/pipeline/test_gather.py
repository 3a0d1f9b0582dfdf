"""What feeds hold: all topics together, what was taken back, and the same bytes whatever holds the rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from syndicator.assembly import templates_of
from syndicator.model import Article, Catalog, Enclosure, Match, Publish, Rule, Source, Topic
from syndicator.pipeline.gather import site_feed, topic_feed
from syndicator.publish.feed import entry_id
from syndicator.publish.formats import FEEDS
from syndicator.settings import Settings, Site
from syndicator.store import Store, articles, matches, retractions, sources, stories, topics, walk

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from syndicator.publish.feed import Feed

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
NAMES = ("wire", "post", "Ärzte")
CHINA = Topic(slug="china", title="China", rule=Rule(), publish=Publish(content="excerpt"))
JAPAN = Topic(slug="japan", title="Japan", rule=Rule(), stories="all")
SECRET = Topic(slug="secret", title="Secret", rule=Rule(), publish=Publish(private=True))
MUTE = Topic(slug="mute", title="Mute", rule=Rule(), publish=None)
ALL = (CHINA, JAPAN, SECRET, MUTE)
CATALOG = Catalog(version="1", sources={}, topics={topic.slug: topic for topic in ALL})


def article(key: str, source: str = "wire", hours: float = 1, **fields: object) -> Article:
    given = {"title": f"Title {key}", "fingerprint": f"f-{key}", "url": f"https://{source}.example/{key}"}
    given |= {"published_at": NOW - timedelta(hours=hours, microseconds=int(hours * 777))}
    return Article(source=source, key=key, **(given | fields))  # type: ignore[arg-type]


async def prepare(store: Store) -> None:
    await store.upgrade()
    async with store.write() as conn:
        await sources.sync(conn, [Source(name=n, url=f"https://{n}.example/feed") for n in NAMES])
        await topics.sync(conn, ALL, now=NOW)


async def put(store: Store, found: Article, *slugs: str, now: datetime = NOW) -> int:
    async with store.write() as conn:
        (stored,) = (await articles.upsert(conn, found.source, [found], now=now)).touched
        hits = [Match(topic=slug, score=3, because=("x",)) for slug in slugs]
        await matches.record(conn, {stored.id: hits}, now=now)
    return stored.id


async def feeds(store: Store, tmp_path: Path, *, now: datetime = NOW) -> list[Feed]:
    settings = Settings(
        config=tmp_path, root=tmp_path, state=tmp_path, site=Site(base_url="https://d.example")
    )
    templates = templates_of(settings)
    async with store.read() as conn:
        made = [await topic_feed(conn, topic, settings, templates, now=now) for topic in (CHINA, JAPAN)]
        return [*made, await site_feed(conn, CATALOG, settings, templates, now=now)]


async def fill(store: Store) -> None:
    """Rows of every kind, in one order of arrival."""
    await prepare(store)
    many = [
        article(f"ö{n}", NAMES[n % 3], hours=n % 7, tags=("b", "A", "ä"), authors=("Ä", "z"))
        for n in range(40)
    ]
    for one in many:
        await put(store, one, "china", *(["japan"] if one.key.endswith("3") else []))
    body = "<p>Ein <b>Bild</b> &amp; 字 😀</p>"
    files = (Enclosure(url="https://wire.example/a.mp3", type="audio/mpeg", length=7),)
    rich = article("rich", content_html=body, summary="Ein Bild", language="de", enclosures=files)
    id_ = await put(store, rich, "china", "japan")
    later = NOW + timedelta(hours=3, microseconds=123_456)
    await put(store, replace(rich, title="Anders", fingerprint="f2"), "china", "japan", now=later)
    bad = await put(store, article("bad", "post"), "china", "japan")
    async with store.write() as conn:
        found = await articles.get(conn, [bad, id_])
        await retractions.retract(conn, found[bad], reason="No", by="anna", now=later)


async def render(store: Store, tmp_path: Path, **more: datetime) -> list[bytes]:
    return [kind.render(feed) for feed in await feeds(store, tmp_path, **more) for kind in FEEDS.values()]


async def test_the_same_data_are_the_same_bytes_in_every_database_and_after_a_restart(database_url, tmp_path):
    one, two = Store(database_url), Store(f"sqlite+aiosqlite:///{tmp_path / 'other.db'}")
    await fill(one)
    await fill(two)
    first = await render(one, tmp_path)
    assert first == await render(two, tmp_path, now=NOW + timedelta(days=9))
    await one.close()
    again = Store(database_url)
    assert first == await render(again, tmp_path)
    await again.close()
    await two.close()
    assert b"deleted-entry" in first[1]
    assert b"Anders" in first[1]


@pytest.fixture
async def filled(tmp_path):
    store = Store(f"sqlite+aiosqlite:///{tmp_path / 'a.db'}")
    await prepare(store)
    yield store
    await store.close()


def keys(feed: Feed) -> list[str]:
    return [stored.article.key for stored in feed.articles]


async def test_all_topics_together_hold_each_article_once_and_nothing_private(filled, tmp_path):
    both = await put(filled, article("both", hours=1), "china", "japan", "secret")
    await put(filled, article("brief", hours=2), "china")
    await put(filled, article("hidden", hours=3), "secret")
    await put(filled, article("mute", hours=4), "mute")
    await put(filled, article("none", hours=5))
    *_, everything = await feeds(filled, tmp_path)
    assert keys(everything) == ["both", "brief"]
    assert [label.term for label in everything.filed[both]] == ["china", "japan"]
    assert [everything.is_full(stored) for stored in everything.articles] == [True, False]


async def test_a_busy_source_starves_nobody(filled, tmp_path, monkeypatch):
    monkeypatch.setattr(walk, "CHUNK", 7)
    for number in range(30):
        await put(filled, article(f"w{number}", hours=number / 10), "japan")
    for number in range(3):
        await put(filled, article(f"p{number}", "post", hours=50 + number), "japan")
    *_, everything = await feeds(filled, tmp_path)
    assert keys(everything) == [*(f"w{n}" for n in range(10)), "p0", "p1", "p2"]


async def test_a_story_is_told_once_but_for_topics_that_tell_all(filled, tmp_path):
    ids = [
        await put(filled, article("first", hours=2), "china"),
        await put(filled, article("again", "post"), "china"),
    ]
    await tell_together(filled, ids)
    *_, everything = await feeds(filled, tmp_path)
    assert keys(everything) == ["first"]
    assert [each.source for each in everything.articles[0].also_in] == ["post"]
    await put(filled, article("again", "post", fingerprint="new", title="Anew"), "china", "japan", now=NOW)
    *_, everything = await feeds(filled, tmp_path)
    assert keys(everything) == ["again", "first"]


async def tell_together(store: Store, ids: Sequence[int]) -> None:
    async with store.write() as conn:
        await stories.join(conn, (await stories.begin(conn, ids, now=NOW)).values())


async def test_a_changed_article_keeps_its_id_and_moves_updated(filled, tmp_path):
    await put(filled, article("a"), "china")
    before, *_ = await feeds(filled, tmp_path)
    later = NOW + timedelta(hours=1)
    await put(filled, article("a", title="Other words", fingerprint="new"), "china", now=later)
    after, *_ = await feeds(filled, tmp_path)
    old, new = before.articles[0], after.articles[0]
    assert entry_id(old.article) == entry_id(new.article)
    assert (old.updated_at, new.updated_at) == (old.sorted_at, later)
    assert (before.updated_at, after.updated_at) == (NOW, later)


async def test_what_was_taken_back_is_told_as_long_as_an_entry_of_its_age_is_shown(
    filled, tmp_path, monkeypatch
):
    old = await put(filled, article("old", hours=99), "china")
    async with filled.write() as conn:
        found = await articles.get(conn, [old])
        await retractions.retract(conn, found[old], reason="", by="", now=NOW)
    china, *_ = await feeds(filled, tmp_path)
    assert [each.id for each in china.deleted] == [entry_id(found[old].article)]
    for number in range(50):
        await put(filled, article(f"n{number}", f"s{number}", hours=number), "china")
    china, _, everything = await feeds(filled, tmp_path)
    assert len(china.articles) == len(everything.articles) == 50
    assert china.deleted == everything.deleted == ()


@pytest.mark.parametrize("once", [True, False])
async def test_a_big_topic_shows_what_a_small_one_would(database_url, tmp_path, monkeypatch, once):
    store = Store(database_url)
    await fill(store)
    ids = [await put(store, article(f"x{n}", NAMES[n], hours=3), "china") for n in range(3)]
    await tell_together(store, ids)
    monkeypatch.setattr(walk, "CHUNK", 9)
    seen = []
    for big in (1, 10**6):
        monkeypatch.setattr(matches, "BIG", big)
        async with store.read() as conn:
            seen.append(await matches.newest(conn, "china", limit=25, per_source=9, once=once))
    await store.close()
    assert seen[0] == seen[1]
    assert len(seen[0]) == 25
    assert [each.article.key for each in seen[0] if each.also_in] == (["x0"] if once else [])
