"""Pauses, erasure, and lists of readers, on both databases."""

from __future__ import annotations

from datetime import timedelta

from shelf import NOW
from sqlalchemy import select

from syndicator.model import DeliveryStatus, Edition
from syndicator.store import deliveries, editions, erase, leave, progress, returns, roster, subscribers
from syndicator.store.deliveries import plan
from syndicator.store.roster import Listed
from syndicator.store.schema import deliveries as ledger
from syndicator.store.schema import returns as came_back

DAY = timedelta(days=1)


def one(address="anna@x.example", *topics, state="active", **keys):
    return Listed(address=address, topics=topics or ("china",), state=state, **keys)


async def take(store, *listed, now=NOW - DAY):
    async with store.write() as conn:
        return [each.outcome for each in await roster.take_in(conn, listed, now=now)]


async def ties(store, address="anna@x.example"):
    async with store.read() as conn:
        reader = await subscribers.find(conn, address)
        return {tie.topic: tie for tie in await leave.ties(conn, reader.subscriber.id)}


async def test_a_pause_and_its_end(store):
    await take(store, one("anna@x.example", "china", "fraud"), one("anna@x.example", "tech", state="pending"))
    async with store.write() as conn:
        id_ = (await subscribers.find(conn, "anna@x.example")).subscriber.id
        assert await leave.pause(conn, id_, until=NOW + DAY, now=NOW) == ["china", "fraud"]
        assert await leave.pause(conn, id_, until=NOW + 2 * DAY, now=NOW) == ["china", "fraud"]
        assert not await leave.is_over(conn, NOW + DAY)
        assert await leave.wake(conn, NOW + DAY) == 0
        await subscribers.end(conn, id_, ["fraud"], now=NOW)
        assert await leave.is_over(conn, NOW + 3 * DAY)
        assert await leave.wake(conn, NOW + 3 * DAY) == 1
        assert not await leave.is_over(conn, NOW + 3 * DAY), "who left is not looked at for ever"
        assert await leave.resume(conn, id_, now=NOW) == []
    found = await ties(store)
    assert {slug: tie.state for slug, tie in found.items()} == {
        "china": "active",
        "fraud": "ended",
        "tech": "pending",
    }
    assert found["china"].since_at == NOW + 2 * DAY, "as of that time, so that a run of that minute has them"


async def test_a_list_taken_in_twice_changes_nothing_the_second_time(store):
    listed = (
        one("anna@x.example", "china", language="zh"),
        one("ANNA@x.example", "fraud", state="ended"),
        one("bo@x.example", state="paused", until=NOW + DAY),
    )
    assert await take(store, *listed) == ["added", "changed", "added"]
    async with store.read() as conn:
        before = [each async for each in roster.everybody(conn)]
    assert len(before) == 3
    assert await take(store, *before, now=NOW) == ["known"] * 3
    async with store.read() as conn:
        assert [each async for each in roster.everybody(conn)] == before


async def test_a_list_confirms_and_fills_in_and_ends_nothing(store):
    await take(store, one(state="pending"), one("bo@x.example", language="en"))
    async with store.write() as conn:
        await subscribers.suppress(conn, "dead@x.example", "unknown user", now=NOW)
        id_ = (await subscribers.find(conn, "bo@x.example")).subscriber.id
        await subscribers.end(conn, id_, None, now=NOW)
    got = await take(
        store,
        one(state="ended"),
        one(),
        one("bo@x.example", language="zh"),
        one("dead@x.example"),
        one("bo@x.example", "fraud", language="zh"),
    )
    assert got == ["known", "changed", "refused", "refused", "changed"]
    assert (await ties(store))["china"].state == "active"
    assert (await ties(store, "bo@x.example"))["china"].state == "ended"
    async with store.read() as conn:
        assert (await subscribers.find(conn, "bo@x.example")).subscriber.language == "en", "their own choice"
        assert await subscribers.find(conn, "dead@x.example") is None


def edition(name):
    return Edition(
        id=name, slot="daily@07:00@UTC", subject="s", html="h", text="t", topics=("china",), language="en",
        articles=1, created_at=NOW,
    )  # fmt: skip


async def mailed(store):
    """Two mails to Anna, one of them accepted and one planned, and a bounce; one mail to Bo."""
    await take(store, one(), one("bo@x.example"))
    async with store.write() as conn:
        ids = [(await subscribers.find(conn, f"{name}@x.example")).subscriber.id for name in ("anna", "bo")]
        for name in ("e1", "e2"):
            await editions.add(conn, 1, edition(name))
        await plan(conn, "e1", [(ids[0], "anna@x.example"), (ids[1], "bo@x.example")], now=NOW)
        for each in await deliveries.claim(conn, now=NOW, lease=DAY, limit=9):
            await progress.begin(conn, [progress.Begun(each, "<1>")], now=NOW, lease=DAY)
            said = f"250 ok <{each.address}>"
            await progress.record(conn, [progress.Ended(each, DeliveryStatus.ACCEPTED, said)], now=NOW)
        await plan(conn, "e2", [(ids[0], "anna@x.example")], now=NOW)
        subject = await returns.subject(conn, delivery=1)
        await returns.keep(
            conn, hash_="h", kind="bounce", now=NOW, subject=subject, address="", refusal=None, effect="",
            excerpt="anna@x.example is unknown",
        )  # fmt: skip


async def test_erasing_leaves_the_counts_and_no_address(store):
    await mailed(store)
    async with store.write() as conn:
        await subscribers.suppress(conn, "anna@x.example", "complaint", now=NOW)
        (leased,) = await deliveries.claim(conn, now=NOW, lease=DAY, limit=9)
        gone = await erase.erase(conn, "Anna@x.example", now=NOW)
        assert (gone.reader, gone.deliveries, gone.returns, gone.suppression.reason) == (
            True, 2, 1, "complaint",
        )  # fmt: skip
        began = await progress.begin(conn, [progress.Begun(leased, "<2>")], now=NOW, lease=DAY)
        assert not began, "what a worker holds is not sent"
        assert await deliveries.counts(conn) == {"accepted": 2, "refused": 1}
        rows = [*(await conn.execute(select(ledger))), *(await conn.execute(select(came_back)))]
        said = [repr(tuple(row)) for row in rows]
        assert len(said) == 4
        assert "anna" not in "".join(said).lower()
        assert "bo@x.example" in "".join(said)
        assert (await returns.subject(conn, delivery=1)).address == "", "a late bounce finds nobody"
        assert (await erase.erase(conn, "anna@x.example", now=NOW))[:3] == (False, 0, 0)


async def test_a_mail_on_the_wire_is_seen(store):
    await mailed(store)
    async with store.write() as conn:
        assert not await erase.is_sending(conn, "anna@x.example")
        (leased,) = await deliveries.claim(conn, now=NOW, lease=DAY, limit=9)
        await progress.begin(conn, [progress.Begun(leased, "<2>")], now=NOW, lease=DAY)
        assert await erase.is_sending(conn, "ANNA@x.example")
        assert not await erase.is_sending(conn, "bo@x.example")
