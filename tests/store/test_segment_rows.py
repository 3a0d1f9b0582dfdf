"""What admins note of readers, and that a topic's audience decides whom a run mails."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from syndicator.digest.segment import divide
from syndicator.model import Condition, Rule, Segment, Slot, Topic
from syndicator.store import attributes, due, subscribers

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
SLOT = Slot.of_key("daily@07:00@UTC")
PLAIN = Topic(slug="ships", title="Ships", rule=Rule())
GOLD = replace(PLAIN, slug="gold", audience=Segment(wanted=(Condition(name="plan", values=("gold",)),)))


async def test_attributes_are_set_taken_away_and_decide(store):
    ids = []
    async with store.write() as conn:
        for name in ("anna", "bo"):
            id_ = await subscribers.put(conn, f"{name}@reader.example", language="", slot=SLOT, now=NOW)
            await subscribers.subscribe(conn, id_, ["ships", "gold"], state="active", now=NOW)
            ids.append(id_)
        assert await attributes.change(conn, ids[0], {"plan": "Gold", "city": "Köln"}) == {
            "city": "Köln", "plan": "Gold",
        }  # fmt: skip
        assert await attributes.change(conn, ids[0], {"city": ""}) == {"plan": "Gold"}
        await attributes.change(conn, ids[1], {"seat": "9"})
        assert await attributes.names(conn) == ["plan", "seat"]
    async with store.read() as conn:
        ties = await due.due(
            conn, SLOT, run_id=1, fired_at=NOW, topics=["ships", "gold"], default_topics=[], limit=9
        )
        reader = await subscribers.find(conn, "anna@reader.example")
    assert reader.subscriber.attributes == {"plan": "Gold"}
    inside, outside = divide(ties, {"ships": PLAIN, "gold": GOLD})
    assert [(tie.subscriber.id, tie.topic) for tie in inside] == [
        (ids[0], "gold"), (ids[0], "ships"), (ids[1], "ships"),
    ]  # fmt: skip
    assert [(tie.subscriber.id, tie.topic) for tie in outside] == [(ids[1], "gold")]
