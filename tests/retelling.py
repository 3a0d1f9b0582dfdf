"""A month at simulated time: the publishers of `chronicle`, pulled by the real program, and the outcome."""

from __future__ import annotations

import json
import re
import time
from collections import Counter, defaultdict
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from aiohttp import web
from chronicle import BEGIN, DAY, Publisher
from servers import HttpServer
from sqlalchemy import func, select

from syndicator import pipeline
from syndicator.assembly import assemble
from syndicator.catalog import dump, load_all
from syndicator.store.schema import article_keys, articles, matches

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from syndicator.pipeline.parts import Parts

MARK = re.compile(r"\bp\d{3}(?:x|old)\d+q\b")


@dataclass(slots=True)
class Clock:
    """The simulated time."""

    now: datetime = BEGIN

    def __call__(self) -> datetime:
        return self.now


@dataclass(slots=True)
class Newsstand:
    """Serves the publishers, and remembers which stories it ever showed."""

    publishers: dict[str, Publisher]
    clock: Clock
    shown: set[str] = field(default_factory=set)
    fetches: Counter[str] = field(default_factory=Counter)

    async def answer(self, request: web.Request) -> web.Response:
        name = request.path.rpartition("/")[2]
        said = self.publishers[name].answer(self.clock.now, self.fetches[name])
        self.fetches[name] += 1
        self.shown |= said.marks
        kind = "application/rss+xml" if said.marks else "text/html"
        return web.Response(status=said.status, body=said.body, headers={"Content-Type": kind})


@dataclass(slots=True, kw_only=True)
class Figures:
    """What came of a replay. `lost` and `twice` are marks of stories; `held` are matches, by habit below."""

    pulls: int = 0
    failed: int = 0
    shown: int = 0
    stored: int = 0
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    mixed: list[str] = field(default_factory=list)  # stories that became one article
    touched: int = 0  # new and changed articles
    names: int = 0
    mailable: int = 0
    held: int = 0
    held_of: Counter[str] = field(default_factory=Counter)  # habit → matches held back
    habits: dict[str, Counter[str]] = field(default_factory=dict)  # habit → what went wrong
    seconds: float = 0.0

    def table(self) -> str:
        """Say it in lines."""
        return "\n".join(
            (
                f"pulls              {self.pulls:8,}   of which failed {self.failed:,}",
                f"stories shown      {self.shown:8,}",
                f"articles stored    {self.stored:8,}   lost {len(self.lost)}, twice {len(self.twice)}",
                f"new or changed     {self.touched:8,}",
                f"names kept         {self.names:8,}   {self.names / max(self.stored, 1):.1f} an article",
                f"for digests        {self.mailable:8,}   held back {self.held:,}: {dict(self.held_of)}",
                f"seconds            {self.seconds:8.1f}   {self.seconds / max(self.pulls, 1):.4f} a pull",
                *(f"  {habit}: {dict(wrong)}" for habit, wrong in self.habits.items() if wrong),
            )
        )


async def replay(folder: Path, *, sources: int, days: int, step: timedelta) -> Figures:
    """Pull `sources` publishers once in `step` for `days`."""
    clock = Clock()
    publishers = {each.name: each for each in (Publisher(number, days) for number in range(sources))}
    stand = Newsstand(publishers, clock)
    began = time.perf_counter()
    figures = Figures()
    with HttpServer({f"/{name}": stand.answer for name in publishers}) as server:
        urls = {name: server.url(f"/{name}") for name in publishers}
        async with _program(folder, urls, clock, step) as parts:
            while clock.now < BEGIN + days * DAY:
                done = await pipeline.pull(parts)
                figures.failed += done.failed
                figures.touched += done.articles
                clock.now += step
            figures.pulls = len(server.log)
            await _look(parts, stand, figures)
    figures.seconds = time.perf_counter() - began
    return figures


@asynccontextmanager
async def _program(folder: Path, urls: dict[str, str], clock: Clock, step: timedelta) -> AsyncIterator[Parts]:
    config = folder / "config"
    for part in ("sources", "topics"):
        (config / part).mkdir(parents=True)
    settings = {"fetch": {"allow_private": ["127.0.0.0/8"]}, "mail": {"from": "Desk <desk@desk.example>"}}
    minutes = int(step.total_seconds() // 60 * 0.85)  # waits are spread by a tenth
    every = {"min": f"{minutes}m", "max": f"{minutes}m"}
    listed = [{"name": name, "url": url, "every": every} for name, url in urls.items()]
    topic = {"title": "All", "any": ["said", "office"], "min_score": 1}
    (config / "syndicator.yaml").write_text(json.dumps(settings))
    (config / "sources" / "all.yaml").write_text(json.dumps({"sources": listed}))
    (config / "topics" / "all.yaml").write_text(json.dumps(topic))
    loaded, catalog = load_all(config, {})
    loaded = replace(loaded, fetch=replace(loaded.fetch, spacing=timedelta(0), per_host=32))
    async with assemble(loaded, clock=clock) as parts:
        await pipeline.apply(parts, catalog, dump(config))
        yield parts


async def _look(parts: Parts, stand: Newsstand, figures: Figures) -> None:
    async with parts.store.read() as conn:
        rows = (await conn.execute(select(articles.c.text, articles.c.url))).all()
        figures.names = await conn.scalar(select(func.count()).select_from(article_keys)) or 0
        figures.mailable = (
            await conn.scalar(select(func.count()).select_from(matches).where(~matches.c.backfill)) or 0
        )
        held = await conn.execute(
            select(articles.c.source)
            .join(matches, matches.c.article_id == articles.c.id)
            .where(matches.c.held)
        )
        figures.held_of = Counter(stand.publishers[name].habit for (name,) in held)
        figures.held = figures.held_of.total()
    judge(figures, stand.shown, [f"{row.text} {row.url}" for row in rows], stand.publishers)


def judge(figures: Figures, shown: set[str], texts: Sequence[str], publishers: dict[str, Publisher]) -> None:
    """Compare what is stored with what was shown."""
    stored: Counter[str] = Counter()
    for text in texts:
        marks = set(MARK.findall(text))
        stored.update(marks)
        if len(marks) != 1:
            figures.mixed.append(text)
    figures.shown, figures.stored = len(shown), len(texts)
    figures.lost = sorted(shown - stored.keys())
    figures.twice = sorted(mark for mark, count in stored.items() if count > 1)
    wrong: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for word, marks in (("lost", figures.lost), ("twice", figures.twice)):
        for mark in marks:
            wrong[publishers[mark[:4]].habit][word] += 1
    figures.habits = dict(wrong)
