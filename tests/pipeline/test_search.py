"""What readers find: on both databases the same, and the same as a rule of those words takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest
from shelf import NOW, article

from syndicator.assembly import assemble
from syndicator.match import Index, parse_rule
from syndicator.match.question import Question, question
from syndicator.model import Catalog, Publish, Source, Topic
from syndicator.pipeline import search as module
from syndicator.pipeline.parts import Current
from syndicator.pipeline.search import read, search
from syndicator.settings import Settings
from syndicator.store import articles, matches, sources, topics

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from syndicator.pipeline.parts import Parts

WORDS = (
    "fraud",
    "Fraudsters",
    "ferry",
    "Zürich",
    "port",
    "night",
    "电信",
    "诈骗",
    "詐騙",
    "港口",
    "سفينة",
    "паром",
)
SMALL = (  # question, the same as a rule
    ("fraud", "fraud"),
    ("fraud*", "fraud*"),
    ("zurich ferry", "zurich AND ferry"),
    ('"night ferry"', '"night ferry"'),
    ("电信诈骗", "电信诈骗"),
    ("诈骗 港口", "诈骗 AND 港口"),
    ("ferry OR 港口 port", "(ferry OR 港口) AND port"),
    ("port -fraud", "port AND NOT fraud"),
    ("سفينة -ferry", "سفينة AND NOT ferry"),
    ("ПАРОМ", "паром"),
)


def topic(slug: str, publish: Publish | None = None) -> Topic:
    return Topic(slug=slug, title=slug.title(), rule=parse_rule(any=["x"]), publish=publish)


OPEN = topic("open", Publish())
OTHER = topic("other", Publish())
PRIVATE = topic("backroom", Publish(private=True))
UNPUBLISHED = topic("drawer")


@pytest.fixture
async def parts(database_url: str, tmp_path: Path) -> AsyncIterator[Parts]:
    """A program with two public topics, a private one and one that is not published."""
    settings = Settings(
        config=tmp_path / "config", root=tmp_path, state=tmp_path / "var", database=database_url
    )
    known = (OPEN, OTHER, PRIVATE, UNPUBLISHED)
    async with assemble(settings, clock=lambda: NOW) as made:
        made.current = Current(
            catalog=Catalog(version="1", sources={}, topics={each.slug: each for each in known}),
            index=Index(known),
        )
        async with made.store.write() as conn:
            await sources.sync(conn, [Source(name="wire", url="https://wire.example/feed")])
            await topics.sync(conn, known, now=NOW)
        yield made


async def put(parts: Parts, slugs: str, *found, now=NOW) -> list[int]:
    """Store articles and put them into topics; the last of them is the newest."""
    from syndicator.model import Match

    given = [Match(topic=slug, score=3, because=("title: x",)) for slug in slugs.split()]
    async with parts.store.write() as conn:
        new = (await articles.upsert(conn, "wire", found, now=now)).touched
        await matches.record(conn, {each.id: given for each in new}, now=now)
    return [each.id for each in new]


async def caught_up(parts: Parts) -> None:
    for _ in range(50):
        if not await read(parts):
            return
    raise AssertionError("it never ends")


async def found(parts: Parts, asked: str, where: Topic | None = OPEN, **more) -> list[str]:
    wanted = question(asked)
    assert isinstance(wanted, Question)
    got = await search(parts, wanted, where, **more)
    return [hit.card.url.rpartition("/")[2] for hit in got.hits]


async def test_questions_find_what_rules_of_those_words_take(parts, monkeypatch):
    dice = Random(5)
    stock = [
        article(
            f"a{n}",
            title=" ".join(dice.choices(WORDS, k=dice.randint(1, 4))),
            text=" ".join(dice.choices(WORDS, k=dice.randint(0, 6))),
            published_at=NOW - timedelta(minutes=200 - n),
        )
        for n in range(150)
    ]
    await put(parts, "open", *stock)
    await caught_up(parts)
    monkeypatch.setattr(module, "SIZE", 40)
    monkeypatch.setattr(module, "HITS", 200)
    for asked, rule in SMALL:
        index = Index([Topic(slug="r", title="R", rule=parse_rule(any=[rule]), min_score=0)])
        wanted = [each.key for each in reversed(stock) if index.match(each)]
        assert await found(parts, asked) == wanted, asked
        assert 0 < len(wanted) < 150
        assert await found(parts, asked, None) == wanted, asked


async def test_only_public_topics_are_searched(parts):
    await put(parts, "open", article("a", title="ferry one"))
    await put(parts, "backroom", article("b", title="ferry two"))
    await put(parts, "drawer", article("c", title="ferry three"))
    await put(parts, "open backroom other", article("d", title="ferry four"))
    await put(parts, "gone", article("e", title="ferry five"))  # no such topic is configured
    await caught_up(parts)
    assert await found(parts, "ferry", None) == ["d", "a"]
    assert await found(parts, "ferry", OTHER) == ["d"]
    wanted = question("ferry")
    (first, _) = (await search(parts, wanted, None)).hits
    assert [each.slug for each in first.topics] == ["open", "other"]


async def test_what_changes_comes_or_goes_is_found_as_it_is_now(parts):
    (first,) = await put(parts, "open", article("a", title="ferry"))
    await caught_up(parts)
    assert await found(parts, "ferry") == ["a"]

    await put(
        parts, "open", article("a", title="steamer", fingerprint="changed"), now=NOW + timedelta(hours=1)
    )
    await caught_up(parts)
    assert await found(parts, "ferry") == []
    assert await found(parts, "steamer") == ["a"]

    async with parts.store.write() as conn:
        await matches.record(conn, {first: []}, now=NOW)
    assert await found(parts, "steamer") == []


async def test_the_words_of_old_articles_are_read_too_in_small_steps(parts, monkeypatch):
    """As after an upgrade: nothing is there, and more than one step's worth of articles."""
    monkeypatch.setattr(module, "NEWEST", 4)
    monkeypatch.setattr(module, "SWEPT", 6)
    monkeypatch.setattr(module, "AT_ONCE", 3)
    await put(parts, "", *(article(f"x{n}", title="ferry") for n in range(5)))
    await put(parts, "open", *(article(f"a{n:02}", title="ferry") for n in range(25)))
    steps = 0
    while len(await found(parts, "ferry", seconds=5)) < 20 and steps < 40:
        await read(parts)
        steps += 1
    assert steps > 5
    await caught_up(parts)
    wanted = question("ferry")
    first = await search(parts, wanted, OPEN)
    second = await search(parts, wanted, OPEN, before=first.before)
    assert (len(first.hits), len(second.hits), second.before) == (20, 5, None)
    assert len({hit.card.url for hit in (*first.hits, *second.hits)}) == 25


