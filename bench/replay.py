"""A month of 200 publishers with bad habits, pulled by the real program at simulated time.

    .venv/bin/python bench/replay.py [--sources N] [--days N] [--hours N] [--json]

Each publisher (tests/chronicle.py) knows which stories it told; in the end the database is searched for each:
none may be lost, none may be there twice, and no issue of a journal may be held back. Over HTTP on loopback,
into SQLite. Exits with 1 if one is.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
import tempfile
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import structlog

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from chronicle import JOURNALS
from retelling import replay  # it lies among the tests, which run a shorter form of it


def main() -> None:
    """Replay, and print the figures."""
    parser = argparse.ArgumentParser(description="Replay a month of feeds with bad habits.")
    parser.add_argument("--sources", type=int, default=200, metavar="N", help="publishers (default: 200)")
    parser.add_argument("--days", type=int, default=30, metavar="N", help="simulated days (default: 30)")
    parser.add_argument("--hours", type=int, default=24, metavar="N", help="between two pulls (default: 24)")
    parser.add_argument("--json", action="store_true", help="print all figures as JSON")
    wanted = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    step = timedelta(hours=wanted.hours)
    with tempfile.TemporaryDirectory(prefix="syndicator-bench-") as folder:
        figures = asyncio.run(replay(Path(folder), sources=wanted.sources, days=wanted.days, step=step))
    print(json.dumps(asdict(figures), indent=2) if wanted.json else figures.table())
    is_flood = any(figures.held_of[habit] for habit in JOURNALS)
    sys.exit(bool(figures.lost or figures.twice or figures.mixed or is_flood))


if __name__ == "__main__":
    main()
