"""Hosts that share a database: whatever they do in whichever order, matches obey the newest rules."""

from __future__ import annotations

import asyncio
from importlib import import_module
from random import Random
from typing import TYPE_CHECKING

import pytest
from copies import HARBOUR
from fleet import NOW, Host, right, stored, titles
from newsroom import Story
from shelf import window

from syndicator import pipeline
from syndicator.errors import ConfigError
from syndicator.learn.record import made, to_json
from syndicator.model import Figures
from syndicator.store import documents, learned

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

APPLY, PULL, REMATCH = (import_module(f"syndicator.pipeline.{name}") for name in ("apply", "pull", "rematch"))
SHIP = Story("ship", "A ship came in", "It brought oranges.")
TRAM = Story("tram", "A tram came in", "It brought nobody.")
TRAIN = Story("train", "A train came in", "It brought coal.")
FIGURES = Figures(accepted=9, rejected=9, rule_f1=0.5, f1=0.9)


@pytest.fixture
async def hosts(tmp_path: Path, database_url: str) -> AsyncIterator[tuple[Host, Host]]:
    """Two with equal folders; the first has told the second nothing that rows do not say."""
    made_ = [Host(tmp_path / name / "config", database_url) for name in ("one", "two")]
    for host in made_:
        host.sources("wire", "post")
        host.publish("wire", SHIP)
        host.publish("post", TRAM)
        host.topic("ways", any=["ship"], min_score=0)
    for host in made_:
        await host.start()
    yield made_[0], made_[1]
    for host in made_:
        await host.stop()


async def test_a_host_that_is_behind_stores_by_the_newest_rules(hosts: tuple[Host, Host]) -> None:
    one, two = hosts
    one.topic("ways", any=["ship", "tram"], min_score=0)
    one.topic("rails", any=["tram"], min_score=0)
    await one.edit()
    await two.pull("post")
    assert await titles(two, "ways") == {TRAM.title}
    assert await titles(two, "rails") == {TRAM.title}
    assert await stored(one) == await right(one)
    async with one.parts.store.read() as conn:
        _, total = await window(conn, "ways", after=0, upto=99)
    assert total == 1, "it is news, not what an edit found"


async def test_a_host_follows_without_a_file_that_was_saved(hosts: tuple[Host, Host]) -> None:
    one, two = hosts
    one.topic("ways", title="Ways", any=["tram"], min_score=0)
    await one.edit()
    assert await two.tick()
    assert two.parts.current.catalog.topics["ways"].title == "Ways"
    assert not await two.tick()
    await two.restart()  # its own folder is what counts then
    assert await one.tick()
    assert one.parts.current.catalog.topics["ways"].title == "ways"
    assert await stored(one) == await right(one)


