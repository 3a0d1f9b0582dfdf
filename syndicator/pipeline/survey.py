"""Is all well? One look over everything, for `syndicator status` and the first admin page."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from syndicator.fetch.health import health
from syndicator.pipeline.destinations import look
from syndicator.pipeline.timetable import next_digest
from syndicator.store import deliveries, followers, intents, matches, notices, sources, subscribers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from syndicator.model import Catalog, SourceState
    from syndicator.settings import Mail
    from syndicator.store import Store
    from syndicator.store.notices import Notice

STATES: Final = ("new", "ok", "failing", "stopped")


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What came in, what goes out, and what needs an admin."""

    sources: Mapping[str, int]  # in each of STATES, and `total`
    in_topics: Mapping[str, int]  # articles, by slug
    subscribers: int
    deliveries: Mapping[str, int]  # by state
    followers: Mapping[str, int]  # callbacks, hubs; failing, behind; pending: not confirmed
    next_digest_at: datetime | None  # None: nobody would get it
    trouble: tuple[str, ...]  # the last error of each source that has one
    alarms: tuple[str, ...]  # what will not get better by itself
    notices: tuple[str, ...] = ()  # what is worth knowing, with nothing to do
    lanes: tuple[str, ...] = ()  # destinations of mail that are left alone now

    @property
    def articles(self) -> int:
        """How many articles the topics hold; one in two topics counts twice."""
        return sum(self.in_topics.values())


async def survey(store: Store, catalog: Catalog, now: datetime, *, mail: Mail | None = None) -> Survey:
    """Look at everything once; at the lanes of mail where its settings are given."""
    async with store.read() as conn:
        states = await sources.list_all(conn)
        counts = await matches.counts(conn)
        readers = await subscribers.list_all(conn)
        ledger = await deliveries.counts(conn)
        waits = [each.said for each in await look(conn, mail, now)] if mail else []
        chosen = await subscribers.schedules(conn)
        told = await notices.list_open(conn)
        private = [topic.slug for topic in catalog.topics.values() if topic.publish and not topic.is_public]
        following = asdict(await followers.tally(conn, private)) | {"pending": await intents.total(conn)}
    read = [(catalog.topics[slug], slots) for slug, slots in chosen.items() if slug in catalog.topics]
    hours = filter(None, (next_digest(topic, slots, now) for topic, slots in read))
    tally: Counter[str] = Counter(state.state for state in states)
    return Survey(
        sources={"total": len(catalog.sources), **{name: tally[name] for name in STATES}},
        in_topics={slug: counts[slug][0] if slug in counts else 0 for slug in sorted(catalog.topics)},
        subscribers=len(readers),
        deliveries=ledger,
        followers=following,
        next_digest_at=min(hours, default=None),
        trouble=tuple(f"{state.name}: {state.last_error}" for state in states if state.last_error),
        alarms=(
            *_ill(catalog, states, now),
            *(_told(notice, catalog) for notice in told if notice.is_alarm),
        ),
        notices=tuple(_told(notice, catalog) for notice in told if not notice.is_alarm),
        lanes=tuple(filter(None, waits)),
    )


def _ill(catalog: Catalog, states: Iterable[SourceState], now: datetime) -> Iterable[str]:
    """Name the sources that are dead, silent, moved or stopped."""
    for state in states:
        if source := catalog.sources.get(state.name):
            doing = health(state, source, now)
            if doing.is_alarm:
                yield f"{state.name}: {doing.text}"


def _told(notice: Notice, catalog: Catalog) -> str:
    name = titled(notice.source, catalog)
    return " ".join(filter(None, (f"{name}: {notice.text}", notice.url)))


def titled(name: str, catalog: Catalog) -> str:
    """Return a source's name as a notice of it is shown: with a word if the source has left the config."""
    is_known = name in catalog.sources or notices.is_ours(name)
    return name if is_known else f"{name} (no longer configured)"
