"""What grouping costs an article, which copies it finds, and what it puts together wrongly.

    .venv/bin/python bench/stories.py [--window N] [--corpus DIR] [--show] [--no-store]

Cost: CPU of one article of 150 words against a full window, part by part; beside it the same question asked
of every article of the window (shingles compared with all), measured on a part of it and scaled. In the
database: a pull of ten articles, one of them a copy, into SQLite with that window. Recall: each text of a
corpus retitled, cut and summarised, among all the others. What is put together of texts that are no copies is
counted, and printed with --show, to be read.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Final

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from copies import COPIES, NOW, article, sentences

from syndicator.model import Article, Source
from syndicator.pipeline.grouping import Recent, group
from syndicator.store import Store, articles, sources
from syndicator.stories.groups import Groups
from syndicator.stories.near import Near
from syndicator.stories.signatures import features, sign, unpack

if TYPE_CHECKING:
    from collections.abc import Iterator

WORDS: Final = 150
MEASURED: Final = 2_000  # articles
SYLLABLES: Final = [
    "ba",
    "do",
    "fi",
    "gu",
    "ka",
    "le",
    "mi",
    "no",
    "pa",
    "ri",
    "so",
    "tu",
    "va",
    "we",
    "xo",
    "zi",
]
FILES: Final = (
    "topics/en-reuters21578.jsonl", "topics/zh-cctv.jsonl", "topics/multi-rss-categories.jsonl",
    "stories/en-wikiref.jsonl",
)  # fmt: skip


def made(count: int, dice: Random) -> Iterator[Article]:
    """Write articles of words that are spread as those of a language are."""
    words = ["".join(dice.choices(SYLLABLES, k=dice.randint(1, 4))) for _ in range(20_000)]
    weights = list(accumulate(1 / (place + 3) for place in range(len(words))))
    for number in range(count):
        said = dice.choices(words, cum_weights=weights, k=WORDS)
        for place in range(0, WORDS, 12):
            said[place] = said[place].capitalize()
        yield article(" ".join(said), " ".join(said[:8]), source=f"s{number % 500}", key=str(number))


def cost(window: int) -> None:
    """Print the CPU of one more article."""
    dice, near = Random(1), Near()
    kept: list[bytes] = []
    for number, one in enumerate(made(window, dice)):
        signature = sign(one)
        near.add(number, signature.bands)
        kept.append(signature.blob)
    fresh = list(made(MEASURED, dice))
    before = time.process_time()
    signed = [sign(one) for one in fresh]
    spent = {"read and sign": time.process_time() - before}
    before = time.process_time()
    found = [near.find(one.bands) for one in signed]
    spent["find"] = time.process_time() - before
    before = time.process_time()
    for number, one in enumerate(signed):
        near.add(window + number, one.bands)
    spent["add"] = time.process_time() - before
    each = {name: seconds / MEASURED * 1e6 for name, seconds in spent.items()}
    said = ", ".join(f"{name} {micro:.0f}" for name, micro in each.items())
    print(
        f"one article of {WORDS} words against {window:,}: {sum(each.values()):.0f} µs ({said}); "
        f"{sum(map(len, found)) / MEASURED:.1f} candidates each"
    )
    some = [unpack(blob, source="", at=NOW) for blob in kept[:2_000]]
    asked = [unpack(one.blob, source="", at=NOW) for one in signed[:50]]
    before = time.process_time()
    for one in asked:
        for other in some:
            len(one.shingles & other.shingles)  # type: ignore[union-attr]
    pair = (time.process_time() - before) / len(asked) / len(some)
    print(f"the same by comparing with all: {pair * window * 1e6:,.0f} µs")


async def in_database(window: int, folder: Path) -> None:
    """Print the CPU of grouping within a pull's transaction."""
    dice, recent = Random(2), Recent()
    store = Store(f"sqlite+aiosqlite:///{folder / 'stories.db'}")
    await store.upgrade()
    async with store.write() as conn:
        await sources.sync(conn, [Source(name="wire", url="https://wire.example/feed")])
    batch: list[Article] = []
    for one in made(window, dice):
        batch.append(replace(one, source="wire", url=f"https://wire.example/{one.key}"))
        if len(batch) == 1000:
            await _pull(store, recent, batch)
            last, batch = batch[-1], []
    spent, pulls, size = 0.0, 100, 10
    for number in range(pulls):
        fresh = [replace(one, source="wire", key=f"n{number}-{one.key}") for one in made(size - 1, dice)]
        copy = replace(last, key=f"copy {number}", url=f"https://copy.example/{number}")
        spent += await _pull(store, recent, [*fresh, copy])
    began = time.process_time()
    async with store.write() as conn:
        await Recent().follow(conn, NOW)
    rebuilt = time.process_time() - began
    await store.close()
    print(
        f"in a pull of {size}, in SQLite with {window:,}: {spent / pulls / size * 1e6:.0f} µs an article "
        f"with all statements; a new process reads the window in {rebuilt:.1f} s"
    )


