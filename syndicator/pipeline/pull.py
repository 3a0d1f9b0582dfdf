"""pull: due sources → fetch → read → normalise → one transaction with articles, matches and state.

This file is the loop: who is pulled when, side by side, and what is committed together. `reading` makes
articles of what came, `recording` writes them. A pull that brought nothing to store (a 304, a failure) is
committed together with others of the same moment, and with the claim of the next sources.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from syndicator.errors import ParseError, StoreError
from syndicator.model import Fetched, FetchFailed, Received
from syndicator.pipeline.apply import catch_up
from syndicator.pipeline.parts import OWED_FOR, Summary, giving_back, log
from syndicator.pipeline.reading import NOTHING, read
from syndicator.pipeline.recording import LeaseLost, Outdated, Settled, note, record, settled
from syndicator.store import sources
from syndicator.store.articles import Stored

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.model import FetchResult, Source, SourceState
    from syndicator.pipeline.parts import Parts
    from syndicator.pipeline.reading import Reading

LEASE = timedelta(minutes=30)  # more than a pull may take: a line of slow ones, pages, a long parse
AT_ONCE = 200
IN_LINE = 10  # of them one host may have, most of which wait for their turn at it
LOOK_AGAIN = 1.0  # seconds: how long a free place may wait while slow sources are under way
GATHER = 0.1  # seconds for which answers are collected, to be committed together


@dataclass(slots=True)
class _Round:
    """One call of `pull`: what is under way, and what is done but for the commit."""

    running: dict[asyncio.Task[Settled], SourceState] = field(default_factory=dict)
    done: list[Settled] = field(default_factory=list)
    total: Summary = field(default_factory=Summary)
    is_outdated: bool = False  # other rules came into force, which this host cannot read


async def pull(parts: Parts, *, only: Collection[str] | None = None, at_once: int = AT_ONCE) -> Summary:
    """Pull sources as long as any (of `only`) is due, up to `at_once` at a time.

    A place that comes free is filled soon, so that one slow source holds up nobody. A source that fails
    harms no other and loses nothing. A host that cannot read the rules in force leaves all to others.
    """
    this = _Round()
    if not await catch_up(parts):
        return this.total
    try:
        while True:
            free = 0 if parts.stopping.is_set() or this.is_outdated else at_once - len(this.running)
            if this.done or free:
                claimed = await _turn(parts, this, free=free, only=only)
                this.running |= {asyncio.create_task(_pull_one(parts, state)): state for state in claimed}
            if not this.running:
                return this.total
            await _collect(this)
    finally:
        await _give_back(parts, this)


async def _turn(parts: Parts, this: _Round, *, free: int, only: Collection[str] | None) -> list[SourceState]:
    """Commit what is done and claim what is due, in one transaction."""
    now, spacing = parts.clock(), parts.settings.fetch.spacing
    batch, this.done = this.done, []
    try:
        with giving_back(parts.owed_sources, now) as owed:
            async with parts.store.write() as conn:
                await sources.release(conn, owed)
                if paused := {pause.host for one in batch for pause in one.pauses}:
                    await sources.lock(conn, [one.name for one in batch], paused)
                written = await sources.record_all(conn, [one.after for one in batch if one.after])
                for one in batch:
                    for pause in one.pauses:
                        await sources.pause(conn, pause.host, pause.until, spacing=spacing)
                    await note(conn, one, now)
                claimed = await _claim(conn, parts, now, free, only) if free else []
    except StoreError:
        # No validator was stored, so nothing is lost: these pulls are repeated.
        parts.owed_sources |= {one.name: parts.clock() + OWED_FOR for one in batch}
        raise
    for one in batch:
        if one.after and one.name not in written:
            log.warning("another worker took over", source=one.name)
        else:
            this.total.add(one.summary)
    return list(claimed)


async def _claim(
    conn: AsyncConnection, parts: Parts, now: datetime, limit: int, only: Collection[str] | None
) -> Sequence[SourceState]:
    per_host = max(IN_LINE, 2 * parts.settings.fetch.per_host)
    return await sources.claim(conn, now=now, lease=LEASE, limit=limit, per_host=per_host, only=only)


async def _collect(this: _Round) -> None:
    """Wait for a pull to be done, and a moment for others."""
    ready, under_way = await asyncio.wait(
        this.running, timeout=LOOK_AGAIN, return_when=asyncio.FIRST_COMPLETED
    )
    if ready and under_way:
        late, _ = await asyncio.wait(under_way, timeout=GATHER)
        ready |= late
    for task in ready:
        del this.running[task]
        this.done.append(done := task.result())
        this.is_outdated = this.is_outdated or done.is_outdated


async def _give_back(parts: Parts, this: _Round) -> None:
    """Shutting down: what was not finished is due at once, for anybody."""
    for task in this.running:
        task.cancel()
    await asyncio.gather(*this.running, return_exceptions=True)
    left = [state.name for state in this.running.values()] + [one.name for one in this.done if one.after]
    if left:
        async with parts.store.write() as conn:
            await sources.release(conn, left)


async def _pull_one(parts: Parts, state: SourceState) -> Settled:
    source = parts.current.catalog.sources.get(state.name)
    if source is None:  # left the catalog since it was claimed, or another process knows it before us
        parts.owed_sources[state.name] = parts.clock() + OWED_FOR
        return Settled(name=state.name)
    try:
        result, reading = await _read(parts, source, state, await _fetch(parts, source, state))
        return await _write(parts, source, state, result, reading)
    except LeaseLost:
        log.warning("another worker took over", source=source.name)
        return Settled(name=state.name)
    except Outdated:
        parts.owed_sources[source.name] = parts.clock()
        return Settled(name=state.name, is_outdated=True)
    except StoreError as error:
        # No validator was stored, so nothing is lost: the pull is repeated.
        parts.owed_sources[source.name] = parts.clock() + OWED_FOR
        log.error("cannot store a pull", source=source.name, error=error.message, hint=error.hint)
    except Exception:  # noqa: BLE001  one source's fault must not stop the others; its lease ends by itself
        log.exception("a fault of ours", source=source.name)
    return Settled(name=state.name, summary=Summary(failed=1))


async def _fetch(parts: Parts, source: Source, state: SourceState) -> FetchResult:
    """Ask; a fault of ours on the way is a failure of this source alone, and it waits like any other."""
    try:
        return await parts.fetcher.fetch(source, state)
    except Exception:  # noqa: BLE001
        log.exception("a fault of ours", source=source.name)
        said = "cannot be asked, by a fault of ours; the log says more"
        return FetchFailed(kind="fault", message=said, url=source.url)


async def _write(
    parts: Parts, source: Source, state: SourceState, result: FetchResult, reading: Reading
) -> Settled:
    """Commit what must be committed by itself; a mail is acknowledged only after that."""
    if reading.is_empty(parts.clock()):
        return settled(parts, source, state, result, reading, Stored())
    done = await record(parts, source, state, result, reading)
    await parts.fetcher.acknowledge(source, reading.refs)
    return done


async def _read(
    parts: Parts, source: Source, state: SourceState, result: FetchResult
) -> tuple[FetchResult, Reading]:
    """Read what came; what cannot be read is a failure like any other."""
    if not isinstance(result, Fetched | Received):
        return result, NOTHING
    url = result.url if isinstance(result, Fetched) else source.url
    try:
        return result, await read(parts, source, state, result)
    except ParseError as error:
        return FetchFailed(kind="parse", message=error.message, url=url), NOTHING
    except StoreError:
        raise
    except Exception:  # noqa: BLE001  whatever a publisher found to break us with, it waits like any failure
        log.exception("a fault of ours", source=source.name)
        said = "cannot be read, by a fault of ours; the log says more"
        return FetchFailed(kind="fault", message=said, url=url), NOTHING
