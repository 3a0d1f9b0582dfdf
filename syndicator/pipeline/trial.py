"""trial: what rules would match in the archive, beside the rules in force. Nothing is written.

The archive is read newest first in small portions, each matched in a thread, so that neither the loop nor the
database is held up; memory holds one portion, `limit` articles of each kind and the counts. A scan ends at
its `Bounds`, and says so. `preview`, `plan`, `backtest` and the workbench all ask here.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from syndicator.learn import heeded
from syndicator.match import Index, trace
from syndicator.pipeline.learn import read_learned
from syndicator.pipeline.telling import Telling
from syndicator.store import archive
from syndicator.store.archive import Sent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date, datetime

    from syndicator.model import Learned, Match, StoredArticle, Topic
    from syndicator.store import Store
    from syndicator.store.archive import Order, Place

PORTION = 200  # articles: some milliseconds of matching for a few topics
LIMIT = 20

Cut: TypeAlias = Literal["", "articles", "time", "stopped"]
Marks: TypeAlias = "Mapping[str, tuple[tuple[int, int], ...]]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Where a scan of the archive ends at the latest."""

    articles: int = 200_000
    seconds: float = 30.0


DEFAULT = Bounds()


@dataclass(slots=True)
class Tally:
    """How many articles a rule takes, and how that differs from the rule in force."""

    matched: int = 0
    gained: int = 0
    lost: int = 0

    @property
    def before(self) -> int:
        """How many the rule in force takes."""
        return self.matched - self.gained + self.lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An article that a rule takes, or that it no longer takes: then `match` is the old rule's."""

    stored: StoredArticle
    match: Match
    marks: Marks = field(default_factory=dict)  # by "title" and "text": characters that counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What came of trying one rule. Articles are newest first, and at most `limit` of each kind.

    `windows` has a tally for each of the digest windows that were asked for, by arrival; `told` how many of
    those, and of the rule in force, a digest would have told: each story once, nothing that is held back.
    """

    topic: str
    total: Tally
    kept: tuple[Candidate, ...]
    gained: tuple[Candidate, ...]
    lost: tuple[Candidate, ...]
    by_source: Mapping[str, Tally]
    by_day: Mapping[date, Tally]  # UTC
    windows: tuple[Tally, ...] = ()
    told: tuple[tuple[int, int], ...] = ()
    scanned: int
    cut: Cut = ""  # why the scan ended before the archive did
    reached: datetime | None = None  # the oldest article that was looked at

    @property
    def matched(self) -> list[Candidate]:
        """The newest articles that the rule takes."""
        both = [*self.kept, *self.gained]
        return sorted(both, key=lambda each: archive.place(each.stored), reverse=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A rule to try, and the one in force, if there is any; at least one of the two."""

    new: Topic | None
    old: Topic | None = None

    @property
    def slug(self) -> str:
        """Name the topic."""
        return (self.new or self.old).slug  # type: ignore[union-attr]

    @property
    def is_alike(self) -> bool:
        """Whether both match the same."""
        return bool(self.new and self.old and self.new.fingerprint == self.old.fingerprint)


async def trial(
    store: Store,
    topic: Topic,
    *,
    against: Topic | None = None,
    since: datetime | None = None,
    limit: int = LIMIT,
    bounds: Bounds = DEFAULT,
    stop: asyncio.Event | None = None,
) -> Trial:
    """Try one topic's rule on the archive; without a topic to hold it `against` all is gained."""
    pairs = [Pair(new=topic, old=against)]
    (made,) = await trials(store, pairs, since=since, limit=limit, bounds=bounds, stop=stop)
    return made


async def trials(
    store: Store,
    pairs: Sequence[Pair],
    *,
    since: datetime | None = None,
    limit: int = LIMIT,
    bounds: Bounds = DEFAULT,
    order: Order = "published",
    windows: Sequence[datetime] = (),
    stop: asyncio.Event | None = None,
) -> list[Trial]:
    """Try many rules in one scan, which `stop` ends when nobody waits for it any more.

    `windows` are the ends of digest windows, rising, of the first pair; the first of them is where the first
    window begins.
    """
    loop = asyncio.get_running_loop()
    scan = await asyncio.to_thread(_Scan, pairs, limit, windows, await read_learned(store))
    end = loop.time() + bounds.seconds
    before: Place | None = None
    cut: Cut = ""
    while True:
        if stop and stop.is_set():
            cut = "stopped"
            break
        room = min(PORTION, bounds.articles - scan.scanned)
        async with store.read() as conn:  # a transaction for each portion: none is held open for long
            found = await archive.newest(conn, order=order, since=since, before=before, limit=max(room, 1))
            if windows:
                scan.sendings = await archive.sendings(conn, pairs[0].slug, [each.id for each in found])
        if not found:
            break
        if room < 1 or loop.time() > end:
            cut = "articles" if room < 1 else "time"
            break
        taken = await asyncio.to_thread(scan.take, found, lambda: _is_over(stop, loop.time() > end))
        before = archive.place(found[taken - 1], order)
        if taken < len(found):
            cut = "stopped" if stop and stop.is_set() else "time"
            break
    if windows:
        async with store.read() as conn:
            stories = scan.stories(pairs[0].slug)
            scan.known = await archive.told_before(conn, pairs[0].slug, stories, windows[0])
    return await asyncio.to_thread(scan.result, cut, before)