async def _pull(store: Store, recent: Recent, found: list[Article]) -> float:
    async with store.write() as conn:
        done = await articles.upsert(conn, "wire", found, now=NOW)
        before = time.process_time()
        await group(conn, recent, done.new, now=NOW)
        return time.process_time() - before


def corpus(folder: Path, *, short: bool = False) -> list[Article]:
    """Read the texts that are long enough to be cut; or the short ones, of two sentences at least."""
    found: dict[str, Article] = {}
    for name in FILES:
        for line in (folder / name).read_text("utf-8").splitlines():
            row = json.loads(line)
            text = row.get("text") or ""
            least = 160 if row.get("lang") == "zh" else 500
            is_long = len(text) >= least and len(sentences(text)) >= 4
            is_short = 60 <= len(text) < least and len(sentences(text)) >= 2
            if is_short if short else is_long:
                given = {"source": row.get("feed") or "wire", "key": row["id"]}
                one = article(text, row.get("title") or "", **given)
                found.setdefault(" ".join(text.split())[:60], one)
    return list(found.values())


def recall(name: str, found: list[Article]) -> None:
    """Print how many copies are put into their original's story."""
    dice = Random(5)
    for kind, make in COPIES.items():
        groups = Groups()
        numbers = [groups.add(one) for one in found]
        right = sum(
            groups.story(groups.add(make(one, dice))) == groups.story(number)
            for one, number in zip(found, numbers, strict=True)
        )
        print(f"{name}: {kind}: {right} of {len(found)} found ({right / len(found):.2%})")


def wrong(name: str, path: Path, *, show: bool) -> None:
    """Print how many articles that are no copies of each other are put together."""
    groups, rows = Groups(), [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for row in rows:
        given = {"source": row.get("feed") or row["id"], "key": row["id"]}
        groups.add(article(row.get("text") or "", row.get("title") or "", **given))
    of = [groups.story(number) for number in range(len(rows))]
    count = Counter(of)
    together = [place for place, story in enumerate(of) if count[story] > 1 and story != place]
    odd = [place for place in together if not _is_repeat(rows[place], rows[of[place]])]
    print(f"{name}: {len(rows)} texts, {len(together)} put with an earlier one, {len(odd)} of another title")
    for place in odd if show else ():
        print(f"    {rows[of[place]].get('title')}  |  {rows[place].get('title')}")


def _is_repeat(row: dict[str, str], first: dict[str, str]) -> bool:
    one, other = (
        features(Article(source="", key="", title=each.get("title") or "")).title for each in (row, first)
    )
    return one == other


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--window", type=int, default=100_000)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--show", action="store_true", help="print what is to be read")
    parser.add_argument("--no-store", action="store_true", help="leave the database out")
    wanted = parser.parse_args()
    cost(wanted.window)
    if not wanted.no_store:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(in_database(wanted.window, Path(folder)))
    if wanted.corpus:
        recall("texts", corpus(wanted.corpus))
        recall("short texts", corpus(wanted.corpus, short=True))
        for name in FILES[:3]:
            wrong(name, wanted.corpus / name, show=wanted.show)


if __name__ == "__main__":
    main()
