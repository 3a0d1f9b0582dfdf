"""What a day of digests costs to compose: for 100,000 readers, 20 topics, 500 combinations; and for a tenth.

    .venv/bin/python bench/digests.py [--readers N …] [--postgresql] [--json]

A combination is a set of one to five topics, one of five daily slots and one of two languages. Readers had
their mails of yesterday; today 400 articles came, 20 a topic and one in five of them in a second topic. Each
number of readers is composed in a process of its own, slot by slot through the verb `compose`: CPU is user
and system time of that process, and memory the most it ever had. Nothing is sent.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time as clock
from contextlib import ExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Final

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import stock
from servers import embedded_postgres
from sqlalchemy.engine import make_url

from syndicator.assembly import assemble
from syndicator.cli.log import configure_log
from syndicator.match.index import Index
from syndicator.model import Catalog, DigestPlan, Match, Publish, Rule, Slot, Topic
from syndicator.pipeline import compose
from syndicator.settings import Settings, Site
from syndicator.store import articles, matches
from syndicator.store.roster import Listed, take_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from syndicator.pipeline.parts import Parts

LIMIT: Final = 60.0  # seconds of CPU that 100,000 readers may take
GROWTH: Final = 1.10  # of memory, from a tenth of them
TODAY: Final = datetime(2026, 11, 24, tzinfo=UTC)
DAY: Final = timedelta(days=1)
COMBINATIONS: Final = 500
TOPICS: Final = tuple(f"topic-{number:02}" for number in range(20))
SLOTS: Final = tuple(
    Slot(frequency="daily", at=time(hour), zone=zone)
    for hour, zone in ((7, "UTC"), (8, "UTC"), (7, "Europe/Berlin"), (7, "America/New_York"), (18, "UTC"))
)
NEW: Final = 20  # articles a topic and day
OLD: Final = 5_000


def main() -> None:
    """Measure and print."""
    wanted = _arguments()
    configure_log("warning")
    if wanted.role:
        role = {"fill": _fill, "compose": _compose}[wanted.role]
        print(json.dumps(asyncio.run(role(wanted.url, Path(wanted.folder), wanted.readers[0]))))
        return
    found = {readers: _alone(readers, postgresql=wanted.postgresql) for readers in wanted.readers}
    print(json.dumps(found, indent=2) if wanted.json else _table(found))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--readers", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--postgresql", action="store_true", help="instead of SQLite; its CPU is not counted")
    parser.add_argument("--json", action="store_true")
    for name in ("--role", "--url", "--folder"):
        parser.add_argument(name, default="", help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if any(not COMBINATIONS <= readers <= 1_000_000 for readers in wanted.readers):
        parser.error("--readers takes 500 to 1,000,000")
    return wanted


def _alone(readers: int, *, postgresql: bool) -> dict[str, float]:
    """Fill a database, and compose in a process that has nothing else in its memory."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        url = f"sqlite+aiosqlite:///{folder}/syndicator.db"
        if postgresql:
            server = make_url(stack.enter_context(embedded_postgres()))
            url = server.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        for role in ("fill", "compose"):
            command = [sys.executable, __file__, "--role", role, "--readers", str(readers)]
            command += ["--url", url, "--folder", folder]
            done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
        told: dict[str, float] = json.loads(done.stdout)
        return told


@asynccontextmanager
async def _opened(url: str, folder: Path, now: Callable[[], datetime]) -> AsyncIterator[Parts]:
    plan = DigestPlan(slot=SLOTS[0])
    topics = {
        slug: Topic(slug=slug, title=slug.title(), rule=Rule(), publish=Publish(), digest=plan)
        for slug in TOPICS
    }
    settings = Settings(
        root=folder,
        config=folder / "config",
        state=folder / "var",
        database=url,
        site=Site(base_url="https://desk.example"),
    )
    async with assemble(settings, clock=now) as parts:
        catalog = Catalog(version="", sources={}, topics=topics)
        parts.current = replace(parts.current, catalog=catalog, index=Index(()))
        yield parts


