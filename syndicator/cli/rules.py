"""What `preview`, `explain`, `plan` and `backtest` share: the file on disk, the rule in force, the archive.

They look and change nothing: a database is opened as it is, never made or upgraded.
"""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from datetime import date, datetime

    from rich.console import Console
    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.cli.common import Context
    from syndicator.model import Catalog, StoredArticle, Topic
    from syndicator.pipeline.trial import Candidate, Tally, Trial
    from syndicator.settings import Settings
    from syndicator.store import Store

CANDIDATES = 5  # that are named where several articles are meant
RUN = "syndicator once pulls what is due"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A topic as its file on disk has it, the one in force under its name, and the archive."""

    topic: Topic
    in_force: Topic | None
    store: Store

    @property
    def is_edited(self) -> bool:
        """Whether the rule on disk is another than the one in force."""
        return self.in_force is None or self.in_force.fingerprint != self.topic.fingerprint


@asynccontextmanager
async def bench(ctx: Context, slug: str) -> AsyncIterator[Bench]:
    """Open what is needed to try a topic's file; tests of its own that fail are told on stderr.

    Raises:
        ConfigError: the file, or syndicator.yaml, has problems.
        NotFound: there is no such file.
        SyndicatorError: there is no database yet.
    """
    from syndicator.catalog import load_topic
    from syndicator.cli.common import say
    from syndicator.errors import SyndicatorError

    settings = ctx.settings()
    topic, failures = load_topic(ctx.config, slug)
    for problem in failures:
        say(f"note: {problem}")
    async with peek(settings) as store:
        if store is None:
            raise SyndicatorError("there is no database yet, and so no article", hint=RUN)
        catalog = await in_force(store, settings)
        yield Bench(topic=topic, in_force=catalog.topics.get(slug) if catalog else None, store=store)


@asynccontextmanager
async def peek(settings: Settings) -> AsyncIterator[Store | None]:
    """Open the database to look into it; None where there is none yet.

    Raises:
        SyndicatorError: its schema is an older one.
    """
    import asyncio

    from sqlalchemy.engine import make_url

    from syndicator.errors import SyndicatorError
    from syndicator.store import Store, migrate

    file = make_url(settings.database_url).database if settings.is_embedded else None
    if file and not await asyncio.to_thread(Path(file).exists):
        yield None
        return
    store = Store(settings.database_url)
    try:
        async with store.read() as conn:
            version = await conn.run_sync(migrate.current)
        if version is not None and version < migrate.HEAD:
            raise SyndicatorError("the database is of an older version", hint="syndicator once upgrades it")
        yield store if version else None
    finally:
        await store.close()


async def in_force(store: Store, settings: Settings) -> Catalog | None:
    """Read the last good catalog; None if there is none, or this program cannot read it."""
    from syndicator.catalog import load_dump
    from syndicator.cli.common import last_good, say
    from syndicator.errors import ConfigError

    last = await last_good(store)
    if last is None:
        return None
    try:
        return load_dump(last, fetch=settings.fetch, config=settings.config, environ=os.environ)
    except ConfigError as error:
        say(f"what was last in force cannot be read: {error.message}")
        return None


async def find_article(conn: AsyncConnection, words: str, slug: str = "") -> StoredArticle:
    """Find the one article that an admin means by a number, an address, a guid, or a part of its title.

    Raises:
        NotFound: there is none, or several; the remedy lists those of the topic `slug`, or all.
    """
    from syndicator.errors import NotFound
    from syndicator.store import archive

    found = await archive.find(conn, words.strip(), limit=CANDIDATES + 1) if words.strip() else []
    if not found:
        lists = f"syndicator preview {slug}" if slug else "syndicator articles list"
        hint = f"its number, address, or a part of its title; {lists} lists articles"
        raise NotFound(f"article: there is none like '{words[:200]}'", hint=hint)
    if len(found) > 1:
        listed = [f"{each.id}  {when(each.sorted_at)}  {each.article.title[:100]}" for each in found]
        more = ["…"] if len(found) > CANDIDATES else []
        hint = "\n       ".join(["one of these numbers:", *listed[:CANDIDATES], *more])
        raise NotFound(f"article: '{words[:200]}' fits several", hint=hint)
    return found[0]


def console(elsewhere: int = 100) -> Console:
    """Make the screen: as wide as the terminal, and `elsewhere` columns where lines may be longer."""
    from syndicator.cli.terminal import screen

    return screen(elsewhere, soft_wrap=True)


def scanned(trial: Trial) -> str:
    """Say how much was looked at: `5,204 articles`, and why no more."""
    from syndicator.cli.sources.common import counted

    amount = counted(trial.scanned, "article")
    if not trial.cut:
        return amount
    reached = f", back to {trial.reached:%-d %b %Y}" if trial.reached else ""
    return f"the newest {amount}{reached}: {'the limit' if trial.cut == 'articles' else 'out of time'}"


def as_json(trial: Trial) -> dict[str, Any]:
    """Return the counts of a trial for JSON."""
    from syndicator.cli.common import rfc3339

    days: Mapping[date, Tally] = trial.by_day
    return {
        "topic": trial.topic,
        "scanned": trial.scanned,
        "cut": trial.cut,
        "reached": rfc3339(trial.reached),
        **tally(trial.total),
        "by_source": [{"source": name, **tally(t)} for name, t in by_size(trial.by_source)],
        "by_day": [{"day": day.isoformat(), **tally(days[day])} for day in sorted(days)],
    }


def tally(counts: Tally) -> dict[str, int]:
    """Return one tally for JSON."""
    return {"matched": counts.matched, "gained": counts.gained, "lost": counts.lost}


def by_size(tallies: Mapping[str, Tally]) -> list[tuple[str, Tally]]:
    """Sort sources, the one with the most articles first."""
    return sorted(tallies.items(), key=lambda item: (-item[1].matched, -item[1].lost, item[0]))


def candidate(found: Candidate, change: str) -> dict[str, Any]:
    """Return one article for JSON."""
    from syndicator.cli.common import rfc3339

    stored = found.stored
    return {
        "id": stored.id,
        "title": stored.article.title,
        "url": stored.article.url,
        "source": stored.article.source,
        "published_at": rfc3339(stored.article.published_at),
        "arrived_at": rfc3339(stored.arrived_at),
        "score": found.match.score,
        "because": list(found.match.because),
        "change": change,
        "marks": {name: [list(span) for span in spans] for name, spans in found.marks.items()},
    }


def when(instant: datetime) -> str:
    """Write a day and time in UTC as lists show it."""
    return f"{instant:%Y-%m-%d %H:%M}"
