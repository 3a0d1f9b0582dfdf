"""What the outbox shows, read on both databases: counts, pages of the ledger, and what an admin gives up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from shelf import NOW
from sqlalchemy import text, update

from syndicator.model import DeliveryStatus as Status
from syndicator.model import Edition
from syndicator.model.lanes import Lane, Sign
from syndicator.pipeline.progress import look
from syndicator.settings import Mail
from syndicator.store import deliveries, editions, lanes, outbox, subscribers
from syndicator.store.outbox import Asked
from syndicator.store.schema import deliveries as table

SECOND = timedelta(seconds=1)
UNKNOWN = "421 4.3.0 closing"


@pytest.fixture
async def full(store):
    """Of edition e1 1–4 are accepted, 5–6 put off, 7 refused, 8 held, 9 under way; the second only waits."""
    async with store.write() as conn:
        readers = []
        for number in range(1, 13):
            address = f"Reader{number}@{'one' if number < 7 else 'two_%'}.example"
            id_ = await subscribers.put(conn, address, language="", slot=None, now=NOW)
            readers.append((id_, address))
        for number, name in enumerate(("e1", "e2")):
            edition = Edition(
                id=name, slot="daily@07:00@UTC", subject=f"S{number}", html="<p>", text="t",
                topics=("china",), language="en", articles=1, created_at=NOW + number * SECOND,
            )  # fmt: skip
            await editions.add(conn, 1, edition)
        await deliveries.plan(conn, "e1", readers, now=NOW)
        await deliveries.plan(conn, "e2", readers[:3], now=NOW)
        for state, numbers, reply, unsure in (
            (Status.ACCEPTED, range(1, 5), "250 ok", 0),
            (Status.DEFERRED, range(5, 7), "452 4.2.2 <Reader{n}@one.example> mailbox full 8a7f6e{n}0", 0),
            (Status.REFUSED, [7], "550 5.1.1 unknown", 0),
            (Status.HELD, [8], UNKNOWN, 1),
            (Status.SENDING, [9], "", 0),
        ):
            for number in numbers:
                said = {"state": state, "reply": reply.format(n=number), "uncertain": unsure}
                at = NOW - number * SECOND
                await conn.execute(update(table).where(table.c.id == number).values(**said, due_at=at))
    return store


async def test_one_look_tells_it_all(full):
    later = NOW + 20 * SECOND
    slow = Lane(name="two.example", until=later + SECOND, sign=Sign.SLOW, reason="452 too much", width=1)
    fine = Lane(name="relay localhost:25")
    async with full.write() as conn:
        await lanes.save(conn, [slow, fine], now=NOW)
    async with full.read() as conn:
        found = await look(conn, Mail(), now=later)
    assert [(each.name, each.state, each.reason) for each in found.slowed] == [
        ("two.example", "waits", "452 too much")
    ]
    assert found.states == {
        "accepted": 4, "deferred": 2, "refused": 1, "held": 1, "sending": 1, "planned": 6,
    }  # fmt: skip
    newer, older = found.running
    assert (newer.edition, newer.total, newer.waiting, newer.ended, newer.ends_at) == ("e2", 3, 3, 0, None)
    assert (older.total, older.waiting, older.deferred, older.held, older.ended) == (12, 4, 2, 1, 5)
    assert older.per_minute == found.per_minute == 4.0
    assert older.ends_at == NOW + 80 * SECOND
    told = [(each.state, each.reason, each.times) for each in found.causes]
    assert told == [("deferred", "mailbox-full", 2), ("refused", "user-unknown", 1)]
    assert [each.id for each in found.undecided] == [8]
    assert (found.uncertain, found.unknown_up_to, found.is_quiet) == ({"held": 1}, 8, False)


PAGES = (
    (Asked(), [15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]),
    (Asked(state="accepted"), [1, 2, 3, 4]),
    (Asked(state="planned"), [15, 14, 13, 12, 11, 10]),
    (Asked(edition="e2"), [15, 14, 13]),
    (Asked(edition="e2", state="accepted"), []),
    (Asked(address="READER1@"), [13, 1]),
    (Asked(address="two_%"), [12, 11, 10, 9, 8, 7]),
    (Asked(address="o%e"), []),
    (Asked(address="ex", edition="e1", state="refused"), [7]),
)
NO_MARKS = ("x", "1.2.3", "٣", "9" * 19, "-1", "1.", f"{2**63 - 1}.1")


async def test_pages_go_through_all_that_was_asked_for(full):
    async with full.read() as conn:
        for asked, ids in PAGES:
            seen, before = [], ""
            while True:
                rows, before = await outbox.page(conn, asked, before=before, limit=4)
                assert len(rows) <= 4
                seen += [row.id for row in rows]
                if not before:
                    break
            assert seen == ids, asked
        for asked in (Asked(), Asked(state="planned"), Asked(edition="e1")):
            for mark in NO_MARKS:
                rows, _ = await outbox.page(conn, asked, before=mark, limit=1)
                assert rows, mark


async def test_given_up_is_closed_with_its_last_words_and_can_be_taken_back(full):
    async with full.write() as conn:
        assert await outbox.unknown_held(conn, up_to=7) == []
        assert await deliveries.give_up(conn, [1, 5, 7, 8, 9, 10, 99], now=NOW) == {5, 8, 10}
        found = await deliveries.get(conn, [8, 10])
        assert [(found[id_].state, found[id_].reply) for id_ in (8, 10)] == [
            (Status.REFUSED, f"given up by hand: {UNKNOWN}"),
            (Status.REFUSED, "given up by hand"),
        ]
        assert await deliveries.retry(conn, [8], now=NOW) == {8}


ALONG = {
    "ix_deliveries_open": "SELECT edition_id, state, count(*) FROM deliveries"
    " WHERE state NOT IN ('accepted', 'refused') GROUP BY edition_id, state",
    "ix_deliveries_ended": "SELECT max(due_at) FROM deliveries"
    " WHERE state IN ('accepted', 'refused') AND state = 'refused'",
    "ix_deliveries_uncertain": "SELECT state, count(*) FROM deliveries WHERE uncertain > 0 GROUP BY state",
}


async def test_each_question_has_an_index_of_its_own(full):
    async with full.write() as conn:
        explain = "EXPLAIN QUERY PLAN"
        if conn.dialect.name == "postgresql":
            await conn.execute(text("SET LOCAL enable_seqscan = off"))  # for so few rows it would not look
            explain = "EXPLAIN"
        for index, statement in ALONG.items():
            plan = " ".join(str(row) for row in await conn.execute(text(f"{explain} {statement}")))
            assert index in plan
