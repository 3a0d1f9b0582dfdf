"""A poll cycle over many sources, cold, unchanged and changed: ours, the floor, and `reader`.

    .venv/bin/python bench/cycle.py [--sources N] [--reader N] [--rounds N] [--json]

Each runs in a process of its own, one after the other, against the same publishers on loopback, without the
pause that the daemon makes between two requests to one host. A publisher's feed has 64 KB and 21 entries;
*changed* is one new entry in each. CPU is user and system time of that process alone; imports and set-up do
not count, threads do. The floor only asks: it reads no feed. `reader` (`pip install reader sgmllib3k`) gets
fewer sources, as it is slow when cold; figures are for one source.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import feeds
import uvloop
from origin import MAX_HOSTS, Origin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

CONCURRENCY: Final = 64
BODIES: Final = 48  # documents that differ; a source has one of them
BREATH: Final = 1.2  # seconds between cycles, so that no connection is kept alive
ROLES: Final = ("ours", "bare", "reader")
KINDS: Final = ("cold", "unchanged", "changed")


def main() -> None:
    """Run every role and print the figures."""
    wanted = _arguments()
    if wanted.role:
        cycles = Cycles(**json.loads(Path(wanted.plan).read_text()))
        _RUN[wanted.role](Path(wanted.folder), cycles)
        print(json.dumps(cycles.samples))
        return
    found = uvloop.run(_measure(wanted))
    print(json.dumps(found, indent=2) if wanted.json else _table(found))


class Cycles:
    """The cycles of one role in their order, and what each costs for one source, in milliseconds."""

    def __init__(self, urls: dict[str, str], origin: str, rounds: int) -> None:
        self.urls = urls
        self._origin, self._rounds = origin, rounds
        self.samples: dict[str, list[float]] = {"rss_mb": []}

    def __iter__(self) -> Iterator[str]:
        for kind in KINDS:
            for told in range(1, self._rounds + 1) if kind != "cold" else (0,):
                if kind != "unchanged":
                    self._publish(told)
                time.sleep(BREATH)
                cpu, wall = time.process_time(), time.perf_counter()
                yield kind
                self._take(kind, "cpu", time.process_time() - cpu)
                self._take(kind, "wall", time.perf_counter() - wall)
                self.samples["rss_mb"].append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)

    def _publish(self, told: int) -> None:
        for number in range(BODIES):
            feed = feeds.daily(number, told)
            request = urllib.request.Request(f"{self._origin}/{feed.name}", feed.body, method="PUT")
            request.add_header("Content-Type", feed.content_type)
            urllib.request.urlopen(request).close()

    def _take(self, kind: str, clock: str, spent: float) -> None:
        each = round(spent * 1e3 / len(self.urls), 4)
        self.samples.setdefault(f"{kind}_{clock}_ms", []).append(each)


async def _measure(wanted: argparse.Namespace) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="syndicator-bench-") as folder:
        async with Origin.start(min(wanted.sources, MAX_HOSTS)) as origin:
            urls = {
                f"s{number}": f"{origin.url(number % MAX_HOSTS, f'daily-{number % BODIES}')}?{number}"
                for number in range(wanted.sources)
            }
            for role in ROLES:
                count = wanted.reader if role == "reader" else wanted.sources
                if count:
                    some = dict(list(urls.items())[:count])
                    print(f"{role}: {len(some):,} sources …", file=sys.stderr)
                    plan = {"urls": some, "origin": origin.url_here, "rounds": wanted.rounds}
                    found[role] = {"sources": len(some)} | await _child(role, Path(folder), plan)
    return found


async def _child(role: str, folder: Path, plan: Mapping[str, Any]) -> dict[str, Any]:
    file, home = folder / f"{role}.json", folder / role
    file.write_text(json.dumps(plan))
    home.mkdir()
    command = [sys.executable, __file__, "--role", role, "--plan", str(file), "--folder", str(home)]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    said, _ = await process.communicate()
    if process.returncode:
        raise SystemExit(f"{role} failed")
    return dict(json.loads(said))


def _ours(folder: Path, cycles: Cycles) -> None:
    from desk import LATER, Desk

    from syndicator import pipeline

    async def run() -> None:
        desk = Desk.write(folder / "desk", cycles.urls)
        async with desk.opened() as (parts, clock):
            for kind in cycles:
                did = pipeline.Summary()
                while did.add(await pipeline.pull(parts)):
                    pass
                count = len(cycles.urls)
                right = {"unchanged": did.unchanged, "changed": did.articles}.get(kind, did.pulled)
                if did.failed or right != count:
                    raise SystemExit(f"{kind}: {did}\n{desk.log.read_text()[-2000:]}")
                clock.ahead += LATER

    uvloop.run(run())


def _bare(_folder: Path, cycles: Cycles) -> None:
    import aiohttp

    etags = dict.fromkeys(cycles.urls.values(), "")

    async def get(session: aiohttp.ClientSession, turns: asyncio.Semaphore, url: str) -> None:
        conditions = {"If-None-Match": etags[url]} if etags[url] else {}
        async with turns, session.get(url, headers=conditions) as answer:
            await answer.read()
            etags[url] = answer.headers["ETag"]

    async def run() -> None:
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=1.0)
        jar = aiohttp.DummyCookieJar()
        async with aiohttp.ClientSession(
            connector=connector, cookie_jar=jar, auto_decompress=False
        ) as session:
            for _ in cycles:
                turns = asyncio.Semaphore(CONCURRENCY)
                await asyncio.gather(*(get(session, turns, url) for url in etags))

    uvloop.run(run())


def _reader(folder: Path, cycles: Cycles) -> None:
    from reader import make_reader

    with make_reader(str(folder / "reader.sqlite")) as reader:
        for url in cycles.urls.values():
            reader.add_feed(url)
        for kind in cycles:
            results = list(reader.update_feeds_iter(scheduled=False, workers=READERS_WORKERS))
            new = sum(result.updated_feed.new for result in results if result.updated_feed)
            each = {"cold": feeds.DAILY, "unchanged": 0, "changed": 1}[kind]
            if new != each * len(cycles.urls):
                raise SystemExit(f"{kind}: {new} new entries")


_RUN: Final[Mapping[str, Callable[[Path, Cycles], None]]] = {
    "ours": _ours,
    "bare": _bare,
    "reader": _reader,
}
READERS_WORKERS: Final = 16  # threads; more of them cost it more


def _table(found: Mapping[str, Any]) -> str:
    heads = "".join(f"{head:>11}" for head in (*KINDS, "304 wall", "MB"))
    lines = [f"{'':8}{'sources':>9}{heads}   ms of CPU for one source"]
    for role, samples in found.items():
        cells = [*(min(samples[f"{kind}_cpu_ms"]) for kind in KINDS), min(samples["unchanged_wall_ms"])]
        row = "".join(f"{cell:>11.3f}" for cell in cells)
        lines.append(f"{role:8}{samples['sources']:>9,}{row}{max(samples['rss_mb']):>11.0f}")
    for role in (role for role in found if role != "ours"):
        ratios = [
            f"{kind} {min(found['ours'][f'{kind}_cpu_ms']) / min(found[role][f'{kind}_cpu_ms']):.3f}"
            for kind in KINDS
        ]
        lines.append(f"ours ÷ {role}: {', '.join(ratios)}")
    return "\n".join(lines)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure a poll cycle over many sources.")
    parser.add_argument("--sources", type=int, default=10_000, metavar="N", help="default: 10000")
    parser.add_argument(
        "--reader", type=int, default=300, metavar="N", help="sources for it; 0: leave it out"
    )
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="cycles of a kind (default: 3)")
    parser.add_argument("--json", action="store_true", help="print all samples")
    for hidden in ("--role", "--plan", "--folder"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if not 1 <= wanted.sources <= 50_000 or not 1 <= wanted.rounds <= 20:
        parser.error("--sources must be 1 to 50000 and --rounds 1 to 20")
    return wanted


if __name__ == "__main__":
    main()
