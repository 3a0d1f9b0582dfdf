"""What readers choose, where their mails go, their links, and all that is held on them; on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from shelf import NOW
from sqlalchemy import select

from syndicator.model import DeliveryStatus, Edition, Slot
from syndicator.store import (
    deliveries,
    editions,
    erase,
    holdings,
    leave,
    preferences,
    reader_links,
    schema,
    subscribers,
    transactional,
)
from syndicator.store.preferences import Manner

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
ADA, NEW = "Ada@reader.example", "ada@new.example"


async def reader(store, address=ADA, *topics, state="active"):
    async with store.write() as conn:
        id_ = await subscribers.put(conn, address, language="", slot=None, now=NOW - DAY)
        await subscribers.subscribe(conn, id_, topics or ("china", "fraud"), state=state, now=NOW - DAY)
        return id_


async def mail(conn, id_, address, name="e1"):
    """An edition on its way to a reader."""
    made = Edition(
        id=name, slot="s", subject="China: rain", html="<p>", text="t", topics=("china",), language="en",
        articles=1, created_at=NOW,
    )  # fmt: skip
    await editions.add(conn, 1, made)
    await deliveries.plan(conn, name, [(id_, address)], now=NOW)


async def rows(store, table):
    async with store.read() as conn:
        return (await conn.execute(select(table))).all()


async def test_what_a_reader_chooses(store):
    id_ = await reader(store)
    async with store.write() as conn:
        assert await preferences.manners(conn, [id_]) == {}
        for slot in (Slot.of_key("weekly@18:30@Asia/Shanghai"), None):
            await preferences.choose(conn, id_, slot=slot, language="zh", format_="text", now=NOW)
            found = (await subscribers.get(conn, id_)).subscriber
            assert (found.slot, found.language, found.format) == (slot, "zh", "text")
        await preferences.bind_anew(conn, id_, "s3cret")
        assert await preferences.manners(conn, [id_, 77]) == {id_: Manner("text", "s3cret")}


async def test_mails_move_to_another_address(store):
    id_, other = await reader(store), await reader(store, "bo@reader.example")
    async with store.write() as conn:
        await mail(conn, id_, ADA)
        assert not await preferences.move(conn, id_, "BO@reader.example", secret="x")
        assert (await subscribers.get(conn, id_)).subscriber.address == ADA
        assert await preferences.move(conn, id_, NEW, secret="x")
        assert (await subscribers.find(conn, NEW)).subscriber.id == id_
        assert await subscribers.find(conn, ADA) is None
        assert await preferences.move(conn, id_, NEW.upper(), secret="y"), "in other letters it is their own"
        assert (await preferences.manners(conn, [id_, other]))[id_].secret == "y"
    (waiting,) = await rows(store, schema.deliveries)
    assert waiting.address == NEW.upper()


async def test_leaving_is_taken_back(store):
    id_ = await reader(store, ADA, "china", "fraud", "ships", "tech")
    await reader(store, ADA, "sports", state="pending")
    async with store.write() as conn:
        await subscribers.end(conn, id_, ["ships"], now=NOW - HOUR)
        await leave.pause(conn, id_, until=NOW + DAY, now=NOW - HOUR)
        await subscribers.end(conn, id_, ["china", "fraud", "tech", "sports"], now=NOW)
        states = {"active": ["china", "ships"], "paused": ["fraud"]}
        wrong = {"left_at": NOW + HOUR, "now": NOW + HOUR} | states
        assert await preferences.take_back(conn, id_, **wrong) == []
        right = wrong | {"left_at": NOW}
        assert await preferences.take_back(conn, id_, **right) == ["china", "fraud"]
        assert await preferences.take_back(conn, id_, **right) == [], "once"
        found = {tie.topic: (tie.state, tie.until_at) for tie in await leave.ties(conn, id_)}
    assert found == {
        "china": ("active", None), "fraud": ("paused", NOW + DAY), "ships": ("ended", None),
        "tech": ("ended", None), "sports": ("ended", None),
    }  # fmt: skip


async def test_what_was_not_sent_meanwhile_is_sent_after_all(store):
    """Of the topics that are taken back, and only what leaving has stopped."""
    id_ = await reader(store)
    table = schema.deliveries
    async with store.write() as conn:
        for name, reply in (("e1", deliveries.LEFT), ("e2", deliveries.LEFT), ("e3", "550 no")):
            await mail(conn, id_, ADA, name)
            at = NOW - HOUR if name == "e2" else NOW + HOUR  # at another time they had left it before
            values = {"state": DeliveryStatus.REFUSED, "reply": reply, "updated_at": at}
            await conn.execute(table.update().where(table.c.edition_id == name).values(**values))
        await subscribers.end(conn, id_, None, now=NOW)
        undo = {"left_at": NOW, "paused": (), "now": NOW + 2 * HOUR}
        await preferences.take_back(conn, id_, active=["fraud"], **undo)
        assert await deliveries.list_all(conn, state="planned") == []
        await preferences.take_back(conn, id_, active=["china"], **undo)
        (again,) = await deliveries.list_all(conn, state="planned")
    assert (again.edition, again.due_at, again.reply) == ("e1", NOW + 2 * HOUR, "")


async def test_a_link_opens_once(store):
    id_ = await reader(store)
    async with store.write() as conn:
        await reader_links.add(conn, "one", id_, now=NOW, until=NOW + HOUR)
        assert await reader_links.is_unused(conn, "one", now=NOW)
        assert not await reader_links.is_unused(conn, "one", now=NOW + HOUR)
        assert not await reader_links.use(conn, "one", now=NOW + HOUR)
        assert await reader_links.use(conn, "one", now=NOW)
        assert not await reader_links.use(conn, "one", now=NOW)
        assert not await reader_links.is_unused(conn, "one", now=NOW)
        await reader_links.add(conn, "two", id_, now=NOW + 9 * DAY, until=NOW + 9 * DAY)
    assert [row.name for row in await rows(store, schema.reader_links)] == ["two"], "what is long over goes"


async def test_mails_that_a_reader_causes_are_counted(store):
    id_ = await reader(store)
    async with store.write() as conn:
        for number, kind in enumerate(("link", "move", "confirm", "moved")):
            await transactional.enqueue(
                conn, kind=kind, address=NEW, language="", subscriber=id_, facts={}, until=NOW + DAY,
                now=NOW + number * HOUR,
            )  # fmt: skip
        counted = [await reader_links.mails(conn, id_, since=NOW + hours * HOUR) for hours in (-1, 0, 1)]
    assert counted == [2, 1, 0]


def personal():
    """The tables with a column that holds an address, or the number of a reader."""
    for table in schema.metadata.tables.values():
        for column in table.c:
            keyed = any(key.column.table.name == "subscribers" for key in column.foreign_keys)
            if keyed or "address" in column.name or "subscriber" in column.name:
                yield table
                break


def test_no_table_with_a_person_in_it_is_forgotten():
    """Whoever adds such a table says here what a reader is told of it, and `erase` what becomes of it."""
    assert {table.name for table in personal()} == {table.name for table in holdings.TABLES}


@pytest.fixture
async def known(store):
    """A reader of whom every table knows something, under an old address and the new one."""
    id_, other = await reader(store), await reader(store, "bo@reader.example")
    async with store.write() as conn:
        await mail(conn, id_, ADA)
        await mail(conn, other, "bo@reader.example", "e2")
        await conn.execute(
            schema.deliveries.update()
            .where(schema.deliveries.c.subscriber_id == id_)
            .values(state=DeliveryStatus.ACCEPTED, reply=f"250 kept for {ADA}")
        )
        await preferences.move(conn, id_, NEW, secret="s3cret")
        for number, (address, about) in enumerate(
            [(ADA, None), (NEW, None), ("", 1), ("bo@reader.example", 2)]
        ):
            await conn.execute(
                schema.returns.insert().values(
                    hash=f"h{number}", at=NOW, kind="bounce", delivery_id=about, address=address,
                    address_key=address.casefold(), hard=False, final=False, excerpt=f"to {address}",
                )
            )  # fmt: skip
        await subscribers.suppress(conn, NEW, "complaint", now=NOW)
        for address, number in ((NEW, id_), (ADA, None), ("bo@reader.example", other), ("x@y.example", id_)):
            await transactional.enqueue(
                conn, kind="confirm", address=address, language="", subscriber=number,
                facts={"url": "https://n.example/secret"}, now=NOW, until=NOW + DAY,
            )  # fmt: skip
        await reader_links.add(conn, "n4me", id_, now=NOW, until=NOW + HOUR)
        wish = {"topics": ["ships"], "tied": [], "language": "", "adds": True, "made_at": NOW}
        for number in (id_, other):
            await conn.execute(schema.signups.insert().values(subscriber_id=number, **wish))
    return id_


async def test_all_that_is_held_is_told_and_nothing_of_others(store, known):
    async with store.read() as conn:
        held = await holdings.of(conn, known)
    assert {name: len(each) for name, each in held.items() if name != "reader"} == {
        "subscriptions": 2, "deliveries": 1, "returns": 3, "suppressions": 1, "notes": 3, "signups": 1,
        "links": 1,
    }  # fmt: skip
    assert len(held) == len(holdings.TABLES)
    assert held["reader"]["address"] == NEW
    assert "state" in held["notes"][0]
    assert "state" not in held["notes"][-1], "whether an address takes mail is told to its owner"
    assert held["deliveries"][0]["subject"] == "China: rain"
    said = repr(held)
    assert ADA in said
    for kept in ("bo@", "s3cret", "n4me", "n.example/secret"):
        assert kept not in said
    async with store.write() as conn:  # the old address has a new owner, of whom the reader is told nothing
        await subscribers.put(conn, ADA, language="", slot=None, now=NOW)
        held = await holdings.of(conn, known)
    assert (len(held["returns"]), len(held["notes"])) == (2, 2)


async def test_an_erased_reader_is_in_no_row(store, known):
    async with store.write() as conn:
        await erase.erase(conn, NEW, now=NOW)
    for table in schema.metadata.tables.values():
        found = [] if table.name == "suppressions" else [str(row) for row in await rows(store, table)]
        named = [row for row in found if "ada@" in row.casefold() or "s3cret" in row]
        assert not named, table.name
    assert len(await rows(store, schema.suppressions)) == 1
    assert len(await rows(store, schema.returns)) == 4
