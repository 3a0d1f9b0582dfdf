"""Which edition of a day the archive lists, and in which order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from copies import BAKERY, HARBOUR, article

from syndicator.model import Edition
from syndicator.store import articles, deliveries, editions, listings

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
OWN, OTHER, INSTANT = "daily@07:00@UTC", "daily@18:00@Asia/Tokyo", "instant@00:00@UTC"
SAMPLE = Edition(
    id="", slot=OWN, subject="", html="<p>", text="t", topics=("sea",), language="en", articles=1,
    created_at=NOW,
)  # fmt: skip


async def run(store, slot, date, made, *, own=("sea",)):
    """Close a run that made editions: id, readers, articles, and what else differs."""
    async with store.write() as conn:
        await editions.open_run(conn, slot, date, fired_at=NOW, cutoff=1, now=NOW)
        begun = await editions.run_of(conn, slot, date)
        for number, (name, readers, amount, *rest) in enumerate(made):
            changes = rest[0] if rest else {}
            each = replace(SAMPLE, id=name, slot=slot, subject=f"S {name}", articles=amount, **changes)
            await editions.add(conn, begun.id, each)
            people = [(number * 100 + n, f"r{n}@x.example") for n in range(readers)]
            await deliveries.plan(conn, name, people, now=NOW)
        for _ in range(2):  # a host that was killed before it committed comes again
            await listings.record(conn, begun, own)
        await editions.close_run(conn, begun.id)


async def listed(store, topic="sea", **limits):
    async with store.read() as conn:
        found = await listings.of_topic(conn, topic, **({"limit": 50} | limits))
    return [(each.local_date, each.language, each.edition) for each in found]


async def test_one_edition_a_day_and_language(store):
    zh = {"language": "zh"}
    late = [
        ("late", 1, 40),
        ("many", 3, 9),
        ("few", 2, 20),
        ("zh", 1, 9, zh),
        ("both", 9, 30, {"topics": ("sea", "sky")}),
    ]
    await run(store, OWN, "2026-11-20", late)
    day = "2026-11-20"
    assert await listed(store) == [(day, "en", "many"), (day, "zh", "zh")], "what most got, not the fullest"
    await run(store, OTHER, day, [("elsewhere", 5, 50)], own=())
    assert (await listed(store))[0][2] == "many", "the topic's own slot stands higher"
    await run(store, INSTANT, f"{day}T09:05+00:00", [("quick", 9, 1)], own=())
    assert (await listed(store))[0][2] == "many"
    assert await listed(store, "sky") == [], "one for several topics is in no list"


async def test_where_nobody_reads_at_the_topics_own_hour(store):
    day = "2026-11-20"
    await run(store, INSTANT, f"{day}T09:05+00:00", [("quick", 9, 1)], own=())
    await run(store, OTHER, day, [("small", 2, 3), ("full", 2, 5)], own=())
    assert await listed(store) == [(day, "en", "full")]
    await run(store, "weekly@07:00@UTC", day, [("more", 3, 2)], own=())
    assert await listed(store) == [(day, "en", "more")]
    await run(store, OWN, day, [("own", 1, 1)])
    assert await listed(store) == [(day, "en", "own")]


async def test_pages_neighbours_and_headlines(store):
    async with store.write() as conn:
        done = await articles.upsert(
            conn, "wire", [article(HARBOUR, "The ferry stops", source="wire", key="a"),
                           article(BAKERY, "", source="wire", key="b")], now=NOW
        )  # fmt: skip
    ids = tuple(each.id for each in done.new)
    for day in range(10, 17):
        languages = [{"language": "en", "shown": (*ids, 99)}, {"language": "zh"}][: 2 if day == 13 else 1]
        await run(
            store, OWN, f"2026-11-{day}", [(f"{day}{n}", 1, 2, each) for n, each in enumerate(languages)]
        )
    first = await listed(store, limit=3)
    assert [row[2] for row in first] == ["160", "150", "140"]
    second = await listed(store, limit=3, before=first[-1][:2])
    assert [row[2] for row in second] == ["130", "131", "120"], "two languages of a day, and none is skipped"
    third = await listed(store, limit=9, before=second[0][:2])
    assert [row[2] for row in third] == ["131", "120", "110", "100"]
    async with store.read() as conn:
        back = await listings.newer(conn, "sea", second[0][:2], limit=9)
        assert [each.edition for each in back] == ["140", "150", "160"]
        assert [each.edition for each in await listings.newer(conn, "sea", third[0][:2], limit=1)] == ["130"]
        assert await listings.beside(conn, "sea", "2026-11-13", "en") == ("120", "140")
        assert await listings.beside(conn, "sea", "2026-11-13", "zh") == ("", "")
        assert await listings.beside(conn, "sea", "2026-11-16", "en") == ("150", "")
        one = await listings.get(conn, "150")
        assert (one.subject, one.headlines) == (
            "S 150",
            ((ids[0], "The ferry stops"), (ids[1], ""), (99, "")),
        )
        assert await listings.get(conn, "none") is None
        assert await listings.topics(conn, ["sea", "sky"]) == ["sea"]
