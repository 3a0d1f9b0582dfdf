"""Stories in the database: grouped in a pull's transaction, told once, and an admin's word that is kept."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from copies import BAKERY, HARBOUR, NOW, RIVER_ZH, article, joined, sentences
from shelf import window
from sqlalchemy import delete, func, select, update

from syndicator.model import Match, Publish
from syndicator.pipeline.grouping import Recent, group
from syndicator.store import articles, leads, matches, retention, schema, stories, windows
from syndicator.store.dialect import lock_arrivals
from syndicator.store.schema import signatures, story_bars
from syndicator.store.schema import stories as story_table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from syndicator.model import Article
    from syndicator.store import Store

FERRY = article(HARBOUR, "The ferry across the bay stops at the end of winter", source="wire", key="ferry")
COPY = replace(FERRY, source="post", key="boats", title="No more boats", url="https://post.example/boats")
CUT = replace(FERRY, source="news", key="cut", text=joined(sentences(HARBOUR)[:4]))
BREAD = article(BAKERY, "A baker may burn his oven at night", source="wire", key="bread")
WALL = article(RIVER_ZH, "江城老城区防洪墙明年三月起分段加高", source="post", key="wall")


class Desk:
    """A store, the window of one process, and pulls that bring what they are told."""

    def __init__(self, store: Store) -> None:
        self.store, self.recent, self.now = store, Recent(), NOW

    async def pull(self, *found: Article, hits: Iterable[str] = ("sea",)) -> list[int]:
        """Store articles of one source as a pull does; give their ids."""
        async with self.store.write() as conn:
            await lock_arrivals(conn, exclusive=False)
            done = await articles.upsert(conn, found[0].source, found, now=self.now)
            self.touched = await group(conn, self.recent, done.touched, now=self.now)
            by_id = {one.id: [Match(topic=t, score=3, because=("x",)) for t in hits] for one in done.touched}
            await matches.record(conn, by_id, now=self.now)
        return [one.id for one in done.touched]

    async def stories(self, *ids: int) -> list[int]:
        async with self.store.read() as conn:
            places = await stories.places(conn, ids)
        return [places[id_].story for id_ in ids]

    async def newest(self, topic: str = "sea", *, once: bool = True):
        async with self.store.read() as conn:
            return await matches.newest(conn, topic, limit=9, per_source=9, once=once)

    async def window(self, after: int, told: Collection[int] | None, *, upto: int = 99):
        async with self.store.read() as conn:
            return await window(conn, "sea", after=after, upto=upto, told=told)

    async def count(self, table) -> int:
        async with self.store.read() as conn:
            return await conn.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


async def test_who_tells_the_same_is_in_one_story_whoever_comes_when(desk: Desk) -> None:
    (first, bread), (copy,) = await desk.pull(FERRY, BREAD), await desk.pull(COPY)
    (cut,) = await desk.pull(CUT)
    (wall,) = await desk.pull(WALL)
    of = await desk.stories(first, copy, cut, bread, wall)
    assert of[0] == of[1] == of[2]
    assert len(set(of)) == 3
    assert await desk.count(story_table) == 3, "what ended is gone"


async def test_two_of_one_pull_meet_too(desk: Desk) -> None:
    ids = await desk.pull(
        FERRY, replace(FERRY, key="again", url="https://wire.example/2", title="Ferry stops")
    )
    assert len(set(await desk.stories(*ids))) == 1


async def test_a_new_process_and_another_host_know_what_was_signed(desk: Desk, store: Store) -> None:
    other = Desk(store)
    (first,), (copy,) = await desk.pull(FERRY), await other.pull(COPY)
    (cut,) = await desk.pull(CUT)
    assert len(set(await desk.stories(first, copy, cut))) == 1
    (again,) = await Desk(store).pull(replace(COPY, source="late", key="late"))
    assert await desk.stories(again) == await desk.stories(first)


async def test_a_pull_that_failed_leaves_nothing_behind(desk: Desk) -> None:
    async with desk.store.write() as conn:
        done = await articles.upsert(conn, "wire", [FERRY], now=NOW)
        await group(conn, desk.recent, done.touched, now=NOW)
        await conn.rollback()
    (copy,) = await desk.pull(COPY)
    (cut,) = await desk.pull(CUT)
    assert len(set(await desk.stories(copy, cut))) == 1
    assert await desk.count(story_table) == 1


async def test_pulls_at_the_same_time_put_one_story_together(desk: Desk, store: Store) -> None:
    desks = [Desk(store) for _ in range(4)]
    found = [replace(COPY, source=f"s{n}", key=f"k{n}") for n in range(4)]
    ids = [id_ for done in await asyncio.gather(*map(Desk.pull, desks, found)) for id_ in done]
    assert len(set(await desk.stories(*ids))) == 1


async def test_what_is_older_than_the_window_stands_alone(desk: Desk) -> None:
    await desk.pull(FERRY)
    desk.now = NOW + timedelta(days=8)
    (late,) = await desk.pull(COPY)
    async with desk.store.read() as conn:
        assert await stories.places(conn, [late]) == {}
    assert [each.article.key for each in await desk.newest()] == ["boats", "ferry"]


async def test_the_window_forgets_what_is_too_old(desk: Desk) -> None:
    await desk.pull(FERRY)
    async with desk.store.write() as conn:
        await stories.forget(conn, before=NOW + timedelta(seconds=1))
    assert await desk.count(signatures) == 0
    desk.now = NOW + timedelta(days=2)
    await desk.pull(replace(BREAD, published_at=desk.now))
    assert len(desk.recent.near) == 0, "built again, before its own rows are read"


async def test_an_edited_article_is_grouped_again(desk: Desk) -> None:
    (first,), (copy,) = await desk.pull(FERRY), await desk.pull(COPY)
    (_,) = await desk.pull(replace(COPY, text=BAKERY, title="A baker may burn his oven", fingerprint="new"))
    one, other = await desk.stories(first, copy)
    assert one != other
    assert desk.touched == {"sea"}, "the ferry's document no longer names the other source"
    (bread,) = await desk.pull(replace(BREAD, source="daily"))
    assert await desk.stories(bread) == [other]
    (_,) = await desk.pull(replace(COPY, fingerprint="old again"))
    assert await desk.stories(copy) == [one]


async def test_whom_nobody_can_be_compared_with_stays_in_its_story(desk: Desk) -> None:
    """A trivial edit, when the signature of the first telling is gone: still one story, and still split."""
    (first,) = await desk.pull(FERRY)
    (copy,) = await desk.pull(COPY)
    (story,) = {*await desk.stories(first, copy)}
    async with desk.store.write() as conn:
        await conn.execute(delete(signatures).where(signatures.c.article_id == first))
    desk.recent = Recent()
    await desk.pull(replace(COPY, title=f"{COPY.title}, update", fingerprint="new"))
    assert await desk.stories(first, copy) == [story, story]


async def test_an_edit_that_changes_little_changes_no_story(desk: Desk) -> None:
    (first,), (copy,) = await desk.pull(FERRY), await desk.pull(COPY)
    before = await desk.stories(first, copy)
    await desk.pull(replace(COPY, title="No more boats on the bay", fingerprint="new"))
    await desk.pull(replace(FERRY, title="The ferry stops", fingerprint="new"))
    assert await desk.stories(first, copy) == before
    (wall,) = await desk.pull(WALL)
    alone = await desk.stories(wall)
    await desk.pull(replace(WALL, text=BAKERY, title="Bread", fingerprint="new"))
    assert await desk.stories(wall) == alone, "who is alone takes the story along"


async def test_a_topic_shows_who_came_first_and_where_else_it_is_told(desk: Desk) -> None:
    await desk.pull(FERRY, BREAD)
    before = await desk.newest()
    await desk.pull(COPY)
    assert desk.touched == {"sea"}
    await desk.pull(replace(COPY, source="other", key="o"), hits=("bay",))
    await desk.pull(CUT)
    after = await desk.newest()
    assert [one.id for one in after] == [one.id for one in before], "nothing moves"
    (ferry,) = [one for one in after if one.article.key == "ferry"]
    assert [(each.source, each.url) for each in ferry.also_in] == [
        ("post", "https://post.example/boats"),
        ("news", ""),
    ], "in this topic, as they came"
    assert len(await desk.newest(once=False)) == 4
    assert all(not one.also_in for one in await desk.newest(once=False))
    (bay,) = await desk.newest("bay")
    assert (bay.article.source, bay.also_in) == ("other", ())


async def test_a_story_stays_by_whoever_has_room_where_a_source_has_none(desk: Desk) -> None:
    """The place and the name are those of the first, whoever speaks."""
    await desk.pull(FERRY)
    await desk.pull(COPY)
    await desk.pull(CUT)
    later = [
        replace(BREAD, key=f"b{n}", title=f"Bread {n}", text=f"{n} {word}") for n, word in enumerate("xy")
    ]
    await desk.pull(*later, hits=("sea",))

    async def feed(per_source: int, limit: int = 9) -> list[tuple[str, list[str]]]:
        async with desk.store.read() as conn:
            found = await matches.newest(conn, "sea", limit=limit, per_source=per_source, once=True)
            assert all(one.entry == ("wire", "ferry") for one in found if one.article.key in ("boats", "cut"))
        return [(one.article.key, [each.source for each in one.also_in]) for one in found]

    assert await feed(3) == [("b1", []), ("b0", []), ("ferry", ["post", "news"])]
    assert await feed(2) == [("b1", []), ("b0", []), ("boats", ["wire", "news"])]
    assert await feed(2) == await feed(2)
    assert await feed(2, limit=2) == [("b1", []), ("b0", [])]
    await desk.pull(replace(WALL, key="w0"), replace(BREAD, source="post", key="p", text="none of it"))
    assert await feed(2) == [("p", []), ("w0", []), ("b1", []), ("b0", []), ("cut", ["wire", "post"])]
    assert await feed(1) == [("p", []), ("b1", []), ("cut", ["wire", "post"])]


async def test_a_purge_keeps_what_speaks_for_a_story(desk: Desk) -> None:
    await desk.pull(FERRY)
    await desk.pull(COPY)
    await desk.pull(BREAD)
    assert await purge(desk, Publish(per_source=1)) == 0
    assert await purge(desk, Publish(per_source=1), tell_all=["sea"]) == 1


async def test_a_source_with_many_tellings_is_named_once_and_not_beside_itself(desk: Desk) -> None:
    await desk.pull(FERRY)
    await desk.pull(replace(FERRY, key="2", title="Again", url="https://wire.example/2"))
    await desk.pull(COPY, replace(COPY, key="3", title="And again", url="https://post.example/3"))
    (ferry,) = await desk.newest()
    assert [each.source for each in ferry.also_in] == ["post"]
    for number in range(15):
        await desk.pull(replace(COPY, source=f"s{number:02}", key="k"))
    (ferry,) = await desk.newest()
    assert len(ferry.also_in) == 10, "a list that ends"


async def test_a_window_tells_a_story_once_and_not_to_whom_it_was_told(desk: Desk) -> None:
    (ferry, _) = await desk.pull(FERRY, BREAD)  # 1, 2
    await desk.pull(COPY)  # 3
    (story,) = await desk.stories(ferry)
    found, total = await desk.window(0, ())
    assert (total, {one.article.key for one in found}) == (2, {"ferry", "bread"})
    assert [each.source for each in next(one for one in found if one.story and one.also_in).also_in] == [
        "post"
    ]
    await desk.pull(CUT)  # 4
    assert await desk.window(3, {story}) == ([], 0), "told in the digest before"
    assert (await desk.window(3, None))[1] == 1, "unless the topic shows all"
    found, _ = await desk.window(3, ())
    assert [one.article.key for one in found] == ["cut"], "others never had it"
    found, total = await desk.window(2, (), upto=2)
    assert (found, total) == ([], 0)
    async with desk.store.read() as conn:
        assert await leads.continued(conn, "sea", after=0, upto=99) == {story: 4}
        assert await leads.continued(conn, "sea", after=1, upto=2) == {}, "bread has no other article"


async def test_what_ranks_the_candidates_of_a_window(desk: Desk) -> None:
    (ferry, bread) = await desk.pull(FERRY, BREAD)  # 1, 2
    (copy,) = await desk.pull(COPY)  # 3
    (story,) = await desk.stories(ferry)

    async def candidates(after: int, told: Collection[int] | None, upto: int = 99):
        async with desk.store.read() as conn:
            found, total = await windows.candidates(conn, "sea", after=after, upto=upto, told=told)
        assert len(found) == total
        return {each.id: each for each in found}

    both = await candidates(0, ())
    assert both[ferry].speakers == ((ferry, "wire"), (copy, "post"))
    assert (both[ferry].story, both[ferry].sources, both[bread].sources) == (story, 2, 1)
    assert (both[ferry].score, both[ferry].language) == (3, FERRY.language)
    assert both[ferry].characters == len(FERRY.text)
    late = (await candidates(2, ()))[copy]
    assert (late.speakers, late.sources) == (((copy, "post"),), 2), "the window holds one, two tell it"
    early = (await candidates(0, (), upto=2))[ferry]
    assert (early.speakers, early.sources) == (((ferry, "wire"),), 2)
    every = await candidates(0, None)
    assert {id_: len(each.speakers) for id_, each in every.items()} == {ferry: 1, bread: 1, copy: 1}
    assert every[copy].story == story


async def split(desk: Desk, story: int, *ids: int) -> int:
    async with desk.store.write() as conn:
        return await stories.split(conn, story, ids, now=NOW)


async def join(desk: Desk, *found: int) -> int:
    async with desk.store.write() as conn:
        return await stories.join(conn, found)


async def test_a_split_is_remembered_over_pulls_edits_and_restarts(desk: Desk, store: Store) -> None:
    (first,), (copy,) = await desk.pull(FERRY), await desk.pull(COPY)
    (story,) = await desk.stories(first)
    made = await split(desk, story, copy)
    assert await desk.stories(first, copy) == [story, made]
    desk = Desk(store)
    (cut,) = await desk.pull(CUT)
    (more,) = await desk.pull(replace(COPY, source="late", key="late"))
    assert (await desk.stories(first, copy)) == [story, made]
    assert {*await desk.stories(cut, more)} <= {story, made}
    await desk.pull(replace(COPY, title="No boats at all", fingerprint="new"))
    await desk.pull(replace(FERRY, title="Ferry stops", fingerprint="new"))
    assert await desk.stories(first, copy) == [story, made]
    assert len(await desk.newest()) == 2


async def test_a_split_holds_for_the_stories_that_join_either_side(desk: Desk) -> None:
    (first,), (copy,) = await desk.pull(FERRY), await desk.pull(COPY)
    (wall,) = await desk.pull(WALL)
    (story,) = await desk.stories(first)
    made = await split(desk, story, copy)
    (alone,) = await desk.stories(wall)
    assert await join(desk, alone, made) == min(alone, made)
    async with desk.store.read() as conn:
        assert await stories.bars(conn, [story]) == {tuple(sorted((story, min(alone, made))))}
    assert await join(desk, story, made, alone) == story
    assert await desk.count(story_bars) == 0, "the last word counts"
    assert len(set(await desk.stories(first, copy, wall))) == 1


async def test_a_second_split_keeps_away_from_what_the_first_did(desk: Desk) -> None:
    (a,), (b,), (c,) = await desk.pull(FERRY), await desk.pull(COPY), await desk.pull(CUT)
    (story,) = await desk.stories(a)
    one = await split(desk, story, b)
    two = await split(desk, story, c)
    async with desk.store.read() as conn:
        assert await stories.bars(conn, [story, one, two]) == {(story, one), (story, two), (one, two)}


async def test_what_an_admin_joined_stays_whatever_is_edited(desk: Desk) -> None:
    (bread,), (wall,) = await desk.pull(BREAD), await desk.pull(WALL)
    kept = await join(desk, *await desk.stories(bread, wall))
    await desk.pull(replace(WALL, text=HARBOUR, title="Ferry", fingerprint="new"))
    assert await desk.stories(bread, wall) == [kept, kept]


async def test_lists_name_stories_of_more_than_one_article(desk: Desk) -> None:
    await desk.pull(FERRY, BREAD)
    (copy,) = await desk.pull(COPY)
    (story,) = await desk.stories(copy)
    async with desk.store.read() as conn:
        (listed,) = await stories.list_all(conn, limit=9)
        assert listed == (story, 2, 2, FERRY.title, NOW)
        assert await stories.list_all(conn, limit=9, topic="bay") == []
        assert [one.id for one in await stories.list_all(conn, limit=9, topic="sea")] == [story]
        shown = await stories.show(conn, story)
        assert [(one.source, one.pinned, one.topics) for one in shown] == [
            ("wire", False, ("sea",)),
            ("post", False, ("sea",)),
        ]
        assert await stories.show(conn, 99) == []
        assert await stories.topics_of(conn, [story]) == {"sea"}


async def test_a_purged_article_leaves_its_story_and_an_empty_one_goes(desk: Desk) -> None:
    (first, bread), (copy,) = await desk.pull(FERRY, BREAD), await desk.pull(COPY)
    (story, alone) = await desk.stories(first, bread)
    await split(desk, story, copy)
    assert await purge(desk, Publish(items=0)) == 3
    assert [await desk.count(table) for table in (story_table, signatures, story_bars)] == [0, 0, 0]
    assert alone != story


async def purge(desk: Desk, publish: Publish, **more: object) -> int:
    async with desk.store.write() as conn:
        late = NOW + timedelta(days=90)
        keep = timedelta(days=60)
        given = {"sea": publish}
        await conn.execute(
            update(schema.matches).values(archived=True)
        )  # the archive keeps copies of its own
        return await retention.purge(conn, now=late, keep=keep, limit=99, publish=given, **more)  # type: ignore[arg-type]


async def test_what_a_document_names_as_also_in_is_kept(desk: Desk) -> None:
    await desk.pull(BREAD)
    await desk.pull(WALL)
    await desk.pull(FERRY)
    await desk.pull(COPY)
    assert await purge(desk, Publish(items=2)) == 1, "two stories, three articles"
    (ferry, _) = await desk.newest()
    assert [each.source for each in ferry.also_in] == ["post"]
    assert await purge(desk, Publish(items=2), tell_all=["sea"]) == 1
