"""The archive of a topic: what a client reads of it, and that what is full stays as it is."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from archivist import BASE, Client, Desk, article, changed, links, many, read
from fetch.origin import answer
from newsroom import Story, rss
from sqlalchemy import delete, event
from world import a_world

from syndicator import pipeline
from syndicator.publish.feed import name_id
from syndicator.store import history, matches, retractions, schema, topics

PAGE = 8
FORMATS = ("atom", "html", "json", "rss")


@pytest.fixture(autouse=True)
def short_pages(monkeypatch):
    monkeypatch.setattr(history, "PAGE", PAGE)


@pytest.fixture
async def desk(tmp_path):
    made = await Desk(tmp_path).open()
    yield made
    await made.close()


@pytest.fixture
async def either(tmp_path, database_url):
    """A desk on each database."""
    made = await Desk(tmp_path, database=_plain(database_url)).open()
    yield made
    await made.close()


def _plain(url: str) -> str:
    return "sqlite" if url.startswith("sqlite") else url.replace("postgresql+psycopg", "postgresql")


async def test_a_topic_that_its_feed_shows_whole_has_no_archive(desk):
    await desk.bring(*many("wire", range(PAGE)))
    await desk.publish_all()
    assert not desk.pages.exists()
    assert "prev-archive" not in links(desk.get(f"{BASE}/topics/sea.atom"))
    assert b"/archive/" not in desk.get(f"{BASE}/topics/sea.html")


async def test_what_the_feed_leaves_out_is_on_an_open_page(desk):
    await desk.open(per_source=4)
    await desk.bring(*many("wire", range(7)))  # four of a source are in the feed
    await desk.publish_all()
    told = links(desk.get(f"{BASE}/topics/sea.atom"))["prev-archive"]
    assert told.startswith(f"{BASE}/topics/sea/archive/1.atom?")
    titles, before = read("atom", desk.get(told))
    assert (len(titles), before) == (7, "")
    assert "next-archive" not in links(desk.get(told))
    await desk.bring(*many("wire", range(7, 8)))
    await desk.publish_all()
    assert links(desk.get(f"{BASE}/topics/sea.atom"))["prev-archive"] != told


async def test_pages_are_linked_in_every_format(desk):
    await desk.bring(*many("wire", range(2 * PAGE + 5)))
    await desk.publish_all()
    whole = f"{BASE}/topics/sea"
    assert sorted(desk.files()) == sorted(
        f"{page}.{name}" for page in (1, 2, 3) for name in ("atom", "html", "json", "rss")
    )
    for name in ("atom", "rss"):
        two = links(desk.get(f"{whole}/archive/2.atom")) if name == "atom" else None
        body = desk.get(f"{whole}/archive/2.{name}")
        assert read(name, body)[1] == f"{whole}/archive/1.{name}"
        assert b"http://purl.org/syndication/history/1.0" in body
        assert f"{whole}/archive/3.{name}".encode() in body
        if two:
            assert two["current"] == f"{whole}.atom"
            assert two["next-archive"] == f"{whole}/archive/3.atom"
    assert read("json", desk.get(f"{whole}/archive/2.json"))[1] == f"{whole}/archive/1.json"
    assert read("json", desk.get(f"{whole}/archive/1.json"))[1] == ""
    page = desk.get(f"{whole}/archive/2.html").decode()
    assert f'<link rel="prev" href="{whole}/archive/3">' in page
    assert f'<link rel="next" href="{whole}/archive/1">' in page
    # The feed shows all five of page 3, so it leads on to the page before.
    assert f'<link rel="next" href="{whole}/archive/2">' in desk.get(f"{whole}.html").decode()
    assert f'<link rel="prev" href="{whole}">' in desk.get(f"{whole}/archive/3.html").decode()


@pytest.mark.parametrize("seed", [1])
async def test_a_client_that_goes_back_reads_every_version_that_stayed(tmp_path, database_url, seed):
    """Law: whatever happens between two polls, whoever follows the links has read all that was there."""
    dice = Random(seed)
    publish = {"items": dice.choice([1, 5, 60]), "per_source": dice.choice([1, 9])}
    desk = await Desk(tmp_path, database=_plain(database_url), publish=publish).open()
    clients = [Client(desk, name) for name in ("atom", "rss", "json")]
    frozen: dict[str, bytes] = {}
    alive: dict[tuple[str, int], int] = {}
    for turn in range(9):
        await _happen(desk, dice, alive)
        await desk.publish_all()
        there = set(await desk.held())
        for client in clients:
            if turn == 8 or dice.random() < 0.6:
                await client.poll()
                assert {title.strip() for title in there} <= client.titles
        frozen = _still(desk, frozen, await _full(desk))
        if dice.random() < 0.2:
            await desk.open()
    assert any(name.startswith("3.") for name in frozen), "the history was too short to show anything"
    await desk.close()


async def _happen(desk: Desk, dice: Random, alive: dict[tuple[str, int], int]) -> None:
    """Let some articles come, change, or leave the topic and return."""
    new = [(dice.choice("abc"), len(alive) + n) for n in range(dice.choice([1, 4, 15]))]
    alive |= dict.fromkeys(new, 0)
    old = [place for place in alive if dice.random() < 0.05]
    for place in old:
        alive[place] += 1
    made = {p: article(p[0], p[1], version=alive[p], hours=p[1] * 7 % 500) for p in (*new, *old)}
    await desk.bring(*made.values())
    away = [made[place] for place in made if dice.random() < 0.1]
    if away:
        for one in away:
            alive[(one.source, int(one.key[1:]))] += 1
        gone = [changed(one, alive[(one.source, int(one.key[1:]))]) for one in away]
        await desk.bring(*gone, hit=False)


async def _full(desk: Desk) -> int:
    async with desk.parts.store.read() as conn:
        return await history.pages(conn, "sea")


def _still(desk: Desk, before: dict[str, bytes], full: int) -> dict[str, bytes]:
    now = {name: body for name, body in desk.files().items() if int(name.partition(".")[0]) <= full}
    assert {name: now.get(name) for name in before} == before, "a full page changed"
    return now


async def test_what_is_retracted_leaves_its_page_and_no_other(either):
    await either.bring(*many("wire", range(3 * PAGE + 5)))
    await either.publish_all()
    before, there = either.files(), await either.held()
    title = "wire 12 v0 "
    await either.retract(title)
    await either.publish_all()
    after = either.files()
    assert {name for name in before if before[name] != after[name]} == {f"2.{f}" for f in FORMATS}
    assert [name for name in after if b"wire 12 v0" in after[name]] == []
    assert f"urn:uuid:{name_id('wire', 'k12')[9:]}".encode() in after["2.atom"]  # at:deleted-entry
    assert [read(f, after[f"2.{f}"])[1] for f in ("atom", "rss", "json")]

    reader = Client(either)
    await reader.poll()
    await either.restore(there[title])
    await either.publish_all()
    await reader.poll()
    assert title.strip() in reader.titles


async def test_retracted_articles_that_were_purged_leave_their_page_too(either):
    await either.bring(*many("wire", range(2 * PAGE + 1)))
    await either.publish_all()
    there = await either.held()
    async with either.parts.store.write() as conn:
        gone = [one.id for one in there.values() if int(one.article.key[1:]) < PAGE]
        await conn.execute(delete(schema.articles).where(schema.articles.c.id.in_(gone)))
        await topics.touch(conn, ["sea"])
    before = either.files()
    await either.publish_all()
    assert either.files() == before
    async with either.parts.store.write() as conn:
        await retractions.retract(conn, there["wire 1 v0 "], reason="", by="", now=either.now)
        await topics.touch(conn, [])
    await either.publish_all()
    assert len(read("atom", either.files()["1.atom"])[0]) == PAGE - 1


async def test_the_same_history_gives_the_same_bytes_in_every_database(tmp_path, database_url):
    async def play(folder, database):
        desk = await Desk(folder, database=database).open()
        for start in range(0, 30, 10):
            await desk.bring(*many("wire", range(start, start + 10)))
            await desk.publish_all()
        await desk.bring(changed(many("wire", [3])[0], 1))
        await desk.publish_all()
        await desk.close()
        return desk.files()

    here = await play(tmp_path / "one", _plain(database_url))
    there = await play(tmp_path / "two", "sqlite")
    assert here == there
    assert len(here) == 16


async def test_a_host_without_files_writes_the_same_ones_and_strange_ones_go(desk):
    await desk.bring(*many("wire", range(2 * PAGE + 5)))
    await desk.publish_all()
    before = desk.files()
    for path in desk.pages.glob("1.*"):
        path.unlink()
    (desk.pages / "99.atom").write_text("left over")
    (desk.pages / "mine.txt").write_text("not ours")
    await desk.open()
    await desk.publish_all()
    assert desk.files() == before
    assert (desk.pages / "mine.txt").exists()
    assert (desk.pages / "1.rss.gz").exists()


async def test_what_is_published_otherwise_is_written_anew_in_steps(either):
    await either.bring(*many("wire", range(12 * PAGE + 5)))
    turns = await either.publish_all()
    assert turns >= 2  # ten pages at once
    stamps = {path.name: path.stat().st_mtime_ns for path in either.pages.glob("*.atom")}
    await either.bring(*many("post", range(1)))
    await either.publish_all()
    later = {path.name: path.stat().st_mtime_ns for path in either.pages.glob("*.atom")}
    assert {name for name, stamp in later.items() if stamps.get(name) != stamp} == {"13.atom"}

    await either.open(content="excerpt")
    await either.publish_all()
    assert b"More words stand here" in either.get(f"{BASE}/topics/sea/archive/1.atom")
    assert b"<content" not in either.get(f"{BASE}/topics/sea/archive/1.atom")
    await either.open(formats=["atom"])
    await either.publish_all()
    assert {path.suffix for path in map(either.pages.joinpath, either.files())} == {".atom", ".html"}
    await either.open(formats=["atom", "json"])
    await either.publish_all()
    client = Client(either, "json")
    await client.poll()
    assert len(client.titles) == 12 * PAGE + 6


async def test_a_private_topic_has_no_archive_and_gets_it_back(desk):
    await desk.bring(*many("wire", range(PAGE + 5)))
    await desk.publish_all()
    before = desk.files()
    await desk.open(private=True)
    await desk.publish_all()
    assert not desk.pages.exists()
    await desk.open(private=False)
    await desk.publish_all()
    assert desk.files() == before


async def test_the_archive_follows_a_topic_that_gets_another_name(either):
    await either.bring(*many("wire", range(2 * PAGE + 5)))
    await either.publish_all()
    folder = either.pages
    either.slug = "ocean"
    await either.open()
    await either.publish_all()
    assert not folder.exists()
    there = folder.parents[1] / "ocean" / "archive"
    assert b"/sea/archive/" not in (there / "1.atom").read_bytes()
    assert b"/topics/ocean/archive/2<" in (there / "sitemap.xml").read_bytes()
    assert links((there / "2.atom").read_bytes())["prev-archive"] == f"{BASE}/topics/ocean/archive/1.atom"
    client = Client(either, slug="ocean")
    await client.poll()
    assert len(client.titles) == 2 * PAGE + 5


async def test_an_article_that_a_pull_finds_changed_waits_for_a_page_again(tmp_path):
    async with a_world(tmp_path) as world:
        feed = [Story(str(n), f"News item {n}", f"It happened {n} times.") for n in range(PAGE + 1)]
        world.add("wire", "a.example/feed", answer(rss("Wire", *feed)))
        await world.open()
        await world.pull()
        await pipeline.publish(world.parts)
        assert await _waiting(world) == [feed[-1].title]
        feed[2] = Story("2", "News item 2, corrected", "It happened twice, and once more.")
        world.origin.play("a.example/feed", answer(rss("Wire", *feed)))
        world.now += timedelta(days=1)
        await world.pull()
        assert await _waiting(world) == ["News item 2, corrected", feed[-1].title]
        await pipeline.publish(world.parts)
        folder = world.parts.settings.public / "topics" / "all" / "archive"
        assert "News item 2" in read("atom", (folder / "1.atom").read_bytes())[0]
        assert "News item 2, corrected" in read("atom", (folder / "2.atom").read_bytes())[0]


async def _waiting(world):
    async with world.parts.store.read() as conn:
        return [one.article.title for one in await matches.unarchived(conn, "all", limit=99)]


async def test_what_waits_is_found_by_an_index(desk):
    """The cost of a change must not grow with the history."""
    said: list[tuple[str, tuple[object, ...]]] = []

    def remember(_conn, _cursor, statement, parameters, *_):
        said.append((statement, parameters))

    async with desk.parts.store.read() as conn:
        event.listen(conn.sync_connection, "before_cursor_execute", remember)
        await matches.unarchived(conn, "sea", limit=PAGE)
        statement, parameters = said[-1]  # the first begins a transaction
        rows = await conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        plan = [row.detail for row in rows]
    assert any("ix_matches_unarchived" in step for step in plan), plan
    assert not any("SCAN" in step or "TEMP B-TREE" in step for step in plan), plan
