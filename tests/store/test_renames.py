"""A topic that got another slug: nobody is lost, and nothing is mailed twice."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from shelf import NOW, article, window
from sqlalchemy import select

from syndicator.model import Edition, Match, Rule, Slot, Topic
from syndicator.store import (
    articles,
    deliveries,
    editions,
    keys,
    listings,
    matches,
    renames,
    schema,
    signups,
    subscribers,
    topics,
)

OLD = Topic(slug="old", title="T", rule=Rule())
NEW = Topic(slug="new", title="T", rule=Rule(), was=("old",))


async def sync(store, *configured):
    async with store.write() as conn:
        moved = await renames.follow(conn, configured)
        await topics.sync(conn, configured, now=NOW)
    return moved


async def put(store, *guids, hits):
    async with store.write() as conn:
        touched = (await articles.upsert(conn, "wire", [article(guid) for guid in guids], now=NOW)).touched
        found = {one.id: [Match(topic=slug, score=3, because=()) for slug in hits] for one in touched}
        await matches.record(conn, found, now=NOW)


async def read(store, slug, after=0):
    """The keys that a digest of readers with this cursor would hold."""
    async with store.read() as conn:
        found, _ = await window(conn, slug, after=after, upto=10_000)
    return {one.article.key for one in found}


async def tied(store, address, slug, *, state="active", cursor=None):
    async with store.write() as conn:
        id_ = await subscribers.put(conn, address, language="", slot=None, now=NOW)
        await subscribers.subscribe(conn, id_, [slug], state="active", now=NOW)
        if state == "ended":
            await subscribers.end(conn, id_, [slug], now=NOW)
        table = schema.subscriptions
        mine = (table.c.subscriber_id == id_, table.c.topic == slug)
        await conn.execute(table.update().where(*mine).values(cursor=cursor))


async def ties(store):
    async with store.read() as conn:
        table, people = schema.subscriptions, schema.subscribers
        rows = await conn.execute(
            select(people.c.address, table.c.topic, table.c.state, table.c.cursor)
            .join(people, people.c.id == table.c.subscriber_id)
            .order_by(people.c.address, table.c.topic)
        )
        return [tuple(row) for row in rows]


async def fingerprint(store, slug):
    async with store.read() as conn:
        return (await topics.fingerprints(conn)).get(slug)


async def rule(store, slug, value):
    async with store.write() as conn:
        await topics.set_fingerprint(conn, slug, value)


async def test_readers_matches_and_keys_come_along(store):
    await sync(store, OLD)
    await put(store, "a", "b", hits=["old"])
    await tied(store, "anna@x.example", "old", cursor=1)
    async with store.write() as conn:
        await keys.add(conn, "old", "Anna", "t" * 43, now=NOW)
        await topics.set_opened(conn, "old", now=NOW - timedelta(days=9))
    assert await sync(store, NEW) == [("old", "new")]
    assert await ties(store) == [("anna@x.example", "new", "active", 1)]
    assert await read(store, "new", after=1) == {"b"}, "what was mailed is behind the cursor"
    assert await read(store, "old") == set()
    async with store.read() as conn:
        assert await keys.topic_of(conn, "t" * 43) == "new"
        rows = {row.slug: row for row in await conn.execute(select(schema.topics))}
    assert rows["new"].opened_at == NOW - timedelta(days=9)
    assert (rows["new"].configured, rows["old"].configured) == (True, False)
    assert rows["old"].published < rows["old"].wanted, "its documents go"


async def test_again_it_does_nothing_but_what_came_late(store):
    await sync(store, OLD)
    await put(store, "a", hits=["old"])
    await sync(store, NEW)
    await rule(store, "new", "f")
    assert await sync(store, NEW) == []
    assert await fingerprint(store, "new") == "f", "not matched again at each start"
    await put(store, "late", hits=["old"])  # by a pull that began before
    assert await sync(store, NEW) == [("old", "new")]
    assert await fingerprint(store, "new") == ""
    assert await read(store, "new") == {"a", "late"}


async def test_two_topics_become_one(store):
    """What both hold keeps the number that the new one's readers know; the rest is mailed to nobody."""
    await sync(store, OLD, Topic(slug="new", title="T", rule=Rule()))
    await rule(store, "new", "f")
    await put(store, "both", hits=["new", "old"])
    await put(store, "only", hits=["old"])
    await tied(store, "anna@x.example", "old", cursor=0)
    await tied(store, "bo@x.example", "new", cursor=0)
    await sync(store, NEW)
    assert await fingerprint(store, "new") == "", "its rule decides on what came"
    assert await read(store, "new") == {"both"}
    async with store.read() as conn:
        assert {one.article.key for one in await matches.newest(conn, "new", limit=9)} == {"both", "only"}
    assert [tie[:2] for tie in await ties(store)] == [("anna@x.example", "new"), ("bo@x.example", "new")]


