"""An admin insists: neither a wait nor a stop keeps a source from being pulled, but a pull under way does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from shelf import NOW

from syndicator.store import sources
from syndicator.store.restart import restart

LEASE = timedelta(minutes=10)


async def claimed(store, now=NOW):
    async with store.write() as conn:
        return sorted(state.name for state in await sources.claim(conn, now=now, lease=LEASE, limit=9))


async def test_waits_and_stops_are_over_and_leases_are_not(store):
    async with store.write() as conn:
        far = NOW + timedelta(days=9)
        wait = {"state": "failing", "next_pull_at": far, "fresh_until": far, "failures": 3}
        for state in await sources.claim(conn, now=NOW, lease=LEASE, limit=9):
            told = wait if state.name == "wire" else {"state": "stopped"}
            await sources.record(conn, replace(state, **told))
    assert await claimed(store) == []
    async with store.write() as conn:
        await restart(conn, ["wire", "post"])
        states = {state.name: state for state in await sources.list_all(conn)}
    assert [(states[n].state, states[n].failures) for n in ("wire", "post")] == [("failing", 3), ("new", 0)]
    assert await claimed(store) == ["post", "wire"]
    async with store.write() as conn:
        await restart(conn, ["wire"])
    assert await claimed(store) == []
