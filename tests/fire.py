"""Delivery under fire: kill -9 at random moments, a wild mail server, its log against the ledger.

    .venv/bin/python tests/fire.py [--kills N] [--readers N] [--database URL] [--seed N]

Each life is a process that assembles the program as the daemon does, takes back what the life before it held,
and delivers until it is killed. It is forked from one that has everything imported, which is most of what a
start costs. The clock of a life begins an hour after that of the one before: then leases are over, and what
was put off is due. At the end the server is polite, and everything must come to an end. The long form is
`make fire`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from servers import embedded_postgres
from sqlalchemy import func, select
from wildmail import REFUSED_AT, fate

from syndicator import pipeline
from syndicator.assembly import assemble
from syndicator.model import DeliveryStatus, Edition
from syndicator.settings import Mail, Settings, Site
from syndicator.store import deliveries, editions, subscribers
from syndicator.store.schema import deliveries as table

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from syndicator.pipeline.parts import Parts

BEGIN = datetime(2026, 11, 27, 7, tzinfo=UTC)
BETWEEN = timedelta(hours=1)  # the end of one life and the beginning of the next
CONNECTIONS = 10
LONGEST = 0.4  # seconds of a life, from its first mail on
ROUNDS = 60  # at peace, a day each, until all has ended
ENDED = (DeliveryStatus.ACCEPTED, DeliveryStatus.REFUSED)


@dataclass
class Report:
    """What came of it. `lost`, `unmarked`, `wrong` and `open` are faults: they must be empty or 0."""

    kills: int = 0
    deliveries: int = 0
    kept: int = 0  # by the server, in all
    doubled: int = 0  # readers who got one mail more than once
    uncertain: int = 0  # times that an outcome was unknown
    allowed: int = 0  # at most so many: one a connection and kill, and each that the server left unanswered
    refused: int = 0
    open: int = 0
    lost: tuple[str, ...] = ()  # said to be accepted, and never kept
    unmarked: tuple[str, ...] = ()  # kept more often than marked
    wrong: tuple[str, ...] = ()  # refused though kept, or two names for one mail
    faults: str = ""  # what a life said that ended by itself

    @property
    def is_good(self) -> bool:
        """Whether nothing was lost, and nothing doubled unseen."""
        bad = self.lost or self.unmarked or self.wrong or self.faults or self.open
        return not bad and self.uncertain <= self.allowed


def settings_of(folder: Path, database: str, port: int) -> Settings:
    mail = Mail(
        transport="smtp", host="127.0.0.1", port=port, sender="news@news.example", connections=CONNECTIONS,
        timeout=timedelta(seconds=20), give_up=timedelta(days=3650),
    )  # fmt: skip
    return Settings(
        config=folder, root=folder, state=folder, mail=mail, database=database,
        site=Site(base_url="https://news.example"),
    )  # fmt: skip


# A life -----------------------------------------------------------------------------------------------


async def live(settings: Settings, since: datetime, readers: int) -> None:
    """Deliver until killed; plan the next edition whenever little is left to do."""
    began = time.monotonic()
    clock = lambda: since + timedelta(seconds=time.monotonic() - began)  # noqa: E731
    async with assemble(settings, clock=clock) as parts:
        await _reap(parts)
        while True:
            if await _waiting(parts) < readers // 2:
                await _plan(parts, readers)
            await pipeline.deliver(parts)


async def _reap(parts: Parts) -> None:
    await pipeline.reap(parts, everything=parts.settings.is_embedded)


async def _waiting(parts: Parts) -> int:
    async with parts.store.read() as conn:
        waits = select(func.count()).where(table.c.state == DeliveryStatus.PLANNED)
        return await conn.scalar(waits) or 0


async def _plan(parts: Parts, readers: int) -> None:
    now = parts.clock()
    async with parts.store.write() as conn:
        number = await conn.scalar(select(func.count(func.distinct(table.c.edition_id)))) or 0
        edition = Edition(
            id=f"e{number}", slot="daily@07:00@UTC", subject=f"Ships, number {number}",
            html="<p>A ship came in.</p>" * 40, text="A ship came in.\n" * 40, topics=("ships",),
            language="en", articles=1, created_at=now,
        )  # fmt: skip
        await editions.add(conn, 1, edition)
        named = [(n, f"r{n}@reader.example") for n in range(1, readers + 1)]
        await deliveries.plan(conn, edition.id, named, now=now)


async def enrol(settings: Settings, readers: int) -> None:
    """Make the database and its readers."""
    async with assemble(settings, clock=lambda: BEGIN) as parts, parts.store.write() as conn:
        for n in range(1, readers + 1):
            id_ = await subscribers.put(conn, f"r{n}@reader.example", language="", slot=None, now=BEGIN)
            await subscribers.subscribe(conn, id_, ["ships"], state="active", now=BEGIN)


async def finish(settings: Settings, since: datetime) -> None:
    """Deliver at peace, a day after the other, until nothing is open."""
    now = [since]
    async with assemble(settings, clock=lambda: now[0]) as parts:
        for day in range(ROUNDS):
            now[0] = since + timedelta(days=day)
            await _reap(parts)
            while (await pipeline.deliver(parts)).sent:
                pass
            async with parts.store.read() as conn:
                if not await conn.scalar(select(func.count()).where(table.c.state.not_in(ENDED))):
                    return


# The fire ---------------------------------------------------------------------------------------------


def fork(work: Callable[[], Coroutine[None, None, None]], faults: Path) -> int:
    """Begin a process that does this; what it says of its end by itself goes to `faults`."""
    if pid := os.fork():
        return pid
    try:
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        asyncio.run(work())
        os._exit(0)
    except BaseException:  # noqa: BLE001  nothing may return into the parent's code
        faults.write_text(traceback.format_exc())
        os._exit(1)


def whole(work: Callable[[], Coroutine[None, None, None]], faults: Path) -> None:
    """Do this in a process of its own, to its end."""
    os.waitpid(fork(work, faults), 0)


@contextlib.contextmanager
def wild(log: Path, seed: int) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run the mail server; gives its process and port."""
    command = [sys.executable, str(Path(__file__).with_name("wildmail.py")), str(log), str(seed), "0.02"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            yield server, int(server.stdout.readline())
        finally:
            server.kill()


def under_fire(folder: Path, database: str, *, kills: int, readers: int, seed: int) -> Report:
    """Kill so many lives, make peace, and compare."""
    dice, log, faults = random.Random(seed), folder / "kept.log", folder / "faults"
    with wild(log, seed) as (server, port):
        settings = settings_of(folder, database, port)
        whole(lambda: enrol(settings, readers), faults)
        for number in range(kills):
            since = BEGIN + number * BETWEEN
            pid = fork(lambda at=since: live(settings, at, readers), faults)
            _kill_in_action(pid, log, dice.uniform(0, LONGEST))
            if faults.exists():
                break
        server.send_signal(signal.SIGUSR1)
        whole(lambda: finish(settings, BEGIN + (kills + 1) * BETWEEN), faults)
        server.kill()
        report = asyncio.run(compare(settings, log, kills))
    report.faults = faults.read_text() if faults.exists() else ""
    return report


def _kill_in_action(pid: int, log: Path, seconds: float) -> None:
    """Wait until the server has kept something more, and so long again; then kill."""
    before, end = _size(log), time.monotonic() + 60
    while _size(log) == before and time.monotonic() < end:
        if os.waitpid(pid, os.WNOHANG)[0]:
            return  # it has ended by itself, and said why
        time.sleep(0.005)
    time.sleep(seconds)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


async def compare(settings: Settings, log: Path, kills: int) -> Report:
    """Hold the server's log against the ledger."""
    said = [line.split() for line in log.read_text().splitlines()]
    kept = Counter((words[1], words[2]) for words in said if words[0] == "kept")
    async with assemble(settings, clock=lambda: BEGIN) as parts, parts.store.read() as conn:
        rows = [*(await conn.execute(select(table)))]
    times = {row.id: kept.pop((row.address, row.message_id), 0) for row in rows}
    accepted = [row for row in rows if row.state == DeliveryStatus.ACCEPTED]
    refused = [row for row in rows if row.state == DeliveryStatus.REFUSED]
    silent = sum(words[0] == "silent" for words in said)
    return Report(
        kills=kills,
        deliveries=len(rows),
        kept=sum(times.values()) + sum(kept.values()),
        doubled=sum(number > 1 for number in times.values()),
        uncertain=sum(row.uncertain for row in rows),
        allowed=kills * CONNECTIONS + silent,
        refused=len(refused),
        open=sum(row.state not in ENDED for row in rows),
        lost=tuple(repr(row) for row in accepted if not times[row.id]),
        unmarked=tuple(repr(row) for row in rows if times[row.id] > 1 + row.uncertain),
        wrong=(
            *(repr(row) for row in refused if times[row.id] or fate(row.address) not in REFUSED_AT),
            *map(repr, kept),
        ),
    )


def main() -> None:
    """Run it once, and print what came of it; exit code 1 if anything was lost or doubled unseen."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=150)
    parser.add_argument("--readers", type=int, default=1000)
    parser.add_argument("--database", default="", help="a postgresql:// address; else SQLite, then a wheel's")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    wanted = parser.parse_args()
    good = True
    with contextlib.ExitStack() as stack:
        databases = [wanted.database]
        if not wanted.database:
            databases = ["sqlite", stack.enter_context(embedded_postgres())]
        for database in databases:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            report = under_fire(
                folder, database, kills=wanted.kills, readers=wanted.readers, seed=wanted.seed
            )
            told = {"database": database.partition(":")[0], "seed": wanted.seed, **asdict(report)}
            print(json.dumps(told), flush=True)
            good = good and report.is_good
    sys.exit(not good)


if __name__ == "__main__":
    main()
