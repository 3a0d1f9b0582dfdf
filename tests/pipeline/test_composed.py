"""What a run mails, from feeds to editions: sections, shares and caps over real windows."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from fleet import NOW, Host
from newsroom import Story

from syndicator import pipeline
from syndicator.pipeline.specimen import headlines, specimen
from syndicator.store import editions, notices, subscribers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

MORNING = "Tue, 24 Nov 2026 05:00:00 +0000"
WORDS = ("anchor", "bridge", "castle", "desert", "engine", "forest")


def stories(about: str, count: int) -> list[Story]:
    """Headlines about something that have nothing else in common, the first ones longer to read."""
    return [
        Story(f"{about}-{n}", f"{about} {WORDS[n]}", f"{WORDS[n]} " * (90 - 3 * n), date=MORNING)
        for n in range(count)
    ]


class Clock:
    """What time it is for the host."""

    now = NOW


@pytest.fixture
async def host(tmp_path: Path) -> AsyncIterator[Host]:
    made = Host(tmp_path / "config", f"sqlite+aiosqlite:///{tmp_path / 'syndicator.db'}")
    made.clock = lambda: Clock.now
    Clock.now = NOW - timedelta(hours=1)
    mail = {"from": "Desk <d@desk.example>", "max_items": 5}
    (made.config / "syndicator.yaml").write_text(json.dumps({"mail": mail}))
    made.sources("wire", "post")
    made.publish("wire", *stories("harbour", 6), *stories("mill", 2))
    made.publish("post", Story("post", "A harbour of our own", "Ships.", date=MORNING))
    digest = {"at": "07:00", "max_items": 4}
    made.topic("sea", any=["harbour"], min_score=0, digest=digest | {"per_source": 2})
    made.topic("bay", any=["harbour", "mill"], min_score=0, digest=digest)
    await made.start()
    await made.pull("wire", "post")
    yield made
    await made.stop()


async def mailed(host: Host, *readers: tuple[str, ...]) -> list[tuple[list[str], list[str]]]:
    """Run the morning's digests for readers of these topics; give (topics, titles) of each edition."""
    now = Clock.now
    async with host.parts.store.write() as conn:
        for number, topics in enumerate(readers):
            address = f"r{number}@reader.example"
            id_ = await subscribers.put(conn, address, language="", slot=None, now=now - timedelta(days=2))
            await subscribers.subscribe(conn, id_, topics, state="active", now=now - timedelta(days=2))
    Clock.now = NOW + timedelta(minutes=1)
    await pipeline.compose(host.parts)
    async with host.parts.store.read() as conn:
        made = [await editions.get(conn, each.id) for each in await editions.list_all(conn)]
    return [
        (list(each.topics), [line[2:] for line in each.text.splitlines() if line.startswith("* ")])
        for each in made
        if each
    ]


async def test_a_mail_of_two_topics_tells_everything_once_and_has_an_end(host: Host) -> None:
    ((topics, titles),) = await mailed(host, ("sea", "bay"))
    assert topics == ["bay", "sea"]
    assert len(titles) == len(set(titles)) == 5, "mail.max_items"
    assert titles[0] == "mill anchor"


async def test_a_topics_own_limits_hold(host: Host) -> None:
    found = {topics[0]: titles for topics, titles in await mailed(host, ("sea",), ("bay",))}
    assert sorted(found["sea"]) == ["A harbour of our own", "harbour anchor", "harbour bridge"]
    assert len(found["bay"]) == 4


async def test_a_specimen_is_what_a_reader_of_the_topic_alone_would_get(host: Host) -> None:
    made = await specimen(host.parts, host.parts.current.catalog.topics["sea"])
    assert made is not None
    places = [made.place(each) for each in made.offer.ranked]
    assert places.count("top") == 1
    assert (places.count("lead"), places.count("web")) == (2, 4)
    assert made.digest.sections[0].more == 4
    named = await headlines(host.parts, "sea", [each.candidate.id for each in made.offer.ranked])
    assert {source for source, _ in named.values()} == {"wire", "post"}


async def test_a_specimen_of_a_quiet_topic_shows_the_newest(host: Host) -> None:
    Clock.now = NOW + timedelta(days=9)
    made = await specimen(host.parts, host.parts.current.catalog.topics["sea"])
    assert made is not None
    assert (made.digest.total, made.digest.sections[0].more) == (3, 4)


async def test_an_override_that_no_proof_found_faulty_costs_nobody_the_mail(host: Host) -> None:
    look = host.config.parent / "templates" / "email" / "looks" / "magazine.txt.j2"
    look.parent.mkdir(parents=True)
    rare = "{% if edition.title == 'bay · sea' %}{{ edition.nope }}{% endif %}"
    body = "{% block opening %}OUR OWN " + rare + "{% endblock %}"
    look.write_text('{% extends "shipped/email/looks/magazine.txt.j2" %}\n' + body)
    await host.restart()
    assert host.parts.broken_templates == ()
    made = await mailed(host, ("sea", "bay"), ("sea",))
    assert sorted(topics for topics, _ in made) == [["bay", "sea"], ["sea"]]
    async with host.parts.store.read() as conn:
        own = [await editions.get(conn, each.id) for each in await editions.list_all(conn)]
        (told,) = await notices.list_open(conn)
    assert {len(each.topics): "OUR OWN" in each.text for each in own if each} == {1: True, 2: False}
    assert told.is_alarm
    assert "email/looks/magazine.txt.j2:2: " in told.text

    look.unlink()
    await host.restart()
    host.publish("wire", *stories("harbour", 1), Story("new", "A harbour that is new", "Ships."))
    await host.pull("wire")
    Clock.now = NOW + timedelta(days=1, minutes=1)
    await pipeline.compose(host.parts)
    async with host.parts.store.read() as conn:
        assert await notices.list_open(conn) == []
