"""How fast feeds are read from bytes to entries, beside others on the same documents in the same run.

    .venv/bin/python bench/parse.py [--corpus DIR] [--rounds N] [--json]

Seconds of CPU, the readers in turns, the best of the rounds. Only documents that libxml2 takes as well-formed
are read; with a corpus these are its whole feeds. fastfeedparser and sfeed take part where they are installed
(`pip install fastfeedparser`, `apt-get install sfeed`). sfeed is a program: its figure holds the start of a
process for each document, which a second figure with an empty document takes off again.
"""

from __future__ import annotations

import argparse
import importlib
import json
import resource
import shutil
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import feedparser
import feeds
from lxml import etree

from syndicator.normalise import clean
from syndicator.parse import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

OWN_FEEDS: Final = 120
EMPTY: Final = b"<rss/>"


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure how fast feeds are read.")
    parser.add_argument("--corpus", type=Path, metavar="DIR", help="real feeds, with a MANIFEST.tsv")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="turns of each (default: 3)")
    parser.add_argument("--json", action="store_true", help="print all figures as JSON")
    wanted = parser.parse_args()
    bodies = documents(wanted.corpus)
    best: dict[str, float] = {}
    for _ in range(max(1, wanted.rounds)):
        for name, measure in READERS.items():
            if (seconds := measure(bodies)) is not None:
                best[name] = min(seconds, best.get(name, seconds))
    found = figures(bodies, best)
    print(json.dumps(found, indent=2) if wanted.json else table(found))


def documents(corpus: Path | None) -> list[bytes]:
    """Choose the well-formed documents: of a corpus its whole feeds, else feeds of our own writing."""
    if corpus is None:
        return [feed.body for feed in feeds.own(OWN_FEEDS)]
    rows = [line.split("\t") for line in (corpus / "MANIFEST.tsv").read_text("utf-8").splitlines()]
    bodies = [(corpus / row[0]).read_bytes() for row in rows if row[1] == "feed-whole"]
    return [body for body in bodies if _is_well_formed(body)]


def _is_well_formed(body: bytes) -> bool:
    try:
        etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return False
    return True


def _timed(read: Callable[[bytes], Any]) -> Callable[[Sequence[bytes]], float]:
    def measure(bodies: Sequence[bytes]) -> float:
        began = time.process_time()
        for body in bodies:
            read(body)
        return time.process_time() - began

    return measure


def _clean_all(body: bytes) -> None:
    for entry in parse(body).entries:
        for text in {entry.content, entry.summary} - {""}:
            clean(text, entry.base_url)


def _bare(body: bytes) -> None:
    feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False)


def _fastfeedparser(bodies: Sequence[bytes]) -> float | None:
    try:
        other = importlib.import_module("fastfeedparser")
    except ImportError:
        return None
    return _timed(other.parse)(bodies)


def _sfeed(bodies: Sequence[bytes]) -> float | None:
    return _children("sfeed", bodies)


def _sfeed_alone(bodies: Sequence[bytes]) -> float | None:
    return _children("sfeed", [EMPTY] * len(bodies))


def _children(program: str, bodies: Sequence[bytes]) -> float | None:
    path = shutil.which(program)
    if path is None:
        return None
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for body in bodies:
        subprocess.run([path], input=body, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


READERS: Final[Mapping[str, Callable[[Sequence[bytes]], float | None]]] = {
    "ours": _timed(parse),
    "ours, all HTML cleaned": _timed(_clean_all),
    "feedparser": _timed(feedparser.parse),
    "feedparser, cleaning off": _timed(_bare),
    "fastfeedparser": _fastfeedparser,
    "sfeed": _sfeed,
    "sfeed, starting only": _sfeed_alone,
}


def figures(bodies: Sequence[bytes], best: Mapping[str, float]) -> dict[str, Any]:
    """Give MB/s and the ratio to feedparser by reader."""
    size = sum(map(len, bodies))
    return {
        "input": {"documents": len(bodies), "bytes": size},
        "readers": {
            name: {
                "seconds": round(seconds, 4),
                "mb_per_s": round(size / 1e6 / seconds, 1),
                "times_feedparser": round(best["feedparser"] / seconds, 1),
            }
            for name, seconds in best.items()
        },
    }


def table(found: Mapping[str, Any]) -> str:
    """Write the figures as Markdown."""
    given = found["input"]
    lines = [
        f"{given['documents']} documents, {given['bytes'] / 1e6:.1f} MB",
        "",
        "| | CPU s | MB/s | × feedparser |",
        "|---|--:|--:|--:|",
    ]
    lines += [
        f"| {name} | {row['seconds']:.2f} | {row['mb_per_s']:.1f} | {row['times_feedparser']:.1f} |"
        for name, row in found["readers"].items()
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