async def test_a_pull_that_began_before_the_edit_matches_again(
    hosts: tuple[Host, Host], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = hosts
    real = PULL.record

    async def late(*given: object) -> object:
        """Let the other host finish its edit between the fetch and the transaction."""
        one.topic("ways", any=["tram"], min_score=0)
        await one.edit()
        return await real(*given)

    monkeypatch.setattr(PULL, "record", late)
    await two.pull("post")
    assert await titles(one, "ways") == {TRAM.title}
    assert not await two.tick(), "nothing is left to do"


async def test_what_is_edited_while_the_archive_is_read_keeps_its_new_words(
    hosts: tuple[Host, Host], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Six edits: those beyond the fifth of a day are quiet, and change no date."""
    one, two = hosts
    await one.pull("wire")
    real = REMATCH._match_archive

    async def slow(*given: object) -> object:
        found = await real(*given)
        for number in range(6):
            told = Story(
                "ship", f"A ship came in {number}", f"It brought oranges {number}, and coal at last."
            )
            two.publish("wire", told)
            await two.pull("wire")
        two.publish("wire", Story("ship", "A tram came in", "It brought nobody."))
        await two.pull("wire")
        return found

    monkeypatch.setattr(REMATCH, "_match_archive", slow)
    one.topic("ways", any=["oranges"], min_score=0)
    await one.edit()
    assert await stored(one) == await right(one) == set()


async def test_the_edit_that_came_last_wins_whoever_is_done_first(
    hosts: tuple[Host, Host], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = hosts
    for name in ("wire", "post"):
        await one.pull(name)
    real = REMATCH._match_archive

    async def overtaken(*given: object) -> object:
        found = await real(*given)
        monkeypatch.setattr(REMATCH, "_match_archive", real)
        two.topic("ways", any=["tram"], min_score=0)
        await two.edit()
        return found

    monkeypatch.setattr(REMATCH, "_match_archive", overtaken)
    one.topic("ways", any=["ship", "tram"], min_score=0)
    await one.edit()
    assert await titles(one, "ways") == {TRAM.title}
    assert await one.tick()
    assert await stored(one) == await right(one)
    assert one.parts.current.stamp == two.parts.current.stamp


async def test_who_dies_in_the_middle_of_an_edit_leaves_it_to_others(
    hosts: tuple[Host, Host], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = hosts
    await one.pull("post")

    async def dies(_: object) -> bool:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(APPLY, "rematch", dies)
        one.topic("ways", any=["tram"], min_score=0)
        with pytest.raises(RuntimeError):
            await one.edit()
    assert await two.tick()
    assert await titles(two, "ways") == {TRAM.title}


async def test_a_kept_topic_is_the_one_that_was_last_in_force_on_any_host(hosts: tuple[Host, Host]) -> None:
    one, two = hosts
    for name in ("wire", "post"):
        await one.pull(name)
    one.topic("ways", any=["tram"], min_score=0)
    await one.edit()
    two.topic("ways", any=["train"], min_score=0, tests={"match": ["nothing of the kind"]})
    await two.edit()
    assert await titles(two, "ways") == {TRAM.title}, "not the ship, which two itself had in force"
    await two.restart()
    await one.tick()
    assert await titles(one, "ways") == {TRAM.title}
    assert await stored(one) == await right(one)


async def test_a_document_shows_the_catalog_in_force(hosts: tuple[Host, Host]) -> None:
    one, two = hosts
    await one.pull("wire")
    for host in hosts:
        await pipeline.publish(host.parts)
    one.topic("ways", title="Waterways", any=["ship"], min_score=0)
    await one.edit()
    await pipeline.publish(two.parts)
    async with one.parts.store.read() as conn:
        before = await documents.known(conn, "ways")
    page = (two.parts.settings.public / "topics" / "ways.html").read_text()
    assert "Waterways" in page
    await one.restart()
    for host in hosts:
        await pipeline.publish(host.parts)
    async with one.parts.store.read() as conn:
        assert await documents.known(conn, "ways") == before, "the same data, the same bytes on every host"


async def test_also_in_is_the_same_to_the_byte_on_every_host_and_after_restarts(
    hosts: tuple[Host, Host],
) -> None:
    for host in hosts:
        host.topic("ways", any=["harbour"], min_score=0, publish={"per_source": 1})
        host.sources("wire", "post", "echo")
        for number, source in enumerate(("post", "wire", "echo")):
            host.publish(source, Story(f"f{number}", f"No boats {number}", HARBOUR))
    await hosts[0].edit()
    for number, source in enumerate(("post", "wire", "echo")):
        await hosts[number % 2].pull(source)
    for host in hosts:
        host.publish("post", Story("n", "A new harbour for the town", "It is to have a crane."))
    await hosts[0].pull("post")
    found = []
    for host in (hosts[1], *hosts):
        await host.restart()
        await pipeline.publish(host.parts)
        async with host.parts.store.read() as conn:
            etags = await documents.known(conn, "ways")
        found.append((etags, (host.parts.settings.public / "topics" / "ways.atom").read_bytes()))
    assert all(each == found[0] for each in found)
    first, body = found[0][0], found[0][1].decode()
    assert len(first) > 1
    assert "https://post.example/f0" in body, "in a list beside the story that wire tells now"
    assert ">No boats 1</title>" in body


async def test_a_host_that_cannot_read_the_catalog_pulls_nothing(
    hosts: tuple[Host, Host], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = hosts
    one.topic("ways", any=["tram"], min_score=0)
    await one.edit()

    def refuses(*_: object) -> object:
        raise ConfigError([])

    with monkeypatch.context() as patch:
        patch.setattr(APPLY, "_load", refuses)
        await two.pull("post")
        assert (await two.states())["post"] == "new"
        assert not await two.tick()
    await one.pull("post")
    assert await titles(one, "ways") == {TRAM.title}
    two.topic("ways", any=["tram"], min_score=0)
    await two.edit()
    await two.pull("wire")
    assert (await two.states())["wire"] == "ok"


WORDS = ("ship", "tram", "train", "ferry", "barge", "coal")


def edit(dice: Random, host: Host) -> None:
    """Change something that admins may: words, aliases, an own test that fails, a topic that goes."""
    slug = dice.choice(("ways", "rails", "sea"))
    chosen = dice.sample(WORDS, 2)
    if dice.random() < 0.3:
        host.aliases(boats=dice.sample(WORDS, 2))
    elif dice.random() < 0.2:
        (host.config / "topics" / f"{slug}.yaml").unlink(missing_ok=True)
    elif dice.random() < 0.3:
        host.topic(slug, any=chosen, min_score=0, tests={"match": ["nothing of the kind"]})
    else:
        (host.config / "aliases.yaml").exists() or host.aliases(boats=["ship"])
        host.topic(slug, any=[*chosen, "@boats"], min_score=0, learn=dice.choice(("off", "rank", "filter")))


async def teach(dice: Random, host: Host) -> None:
    weights = {word: dice.uniform(-3, 3) for word in WORDS}
    topic = dice.choice(("ways", "rails"))
    one = made(topic, weights=weights, bias=0.1, threshold=0.5, verdicts={}, figures=FIGURES)
    async with host.parts.store.write() as conn:
        if dice.random() < 0.3:
            await learned.forget(conn, topic)
        else:
            await learned.record(conn, topic, one.version, to_json(one), now=NOW)


async def bring(dice: Random, hosts: tuple[Host, Host], host: Host) -> None:
    name = dice.choice(("wire", "post"))
    told = [
        Story(str(i), f"A {dice.choice(WORDS)} came in, number {i}", f"It met a {dice.choice(WORDS)}.")
        for i in dice.sample(range(12), 4)
    ]
    for each in hosts:
        each.publish(name, *told)
    await host.pull(name)


@pytest.mark.parametrize("seed", range(1))
async def test_law_when_all_is_quiet_matches_are_those_of_the_newest_rules(
    hosts: tuple[Host, Host], seed: int
) -> None:
    dice = Random(seed)

    async def work(host: Host) -> None:
        for _ in range(6):
            await asyncio.sleep(dice.random() / 100)
            what = dice.random()
            if what < 0.45:
                await bring(dice, hosts, host)
            elif what < 0.75:
                edit(dice, host)
                await host.edit()
            elif what < 0.85:
                await teach(dice, host)
            elif what < 0.9:
                await host.restart()
            else:
                await host.tick()

    await asyncio.gather(*(work(host) for host in hosts))
    for _ in range(10):
        if not any([await host.tick() for host in hosts]):
            break
    else:
        raise AssertionError("hosts undo each other's work")
    assert hosts[0].parts.current.stamp == hosts[1].parts.current.stamp
    assert await stored(hosts[0]) == await right(hosts[0]) == await right(hosts[1])
