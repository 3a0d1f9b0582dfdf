"""The archive, read newest first in portions; articles found by what one knows of them; matches let go."""

from __future__ import annotations

from datetime import timedelta

import pytest
from shelf import NOW, article, window

from syndicator.model import Match
from syndicator.store import archive, articles, matches

HOUR = timedelta(hours=1)


async def put(store, *found, now=NOW):
    async with store.write() as conn:
        return (await articles.upsert(conn, found[0].source, found, now=now)).new


async def read(store, **how):
    """All of it, in portions of two."""
    order, found, before = how.get("order", "published"), [], None
    while True:
        async with store.read() as conn:
            portion = await archive.newest(conn, before=before, limit=2, **how)
        if not portion:
            return [each.article.key for each in found]
        found += portion
        before = archive.place(portion[-1], order)


async def test_portions_are_newest_first_and_hold_each_article_once(store):
    same = [article(name, published_at=NOW - HOUR) for name in "abc"]  # one instant: the id decides
    await put(store, *same, article("old", published_at=NOW - 9 * HOUR), article("undated"))
    await put(store, article("late", published_at=NOW - 5 * HOUR), now=NOW + HOUR)
    assert await read(store) == ["undated", "c", "b", "a", "late", "old"]
    assert await read(store, since=NOW - 5 * HOUR) == ["undated", "c", "b", "a", "late"]
    arrived = await read(store, order="arrived")
    assert (arrived[0], set(arrived)) == ("late", {"late", "undated", "a", "b", "c", "old"})
    assert await read(store, order="arrived", since=NOW + HOUR) == ["late"]


async def test_what_is_read_is_what_rules_look_at(store):
    given = article(
        "a",
        text="body",
        summary="sum",
        tags=("T",),
        authors=("A",),
        language="en",
        content_html="<p>body</p>",
    )
    await put(store, given)
    async with store.read() as conn:
        (found,) = await archive.newest(conn, limit=9)
        assert await archive.count(conn) == 1
    for name in ("source", "key", "title", "url", "text", "summary", "tags", "authors", "language"):
        assert getattr(found.article, name) == getattr(given, name), name
    assert found.article.content_html == "", "the HTML of a whole archive is not read for nothing"


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        ("https://wire.example/a", ["a"]),
        ("guid-b", ["b"]),
        ("harbour", ["b", "a"]),
        ("HARBOUR", ["b", "a"]),
        ("new harbour", ["a"]),
        ("100% sure_", ["c"]),
        ("100_ sure", []),
        ("sure%", []),
        ("99999999999999999999", []),
        ("nothing like it", []),
    ],
)
async def test_articles_are_found_by_address_or_title(store, words, keys):
    await put(
        store,
        article("a", title="A new harbour", published_at=NOW - 3 * HOUR),
        article("b", title="Harbour closed", guid="guid-b", published_at=NOW - 2 * HOUR),
        article("c", title="100% sure_thing", published_at=NOW - HOUR),
    )
    async with store.read() as conn:
        assert [each.article.key for each in await archive.find(conn, words, limit=5)] == keys


async def test_names_that_two_sources_share_and_names_that_are_none(store):
    await put(store, article("k-1", title="One", guid="g-1"))
    await put(store, article("k-1", title="Two", guid="g-1", source="post"))
    async with store.read() as conn:
        for name in ("g-1", "k-1"):
            assert {one.article.title for one in await archive.find(conn, name, limit=5)} == {"One", "Two"}
        for name in ("nothing", "9" * 40, "'; DROP TABLE articles", "²"):
            assert await archive.find(conn, name, limit=5) == []


async def test_an_id_is_found_before_a_number_in_a_title(store):
    (first,) = await put(store, article("a", title="Plain"))
    (other,) = await put(store, article("b", title=f"Number {first.id} wins"))
    async with store.read() as conn:
        (found,) = await archive.find(conn, str(first.id), limit=5)
        assert (found.id, found.article) == (first.id, article("a", title="Plain")), "whole"
        assert [each.id for each in await archive.find(conn, f"number {first.id}", limit=5)] == [other.id]


async def test_what_is_stored_of_an_article_in_a_topic(store):
    (one,) = await put(store, article("a"))
    hit = Match(topic="china", score=5, because=("title: china",))
    async with store.write() as conn:
        assert await archive.standing(conn, "china", one.id) is None
        await matches.record(conn, {one.id: [hit]}, now=NOW, backfill=True)
        assert await archive.standing(conn, "china", one.id) == {
            "active": True, "backfill": True, "held": False, "score": 5, "matched_at": NOW,
        }  # fmt: skip


async def test_what_an_edit_found_is_let_into_the_next_window_once(store):
    old, new = article("old", published_at=NOW - 9 * HOUR), article("new", published_at=NOW - HOUR)
    held, live, other = article("held"), article("live"), article("other")
    ids = {each.article.key: each.id for each in await put(store, old, new, held, live, other)}
    hit = Match(topic="china", score=5, because=("title: china",))
    async with store.write() as conn:
        await matches.record(conn, {ids["live"]: [hit]}, now=NOW)
        found = {ids[key]: [hit] for key in ("old", "new")}
        await matches.record(conn, found, now=NOW, backfill=True, topics=["china"])
        await matches.record(conn, {ids["held"]: [hit]}, now=NOW, held={ids["held"]})
        fraud = Match(topic="fraud", score=5, because=("title: fraud",))
        await matches.record(conn, {ids["other"]: [fraud]}, now=NOW, backfill=True, topics=["fraud"])
    async with store.write() as conn:
        cursor = await matches.cut(conn)
        assert await matches.release_edit(conn, "china", since=NOW - 2 * HOUR, now=NOW) == 1
        assert await matches.release_edit(conn, "china", since=NOW - 2 * HOUR, now=NOW) == 0
        found, total = await window(conn, "china", after=cursor, upto=99)
        assert ([each.article.key for each in found], total) == (["new"], 1)
        assert (await window(conn, "fraud", after=0, upto=99))[1] == 0
        assert len(await matches.newest(conn, "china", limit=9)) == 4, "feeds go on showing all"
        assert await matches.release(conn, "wire", now=NOW) == 1, "the flood guard's are still held"
