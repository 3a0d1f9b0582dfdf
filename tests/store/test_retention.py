"""Retention: what is deleted, what stays, and that nothing comes back as news."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from shelf import NOW, article
from sqlalchemy import func, select, update

from syndicator.model import Match, Publish, Source
from syndicator.store import articles, matches, names, schema, sources, subscribers, topics
from syndicator.store.retention import TOMBSTONES, purge

if TYPE_CHECKING:
    from syndicator.model import Article
    from syndicator.store import Store
    from syndicator.store.articles import Stored

DAY = timedelta(days=1)
KEEP = 60 * DAY
NONE = {"china": Publish(items=0)}


def old(key: str, **fields: object) -> Article:
    given = {"published_at": NOW, "text": f"About {key}.", "wire": key}
    return article(key, **(given | fields))


async def put(store: Store, *found: Article, now=NOW, match: bool = True) -> Stored:
    async with store.write() as conn:
        done = await articles.upsert(conn, "wire", found, now=now)
        hits = [Match(topic="china", score=3, because=("x",))] if match else []
        await matches.record(conn, {each.id: hits for each in done.new}, now=now)
        await sources_at(conn, now)
    return done


async def sources_at(conn, now) -> None:
    values = {"last_success_at": now, "last_change_at": now, "state": "ok"}
    await conn.execute(update(schema.sources).values(values))


async def gone(store: Store, days: int, *, limit: int = 99, publish=NONE) -> int:
    async with store.write() as conn:
        return await purge(conn, now=NOW + days * DAY, keep=KEEP, limit=limit, publish=publish)


async def left(store: Store) -> list[str]:
    async with store.read() as conn:
        return sorted((await conn.execute(select(schema.articles.c.key))).scalars())


async def test_what_no_feed_shows_goes_with_its_matches(store: Store) -> None:
    await put(store, old("a"), old("b"))
    await put(store, old("c"), now=NOW + 50 * DAY)
    assert await gone(store, 59) == 0
    assert await gone(store, 61) == 2
    assert await left(store) == ["c"]
    async with store.read() as conn:
        assert await conn.scalar(select(func.count()).select_from(schema.matches)) == 1


async def test_it_goes_in_bounded_batches(store: Store) -> None:
    await put(store, *(old(f"a{n}") for n in range(450)), match=False)
    await put(store, old("c"), now=NOW + 50 * DAY)
    assert [await gone(store, 61, limit=200) for _ in range(4)] == [200, 200, 50, 0]


@pytest.mark.parametrize("field", ["key", "guid"])
async def test_what_was_purged_is_not_new_when_it_returns(store: Store, field: str) -> None:
    first = old("a")
    async with store.write() as conn:
        await articles.upsert(conn, "wire", [first], now=NOW, also={"a": [("guid", "g")]})
    await put(store, old("c"), now=NOW + 50 * DAY)
    assert await gone(store, 61) == 1
    back = first if field == "key" else replace(first, key="other", wire="other")
    back = replace(back, text="All new.") if field == "guid" else back
    now = NOW + 62 * DAY
    also = {back.key: [("guid", "g")]} if field == "guid" else {}
    async with store.write() as conn:
        done = await articles.upsert(conn, "wire", [back], now=now, also=also)
    assert done == articles.Stored()
    async with store.read() as conn:
        seen = await names.known(conn, "wire", [back.key])
    assert seen[back.key][:2] == (None, back.wire), "it is not read again either"


async def test_a_tombstone_has_its_time(store: Store) -> None:
    await put(store, old("a"))
    await put(store, old("c"), now=NOW + 50 * DAY)
    await gone(store, 61)
    days = 61 + TOMBSTONES // DAY + 1
    async with store.write() as conn:
        await sources_at(conn, NOW + 50 * DAY)
        await purge(conn, now=NOW + days * DAY, keep=3000 * DAY, limit=9)
        assert await names.known(conn, "wire", ["a"]) == {}


async def test_the_last_document_of_a_silent_source_stays(store: Store) -> None:
    """A feed may answer 304 for years; as long as it answers, it still shows what it showed."""
    await put(store, old("a"))
    async with store.write() as conn:
        await conn.execute(update(schema.sources).values(last_success_at=NOW + 300 * DAY))
    assert await gone(store, 300) == 0
    assert await gone(store, 361) == 1, "it has been dead for long"


async def test_what_a_document_still_shows_is_noted_and_stays(store: Store) -> None:
    await put(store, old("a"), old("b"))
    now = NOW + 50 * DAY
    async with store.write() as conn:
        seen = await names.known(conn, "wire", ["a"])
        await articles.upsert(conn, "wire", [], now=now, seen=seen)
        await sources_at(conn, now)
    assert await gone(store, 61) == 1
    assert await left(store) == ["a"]


async def test_articles_of_a_source_that_left_the_catalog_go(store: Store) -> None:
    await put(store, old("a"))
    async with store.write() as conn:
        await sources.sync(conn, [Source(name="post", url="https://post.example/feed")])
        await conn.execute(update(schema.sources).values(last_success_at=NOW + 60 * DAY))
    assert await gone(store, 61) == 1


async def test_what_a_topics_documents_hold_stays(store: Store) -> None:
    await put(store, *(old(f"a{n}", published_at=NOW - n * DAY) for n in range(9)))
    await put(store, old("c"), now=NOW + 50 * DAY, match=False)
    publish = {"china": Publish(items=9, per_source=3)}
    assert await gone(store, 61, publish=publish) == 0  # they wait for a page of the archive
    async with store.write() as conn:
        await conn.execute(update(schema.matches).values(archived=True))
    assert await gone(store, 61, publish=publish) == 6
    assert await left(store) == ["a0", "a1", "a2", "c"]


async def test_what_waits_for_a_digest_stays(store: Store) -> None:
    await put(store, old("a"), old("b"))
    await put(store, old("c"), now=NOW + 50 * DAY)
    async with store.write() as conn:
        await topics.sync(conn, [], now=NOW)
        id_ = await subscribers.put(conn, "r@reader.example", language="", slot=None, now=NOW)
        await subscribers.subscribe(conn, id_, ["china"], state="active", now=NOW)
        await conn.execute(update(schema.subscriptions).values(cursor=1))
    assert await gone(store, 61) == 1
    assert await left(store) == ["b", "c"]
