"""Mails to one person, as rows: no two wait, a newer one wins, and what a dead worker held comes back."""

from __future__ import annotations

from datetime import timedelta

from shelf import NOW

from syndicator.model import DeliveryStatus as Status
from syndicator.store import erase, subscribers, transactional

LEASE = timedelta(minutes=10)
WEEK = timedelta(days=7)


ADA = "Ada@reader.example"


async def put(store, kind="confirm", address=ADA, *, url="https://n.example/1", subscriber=None):
    async with store.write() as conn:
        return await transactional.enqueue(
            conn, kind=kind, address=address, language="en", subscriber=subscriber, facts={"url": url},
            now=NOW, until=NOW + WEEK,
        )  # fmt: skip


async def claim(store, now=NOW):
    async with store.write() as conn:
        return await transactional.claim(conn, now=now, lease=LEASE, limit=9)


async def begin(store, note):
    async with store.write() as conn:
        return await transactional.begin(conn, note, message_id="<m>", now=NOW, lease=LEASE)


async def record(store, note, state, **how):
    async with store.write() as conn:
        return await transactional.record(conn, note, state, reply="said", now=NOW, **how)


async def listed(store):
    async with store.read() as conn:
        return await transactional.list_all(conn)


async def test_no_two_of_a_kind_wait_and_the_newer_one_is_sent(store):
    first = await put(store)
    (old,) = await claim(store)
    assert await put(store, address="ada@READER.example", url="https://n.example/2") == first
    await put(store, kind="known")
    assert not await begin(store, old), "what a worker has read is old by now"
    new, other = await claim(store)
    assert (new.facts["url"], other.kind) == ("https://n.example/2", "known")
    assert await begin(store, new)
    assert not await begin(store, new)
    assert await put(store, url="https://n.example/3") != first, "what is begun is not taken back"
    assert not await record(store, old, Status.ACCEPTED)
    assert await record(store, new, Status.ACCEPTED)
    assert next((note.state, note.facts) for note in await listed(store)) == (Status.ACCEPTED, {})
    assert len(await claim(store)) == 1


async def test_what_a_dead_worker_held_is_sent_again_and_only_the_begun_is_counted(store):
    await put(store, address="a@x.example")
    await put(store, address="b@x.example")
    one, _ = await claim(store)
    await begin(store, one)
    async with store.write() as conn:
        assert await transactional.reap(conn, now=NOW + LEASE / 2) == 0
        assert await transactional.reap(conn, now=NOW + LEASE) == 1
    assert not await record(store, one, Status.ACCEPTED), "the dead may come back late"
    again = await claim(store, now=NOW + LEASE)
    assert [(note.uncertain, note.facts["url"]) for note in again] == [
        (1, "https://n.example/1"),
        (0, "https://n.example/1"),
    ]
    await begin(store, again[1])
    async with store.write() as conn:
        assert await transactional.reap(conn, now=NOW, everything=True) == 1


async def test_what_is_too_late_is_refused_and_then_forgotten(store):
    await put(store)
    assert await claim(store, now=NOW + WEEK + LEASE) == []
    (note,) = await listed(store)
    assert (note.state, note.facts, note.reply) == (Status.REFUSED, {}, transactional.LATE)
    async with store.write() as conn:
        assert await transactional.purge(conn, before=NOW + WEEK + LEASE) == 0
        assert await transactional.purge(conn, before=NOW + 2 * WEEK) == 1


async def test_erasing_a_reader_takes_their_mails_back(store):
    async with store.write() as conn:
        id_ = await subscribers.put(conn, "ada@reader.example", language="", slot=None, now=NOW)
    await put(store, subscriber=id_, address="ada@new.example")
    await put(store, kind="known")
    await put(store, address="ben@reader.example")
    async with store.write() as conn:
        await erase.erase(conn, "ada@reader.example", now=NOW)
    assert [note.address for note in await listed(store)] == ["ben@reader.example"]