async def test_a_slug_of_long_ago_is_taken_again(store):
    """Its old readers are not flooded, and its old matches do not stand in the way."""
    ancient = Topic(slug="new", title="T", rule=Rule())
    await sync(store, ancient)
    await put(store, "a", hits=["new"])
    await tied(store, "bo@x.example", "new", cursor=0)
    await sync(store, OLD)
    await put(store, "b", hits=["old"])
    async with store.write() as conn:
        await matches.record(conn, {1: [Match(topic="old", score=3, because=())]}, now=NOW)
    await tied(store, "anna@x.example", "old", cursor=0)
    await sync(store, NEW)
    assert {address: cursor for address, _, _, cursor in await ties(store)} == {
        "anna@x.example": 0,
        "bo@x.example": 3,
    }
    assert await read(store, "new") == {"a", "b"}


@pytest.mark.parametrize(
    ("old", "new", "kept"),
    [
        ("active", "ended", ("active", 5)),
        ("ended", "active", ("active", 7)),
        ("active", "active", ("active", 5)),
        ("ended", "ended", ("ended", 5)),
    ],
)
async def test_who_reads_both_reads_one(store, old, new, kept):
    await sync(store, OLD, Topic(slug="new", title="T", rule=Rule()))
    await tied(store, "anna@x.example", "old", state=old, cursor=5)
    await tied(store, "anna@x.example", "new", state=new, cursor=7)
    await sync(store, NEW)
    assert await ties(store) == [("anna@x.example", "new", *kept)]


async def test_names_upon_names(store):
    await sync(store, OLD)
    await tied(store, "anna@x.example", "old", cursor=1)
    third = Topic(slug="third", title="T", rule=Rule(), was=("old", "new"))
    await sync(store, third)  # the name in between was never seen here
    await sync(store, NEW)  # and back: nobody said that it was `third`
    assert await ties(store) == [("anna@x.example", "third", "active", 1)]
    await sync(store, Topic(slug="old", title="T", rule=Rule(), was=("old", "third")))
    assert await ties(store) == [("anna@x.example", "old", "active", 1)]


async def test_a_mail_on_its_way_is_sent_and_its_day_is_listed(store):
    """Both compare the slugs of an edition with those that readers and lists have now."""
    await sync(store, OLD)
    await tied(store, "anna@x.example", "old")
    slot = Slot(frequency="daily", at=time(7), zone="UTC").key
    said = {"slot": slot, "subject": "S", "html": "", "text": "", "language": "en", "articles": 1}
    made = Edition(id="e", topics=("kept", "old"), created_at=NOW, **said)
    alone = Edition(id="f", topics=("old",), created_at=NOW, **said)
    async with store.write() as conn:
        await editions.open_run(conn, slot, "2026-11-24", fired_at=NOW, cutoff=0, now=NOW)
        run = await editions.run_of(conn, slot, "2026-11-24")
        await editions.add(conn, run.id, made)
        await editions.add(conn, run.id, alone)
        await deliveries.plan(conn, "e", [(1, "anna@x.example")], now=NOW)
    await sync(store, NEW)
    async with store.write() as conn:
        held = (await editions.get(conn, "e")).topics
        assert held == ("kept", "new")
        assert await deliveries.ended(conn, await deliveries.list_all(conn), {"e": held}) == set()
        await listings.record(conn, run, own={"new"})
        assert [row.edition for row in await listings.of_topic(conn, "new", limit=9)] == ["f"]


async def test_who_never_confirmed_is_forgotten_under_whatever_name(store):
    await sync(store, OLD)
    async with store.write() as conn:
        before = await signups.put(conn, "v@x.example", topics=["old"], language="", slot=None, now=NOW)
    await sync(store, NEW)
    async with store.write() as conn:
        waiting = await signups.get(conn, before.subscriber)
        assert waiting.choice == before.choice, "the link that confirms it is bound to what was said"
        assert await signups.expire(conn, before=NOW + timedelta(days=9)) == 1
        assert await subscribers.find(conn, "v@x.example") is None
