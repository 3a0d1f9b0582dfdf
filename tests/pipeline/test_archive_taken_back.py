"""What an admin takes back leaves the pages of an archive, whatever else became of the article."""

from __future__ import annotations

import pytest
from archivist import Desk, many
from program import Program
from sqlalchemy import delete

from syndicator.store import history, matches, schema

PAGE = 8


@pytest.fixture
async def desk(tmp_path, monkeypatch):
    """Two full pages; number 5 is on the first."""
    monkeypatch.setattr(history, "PAGE", PAGE)
    made = await Desk(tmp_path).open()
    await made.bring(*many("wire", range(2 * PAGE + 1)))
    await made.publish_all()
    yield made
    await made.close()


def shown(desk: Desk, title: str) -> list[str]:
    return sorted(name for name, body in desk.files().items() if title.encode() in body)


async def test_an_article_that_an_edit_has_dropped(desk):
    there = (await desk.held())["wire 5 v0 "]
    async with desk.parts.store.write() as conn:
        await matches.record(conn, {there.id: []}, now=desk.now, backfill=True)
    await desk.publish_all()
    assert shown(desk, "wire 5 v0") == ["1.atom", "1.html", "1.json", "1.rss"]
    assert "wire 5 v0 " not in await desk.held()

    program = Program.__new__(Program)
    program.folder, program.config = desk.folder, desk.folder / "config"
    said = program.run("articles", "retract", there.article.url).stderr
    assert said.endswith(f"article {there.id} is taken back; it leaves sea\n")
    await desk.publish_all()
    assert shown(desk, "wire 5 v0") == []


async def test_an_article_that_is_purged(desk):
    async with desk.parts.store.write() as conn:
        await conn.execute(delete(schema.articles).where(schema.articles.c.key.in_(["k5", "k6"])))
    program = Program.__new__(Program)
    program.folder, program.config = desk.folder, desk.folder / "config"
    said = program.run("articles", "retract", "https://wire.example/5").stderr
    assert said.endswith("article https://wire.example/5 is taken back; it leaves sea\n")
    await desk.publish_all()
    assert shown(desk, "wire 5 v0") == []
    assert len(shown(desk, "wire 6 v0")) == 4

    for words, keys in {"Wire 6 V0": ["k6"], "g6": ["k6"], "wire 5": [], "wire 1": ["k1", "k15"]}.items():
        async with desk.parts.store.read() as conn:
            found = await history.find(conn, words, limit=2)
        assert [each.article.key for each in found] == keys, words
