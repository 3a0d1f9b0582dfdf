"""Keys that sign links: the newest signs, those that are not over verify, and the first one is kept."""

from __future__ import annotations

from datetime import timedelta

from shelf import NOW

from syndicator.store import catalogs

YEAR = timedelta(days=365)


async def test_a_new_key_signs_and_old_ones_end_in_time(store):
    async with store.write() as conn:
        await catalogs.add_secret(conn, "first", now=NOW)
        await catalogs.add_secret(conn, "second", now=NOW, old_until=NOW + YEAR)
        assert await catalogs.secrets(conn, now=NOW) == ("second", "first")
        later = NOW + timedelta(days=300)
        await catalogs.add_secret(conn, "third", now=later, old_until=later + YEAR)
        assert await catalogs.secrets(conn, now=later) == ("third", "second", "first")
        assert await catalogs.secrets(conn, now=NOW + YEAR) == ("third", "second"), (
            "no later than it was said"
        )
        await catalogs.add_secret(conn, "fourth", now=later, old_until=later)
        assert await catalogs.secrets(conn, now=later) == ("fourth",)
        assert await catalogs.first_secret(conn) == "first", "for the marks in stored editions"
        ends = [key.ends_at for key in await catalogs.list_keys(conn)]
    assert ends == [None, later, later, later]
