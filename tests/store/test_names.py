"""One article under many names: renamed, edited, moved, purged and back; on each database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from shelf import NOW, article
from sqlalchemy import event, func, select, text

from syndicator.store import Store, articles, migrate, names, schema
from syndicator.store.articles import EDITS_A_DAY

if TYPE_CHECKING:
    from syndicator.model import Article
    from syndicator.store.articles import Stored

DAY = timedelta(days=1)
FOG = (
    "The harbour was closed for the night because of dense fog on the river, the pilots said. Two ferries "
    "and a dozen barges wait at the lower lock, where the guard hands out tea. Trains run as usual."
)
TEA = (
    "Farmers in the hills expect a good harvest after the wet spring. Prices at the auction rose again, "
    "and buyers from abroad have come back for the first time in three years, traders say."
)


def told(key: str, number: int = 1, text: str = FOG, **fields: object) -> Article:
    """Write story `number` under a key; what it says is its fingerprint."""
    title = str(fields.pop("title", f"Fog closes harbour {number}"))
    url = str(fields.pop("url", f"https://wire.example/fog-{number}"))
    given = {"published_at": NOW - DAY, "wire": f"{title}{text}{url}", "fingerprint": f"{title}{text}{url}"}
    return article(key, title=title, text=text, url=url, **(given | fields))


async def pull(
    store: Store, *found: Article, now=NOW, links: dict[str, str] | None = None, guids=None
) -> Stored:
    """Do what a pull of a document with these articles does; keys are links where `guids` are given."""
    also = {each.key: [("guid", (guids or {}).get(each.key, each.key))] for each in found}
    for key in guids or {}:
        also[key].append(("link", key))
    for key in also.keys() & (links or {}).keys():
        also[key].append(("link", links[key]))
    async with store.write() as conn:
        seen = await names.known(conn, "wire", [each.key for each in found])
        fresh = [each for each in found if each.key not in seen or seen[each.key].wire != each.wire]
        return await articles.upsert(conn, "wire", fresh, now=now, also=also, seen=seen)


async def stored(store: Store) -> list[Article]:
    async with store.read() as conn:
        return [each.article async for chunk in articles.scan(conn) for each in chunk]


async def test_what_is_known_as_it_is_costs_one_select(store: Store) -> None:
    found = [told(f"k{n}", n) for n in range(50)]
    await pull(store, *found)
    said: list[str] = []
    async with store.write() as conn:
        event.listen(conn.sync_connection.engine, "before_cursor_execute", lambda *args: said.append(args[2]))
        seen = await names.known(conn, "wire", [each.key for each in found])
        assert all(seen[each.key].wire == each.wire for each in found)
        assert not (await articles.upsert(conn, "wire", [], now=NOW, seen=seen)).touched
    assert len([each for each in said if not each.startswith("BEGIN")]) == 1


async def test_new_guids_at_each_fetch_are_one_article(store: Store) -> None:
    await pull(store, told("a0"), told("b0", 2), links={"a0": "link-a", "b0": "link-b"})
    for n in range(1, 30):
        now = NOW + n * timedelta(hours=1)
        links = {f"a{n}": "link-a", f"b{n}": "link-b"}
        done = await pull(store, told(f"a{n}"), told(f"b{n}", 2), now=now, links=links)
        assert (done.touched, done.renamed) == ([], 2)
    assert [each.key for each in await stored(store)] == ["a0", "b0"]
    async with store.read() as conn:
        kept = await conn.scalar(select(func.count()).select_from(schema.article_keys))
    assert kept <= 2 * (names.MOST + 5), "a month of such fetches must not fill the disk"
    assert (await pull(store, told("a0"))).new == [], "its first name is never forgotten"


async def test_new_guid_new_words_old_link(store: Store) -> None:
    (first,) = (await pull(store, told("a"), links={"a": "link"})).new
    done = await pull(store, told("b", text=f"{FOG} The port opened again at noon."), links={"b": "link"})
    assert [each.id for each in done.changed] == [first.id]
    assert done.changed[0].article.key == "a"


async def test_a_site_that_moves_brings_nothing_new(store: Store) -> None:
    old = [told(f"a{n}", n, text=f"{FOG} {n}") for n in range(9)]
    await pull(store, *old)
    for move, host in enumerate(("https://new.example/p", "https://newer.example/q")):
        moved = [
            replace(
                each, key=f"m{move}{n}", url=f"{host}/{n}abc", fingerprint=f"m{move}{n}", published_at=NOW
            )
            for n, each in enumerate(old)
        ]
        done = await pull(store, *moved)
        assert (len(done.new), len(done.changed), done.renamed) == (0, 9, 0)
    assert {each.url for each in await stored(store)} == {f"https://newer.example/q/{n}abc" for n in range(9)}


TWO = [
    ("a headline, day by day", told("a", title="Daily briefing"), told("b", 2, TEA, title="Daily briefing")),
    ("a page for all", told("a"), told("b", title="Harvest", text=TEA)),
    ("the same notice", told("a"), told("b", 2, title="Fog closes harbour 1", published_at=NOW)),
]


@pytest.mark.parametrize(("first", "second"), [row[1:] for row in TWO], ids=[row[0] for row in TWO])
async def test_two_stay_two(store: Store, first: Article, second: Article) -> None:
    links = {each.key: each.url for each in (first, second)}
    await pull(store, first, links=links)
    assert len((await pull(store, second, links=links)).new) == 1
    assert not (await pull(store, first, second, links=links)).touched


async def test_entries_of_one_document_are_never_one(store: Store) -> None:
    """Not even with the same words; and an article that is still shown is nobody else's."""
    assert len((await pull(store, told("a"), told("b"))).new) == 2
    assert len((await pull(store, told("a"), told("b"), told("c"))).new) == 1
    assert len(await stored(store)) == 3


