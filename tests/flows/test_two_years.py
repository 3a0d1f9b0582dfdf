"""Two years of digests at simulated time: each article once to each reader, in the run that is the right one.

Readers in many zones join, leave, pause, move and change their hours; the program is killed within runs and
away for hours or days; topics change their hours. What every mail holds is compared with `readership`, which
goes by rules. In a test run a few readers live through a week around the change of clocks in autumn and,
half a year of downtime later, in spring. All of it, 1,000 readers over 730 days, takes about an hour:

    SYNDICATOR_TEST_TWO_YEARS=1 .venv/bin/python -m pytest -q -s tests/flows/test_two_years.py
"""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from random import Random
from time import process_time
from typing import TYPE_CHECKING

import pytest
from fleet import Host
from mortal import Killed, Mortal
from readership import DAY, Article, Mail, Person, Readership, Run
from shelf import article
from sqlalchemy import func, select

from syndicator import pipeline
from syndicator.cli.log import configure_log
from syndicator.model import Match, Slot
from syndicator.store import articles, leave, matches, subscribers, suppressions
from syndicator.store.schema import deliveries, editions, slot_runs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

LONG = bool(os.environ.get("SYNDICATOR_TEST_TWO_YEARS"))
HOUR = timedelta(hours=1)
ZONES = (
    "Europe/Berlin", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe", "Pacific/Apia", "UTC",
    "America/Los_Angeles", "America/Sao_Paulo", "America/St_Johns", "America/Santiago", "America/Havana",
    "America/Caracas", "America/Phoenix", "America/Nuuk", "Atlantic/Azores", "Europe/London", "Europe/Dublin",
    "Europe/Moscow", "Europe/Istanbul", "Europe/Chisinau", "Africa/Cairo", "Africa/Casablanca",
    "Africa/Lagos", "Africa/Johannesburg", "Asia/Tehran", "Asia/Dubai", "Asia/Karachi", "Asia/Kolkata",
    "Asia/Kathmandu", "Asia/Dhaka", "Asia/Jakarta", "Asia/Tokyo", "Asia/Beirut", "Asia/Jerusalem",
    "Australia/Sydney", "Australia/Adelaide", "Pacific/Auckland", "Pacific/Chatham", "Pacific/Kiritimati",
    "Antarctica/Troll",
)  # fmt: skip
HOURS = (time(2, 30), time(7))
MOST = 100  # articles of a topic in a mail
TOPICS = ("china", "fraud", "ships", "trees", "wind")
OWN = Slot(frequency="daily", at=time(7), zone="UTC")
INSTANT = Slot(frequency="instant", at=time(0), zone="UTC")


