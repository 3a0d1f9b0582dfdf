"""pull: due sources → fetch → parse → normalise → one transaction with articles, matches and state."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from syndicator.errors import ParseError, StoreError
from syndicator.fetch.body import body_hash
from syndicator.fetch.manners import settle
from syndicator.model import Fetched, FetchFailed
from syndicator.normalise import head, normalise
from syndicator.parse import parse
from syndicator.pipeline.parts import OWED_FOR, Summary, giving_back, log
from syndicator.store import articles, matches, sources, topics
from syndicator.store.dialect import lock_arrivals

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from syndicator.model import Article, FetchResult, Match, Source, SourceState, StoredArticle
    from syndicator.pipeline.parts import Parts

LEASE = timedelta(minutes=10)  # more than a pull may take: the fetch's total timeout and a long parse
AT_ONCE = 100
LOOK_AGAIN = 1.0  # seconds: how long a free place may wait while slow sources are under way


class LeaseLost(Exception):
    """Another worker has claimed the row since our lease ended: what we hold must not be written."""


async def pull(parts: Parts, *, at_once: int = AT_ONCE) -> Summary:
    """Pull sources as long as any is due, up to `at_once` at a time.

    A place that comes free is filled at once, so that one slow source holds up nobody. A source that fails
    harms no other and loses nothing.
    """
    total = Summary()
    running: dict[asyncio.Task[Summary], SourceState] = {}
    more = True  # whether it is worth asking for sources that are due
    try:
        while True:
            free = 0 if parts.stopping.is_set() else at_once - len(running)
            if more and free:
                now = parts.clock()
                with giving_back(parts.owed_sources, now) as owed:
                    async with parts.store.write() as conn:
                        await sources.release(conn, owed)
                        claimed = await sources.claim(conn, now=now, lease=LEASE, limit=free)
                more = len(claimed) == free
                running |= {asyncio.create_task(_pull_one(parts, state)): state for state in claimed}
            if not running:
                return total
            done, _ = await asyncio.wait(running, timeout=LOOK_AGAIN, return_when=asyncio.FIRST_COMPLETED)
            more = more or not done
            for task in done:
                del running[task]
                total.add(task.result())
    finally:
        await _give_back(parts, running)


async def _give_back(parts: Parts, running: Mapping[asyncio.Task[Summary], SourceState]) -> None:
    """Shutting down: what was not finished is due at once, for anybody."""
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    if running:
        async with parts.store.write() as conn:
            await sources.release(conn, [state.name for state in running.values()])


async def _pull_one(parts: Parts, state: SourceState) -> Summary:
    source = parts.current.catalog.sources.get(state.name)
    if source is None:  # left the catalog since it was claimed
        return Summary()
    result = await parts.fetcher.fetch(source, state)
    read = Reading()
    if isinstance(result, Fetched):
        try:
            read = await asyncio.to_thread(_read, parts, source, result, parts.clock())
        except ParseError as error:
            result = FetchFailed(kind="parse", message=error.message, url=result.url)
        except Exception:  # noqa: BLE001  whatever a publisher found to break us with, it waits like any failure
            log.exception("a fault of ours", source=source.name)
            said = "cannot be read, by a fault of ours; the log says more"
            result = FetchFailed(kind="fault", message=said, url=result.url)
    try:
        return await _record(parts, source, state, result, read)
    except LeaseLost:
        log.warning("another worker took over", source=source.name)
        return Summary()
    except StoreError as error:
        # No validator was stored, so nothing is lost: the pull is repeated.
        parts.owed_sources[source.name] = parts.clock() + OWED_FOR
        log.error("cannot store a pull", source=source.name, error=error.message, hint=error.hint)
        return Summary(failed=1)
    except Exception:  # noqa: BLE001  one source's fault must not stop the others; its lease ends by itself
        log.exception("a fault of ours", source=source.name)
        return Summary(failed=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the bytes of one pull say, normalised; empty where there were none."""

    articles: tuple[Article, ...] = ()
    title: str = ""
    homepage: str = ""
    ttl: timedelta | None = None


def _read(parts: Parts, source: Source, result: Fetched, now: datetime) -> Reading:
    feed = parse(result.body, content_type=result.content_type, url=result.url)
    publisher = head(feed, result.url)
    return Reading(
        articles=normalise(feed, source=source, now=now, languages=parts.settings.site.languages),
        title=publisher.title,
        homepage=publisher.url,
        ttl=feed.ttl,
    )


def _match(parts: Parts, touched: Sequence[StoredArticle]) -> dict[int, tuple[Match, ...]]:
    """Match in a thread: articles of a megabyte would hold up everything else."""
    index = parts.current.index
    return {stored.id: index.match(stored.article) for stored in touched}


async def _record(
    parts: Parts,
    source: Source,
    state: SourceState,
    result: FetchResult,
    read: Reading,
) -> Summary:
    now = parts.clock()
    async with parts.store.write() as conn:
        await lock_arrivals(conn, exclusive=False)
        touched = await articles.upsert(conn, source.name, read.articles, now=now)
        hits = await asyncio.to_thread(_match, parts, touched)
        changed = await matches.record(conn, hits, now=now)
        if changed:
            await topics.touch(conn, changed)
        after = settle(
            state,
            source,
            result,
            now=now,
            jitter=parts.jitter(),
            ttl=read.ttl,
            changed=bool(touched),
            title=read.title,
            homepage=read.homepage,
            digest=body_hash(result.body) if isinstance(result, Fetched) else "",
        )
        if not await sources.record(conn, after):
            raise LeaseLost
    if isinstance(result, FetchFailed):
        log.warning("cannot pull", source=source.name, error=result.message, next_pull_at=after.next_pull_at)
        return Summary(failed=1)
    matched = sum(len(topics_) for topics_ in hits.values())
    if touched:
        log.info("pulled", source=source.name, articles=len(touched), matches=matched)
    unchanged = not isinstance(result, Fetched)
    return Summary(pulled=1, unchanged=int(unchanged), articles=len(touched), matched=matched)
