"""Rules tried on a real archive: what they gain, lose and keep, by source, day and digest."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, time, timedelta
from random import Random

import pytest
from shelf import NOW, article

from syndicator.learn.record import to_json
from syndicator.match import Index, parse_rule
from syndicator.model import Catalog, DigestPlan, Figures, Learned, Match, Publish, Slot, Topic
from syndicator.model.learning import reference
from syndicator.pipeline.backtest import backtest
from syndicator.pipeline.outlook import outlook
from syndicator.pipeline.trial import Bounds, Pair, Tally, _Scan, trial, trials
from syndicator.store import articles, learned, matches, schema, subscribers

DAY = timedelta(days=1)


def topic(*words: str, slug: str = "t", **fields: object) -> Topic:
    rule = parse_rule(any=list(words))
    return Topic(slug=slug, title=slug.upper(), rule=rule, fingerprint=" ".join(words), **fields)  # type: ignore[arg-type]


async def put(store, *found, now=NOW):
    by_source: dict[str, list] = {}
    for each in found:
        by_source.setdefault(each.source, []).append(each)
    async with store.write() as conn:
        return [
            stored
            for source, some in by_source.items()
            for stored in (await articles.upsert(conn, source, some, now=now)).new
        ]


@pytest.fixture
async def archived(store):
    """Ships, trains and trams over three days, of two papers."""
    await put(
        store,
        article("s1", title="A ship came in", published_at=NOW - DAY),
        article("s2", title="Another ship", source="post", published_at=NOW - 2 * DAY),
        article("t1", title="A train came in", published_at=NOW - DAY),
        article("m1", title="A tram", text="It met a ship. A train too.", published_at=NOW - 3 * DAY),
    )
    return store


async def test_a_rule_is_held_against_the_one_in_force(archived):
    made = await trial(archived, topic("ship"), against=topic("train", "tram"))
    assert [each.stored.article.key for each in made.gained] == ["s1", "s2"]
    assert [each.stored.article.key for each in made.lost] == ["t1", "m1"]
    assert (made.kept, made.total, made.total.before) == ((), Tally(2, 2, 2), 2)
    assert made.by_source == {"wire": Tally(1, 1, 2), "post": Tally(1, 1, 0)}
    assert made.by_day == {
        date(2026, 11, 23): Tally(1, 1, 1),
        date(2026, 11, 22): Tally(1, 1, 0),
        date(2026, 11, 21): Tally(0, 0, 1),
    }
    assert (made.scanned, made.cut, made.reached) == (4, "", NOW - 3 * DAY)


async def test_the_words_that_count_are_marked_by_the_rule_that_took_the_article(archived):
    made = await trial(archived, topic("ship", min_score=1), against=topic("train"))
    title, text = "A ship came in", "It met a ship. A train too."
    first, *_, last = made.matched
    assert [title[start:end] for start, end in first.marks["title"]] == ["ship"]
    assert [text[start:end] for start, end in last.marks["text"]] == ["ship"]
    (lost,) = made.lost
    assert lost.match.because == ("title: train",)
    assert lost.marks["title"] == ((2, 7),)


async def test_what_was_learned_counts_on_both_sides(archived):
    """As in production: an article that was rejected is in neither, where the topic says `filter`."""
    figures = Figures(accepted=10, rejected=10, rule_f1=0.5, f1=0.9)
    verdicts = {reference(article("s1")): False}
    made = Learned(
        topic="t", version="1", weights={"x": 1.0}, bias=0, threshold=0, verdicts=verdicts, figures=figures
    )
    async with archived.write() as conn:
        await learned.record(conn, "t", made.version, to_json(made), now=NOW)
    new = topic("ship", learn="filter")
    found = await trial(archived, new, against=replace(new, learn="off", fingerprint="other"))
    assert [each.stored.article.key for each in found.lost] == ["s1"]
    assert [each.stored.article.key for each in found.kept] == ["s2"]
    assert (await trial(archived, new)).total.matched == 1


async def test_without_a_rule_in_force_all_is_gained_and_with_the_same_all_is_kept(archived):
    alone = await trial(archived, topic("ship"))
    assert (alone.total, len(alone.gained)) == (Tally(2, 2, 0), 2)
    same = await trial(archived, topic("ship"), against=topic("ship", description="Ships"))
    assert (same.total, len(same.kept)) == (Tally(2, 0, 0), 2)


async def test_limits_of_time_and_number_are_told(archived):
    few = await trial(archived, topic("ship", "train"), limit=1)
    assert (len(few.gained), few.total.matched) == (1, 4), "all are counted, and few are shown"
    recent = await trial(archived, topic("ship"), since=NOW - DAY)
    assert (recent.scanned, recent.total.matched, recent.cut) == (2, 1, "")
    cut = await trial(archived, topic("ship"), bounds=Bounds(articles=3))
    assert (cut.scanned, cut.cut, cut.reached) == (3, "articles", NOW - 2 * DAY)
    whole = await trial(archived, topic("ship"), bounds=Bounds(articles=4))
    assert (whole.scanned, whole.cut) == (4, "")
    late = await trial(archived, topic("ship"), bounds=Bounds(seconds=-1))
    assert (late.scanned, late.cut, late.reached) == (0, "time", None)


async def test_time_is_looked_at_between_two_articles(store):
    """Articles of a megabyte take long, and a portion holds hundreds."""
    portion = await put(store, *(article(f"s{n}", title=f"Ship {n}") for n in range(5)))
    scan, over = _Scan([Pair(new=topic("ship"))], 20, (), {}), iter([False, True])
    assert scan.take(portion, lambda: next(over)) == 2
    assert scan.scanned == 2
    assert scan.take(portion[2:], lambda: True) == 1, "each portion gets somewhere"


async def test_a_trial_that_nobody_waits_for_ends(archived):
    stop = asyncio.Event()
    assert (await trial(archived, topic("ship"), stop=stop)).cut == ""
    stop.set()
    made = await trial(archived, topic("ship"), stop=stop)
    assert (made.cut, made.scanned, made.reached) == ("stopped", 0, None)


async def test_many_rules_in_one_scan_are_each_as_if_alone(archived):
    pairs = [
        Pair(new=topic("ship", slug="ships"), old=topic("tram", slug="ships")),
        Pair(new=topic("train", slug="trains")),
        Pair(new=None, old=topic("tram", slug="trams")),
    ]
    ships, trains, trams = await trials(archived, pairs)
    assert ships == await trial(archived, topic("ship", slug="ships"), against=topic("tram", slug="ships"))
    assert (trains.topic, trains.total) == ("trains", Tally(1, 1, 0))
    assert (trams.topic, trams.total, len(trams.lost)) == ("trams", Tally(0, 0, 1), 1)


async def test_a_trial_agrees_with_each_rule_asked_alone(store):
    """The oracle: two indexes of one topic each, article by article, over several portions."""
    dice = Random(5)
    words = ["ship", "train", "tram", "harbour", "rain"]
    found = [
        article(
            f"{n}", title=" ".join(dice.choices(words, k=2)), text=" ".join(dice.choices(words, k=5)),
            source=dice.choice(["wire", "post"]), published_at=NOW - dice.random() * 9 * DAY,
        )
        for n in range(450)
    ]  # fmt: skip
    await put(store, *found)
    new, old = topic('"ship train"', "rain", min_score=4), topic("tram NEAR/2 ship", "title:rain")
    made = await trial(store, new, against=old, limit=1000)
    one, other = Index([new]), Index([old])
    judged = {each.key: (bool(one.match(each)), bool(other.match(each))) for each in found}
    for name, verdict in (("kept", (True, True)), ("gained", (True, False)), ("lost", (False, True))):
        keys = [each.stored.article.key for each in getattr(made, name)]
        assert sorted(keys) == sorted(key for key, given in judged.items() if given == verdict), name
        dates = [each.stored.sorted_at for each in getattr(made, name)]
        assert dates == sorted(dates, reverse=True)
    assert made.scanned == 450
    for tallies in (made.by_source, made.by_day):
        assert sum(each.matched for each in tallies.values()) == made.total.matched


async def test_the_loop_turns_while_the_archive_is_read(archived):
    turns = 0

    async def turn() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(turn())
    await trial(archived, topic("ship"))
    other.cancel()
    assert turns > 3


def digest(**fields: object) -> DigestPlan:
    return DigestPlan(slot=Slot(frequency="daily", at=time(7), zone="UTC"), **fields)  # type: ignore[arg-type]


async def test_digests_are_cut_by_arrival_and_wait_for_their_minimum(store):
    at = NOW - 3 * DAY  # 7:00
    for hours, keys in ((1, "ab"), (25, "c"), (26, "d"), (49, "efg"), (73, "h")):
        await put(
            store,
            *(article(key, title=f"A ship named {key * 9}") for key in keys),
            now=at + timedelta(hours=hours),
        )
    now = NOW + timedelta(hours=3)
    made = await backtest(
        store, topic("ship", digest=digest(minimum=3, max_items=4)), against=topic("boat", digest=digest()),
        since=at, now=now,
    )  # fmt: skip
    assert [each.at - at for each in made.digests] == [DAY, 2 * DAY, 3 * DAY, 4 * DAY]
    told = [(each.arrived.matched, each.articles, each.shown, each.before) for each in made.digests]
    assert told == [(2, 0, 0, 0), (2, 4, 4, 0), (3, 3, 3, 0), (1, 0, 0, 0)]
    assert (made.trial.scanned, made.trial.total) == (8, Tally(8, 8, 0))
    none = await backtest(store, topic("ship"), against=None, since=at, now=now)
    assert none.digests == ()


async def test_a_digest_tells_a_story_once_and_nothing_that_is_held_back(store):
    at, hour = NOW - 2 * DAY, timedelta(hours=1)
    ids = {}
    for when, key in ((-1, "before"), (1, "first"), (2, "copy"), (25, "late"), (26, "held"), (27, "edit")):
        (made,) = await put(store, article(key, title=f"A ship named {key}"), now=at + when * hour)
        ids[key] = made.id
    (other,) = await put(store, article("again", title="A ship again"), now=at + 28 * hour)
    async with store.write() as conn:
        for key, id_ in ids.items():
            match = Match(topic="t", score=3, because=())
            held = {id_} if key == "held" else set()
            await matches.record(conn, {id_: [match]}, now=at, backfill=key == "edit", held=held)
        for number in (1, 2):
            await conn.execute(schema.stories.insert().values(id=number, made_at=at))
        told = {ids["first"]: 1, ids["copy"]: 1, ids["late"]: 1, ids["before"]: 2, other.id: 2}
        for id_, story in told.items():
            row = {"article_id": id_, "story_id": story, "pinned": False}
            await conn.execute(schema.story_articles.insert().values(row))
    ship = topic("ship", digest=digest())
    made = await backtest(store, ship, against=ship, since=at, now=NOW - hour)
    assert [each.arrived.matched for each in made.digests] == [2, 4]
    assert [(each.articles, each.before) for each in made.digests] == [(1, 1), (1, 0)]
    every = topic("ship", digest=digest(), stories="all")
    made = await backtest(store, every, against=None, since=at, now=NOW - hour)
    assert [each.articles for each in made.digests] == [2, 3]


async def test_an_old_article_that_arrived_late_stands_in_the_digest_of_its_arrival(store):
    old = article("a", title="A ship", published_at=NOW - 90 * DAY)
    await put(store, old, now=NOW - timedelta(hours=2))
    made = await backtest(
        store, topic("ship", digest=digest()), against=None, since=NOW - 2 * DAY, now=NOW - timedelta(hours=1)
    )
    assert [each.articles for each in made.digests] == [0, 1]


def catalog(*topics: Topic) -> Catalog:
    return Catalog(version="", sources={}, topics={each.slug: each for each in topics})


async def test_an_outlook_says_whom_an_edit_reaches(archived):
    async with archived.write() as conn:
        for name in ("a", "b"):
            id_ = await subscribers.put(conn, f"{name}@reader.example", language="", slot=None, now=NOW)
            await subscribers.subscribe(conn, id_, ["ships"], state="active", now=NOW)
    old = catalog(topic("ship", slug="ships"), topic("tram", slug="trams"), topic("rain", slug="same"))
    new = catalog(
        topic("train", slug="ships", digest=digest(), publish=Publish(formats=("rss",))),
        topic("train", slug="trains", publish=None),
        topic("rain", slug="same"),
    )
    before = await contents(archived)
    made = await outlook(archived, old, new, now=NOW)
    assert await contents(archived) == before, "nothing is written"
    told = {each.slug: each for each in made.effects}
    assert {slug: each.change for slug, each in told.items()} == {
        "ships": "rule", "trains": "added", "trams": "removed",
    }  # fmt: skip
    ships = told["ships"]
    assert ships.trial is not None
    assert (ships.trial.total.gained, ships.trial.total.lost, ships.readers) == (1, 2, 2)
    assert (ships.documents, ships.next_digest_at) == (("page", "rss"), NOW + DAY)
    assert told["trains"].documents == ("page",)
    assert told["trams"].trial is None
    assert made.site


async def contents(store) -> list[int]:
    async with store.read() as conn:
        return [await matches.newest_seq(conn), len(await subscribers.list_all(conn))]


async def test_an_outlook_without_an_archive_compares_the_files_alone():
    made = await outlook(None, None, catalog(topic("ship", slug="ships")), now=NOW)
    (effect,) = made.effects
    assert (effect.change, effect.trial, effect.readers) == ("added", None, 0)