@dataclass
class Years:
    """The program, its readers, and what should come of it."""

    host: Host
    dice: Random
    now: datetime
    model: Readership = field(default_factory=Readership)
    counts: Counter[str] = field(default_factory=Counter)
    away: float = 0.006  # how likely an outage begins, at each step
    kill: float = 0.03  # how likely the program dies while it composes
    seen: int = 0  # the last delivery that was looked at

    async def open(self, people: int, zones: int) -> None:
        self.zones = ZONES[:zones]
        self.host.clock = lambda: self.now
        for topic in TOPICS:
            self.host.topic(topic, any=[topic], digest={"at": "07:00", "max_items": MOST})
            self.model.topics[topic] = (OWN, self.now)
        mail = {"from": "Desk <desk@desk.example>", "max_items": 3 * MOST}
        (self.host.config / "syndicator.yaml").write_text(json.dumps({"mail": mail}))
        templates = self.host.config.parent / "templates" / "email" / "looks"
        templates.mkdir(parents=True)
        for name in ("magazine.html.j2", "magazine.txt.j2"):  # what a mail looks like does not matter here
            (templates / name).write_text("<p>{{ address }} {{ links.unsubscribe }}</p>")
        await self.host.start()
        for number in range(people):
            slot = self.slot()
            async with self.host.parts.store.write() as conn:
                id_ = await subscribers.put(
                    conn, f"r{number}@reader.example", language="", slot=slot, now=self.now
                )
            self.model.people[id_] = Person(id_, slot, self.now)
            for topic in self.dice.sample(TOPICS, self.dice.randint(1, 3)):
                await self.join(id_, topic)

    def slot(self) -> Slot | None:
        kind = self.dice.choices(
            ("daily", "weekdays", "weekly", "instant", "topic"), weights=(3, 2, 7, 0.15, 3)
        )[0]
        if kind == "topic":
            return None
        if kind == "instant":
            return INSTANT
        number = self.dice.randrange(len(self.zones))  # an hour for each zone: runs with several readers
        return Slot(frequency=kind, at=HOURS[number % 2], zone=self.zones[number])  # type: ignore[arg-type]

    async def join(self, reader: int, topic: str) -> None:
        async with self.host.parts.store.write() as conn:
            await subscribers.subscribe(conn, reader, [topic], state="active", now=self.now)
        self.model.join(reader, topic, self.now)

    async def publish(self) -> None:
        """Let an article come, of one topic or of several."""
        topics = self.dice.sample(TOPICS, self.dice.choice((1, 1, 1, 2)))
        number = len(self.model.articles)
        given = article(str(number), source=f"s{number}")  # one a source: no cap holds any back
        async with self.host.parts.store.write() as conn:
            (new,) = (await articles.upsert(conn, given.source, [given], now=self.now)).new
            hits = [Match(topic=topic, score=3, because=("title",)) for topic in topics]
            await matches.record(conn, {new.id: hits}, now=self.now)
        self.model.articles.append(Article(new.id, self.now, frozenset(topics)))

    async def change(self) -> None:
        """Let a reader, or seldom a topic, change something."""
        reader = self.dice.choice(sorted(self.model.people))
        person, topic = self.model.people[reader], self.dice.choice(TOPICS)
        what = self.dice.choices(
            ("schedule", "join", "leave", "all", "pause", "resume", "bar", "topic"),
            weights=(8, 6, 4, 2, 5, 4, 2, 0.3),
        )[0]
        self.counts[what] += 1
        if what == "join":
            await self.join(reader, topic)
            return
        if what == "topic":
            await self.retime(topic)
            return
        self.model.wake(self.now)  # as the program does by itself, before or after
        async with self.host.parts.store.write() as conn:
            await leave.wake(conn, self.now)
            if what == "schedule":
                slot = self.slot()
                await subscribers.reschedule(conn, reader, slot, now=self.now)
                if slot != person.slot:
                    person.slot, person.chosen = slot, self.now
            elif what in ("leave", "all"):
                topics = [topic] if what == "leave" else list(TOPICS)
                await subscribers.end(conn, reader, topics, now=self.now)
                self.model.leave(reader, topics, self.now)
            elif what == "pause":
                until = self.now + self.dice.uniform(0.1, 20) * DAY
                await leave.pause(conn, reader, until=until, now=self.now)
                self.model.pause(reader, until, self.now)
            elif what == "resume":
                await leave.resume(conn, reader, now=self.now)
                self.model.resume(reader, self.now)
            elif person.is_barred:
                person.is_barred = not await suppressions.remove(conn, f"r{reader - 1}@reader.example")
            else:
                await subscribers.suppress(conn, f"r{reader - 1}@reader.example", "test", now=self.now)
                person.is_barred = True

    async def retime(self, topic: str) -> None:
        """Edit the file of a topic: another hour."""
        slot = Slot(frequency="daily", at=self.dice.choice(HOURS), zone=self.dice.choice(self.zones))
        plan = {"at": f"{slot.at:%H:%M}", "zone": slot.zone, "max_items": MOST}
        self.host.topic(topic, any=[topic], digest=plan)
        await self.host.edit()
        if slot != self.model.topics[topic][0]:
            self.model.topics[topic] = (slot, self.now)

    async def compose(self) -> None:
        """Compose, or die of it, and compare what was planned."""
        self.model.wake(self.now)
        runs = self.model.due(self.now)
        parts = self.host.parts
        store = parts.store
        is_killed = bool(runs) and self.dice.random() < self.kill
        if is_killed:
            parts.store = Mortal(store, self.dice.randint(0, 3 * len(runs)))  # type: ignore[assignment]
        try:
            await pipeline.compose(parts)
            is_killed = False
        except Killed:
            self.counts["kills"] += 1
        finally:
            parts.store = store
        self.counts["runs"] += len(runs)
        await self.compare(runs, is_killed=is_killed)

    async def compare(self, runs: list[Run], *, is_killed: bool) -> None:
        found = await self.planned()
        standing = await self.ledger(runs) if is_killed else {}
        for run in runs:
            is_open = standing.get((run.slot.key, run.date)) == "open"
            if is_killed and (run.slot.key, run.date) not in standing:  # it will be begun later, if then
                self.model.done.discard((run.slot.key, run.date))
                continue
            for person in self.model.people.values():
                mail = Mail(person.id, run.slot.key, run.date)
                expected = set() if person.is_barred else self.model.mail(person, run)
                if is_open and mail not in found:
                    continue
                told = found.pop(mail, set())
                cut = expected - told  # after a long pause, "+N more on the web"
                assert told <= expected, (self.now, mail, told - expected)
                assert cut <= self.model.may_cut(person, run, MOST, 3 * MOST), (self.now, mail, cut)
                self.counts["mails"] += bool(expected)
                self.counts["articles"] += len(told)
                self.counts["cut off"] += len(cut)
                self.model.settle(person, run, told)
            if is_open:
                self.model.begun.append(run)
        assert not found, (self.now, found)

    async def planned(self) -> dict[Mail, set[int]]:
        """Read the mails that were planned since the last look: which articles each tells."""
        rows = (
            select(deliveries.c.id, deliveries.c.subscriber_id, editions.c.shown, slot_runs)
            .join(editions, editions.c.id == deliveries.c.edition_id)
            .join(slot_runs, slot_runs.c.id == editions.c.run_id)
            .where(deliveries.c.id > self.seen)
        )
        found: dict[Mail, set[int]] = {}
        async with self.host.parts.store.read() as conn:
            for row in await conn.execute(rows.order_by(deliveries.c.id)):
                mail = Mail(row.subscriber_id, row.slot, row.local_date)
                assert mail not in found, "two mails of one run"
                found[mail], self.seen = {*row.shown}, row.id
        return found

    async def ledger(self, runs: list[Run]) -> dict[tuple[str, str], str]:
        since = min((run.fired for run in runs), default=self.now)
        async with self.host.parts.store.read() as conn:
            rows = await conn.execute(select(slot_runs).where(slot_runs.c.fired_at >= since))
            return {(row.slot, row.local_date): row.state for row in rows}

    async def live(self, days: float, *, articles_an_hour: float, changes_an_hour: float) -> None:
        """Go on for so many days; a step is an hour, and once a week or so the program is away."""
        end, until = self.now + days * DAY, self.now
        while self.now < end:
            steps = [self.now + self.dice.uniform(0.01, 0.95) * HOUR for _ in range(
                int(articles_an_hour + changes_an_hour + self.dice.random())
            )]  # fmt: skip
            begins = self.now
            for moment in sorted(steps):
                self.now = moment
                is_news = self.dice.random() < articles_an_hour / (articles_an_hour + changes_an_hour)
                await (self.publish() if is_news else self.change())
            self.now = begins + HOUR
            if LONG and (self.now.day, self.now.hour) == (1, 0):
                print(f"{self.now:%F}", dict(self.counts), f"{process_time():,.0f} s", flush=True)
            if self.now >= until:
                await self.compose()
                if self.dice.random() < self.away:
                    until = self.now + self.dice.choice((5 * HOUR, 14 * HOUR, 2 * DAY, 4 * DAY))
                    self.counts["outages"] += 1

    async def empty_runs(self) -> int:
        async with self.host.parts.store.read() as conn:
            empty = select(func.count()).where(slot_runs.c.state == "done", slot_runs.c.deliveries == 0)
            return await conn.scalar(empty) or 0


