"""What a large edition needs of memory: the verb `deliver` for 10³ readers and more, each in a fresh process.

    .venv/bin/python bench/memory.py [--readers N …] [--kilobytes N] [--seconds S] [--json]

Rows are planned as composing does, in chunks; then mails go into a local sink until none waits or the seconds
are over. Resident memory is the peak of the process, its modules included.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import uvloop
from delivery import NOW, edition_of
from sink import sink

from syndicator import pipeline
from syndicator.assembly import assemble
from syndicator.settings import Mail, Settings, Site
from syndicator.store import deliveries, editions, schema
from syndicator.store.dialect import insert

if TYPE_CHECKING:
    from syndicator.pipeline.parts import Parts

CHUNK = 5_000


def main() -> None:
    """Measure each size in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--readers", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--kilobytes", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=300.0, help="for delivering, of each")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.one:
        print(json.dumps(uvloop.run(measure(wanted.one, wanted.kilobytes, wanted.seconds))))
        return
    if not wanted.json:
        print(f"{'readers':>10}{'delivered':>11}{'MB at first':>13}{'MB planned':>12}{'MB at most':>12}")
    for readers in wanted.readers:
        command = [sys.executable, __file__, "--one", str(readers)]
        command += ["--kilobytes", str(wanted.kilobytes), "--seconds", str(wanted.seconds)]
        row = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout)
        if wanted.json:
            print(json.dumps(row), flush=True)
        else:
            print(f"{readers:>10,}{row['delivered']:>11,}", end="")
            print(f"{row['first']:>13}{row['planned']:>12}{row['peak']:>12}", flush=True)


async def measure(readers: int, kilobytes: int, seconds: float) -> dict[str, int]:
    """Plan, deliver, and say what it took, in MB."""
    with tempfile.TemporaryDirectory() as folder, sink() as port:
        root = Path(folder)
        mail = Mail(transport="smtp", host="127.0.0.1", port=port, sender="news@news.example")
        settings = Settings(
            config=root, root=root, state=root, site=Site(base_url="https://news.example"), mail=mail
        )
        async with assemble(settings, clock=lambda: NOW) as parts:
            edition = edition_of(parts, kilobytes)
            async with parts.store.write() as conn:
                await editions.add(conn, 1, edition)
            first = peak()
            for start in range(1, readers + 1, CHUNK):
                await _plan(parts, edition.id, range(start, min(start + CHUNK, readers + 1)))
            planned, delivered, end = peak(), 0, time.monotonic() + seconds
            while time.monotonic() < end and (sent := (await pipeline.deliver(parts)).sent):
                delivered += sent
    return {"readers": readers, "delivered": delivered, "first": first, "planned": planned, "peak": peak()}


def peak() -> int:
    """The most that was resident up to now, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


async def _plan(parts: Parts, edition: str, numbers: range) -> None:
    named = [(number, f"reader{number}@mail.example") for number in numbers]
    async with parts.store.write() as conn:
        people = [
            {"id": number, "address": address, "address_key": address, "created_at": NOW}
            for number, address in named
        ]
        await conn.execute(insert(conn, schema.subscribers), people)
        ties = [
            {"subscriber_id": number, "topic": "harbours", "state": "active", "since_at": NOW}
            for number in numbers
        ]
        await conn.execute(insert(conn, schema.subscriptions), ties)
        await deliveries.plan(conn, edition, named, now=NOW)


if __name__ == "__main__":
    main()