def _is_over(stop: asyncio.Event | None, late: bool) -> bool:
    return late or (stop is not None and stop.is_set())


class _Scan:
    """What has been counted so far, for all rules of a scan."""

    def __init__(
        self,
        pairs: Sequence[Pair],
        limit: int,
        windows: Sequence[datetime],
        learned: Mapping[str, Learned],
    ) -> None:
        self.scanned = 0
        self.sendings: Mapping[int, Sent] = {}  # of the portion that is taken next
        self.known: set[int] = set()  # stories that readers had before the first window
        tried = [pair.new for pair in pairs if pair.new]
        # An article is cut into words once for both sides; the colon tells them apart, no slug has one.
        held = [replace(pair.old, slug=f":{pair.slug}") for pair in pairs if pair.old and not pair.is_alike]
        self._index = Index([*tried, *held])
        self._topics = {topic.slug: topic for topic in (*tried, *held)}
        self._learned = {
            name: learned[slug] for name in self._topics if (slug := name.removeprefix(":")) in learned
        }
        self._alike = {pair.slug for pair in pairs if pair.is_alike}
        self._gatherings = {pair.slug: _Gathering(pair, limit, windows) for pair in pairs}

    def take(self, portion: Sequence[StoredArticle], is_over: Callable[[], bool]) -> int:
        """Match a portion by all rules, one article at least; tell how many there was time for."""
        for place, stored in enumerate(portion):
            if place and is_over():
                return place
            self.scanned += 1
            ruled = self._index.match(stored.article)
            weighed = heeded(ruled, stored.article, self._topics, self._learned)
            found = {match.topic: match for match in weighed}
            for slug in {name.removeprefix(":") for name in found}:
                new = found.get(slug)
                old = new if slug in self._alike else found.get(f":{slug}")
                self._gatherings[slug].take(stored, new, old, self.sendings.get(stored.id, Sent()))
        return len(portion)

    def stories(self, slug: str) -> set[int]:
        """Tell which stories the windows of a topic hold."""
        return self._gatherings[slug].telling.stories

    def result(self, cut: Cut, reached: Place | None) -> list[Trial]:
        """Say what came of each rule, in the order of the pairs."""
        return [
            each.trial(self.scanned, cut, reached[0] if reached else None, self.known)
            for each in self._gatherings.values()
        ]


class _Gathering:
    """What has been counted so far for one rule."""

    def __init__(self, pair: Pair, limit: int, windows: Sequence[datetime]) -> None:
        self._pair = pair
        self._limit = limit
        self._ends = windows
        self._total = Tally()
        self._kinds: dict[str, list[tuple[StoredArticle, Match]]] = {"kept": [], "gained": [], "lost": []}
        self._sources: defaultdict[str, Tally] = defaultdict(Tally)
        self._days: defaultdict[date, Tally] = defaultdict(Tally)
        self._windows = tuple(Tally() for _ in windows[1:])
        self.telling = Telling(pair.new, pair.old, len(self._windows))

    def take(self, stored: StoredArticle, new: Match | None, old: Match | None, sent: Sent) -> None:
        tallies = [self._total, self._sources[stored.article.source], self._days[stored.sorted_at.date()]]
        place = bisect_left(self._ends, stored.arrived_at) - 1
        if 0 <= place < len(self._windows):
            tallies.append(self._windows[place])
            self.telling.take(stored.id, place, sent, new=new is not None, old=old is not None)
        for tally in tallies:
            tally.matched += new is not None
            tally.gained += old is None
            tally.lost += new is None
        kind = self._kinds["lost" if new is None else "gained" if old is None else "kept"]
        if len(kind) < self._limit and (match := new or old):
            kind.append((stored, match))

    def trial(self, scanned: int, cut: Cut, reached: datetime | None, known: set[int]) -> Trial:
        kinds = {
            name: tuple(self._candidate(name, stored, match) for stored, match in found)
            for name, found in self._kinds.items()
        }
        return Trial(
            topic=self._pair.slug, total=self._total, **kinds, by_source=dict(self._sources),
            by_day=dict(self._days), windows=self._windows, told=self.telling.counts(known), scanned=scanned,
            cut=cut, reached=reached,
        )  # fmt: skip

    def _candidate(self, kind: str, stored: StoredArticle, match: Match) -> Candidate:
        topic = self._pair.old if kind == "lost" else self._pair.new
        return Candidate(stored=stored, match=match, marks=_marks(topic, stored))


def _marks(topic: Topic | None, stored: StoredArticle) -> Marks:
    return trace(topic, stored.article).marks if topic else {}
