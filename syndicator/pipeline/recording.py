"""What a pull writes: articles, matches, notices, hubs and the state of its source, in one transaction.

Rules are tried before it, in a thread; it looks whether they are still the ones in force, on any host.
`settled` decides what is remembered of a source and writes nothing: where nothing else is to be written, the
loop of `pull` commits the states of many sources together.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Self

from syndicator.fetch.body import body_hash
from syndicator.fetch.manners import adoption, due_host_pause, not_before, settle
from syndicator.model import Fetched, FetchFailed, NotModified, Received
from syndicator.normalise import Habit, held_back
from syndicator.normalise.flood import FEW
from syndicator.pipeline.apply import catch_up
from syndicator.pipeline.grouping import group
from syndicator.pipeline.pages import UNREAD
from syndicator.pipeline.parts import Summary, log
from syndicator.pipeline.reading import Note
from syndicator.pipeline.renew import wish
from syndicator.store import arrivals, articles, catalogs, history, matches, notices, sources, topics
from syndicator.store.dialect import lock_arrivals

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.fetch.manners import HostPause
    from syndicator.model import Article, FetchResult, Match, Source, SourceState, StoredArticle
    from syndicator.pipeline.parts import Current, Parts
    from syndicator.pipeline.reading import Reading
    from syndicator.store.articles import Stored


TRIES: Final = 10  # edits that may come while one pull is stored


class Outdated(Exception):
    """Other rules are in force than those at hand: what they found must not be written."""


class LeaseLost(Exception):
    """Another worker has claimed the row since our lease ended: what we hold must not be written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A pull that is over. `after` is the state that is still to be written, if any."""

    name: str
    after: SourceState | None = None
    pauses: tuple[HostPause, ...] = ()  # of all sources of a host, to be written with it
    notes: tuple[Note, ...] = ()
    summary: Summary = field(default_factory=Summary)
    is_outdated: bool = False  # this host cannot have the rules in force, and must not pull


def settled(
    parts: Parts, source: Source, state: SourceState, result: FetchResult, reading: Reading, stored: Stored
) -> Settled:
    """Decide what to remember of `source`; `stored` is what became of the articles."""
    now = parts.clock()
    after = settle(
        state,
        source,
        result,
        now=now,
        jitter=parts.jitter(),
        cadence=reading.cadence,
        changed=bool(stored.new),
        title=reading.title,
        homepage=reading.homepage,
        digest=body_hash(result.body) if isinstance(result, Fetched) else "",
        published=[one.article.published_at or now for one in stored.new],
    )
    if reading.identified and source.kind != "newsletter":
        after = replace(after, identity=reading.identified.scheme_after(stored.renamed))
    if reading.is_partial:
        at = max([now + source.min_interval, *(pause.until for pause in reading.pauses)])
        after = _again(state, after, source, at, tries=reading.tries)
    elif isinstance(result, Received):
        after = replace(after, body_hash="")  # mails have none, but for what `_again` writes
    moved, pause = adoption(state, after, source), due_host_pause(result, now)
    notes = (*reading.notes, *([Note("adopted", moved, after.adopted_url)] if moved else []))
    if isinstance(result, FetchFailed) and result.kind != "paused":
        log.warning("cannot pull", source=source.name, error=result.message, next_pull_at=after.next_pull_at)
    return Settled(
        name=state.name,
        after=after,
        pauses=(*reading.pauses, *([pause] if pause else [])),
        notes=notes,
        summary=_counted(result, stored),
    )


def _counted(result: FetchResult, stored: Stored) -> Summary:
    """Count a pull; one that never left the house, for a pause of its host, is none."""
    if isinstance(result, FetchFailed):
        return Summary(failed=int(result.kind != "paused"))
    unchanged = int(isinstance(result, NotModified))
    return Summary(pulled=1, unchanged=unchanged, articles=len(stored.touched))


def _again(
    state: SourceState, after: SourceState, source: Source, at: datetime, *, tries: int
) -> SourceState:
    """Forget that the document, or the mail, was seen: pages that it leads to could not be read yet."""
    return replace(
        after,
        etag=state.etag if source.kind == "newsletter" else "",  # a mailbox has a cursor there
        last_modified="",
        body_hash=f"{UNREAD}{tries}",
        next_pull_at=not_before(after, source, at),
    )


async def record(
    parts: Parts, source: Source, state: SourceState, result: FetchResult, reading: Reading
) -> Settled:
    """Write all that a pull brought, and give the lease back.

    Raises:
        LeaseLost: nothing was written.
        Outdated: nor then; the rules in force cannot be had here.
    """
    for _ in range(TRIES):
        rules = await asyncio.to_thread(_Rules(parts.current).try_, reading.articles)
        try:
            return await _record(parts, source, state, result, reading, rules)
        except Outdated:
            if not await catch_up(parts):
                raise
    raise Outdated


@dataclass(frozen=True, slots=True)
class _Rules:
    """The rules at hand, and what they found in what came, by all that rules look at."""

    current: Current
    ready: dict[tuple[str, ...], tuple[Match, ...]] = field(default_factory=dict)

    def try_(self, found: Sequence[Article]) -> Self:
        """Match articles, those that are not `ready`: in a thread, for one may have a megabyte."""
        for article in found:
            if (seen := self._seen(article)) not in self.ready:
                self.ready[seen] = self.current.match(article)
        return self

    async def match(self, stored: Sequence[StoredArticle]) -> dict[int, tuple[Match, ...]]:
        """Say what articles match as they are stored; only who keeps an older name is matched now."""
        late = [one.article for one in stored if self._seen(one.article) not in self.ready]
        if late:
            await asyncio.to_thread(self.try_, late)
        return {one.id: self.ready[self._seen(one.article)] for one in stored}

    @staticmethod
    def _seen(article: Article) -> tuple[str, ...]:
        return article.key, article.fingerprint, article.url, article.language


async def _record(
    parts: Parts, source: Source, state: SourceState, result: FetchResult, reading: Reading, rules: _Rules
) -> Settled:
    now = parts.clock()
    async with parts.store.write() as conn:
        await lock_arrivals(conn, exclusive=False)
        if await catalogs.in_force(conn) != rules.current.stamp:
            raise Outdated
        stored = await articles.upsert(
            conn,
            source.name,
            reading.articles,
            now=now,
            also=reading.identified.names if reading.identified else None,
            seen=reading.seen,
        )
        hits = await rules.match([*stored.touched, *stored.quiet])
        fresh = [one for one in stored.touched if hits[one.id]]
        regrouped = await group(conn, parts.recent, fresh, now=now)
        held = await _held(conn, state, stored, now)
        changed = await _record_matches(conn, hits, stored, held, now)
        if changed or regrouped:
            await topics.touch(conn, {*changed, *regrouped})
        await wish(parts, conn, state, reading.hub_urls, reading.self_url, now)
        done = settled(parts, source, state, result, reading, stored)
        await note(conn, _with_flood(done, source, len(held)), now)
        if done.after and not await sources.record(conn, done.after):
            raise LeaseLost
    matched = sum(len(topics_) for topics_ in hits.values())
    if stored.touched:
        log.info("pulled", source=source.name, articles=len(stored.touched), matches=matched)
    done.summary.matched = matched
    return replace(done, after=None, notes=())


async def _record_matches(
    conn: AsyncConnection,
    hits: Mapping[int, Sequence[Match]],
    stored: Stored,
    held: Collection[int],
    now: datetime,
) -> set[str]:
    """Write the matches of what a pull brought; return the topics that changed."""
    await history.reopen(conn, [one.id for one in stored.changed])
    return await matches.record(
        conn,
        hits,
        now=now,
        held=held,
        quiet={one.id for one in stored.quiet},
        fresh={one.id for one in stored.new},
    )


async def note(conn: AsyncConnection, done: Settled, now: datetime) -> None:
    """Write what an admin should see; the log has it too."""
    for kind, text, url in done.notes:
        log.warning("notice", source=done.name, kind=kind, text=text)
        await notices.raise_(conn, done.name, kind, text, url=url, now=now)


async def _held(conn: AsyncConnection, state: SourceState, stored: Stored, now: datetime) -> set[int]:
    """Find what of the new articles is an archive and no news: the ids of what no digest sends unasked."""
    if len(stored.new) <= FEW:
        return set()
    busiest, daily = await arrivals.busiest_and_daily(conn, state.name, now=now)
    habit = Habit(
        busiest=busiest,
        daily=daily,
        since=state.last_success_at,
        is_settled=await arrivals.is_settled(conn, now=now),
    )
    echoes = {place for place, one in enumerate(stored.new) if one.id in stored.echoes}
    dates = [one.article.published_at for one in stored.new]
    places = held_back(dates, habit, now=now, echoes=echoes)
    return {stored.new[place].id for place in places}


def _with_flood(done: Settled, source: Source, count: int) -> Settled:
    if not count:
        return done
    text = f"{count} articles at once, held back from digests: syndicator sources release {source.name}"
    return replace(done, notes=(*done.notes, Note("flood", text)))
