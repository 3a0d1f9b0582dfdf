"""What a search may cost: small portions first, few words, marks around the words alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from shelf import NOW, article
from test_search import OPEN, caught_up, parts, put  # noqa: F401  `parts` is a fixture

from syndicator.errors import StoreError
from syndicator.match.question import MAX_TERMS, MAX_WITHOUT, Question, first_place, question
from syndicator.pipeline import search as module
from syndicator.pipeline.search import AROUND, search
from syndicator.store import search as rows

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@SQLITE
async def test_portions_begin_small_grow_while_they_are_quick_and_shrink(parts, monkeypatch):  # noqa: F811
    sizes, took = [], iter([0.01] * 4 + [0.1] + [0.3] * 9 + [0.01])

    async def look(*_given: object, size: int, **_named: object) -> rows.Portion:
        sizes.append(size)
        clock.at += next(took)
        return rows.Portion([], 7 if len(sizes) < 15 else None)

    class Clock:
        at = 0.0

        def time(self) -> float:
            return self.at

    clock = Clock()
    monkeypatch.setattr(module.rows, "look", look)
    monkeypatch.setattr(module.asyncio, "get_running_loop", lambda: clock)
    await search(parts, question("ferry"), OPEN, seconds=100)
    assert sizes[:6] == [100, 200, 400, 800, 1600, 1600]
    assert sizes[6:10] == [800, 400, 200, 100]
    assert min(sizes) == module.SMALLEST
    assert max(b / a for a, b in pairwise(sizes)) == 2


def test_few_words_are_looked_for_at_once():
    assert isinstance(question(" OR ".join(f"w{n}" for n in range(MAX_TERMS))), Question)
    assert question(" OR ".join(f"w{n}" for n in range(MAX_TERMS + 1))) == "long"
    assert isinstance(question("ship " + " ".join(f"-w{n}" for n in range(MAX_WITHOUT))), Question)
    assert question("ship " + " ".join(f"-w{n}" for n in range(MAX_WITHOUT + 1))) == "long"


FAR = (
    ("ferry", "ferry"),
    ('"night ferry"', "Night-Ferry"),
    ("zurich", "Zürich"),
    ("ferr*", "Ferries"),
    ("電信诈骗", "电信詐騙"),
    ("zeppelin OR паром", "паром"),
)


@SQLITE
async def test_words_far_inside_a_long_text_are_marked(parts, monkeypatch):  # noqa: F811
    text = "Straße sherryman nightly. " * 700 + "Then {} came. " + "And more, 而且. " * 800
    cut: list[int] = []
    places = module.places
    monkeypatch.setattr(
        module, "places", lambda wanted, given: cut.append(len(given)) or places(wanted, given)
    )
    stock = [article(f"a{n}", title="Port", text=text.format(says)) for n, (_, says) in enumerate(FAR)]
    await put(parts, "open", *stock)
    await caught_up(parts)
    for n, (asked, says) in enumerate(FAR):
        assert abs(first_place(question(asked), stock[n].text) - text.index("{}")) < 1_000, asked
        hits = (await search(parts, question(asked), OPEN)).hits
        assert [hit for hit in hits if (says, True) in hit.excerpt], asked
    assert max(cut) <= AROUND


@SQLITE
async def test_what_a_page_shows_is_in_the_order_of_its_dates(parts):  # noqa: F811
    old, new, mid = (
        replace(article(name, title="ferry"), published_at=NOW - timedelta(days=days))
        for name, days in (("old", 3), ("new", 1), ("mid", 2))
    )
    await put(parts, "open", new, old, mid)
    await caught_up(parts)
    got = await search(parts, question("ferry"), OPEN)
    assert [hit.card.url.rpartition("/")[2] for hit in got.hits] == ["new", "mid", "old"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_postgresql_ends_a_statement_that_takes_too_long(parts, monkeypatch):  # noqa: F811
    from sqlalchemy import text

    async with parts.store.read() as conn:
        await rows.look(conn, [["x"]], [], scope=rows.Scope("open"), before=None, size=5, limit=5)
        assert await conn.scalar(text("SHOW statement_timeout")) == "3s"
    monkeypatch.setattr(rows, "PATIENCE", 0.05)

    async def slow() -> None:
        async with parts.store.read() as conn:
            await rows.look(conn, [["x"]], [], scope=rows.Scope("open"), before=None, size=5, limit=5)
            await conn.execute(text("SELECT pg_sleep(1)"))

    with pytest.raises(StoreError, match="took too long"):
        await slow()
    async with parts.store.read() as conn:
        assert await conn.scalar(text("SHOW statement_timeout")) == "0"
