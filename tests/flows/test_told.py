"""What digests tell of a story that goes on: to each reader once, and nothing is lost on the way."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from copies import BAKERY, HARBOUR
from fleet import NOW, Host
from newsroom import Story

from syndicator import pipeline
from syndicator.store import editions, subscribers
from syndicator.store.schema import deliveries
from syndicator.store.schema import editions as edition_rows

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

DAY = timedelta(days=1)
FERRY = Story("ferry", "The ferry across the bay stops", HARBOUR)
COPY = Story("boats", "No more boats on the bay", HARBOUR)
THIRD = Story("quay", "An empty quay", HARBOUR)
BREAD = Story("bread", "Bakery, bakery: a baker may burn his oven at the bakery at night", BAKERY)


class Desk:
    """One host, its readers, and a clock that goes from morning to morning."""

    def __init__(self, host: Host) -> None:
        self.host, self.now = host, NOW - timedelta(hours=1)
        host.clock = lambda: self.now

    async def reader(self, name: str, *topics: str) -> None:
        async with self.host.parts.store.write() as conn:
            id_ = await subscribers.put(
                conn, f"{name}@reader.example", language="", slot=None, now=self.now - 2 * DAY
            )
            await subscribers.subscribe(conn, id_, topics, state="active", now=self.now - 2 * DAY)

    async def morning(self, **told: Story) -> dict[str, list[str]]:
        """Let sources publish, run the digests of a morning, and give what each reader got: subjects."""
        for source, story in told.items():
            self.host.publish(source, story)
            await self.host.pull(source)
        before = await self._sent()
        self.now += timedelta(hours=1, minutes=1)
        await pipeline.compose(self.host.parts)
        self.now += DAY - timedelta(hours=1, minutes=1)
        got: dict[str, list[str]] = {}
        for id_, (address, text) in (await self._sent()).items():
            if id_ not in before:
                got.setdefault(address.partition("@")[0], []).append(text)
        return got

    async def _sent(self) -> dict[int, tuple[str, str]]:
        joined = deliveries.join(edition_rows, edition_rows.c.id == deliveries.c.edition_id)
        columns = (deliveries.c.id, deliveries.c.address, edition_rows.c.text)
        async with self.host.parts.store.read() as conn:
            rows = await conn.execute(joined.select().with_only_columns(*columns).order_by(deliveries.c.id))
            return {row.id: (row.address, row.text) for row in rows}


def titles(mails: list[str]) -> list[str]:
    """The headlines of some mails, in order."""
    return [line[2:] for mail in mails for line in mail.splitlines() if line.startswith("* ")]


@pytest.fixture
async def desk(tmp_path: Path, database_url: str) -> AsyncIterator[Desk]:
    host = Host(tmp_path / "config", database_url)
    made = Desk(host)
    host.sources("wire", "post", "echo")
    for name in ("wire", "post", "echo"):
        host.publish(name)
    digest = {"at": "07:00", "max_items": 1}
    host.topic("sea", any=["harbour", "bakery"], min_score=0, digest=digest)
    host.topic("bay", any=["ferry"], min_score=0, digest={"at": "07:00"})
    host.topic("pier", any=["ferry"], min_score=0, digest={"at": "05:00"})
    await host.start()
    yield made
    await host.stop()


async def test_a_story_that_was_cut_off_comes_when_it_is_told_again_and_then_no_more(desk: Desk) -> None:
    await desk.reader("anna", "sea")
    first = await desk.morning(wire=BREAD, post=FERRY)
    assert titles(first["anna"]) == [BREAD.title]
    assert "+ 1 more on the web" in first["anna"][0]
    assert titles((await desk.morning(echo=COPY))["anna"]) == [COPY.title]
    assert await desk.morning(wire=THIRD) == {}


async def test_a_story_from_before_a_first_window_is_told_to_who_came_later(desk: Desk) -> None:
    await desk.reader("anna", "sea")
    assert titles((await desk.morning(wire=FERRY))["anna"]) == [FERRY.title]
    desk.now += DAY
    await desk.reader("bo", "sea")
    assert titles((await desk.morning(echo=BREAD))["bo"]) == [BREAD.title], "the ferry is not of this day"
    got = await desk.morning(post=COPY)
    assert {name: titles(mails) for name, mails in got.items()} == {"bo": [COPY.title]}
    assert await desk.morning(echo=THIRD) == {}


async def test_a_story_is_told_once_whichever_topic_told_it(desk: Desk) -> None:
    await desk.reader("anna", "sea", "bay")
    (mail,) = (await desk.morning(wire=FERRY))["anna"]
    assert titles([mail]) == [FERRY.title]
    assert await desk.morning(post=COPY) == {}


async def test_an_article_of_two_topics_with_hours_of_their_own_comes_in_the_first_mail_alone(
    desk: Desk,
) -> None:
    await desk.reader("anna", "bay", "pier")
    await desk.reader("bo", "bay")
    got = await desk.morning(wire=FERRY)
    assert {name: len(mails) for name, mails in got.items()} == {"anna": 1, "bo": 1}
    assert await desk.morning() == {}


async def test_who_was_told_and_who_was_not_get_editions_of_their_own(desk: Desk) -> None:
    await desk.reader("anna", "sea")
    await desk.morning(wire=FERRY)
    await desk.reader("bo", "sea")
    async with desk.host.parts.store.write() as conn:  # as if both had had a digest yesterday
        await conn.execute(subscribers.subscriptions.update().values(cursor=1))
    desk.host.publish("echo", BREAD)
    await desk.host.pull("echo")
    got = await desk.morning(post=COPY)
    assert titles(got["anna"]) == [BREAD.title]
    assert "more on the web" not in got["anna"][0]
    assert titles(got["bo"]) == [BREAD.title]
    assert "+ 1 more on the web" in got["bo"][0]
    async with desk.host.parts.store.read() as conn:
        assert len(await editions.list_all(conn)) == 3