async def test_a_page_that_is_just_full_promises_no_more(parts):
    await put(parts, "open", *(article(f"a{n:02}", title="ferry") for n in range(20)))
    await caught_up(parts)
    got = await search(parts, question("ferry"), OPEN)
    assert (len(got.hits), got.before, got.is_late) == (20, None, False)


async def test_a_search_that_time_ends_goes_on_from_there(parts, monkeypatch):
    monkeypatch.setattr(module, "SIZE", 3)
    await put(parts, "open", article("old", title="ferry"), now=NOW - timedelta(days=2))
    await put(parts, "open", *(article(f"a{n}", title="ship") for n in range(10)))
    await caught_up(parts)
    got, looks = await search(parts, question("ferry"), OPEN, seconds=-1), 1
    assert (got.hits, got.is_late, got.reached) == ((), True, NOW)
    while got.before and not got.hits:
        got = await search(parts, question("ferry"), OPEN, before=got.before, seconds=-1)
        looks += 1
    assert [hit.card.title for hit in got.hits] == ["ferry"]
    assert looks == 4


async def test_words_are_marked_where_they_were_found(parts):
    long = "Much was said of other matters. " * 40 + "Then the night ferry came in. " + "And more. " * 40
    await put(
        parts,
        "open",
        article("a", title="What the port saw", text=long, summary="Much was said."),
        article("b", title="The Night-Ferry", text="Short.", summary="It is late."),
    )
    await caught_up(parts)
    second, first = (await search(parts, question('"night ferry"'), OPEN)).hits
    assert second.title == (("The ", False), ("Night-Ferry", True))
    assert second.excerpt == (("It is late.", False),)
    assert first.title == (("What the port saw", False),)
    assert ("night ferry", True) in first.excerpt
    assert sum(len(words) for words, _ in first.excerpt) < 300


async def test_hostile_texts_and_questions_are_words_too(parts):
    await put(
        parts, "open", article("a", title="100% _sure_ it's \\ 'fine'; DROP TABLE", text="\u202e <b>" * 3)
    )
    await caught_up(parts)
    for asked in ("100", "sure", "it's", "'; drop table", "%sure%", "_sure_", "\\ fine"):
        assert await found(parts, asked) == ["a"], asked
    for asked in ("%", "_", "s_re", "sur%"):
        wanted = question(asked)
        assert isinstance(wanted, str) or not (await search(parts, wanted, OPEN)).hits, asked


async def test_a_purged_article_takes_its_words_along(parts):
    from sqlalchemy import delete, func, select

    from syndicator.store.schema import articles as rows
    from syndicator.store.schema import haystacks

    await put(parts, "open", article("a", title="ferry"))
    await caught_up(parts)
    async with parts.store.write() as conn:
        assert await conn.scalar(select(func.count()).select_from(haystacks)) == 1
        await conn.execute(delete(rows))
        assert await conn.scalar(select(func.count()).select_from(haystacks)) == 0


def test_the_kinds_of_topics_are_what_these_tests_take_them_for():
    assert [each.is_public for each in (OPEN, OTHER, PRIVATE, UNPUBLISHED)] == [True, True, False, False]
    assert replace(PRIVATE, publish=Publish()).is_public
