"""The first benchmark: how soon a change is republished, and what a pull costs, part by part.

    .venv/bin/python bench/pull.py [--feeds N] [--corpus DIR] [--rounds N] [--json]

All in one run, in turns, on loopback only. Read the ratios: absolute figures belong to one machine at one
moment. What each figure includes is told in docs/performance.md.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

import feeds
import uvloop
from desk import Desk
from measures import (
    DAILIES,
    WIRES,
    Results,
    Wires,
    changed,
    latency,
    latency_of_daemon,
    throughput,
    unchanged,
)
from origin import MAX_HOSTS, Origin
from report import Input, figures, table

CHANGES = 20
MAX_FEEDS = MAX_HOSTS - WIRES


def main() -> None:
    """Run all measures and print them."""
    wanted = _arguments()
    kind = "real" if wanted.corpus else "own"
    chosen = feeds.of_corpus(wanted.corpus, wanted.feeds) if wanted.corpus else feeds.own(wanted.feeds)
    began = time.perf_counter()
    results = Results()
    with tempfile.TemporaryDirectory(prefix="syndicator-bench-") as folder:
        uvloop.run(_measure(Path(folder), chosen, wanted, results))
    given = Input(
        kind=kind,
        feeds=len(chosen),
        entries=sum(feed.entries for feed in chosen),
        size=sum(len(feed.body) for feed in chosen),
    )
    found = figures(given, results)
    print(json.dumps(found, indent=2, ensure_ascii=False) if wanted.json else table(found))
    _say(f"took {time.perf_counter() - began:.0f} s")


async def _measure(
    folder: Path, chosen: list[feeds.Feed], wanted: argparse.Namespace, results: Results
) -> None:
    async with Origin.start(max(len(chosen) + WIRES, DAILIES)) as origin:
        for feed in chosen:
            await origin.put(feed.name, feed.body, feed.content_type)
        urls = {feed.name: origin.url(number, feed.name) for number, feed in enumerate(chosen)}
        wires = Wires(origin, len(chosen))
        _say(f"{CHANGES} changes, verbs called at once …")
        await latency(Desk.write(folder / "verbs", urls, wires.urls), wires, CHANGES, results)
        if not wanted.no_daemon:
            _say(f"{CHANGES} changes under the daemon …")
            await latency_of_daemon(Desk.write(folder / "daemon", urls, wires.urls), wires, CHANGES, results)
        _say("whole pulls and feedparser, in turns …")
        await throughput(folder, chosen, urls, wanted.rounds, results)
        _say("pulls of known feeds with one new entry …")
        await changed(folder, origin, wanted.rounds, results)
        _say("unchanged pulls and bare aiohttp, in turns …")
        apart = {
            feed.name: origin.url(number, feed.name, wait=number * 7 % 300)
            for number, feed in enumerate(chosen)
        }
        await unchanged(folder, apart, wanted.rounds, results)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the way from a feed to the topics' feeds.")
    parser.add_argument("--feeds", type=int, default=30, metavar="N", help="feeds to pull (default: 30)")
    parser.add_argument("--corpus", type=Path, metavar="DIR", help="real feeds, with a MANIFEST.tsv")
    parser.add_argument("--rounds", type=int, default=4, metavar="N", help="turns of each (default: 4)")
    parser.add_argument("--no-daemon", action="store_true", help="leave the running daemon out (20 s)")
    parser.add_argument("--json", action="store_true", help="print all figures as JSON")
    wanted = parser.parse_args()
    if not 1 <= wanted.feeds <= MAX_FEEDS or not 1 <= wanted.rounds <= 50:
        parser.error(f"--feeds takes 1 to {MAX_FEEDS}, --rounds 1 to 50")
    if wanted.corpus and not (wanted.corpus / "MANIFEST.tsv").is_file():
        parser.error(f"there is no MANIFEST.tsv in {wanted.corpus}")
    return wanted


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
