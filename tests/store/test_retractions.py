"""Retractions on each database: a match of what was taken back stays off, whoever finds it."""

from __future__ import annotations

from datetime import timedelta

from shelf import NOW, article, window

from syndicator.model import Match
from syndicator.store import Store, articles, matches, names, retention, retractions, together, topics

LATER = NOW + timedelta(hours=1)


async def put(store: Store, *found, hits=("china",), now=NOW):
    async with store.write() as conn:
        touched = (await articles.upsert(conn, found[0].source, found, now=now)).touched
        hit = {one.id: [Match(topic=t, score=3, because=("x",)) for t in hits] for one in touched}
        await matches.record(conn, hit, now=now)
    return touched


async def shown(store: Store, topic: str = "china") -> list[str]:
    async with store.read() as conn:
        return [each.article.key for each in await matches.newest(conn, topic, limit=9)]


async def retract(store: Store, stored, reason: str = "", now=LATER) -> list[str]:
    async with store.write() as conn:
        return await retractions.retract(conn, stored, reason=reason, by="anna", now=now)


async def test_its_matches_stay_off_until_it_is_restored(store):
    one, _ = await put(store, article("a"), article("b"), hits=("china", "japan"))
    assert await retract(store, one) == ["china", "japan"]
    assert await shown(store) == ["b"]
    await put(store, article("a", fingerprint="new", title="Corrected"), hits=("china", "korea"), now=LATER)
    assert (await shown(store), await shown(store, "korea")) == (["b"], [])
    async with store.write() as conn:
        assert await retractions.among(conn, [one.id, one.id + 1]) == {one.id}
        assert await retractions.restore(conn, "wire", "a")
        assert not await retractions.restore(conn, "wire", "a")
    await put(store, article("a", fingerprint="newer", title="Corrected again"), now=LATER)
    assert sorted(await shown(store)) == ["a", "b"]


async def test_no_window_of_a_digest_and_no_count_holds_it(store):
    one, _ = await put(store, article("a"), article("b"))
    await retract(store, one)
    async with store.read() as conn:
        found, total = await window(conn, "china", after=0, upto=99)
        assert ([each.article.key for each in found], total) == (["b"], 1)
        assert (await matches.counts(conn))["china"][0] == 1
        assert await together.topics_of(conn, one.id) == []


async def test_the_newest_article_of_a_topic_comes_first_among_the_retracted(store):
    old, new = article("old", published_at=NOW - timedelta(days=2)), article("new", published_at=NOW)
    for stored in reversed(await put(store, old, new)):
        await retract(store, stored, reason=stored.article.key)
    (other,) = await put(store, article("other"), hits=("japan",))
    await retract(store, other)
    async with store.read() as conn:
        found = await retractions.of_topic(conn, "china", limit=9)
        assert [(each.key, each.reason, each.at) for each in found] == [
            ("new", "new", LATER), ("old", "old", LATER),
        ]  # fmt: skip
        assert len(await retractions.of_topic(conn, "china", limit=1)) == 1
        assert {each.key for each in await retractions.list_all(conn, limit=9)} == {"old", "new", "other"}


async def test_said_again_it_keeps_its_date(store):
    (one,) = await put(store, article("a"))
    await retract(store, one)
    assert await retract(store, one, reason="Because", now=LATER + timedelta(days=1)) == []
    async with store.read() as conn:
        found = await retractions.get(conn, "wire", "a")
    assert (found.reason, found.at) == ("Because", LATER)


async def test_what_was_purged_and_returns_is_still_retracted(store):
    (one,) = await put(store, article("a", published_at=NOW - timedelta(days=400)), now=NOW)
    await retract(store, one)
    far = NOW + timedelta(days=9_000)
    async with store.write() as conn:
        await topics.sync(conn, [], now=NOW)
        assert await retention.purge(conn, now=far, keep=retention.SHORTEST, limit=9) == 1
        assert await retractions.of_topic(conn, "china", limit=9) == []
        assert [each.key for each in await retractions.find(conn, "a", limit=9)] == ["a"]
        far += 2 * retention.TOMBSTONES
        assert await retention.purge(conn, now=far, keep=retention.SHORTEST, limit=9) == 0
        assert await names.known(conn, "wire", ["a"]) == {}, "even its name is forgotten"
    assert await put(store, article("a"), now=far)
    assert await shown(store) == []