async def test_guids_that_number_the_places_of_a_feed_lose_nothing(store: Store) -> None:
    """Each fetch the newest is `item-1`: what was there before is another article."""
    own_words = [[f"word{n}of{place}" for place in range(20)] for n in range(12)]
    stories = [
        told("", n, text=" ".join(words), title=" ".join(words[:4])) for n, words in enumerate(own_words)
    ]
    for newest in range(3, len(stories) + 1):
        shown = stories[newest - 3 : newest][::-1]
        found = [replace(each, key=f"item-{place}") for place, each in enumerate(shown)]
        done = await pull(store, *found, links={each.key: each.url for each in found})
        assert len(done.new) == (3 if newest == 3 else 1)
        assert (done.renamed > 0) is (newest > 3), "so that its scheme becomes `link`"
    assert sorted(each.text for each in await stored(store)) == sorted(each.text for each in stories)


async def test_dates_that_move_move_nothing(store: Store) -> None:
    dated, silent = told("a"), told("b", 2, published_at=None)
    await pull(store, dated, silent)
    later = NOW + 9 * DAY
    again = [replace(each, published_at=later, updated_at=later, wire="w") for each in (dated, silent)]
    assert not (await pull(store, *again, now=later)).touched
    async with store.read() as conn:
        rows = (await conn.execute(select(schema.articles).order_by(schema.articles.c.id))).all()
    assert [row.sorted_at for row in rows] == [NOW - DAY, NOW]
    edited = [replace(each, text=TEA, fingerprint="edited", wire="x") for each in again]
    done = await pull(store, *edited, now=later)
    assert [each.article.published_at for each in done.changed] == [later, later]


async def test_what_readers_would_not_notice_is_stored_in_silence(store: Store) -> None:
    (first,) = (await pull(store, told("a", text=f"{FOG} 17 readers"))).new
    done = await pull(store, told("a", text=f"{FOG} 18 readers"), now=NOW + DAY)
    assert (done.touched, [each.id for each in done.quiet]) == ([], [first.id])
    assert done.quiet[0].changed_at == NOW
    assert [each.text for each in await stored(store)] == [f"{FOG} 18 readers"]


async def test_edits_are_limited_by_the_day(store: Store) -> None:
    await pull(store, told("a"))
    for day in range(2):
        now = NOW + day * DAY
        done = [await pull(store, told("a", title=f"Fog {day} {n}"), now=now) for n in range(EDITS_A_DAY + 2)]
        assert [len(each.changed) for each in done] == [1] * EDITS_A_DAY + [0, 0]
        assert [len(each.quiet) for each in done] == [0] * EDITS_A_DAY + [1, 1]
        assert [each.title for each in await stored(store)] == [f"Fog {day} {EDITS_A_DAY + 1}"]


async def test_names_are_noted_once_a_week(store: Store) -> None:
    await pull(store, told("a"))
    for days, noted in ((6, 0), (8, 8), (9, 8)):
        await pull(store, told("a"), now=NOW + days * DAY)
        async with store.read() as conn:
            seen = await names.known(conn, "wire", ["a"])
        assert seen["a"].noted_at == NOW + noted * DAY


async def test_what_was_stored_before_there_were_names_is_known(empty_database_url: str) -> None:
    """An upgraded database reads all once more, under any scheme, and finds nothing new."""
    store = Store(empty_database_url)
    async with store._writer.connect() as conn:
        await conn.run_sync(migrate.upgrade, "0001")
    old = {"authors": "[]", "tags": "[]", "enclosures": "[]"} | dict.fromkeys(
        ("guid", "language", "summary", "content_html", "image"), ""
    )
    given = told("guid-key")
    row = old | {
        "source": "wire",
        "key": given.key,
        "url": given.url,
        "title": given.title,
        "text": given.text,
    }
    before = {"fingerprint": given.fingerprint}
    columns = [*row, *before, "arrived_at", "changed_at", "sorted_at"]
    async with store.write() as conn:
        moment = "now()" if empty_database_url.startswith("postgresql") else "1780000000000000"
        values = ", ".join([f":{name}" for name in (row | before)] + [moment] * 3)
        await conn.execute(
            text(f"INSERT INTO articles ({', '.join(columns)}) VALUES ({values})"), row | before
        )
    await store.upgrade()
    assert not (await pull(store, given)).touched
    by_link = replace(given, key="link-key", wire="other")
    done = await pull(store, by_link, guids={"link-key": "guid-key"})
    assert (done.touched, done.renamed) == ([], 0)
    await store.close()