async def _fill(url: str, folder: Path, readers: int) -> dict[str, Any]:
    """Store old articles and readers, and compose yesterday's mails; then let today's articles come."""
    now = TODAY - 9 * DAY
    async with _opened(url, folder, lambda: now) as parts:
        await _arrive(parts, range(OLD), now)
        dice, sets = Random(1), set[tuple[str, ...]]()
        while len(sets) < COMBINATIONS // len(SLOTS) // 2:
            sets.add(tuple(sorted(dice.sample(TOPICS, dice.randint(1, 5)))))
        wishes = [(topics, slot, said) for topics in sorted(sets) for slot in SLOTS for said in ("en", "zh")]
        now = TODAY - 8 * DAY
        for start in range(0, readers, 500):
            listed = []
            for number in range(start, min(start + 500, readers)):
                topics, slot, said = wishes[number % COMBINATIONS]
                address = f"reader-{number}@mail-{number % 97}.example"
                listed.append(
                    Listed(address=address, topics=topics, state="active", slot=slot, language=said)
                )
            async with parts.store.write() as conn:
                await take_in(conn, listed, now=now)
        for day in (1, 0):
            begin = TODAY - day * DAY
            for hour in range(24):
                first = OLD + (1 - day) * NEW * len(TOPICS) + hour * NEW * len(TOPICS) // 24
                await _arrive(parts, range(first, OLD + (1 - day) * NEW * len(TOPICS)
                    + (hour + 1) * NEW * len(TOPICS) // 24), begin - DAY + timedelta(hours=hour))  # fmt: skip
            for hour in range(24 * day):
                now = begin + timedelta(hours=hour, minutes=1)
                await compose(parts)
    return {}


async def _arrive(parts: Parts, numbers: range, now: datetime) -> None:
    by_source: dict[str, list[Any]] = {}
    for number in numbers:
        article = replace(stock.article(number, words=120), published_at=now, key=f"key-{number}")
        by_source.setdefault(article.source, []).append(article)
    for source, found in by_source.items():
        async with parts.store.write() as conn:
            hits = {}
            for stored in (await articles.upsert(conn, source, found, now=now)).new:
                number = int(stored.article.key.partition("-")[2])
                slugs = [TOPICS[number % 20]] + ([TOPICS[(number + 7) % 20]] if number % 5 == 0 else [])
                hits[stored.id] = [Match(topic=s, score=3 + number % 9, because=("title",)) for s in slugs]
            await matches.record(conn, hits, now=now)


async def _compose(url: str, folder: Path, readers: int) -> dict[str, Any]:
    """Compose today's mails: what they cost and how many there are."""
    now = TODAY
    async with _opened(url, folder, lambda: now) as parts:
        await compose(parts)  # the first time costs what is read once
        base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        cpu, began = clock.process_time(), clock.perf_counter()
        editions = mails = 0
        for hour in range(24):
            now = TODAY + timedelta(hours=hour, minutes=1)
            done = await compose(parts)
            editions, mails = editions + done.editions, mails + done.planned
        return {
            "cpu": clock.process_time() - cpu,
            "wall": clock.perf_counter() - began,
            "editions": editions,
            "mails": mails,
            "idle_mb": base,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "readers": readers,
        }


def _table(found: dict[int, dict[str, float]]) -> str:
    lines = [f"{'readers':>9}{'mails':>10}{'editions':>10}{'CPU s':>8}{'by the clock':>14}{'peak MB':>9}"]
    for readers, one in found.items():
        lines.append(
            f"{readers:>9,}{one['mails']:>10,}{one['editions']:>10,}{one['cpu']:>8.1f}{one['wall']:>12.1f} s"
            f"{one['peak_mb']:>9.0f}"
        )
    small, large = found[min(found)], found[max(found)]
    lines += [
        "",
        f"CPU of {max(found):,} readers ÷ the limit of {LIMIT:.0f} s: {large['cpu'] / LIMIT:.2f}",
        f"memory of {max(found):,} ÷ {min(found):,} (≤ {GROWTH}): {large['peak_mb'] / small['peak_mb']:.2f}",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
