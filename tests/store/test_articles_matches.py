"""Articles and matches: stored once, numbered in order of arrival, never mailed twice."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from shelf import NOW, article, window

from syndicator.model import Enclosure, Match
from syndicator.store import Store, articles, matches, topics


def hit(topic: str = "china", score: float = 3) -> Match:
    return Match(topic=topic, score=score, because=("title: china",))


async def put(store: Store, *found, hits=("china",), now=NOW, backfill=False):
    async with store.write() as conn:
        touched = (await articles.upsert(conn, found[0].source, found, now=now)).touched
        by_id = {stored.id: [hit(topic) for topic in hits] for stored in touched}
        changed = await matches.record(conn, by_id, now=now, backfill=backfill)
    return touched, changed


async def test_an_article_comes_back_as_it_was_stored(store):
    given = article(
        "a",
        published_at=NOW - timedelta(hours=3, microseconds=7),
        authors=("Anna", "博"),
        tags=("China",),
        text="本文 text",
        enclosures=(Enclosure(url="https://x.example/a.mp3", type="audio/mpeg", length=7),),
    )
    await put(store, given)
    async with store.read() as conn:
        (found,) = await matches.newest(conn, "china", limit=9)
    assert found.article == given
    assert (found.arrived_at, found.changed_at, found.sorted_at) == (NOW, NOW, given.published_at)
    assert (found.because, found.score, found.source_url) == (
        ("title: china",), 3, "https://wire.example/feed",
    )  # fmt: skip


async def test_the_same_articles_again_touch_nothing(store):
    await put(store, article("a"), article("b"))
    touched, changed = await put(store, article("a"), article("b"), now=NOW + timedelta(hours=1))
    assert (touched, changed) == ([], set())


async def test_a_changed_article_keeps_its_id_and_arrival(store):
    (first,), _ = await put(store, article("a"))
    later = NOW + timedelta(hours=1)
    (second,), changed = await put(store, article("a", fingerprint="new", title="Corrected"), now=later)
    assert (second.id, second.arrived_at, second.changed_at) == (first.id, NOW, later)
    assert second.article.title == "Corrected"
    assert changed == {"china"}, "its documents are stale although the match is the same"


async def test_the_same_key_in_two_sources_is_two_articles(store):
    await put(store, article("a"))
    touched, _ = await put(store, article("a", source="post"))
    assert len(touched) == 1


async def test_older_articles_arrive_first_within_a_pull(store):
    new, old = article("new", published_at=NOW), article("old", published_at=NOW - timedelta(days=9))
    touched, _ = await put(store, new, old)
    assert [stored.article.key for stored in sorted(touched, key=lambda s: s.id)] == ["old", "new"]


async def test_a_match_that_goes_and_returns_keeps_its_number(store):
    (stored,), _ = await put(store, article("a"))
    async with store.write() as conn:
        assert await matches.record(conn, {stored.id: []}, now=NOW) == {"china"}
    async with store.read() as conn:
        assert await matches.newest(conn, "china", limit=9) == []
    async with store.write() as conn:
        await matches.record(conn, {stored.id: [hit(score=7)]}, now=NOW, backfill=True)
    async with store.read() as conn:
        (found,), total = await window(conn, "china", after=0, upto=99)
    assert (found.seq, found.score, total) == (1, 7, 1)


async def test_what_an_edited_rule_found_is_published_and_not_mailed(store):
    await put(store, article("a"), backfill=True)
    async with store.read() as conn:
        assert len(await matches.newest(conn, "china", limit=9)) == 1
        assert await window(conn, "china", after=0, upto=99) == ([], 0)


async def test_recording_for_some_topics_leaves_the_others_alone(store):
    (stored,), _ = await put(store, article("a"), hits=("china", "fraud"))
    async with store.write() as conn:
        changed = await matches.record(conn, {stored.id: []}, now=NOW, topics=["fraud"])
    assert changed == {"fraud"}
    async with store.read() as conn:
        assert len(await matches.newest(conn, "china", limit=9)) == 1


async def test_a_busy_source_does_not_push_out_the_others(store):
    busy = [article(f"w{i}", published_at=NOW - timedelta(minutes=i)) for i in range(20)]
    await put(store, *busy)
    await put(store, article("p", source="post", published_at=NOW - timedelta(days=1)))
    async with store.read() as conn:
        found = await matches.newest(conn, "china", limit=6, per_source=5)
    assert [stored.article.key for stored in found] == ["w0", "w1", "w2", "w3", "w4", "p"]


async def test_a_window_gives_the_best_and_counts_all(store):
    touched, _ = await put(store, *(article(f"a{i}") for i in range(5)))
    async with store.write() as conn:
        await matches.record(conn, {touched[3].id: [hit(score=9)]}, now=NOW)
    async with store.read() as conn:
        found, total = await window(conn, "china", after=1, upto=4)
    assert total == 3
    assert found[0].id == touched[3].id


async def test_a_cut_waits_for_arrivals_under_way(database_url, store):
    """A lower number that commits after the cut would never be mailed."""
    if database_url.startswith("sqlite"):
        pytest.skip("SQLite has one writer: a cut cannot run beside an arrival")
    (stored,), _ = await put(store, article("a"), hits=())
    cut = asyncio.Event()

    async def cutter() -> int:
        async with store.write() as conn:
            number = await matches.cut(conn)
            cut.set()
        return number

    async with store.write() as conn:
        await matches.record(conn, {stored.id: [hit()]}, now=NOW)
        task = asyncio.create_task(cutter())
        await asyncio.sleep(0.2)
        assert not cut.is_set()
    assert await task == 1


async def test_touch_and_published(store):
    async with store.write() as conn:
        await topics.sync(conn, [], now=NOW)
        await topics.touch(conn, [])
        (stale,) = await topics.stale(conn)
        assert stale == ("", 2)
        await topics.touch(conn, [])  # while it is being rendered
        await topics.set_published(conn, "", 2)
        assert await topics.stale(conn) == [("", 3)]
        await topics.set_published(conn, "", 3)
        assert await topics.stale(conn) == []


async def test_the_archive_is_read_in_chunks(store):
    await put(store, *(article(f"a{i}") for i in range(7)))
    async with store.read() as conn:
        sizes = [len(chunk) async for chunk in articles.scan(conn, chunk=3)]
    assert sizes == [3, 3, 1]


async def test_what_the_flood_guard_holds_is_published_and_not_mailed_until_it_is_released(store):
    async with store.write() as conn:
        found = (await articles.upsert(conn, "wire", [article("a"), article("b")], now=NOW)).new
        hits = {stored.id: [hit()] for stored in found}
        await matches.record(conn, hits, now=NOW, held={found[0].id})
        await matches.record(conn, {found[1].id: [hit()]}, now=NOW, backfill=True)
    async with store.read() as conn:
        assert len(await matches.newest(conn, "china", limit=9)) == 2
        assert (await window(conn, "china", after=0, upto=99))[1] == 1
        assert await matches.held_by_source(conn) == {"wire": 1}
    later = NOW + timedelta(hours=1)
    async with store.write() as conn:
        assert await matches.release(conn, "post", now=later) == 0
        assert await matches.release(conn, "wire", now=later) == 1
        assert await matches.release(conn, "wire", now=later) == 0
    async with store.read() as conn:
        (found_now,), total = await window(conn, "china", after=2, upto=99)
        assert (found_now.id, total) == (found[0].id, 1), "it arrives now, after all windows that were cut"
        assert await matches.before(conn, later) == 2


async def test_a_quiet_change_makes_a_document_stale_only_by_coming_or_going(store):
    (stored,), _ = await put(store, article("a"))
    async with store.write() as conn:
        quiet = {stored.id}
        assert await matches.record(conn, {stored.id: [hit(score=9)]}, now=NOW, quiet=quiet) == set()
        both = {stored.id: [hit(), hit("fraud")]}
        assert await matches.record(conn, both, now=NOW, quiet=quiet) == {"fraud"}
        assert await matches.record(conn, {stored.id: [hit("fraud")]}, now=NOW, quiet=quiet) == {"china"}
        assert await matches.record(conn, {stored.id: [hit("fraud")]}, now=NOW) == {"fraud"}
