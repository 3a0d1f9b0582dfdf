"""The next mail as one reader gets it: only what a run would mail to them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from fleet import NOW, Host
from shelf import article

from syndicator.errors import NotFound
from syndicator.model import Match
from syndicator.pipeline.foretaste import foretaste
from syndicator.store import articles, matches, subscribers

if TYPE_CHECKING:
    from pathlib import Path

BEFORE = NOW - timedelta(days=2)


async def test_as_a_reader_it_shows_what_that_reader_gets(tmp_path: Path) -> None:
    host = Host(tmp_path / "config", f"sqlite+aiosqlite:///{tmp_path / 'syndicator.db'}")
    host.topic("ships", any=["ship"], digest={"at": "07:00"})
    host.topic("board", any=["board"], digest={"at": "07:00"}, audience={"plan": "gold"})
    await host.start()
    given = article("1")
    async with host.parts.store.write() as conn:
        for name in ("poor", "barred"):
            id_ = await subscribers.put(conn, f"{name}@x.example", language="", slot=None, now=BEFORE)
            await subscribers.subscribe(conn, id_, ["board", "ships"], state="active", now=BEFORE)
        (new,) = (await articles.upsert(conn, given.source, [given], now=NOW)).new
        hits = [Match(topic=topic, score=3, because=("title: ship",)) for topic in ("board", "ships")]
        await matches.record(conn, {new.id: hits}, now=NOW)
        await subscribers.suppress(conn, "barred@x.example", "complaint", now=NOW)
    topics = host.parts.current.catalog.topics
    made = await foretaste(host.parts, topics["ships"], address="poor@x.example")
    assert made is not None
    assert ([each.slug for each in made.topics], made.is_specimen) == (["ships"], False)
    assert [section.topic.slug for section in made.digest.sections] == ["ships"]
    for slug, name in (("board", "poor"), ("ships", "barred"), ("ships", "nobody")):
        with pytest.raises(NotFound):
            await foretaste(host.parts, topics[slug], address=f"{name}@x.example")
    await host.stop()
