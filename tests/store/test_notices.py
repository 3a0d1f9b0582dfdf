"""Notices: told once, until an admin has settled them."""

from __future__ import annotations

from datetime import timedelta

from shelf import NOW

from syndicator.store import notices

LATER = NOW + timedelta(hours=1)


async def test_what_is_found_at_every_pull_is_told_once(store):
    async with store.write() as conn:
        first = await notices.raise_(conn, "wire", "flood", "300 articles\nat once", now=NOW)
        again = await notices.raise_(conn, "wire", "flood", "300 articles at once", now=LATER)
        assert (first, again) == (True, False)
        for source, kind, text in (
            ("wire", "flood", "400"),
            ("wire", "loop", "400"),
            ("post", "flood", "400"),
        ):
            assert await notices.raise_(conn, source, kind, text, now=LATER)
    async with store.read() as conn:
        told = await notices.list_open(conn)
        assert [(one.source, one.kind, one.text) for one in told] == [
            ("wire", "flood", "300 articles at once"),
            ("wire", "flood", "400"),
            ("wire", "loop", "400"),
            ("post", "flood", "400"),
        ]
        assert (told[0].raised_at, told[0].url) == (NOW, "")
        assert [one.source for one in await notices.list_open(conn, "post")] == ["post"]


async def test_what_is_settled_may_be_raised_anew(store):
    async with store.write() as conn:
        await notices.raise_(conn, "wire", "confirm", "confirm me", url="https://wire.example/c", now=NOW)
        await notices.raise_(conn, "wire", "flood", "many", now=NOW)
        await notices.raise_(conn, "post", "flood", "many", now=NOW)
        assert await notices.clear(conn, "wire", ["flood", "loop"], now=LATER) == 1
        assert [one.kind for one in await notices.list_open(conn, "wire")] == ["confirm"]
        assert await notices.raise_(conn, "wire", "flood", "many", now=LATER)
        assert await notices.clear(conn, "wire", now=LATER) == 2
        assert await notices.clear(conn, "wire", now=LATER) == 0
        assert [one.source for one in await notices.list_open(conn)] == ["post"]


async def test_neither_length_nor_number_is_without_bound(store):
    async with store.write() as conn:
        for number in range(notices.MOST + 3):
            await notices.raise_(conn, "wire", "loop", f"{number} " + "x" * 5000, now=NOW)
        told = await notices.list_open(conn)
        assert len(told) == notices.MOST
        assert {len(one.text) for one in told} == {notices.LONGEST}
        assert await notices.raise_(conn, "post", "loop", "another source is heard", now=NOW)


async def test_what_was_settled_long_ago_is_forgotten(store):
    async with store.write() as conn:
        for kind in ("loop", "flood"):
            await notices.raise_(conn, "wire", kind, "x", now=NOW)
        await notices.clear(conn, "wire", ["loop"], now=NOW)
        assert await notices.purge(conn, before=NOW) == 0
        assert await notices.purge(conn, before=LATER) == 1
        assert [one.kind for one in await notices.list_open(conn)] == ["flood"]
