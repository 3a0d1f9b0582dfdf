"""When a topic is mailed next, as lists and plans tell it."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

import pytest

from syndicator.model import Catalog, DigestPlan, Rule, Slot, Topic
from syndicator.pipeline.survey import survey
from syndicator.pipeline.timetable import next_digest
from syndicator.store import subscribers

if TYPE_CHECKING:
    from collections.abc import Collection

    from syndicator.store import Store

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)  # a Friday
SEVEN = Slot(frequency="weekdays", at=time(7), zone="UTC")
TEN = Slot(frequency="daily", at=time(10), zone="UTC")
NOON = Slot(frequency="daily", at=time(12), zone="UTC")
INSTANT = Slot(frequency="instant", at=time(0), zone="UTC")
TEN_TODAY, MONDAY = NOW + timedelta(hours=1), NOW + timedelta(days=2, hours=22)


def topic(slot: Slot | None) -> Topic:
    return Topic(slug="sea", title="Sea", rule=Rule(), digest=DigestPlan(slot=slot) if slot else None)


@pytest.mark.parametrize(
    ("own", "chosen", "at"),
    [
        (SEVEN, (), MONDAY),
        (SEVEN, (None,), MONDAY),
        (SEVEN, (TEN,), TEN_TODAY),
        (SEVEN, (None, TEN, NOON), TEN_TODAY),
        (SEVEN, (INSTANT,), None),
        (None, (), None),
        (None, (None,), None),
        (None, (TEN,), TEN_TODAY),
        (None, (Slot(frequency="daily", at=time(9), zone="Atlantis/Center"), TEN), TEN_TODAY),
    ],
)
def test_the_hour_is_the_readers(own: Slot | None, chosen: Collection[Slot | None], at: datetime) -> None:
    assert next_digest(topic(own), chosen, NOW) == at


async def test_status_tells_the_hour_of_who_reads(store: Store) -> None:
    catalog = Catalog(version="", sources={}, topics={"sea": topic(SEVEN)})
    assert (await survey(store, catalog, NOW)).next_digest_at is None, "nobody would get it"

    async def reader(name: str, slot: Slot | None, state: str) -> None:
        async with store.write() as conn:
            id_ = await subscribers.put(conn, f"{name}@reader.example", language="", slot=slot, now=NOW)
            await subscribers.subscribe(conn, id_, ["sea"], state=state, now=NOW)

    await reader("anna", TEN, "pending")
    assert (await survey(store, catalog, NOW)).next_digest_at is None
    await reader("bo", NOON, "active")
    assert (await survey(store, catalog, NOW)).next_digest_at == TEN_TODAY + timedelta(hours=2)