@pytest.fixture
async def years(tmp_path: Path) -> AsyncIterator[Years]:
    host = Host(tmp_path / "config", f"sqlite+aiosqlite:///{tmp_path / 'syndicator.db'}")
    made = Years(host, Random(27), datetime(2026, 10, 22, tzinfo=UTC))
    yield made
    await host.stop()


async def test_each_article_reaches_each_reader_once_and_in_time(years: Years) -> None:
    configure_log("error")
    began = process_time()
    if LONG:
        await years.open(1_000, 40)
        await years.live(730, articles_an_hour=0.4, changes_an_hour=3)
    else:
        years.away, years.kill = 0.015, 0.3
        await years.open(20, 6)
        for _ in range(2):
            await years.live(7, articles_an_hour=0.6, changes_an_hour=0.6)
            years.now = datetime(2027, 3, 25, tzinfo=UTC)
    years.counts["empty runs"] = await years.empty_runs()
    told = ", ".join(f"{count:,} {what}" for what, count in sorted(years.counts.items()))
    size = f"{len(years.model.people):,} readers, {len(years.model.articles):,} articles"
    print(f"\n{size}, until {years.now:%F}: {told}; {process_time() - began:,.0f} s of CPU")
    assert min(years.counts[each] for each in ("mails", "empty runs", "kills", "outages")) > 0
