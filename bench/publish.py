"""What publishing costs: documents beside plain feedgen, one changed topic, and a growing archive.

    .venv/bin/python bench/publish.py [--topics N] [--entries N] [--changes N] [--sizes N …] [--json]

*Documents*: so many topics of so many entries in each format, CPU for one document and the most memory, ours
and feedgen's in a process each. feedgen gets what its own methods take (no whole source of an Atom entry, no
media, no language of an entry); it has no JSON Feed.
*A change*: from the commit of a changed article to the last file of its topic, on SQLite: by the clock, which
waits for the disk eight times, and in CPU; then by part.
*Growth*: what reading costs for a document when so many articles are stored. A size of 1,000,000 takes some
minutes and 4 GB of disk.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

import stock
from feedgen.feed import FeedGenerator

from syndicator.assembly import assemble
from syndicator.model import Catalog, Match, Publish, Source
from syndicator.pipeline import publish
from syndicator.pipeline.gather import topic_feed
from syndicator.pipeline.parts import Current
from syndicator.publish.feed import of_topic
from syndicator.publish.formats import FEEDS
from syndicator.publish.page import topic_page
from syndicator.settings import Settings, Site
from syndicator.store import articles, matches, sources, together, topics

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from syndicator.model import StoredArticle
    from syndicator.pipeline.parts import Parts

ROLES: Final = ("ours", "feedgen")
SITE: Final = Site(base_url="https://desk.example")


def main() -> None:
    """Measure and print."""
    wanted = _arguments()
    if wanted.role:
        print(json.dumps(_documents(wanted.role, wanted.topics, wanted.entries)))
        return
    found: dict[str, Any] = {"documents": {role: _alone(role, wanted) for role in ROLES}}
    with tempfile.TemporaryDirectory() as folder:
        found["change"] = asyncio.run(_change(Path(folder), wanted.changes, wanted.entries))
    found["growth"] = {}
    for size in wanted.sizes:
        with tempfile.TemporaryDirectory() as folder:
            found["growth"][size] = asyncio.run(_growth(Path(folder), size))
    print(json.dumps(found, indent=2) if wanted.json else _table(found))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--topics", type=int, default=200, help="that are rendered (200; the aim says 1000)")
    parser.add_argument("--entries", type=int, default=100, help="of each (100)")
    parser.add_argument("--changes", type=int, default=20, help="of one topic (20)")
    parser.add_argument(
        "--sizes", type=int, nargs="*", default=[1_000, 10_000, 100_000], help="of the archive"
    )
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--role", choices=ROLES, help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if not (0 < wanted.topics <= 10_000 and 0 < wanted.entries <= 500 and 0 < wanted.changes <= 1_000):
        parser.error("--topics takes 1 to 10,000, --entries 1 to 500, --changes 1 to 1,000")
    if any(not 0 < size <= 2_000_000 for size in wanted.sizes):
        parser.error("--sizes takes 1 to 2,000,000")
    return wanted


def _alone(role: str, wanted: argparse.Namespace) -> dict[str, float]:
    """Render in a process of its own, so that memory is told apart."""
    command = [sys.executable, __file__, "--role", role]
    command += ["--topics", str(wanted.topics), "--entries", str(wanted.entries)]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    told: dict[str, float] = json.loads(done.stdout)
    return told


def _documents(role: str, count: int, entries: int) -> dict[str, float]:
    """Render every format of `count` topics: milliseconds of CPU for a document, and megabytes at most."""
    spent = dict.fromkeys(FEEDS, 0.0)
    for number in range(count):
        shown = tuple(map(stock.stored, range(number, number + entries)))
        topic = stock.small(number)
        feed = of_topic(topic, SITE, shown, created_at=stock.NOW)
        for name, kind in FEEDS.items():
            if role == "feedgen" and name == "json":
                continue
            began = time.process_time()
            body = kind.render(feed) if role == "ours" else _plain(name, topic.title, shown)
            spent[name] += time.process_time() - began
            if len(body) < 1_000:
                raise RuntimeError(f"{role} wrote no {name}")
    told = {name: 1000 * seconds / count for name, seconds in spent.items()}
    return told | {"mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def _plain(name: str, title: str, shown: Sequence[StoredArticle]) -> bytes:
    """Do what a user of feedgen does."""
    made = FeedGenerator()
    made.id(f"{SITE.base_url}/{name}")
    made.title(title)
    made.description(title)
    made.language("en")
    made.updated(stock.NOW)
    made.lastBuildDate(stock.NOW)
    made.link(href=f"{SITE.base_url}/{name}", rel="self")
    made.link(href=SITE.base_url, rel="alternate")
    for each in shown:
        article = each.article
        entry = made.add_entry(order="append")
        entry.id(f"urn:x:{article.source}:{article.key}")
        entry.title(article.title)
        entry.link(href=article.url)
        entry.published(article.published_at)
        entry.updated(each.changed_at)
        entry.summary(article.summary)
        entry.content(article.content_html, type="html")
        entry.author([{"name": author, "email": "a@desk.example"} for author in article.authors])
        entry.category([{"term": tag} for tag in article.tags])
        entry.source(each.source_url, each.source_title)
        for file in article.enclosures:
            entry.enclosure(file.url, str(file.length), file.type)
    body: bytes = made.rss_str(pretty=True) if name == "rss" else made.atom_str(pretty=True)
    return body


async def _change(folder: Path, changes: int, entries: int) -> dict[str, float]:
    """Change an article of a topic and publish: milliseconds by the clock, the median."""
    settings = Settings(config=folder, root=folder, state=folder, site=SITE)
    how = Publish(items=entries, per_source=entries)
    topic = replace(stock.small(0), publish=how)
    catalog = Catalog(version="1", sources={}, topics={topic.slug: topic})
    times: dict[str, list[float]] = {"the topic's files": [], "the site's too": [], "CPU of both": []}
    async with assemble(settings) as parts:
        parts.current = Current(catalog=catalog, index=parts.current.index)
        async with parts.store.write() as conn:
            await topics.sync(conn, [topic], now=stock.NOW)
            await sources.sync(conn, [Source(name=f"wire-{n}", url="https://w.example/") for n in range(200)])
        for number in range(entries):
            await _edit(parts, topic.slug, number, "")
        await publish(parts)
        for edit in range(changes):
            await _edit(parts, topic.slug, edit % entries, f"edit {edit}")
            clock, cpu = time.time(), time.process_time()
            await publish(parts)
            times["CPU of both"].append(1000 * (time.process_time() - cpu))
            times["the site's too"].append(1000 * (time.time() - clock))
            last = max(path.stat().st_ctime for path in (settings.public / "topics").iterdir())
            times["the topic's files"].append(1000 * (last - clock))
        parted = await _by_part(parts, topic.slug)
    told = {name: median(each) for name, each in times.items()} | parted
    bodies = [path.read_bytes() for path in (settings.public / "topics").iterdir() if path.suffix != ".gz"]
    return told | {"CPU: gzip of all four": _ms(lambda: [gzip.compress(body, 6) for body in bodies])}


async def _edit(parts: Parts, slug: str, number: int, words: str) -> None:
    given = stock.article(number)
    changed = replace(given, title=f"{given.title} {words}".strip(), fingerprint=f"{number} {words}")
    async with parts.store.write() as conn:
        stored = await articles.upsert(conn, given.source, [changed], now=parts.clock())
        hits = {each.id: [Match(topic=slug, score=3, because=("x",))] for each in stored.touched}
        await topics.touch(conn, {slug, *await matches.record(conn, hits, now=parts.clock())})


async def _by_part(parts: Parts, slug: str) -> dict[str, float]:
    """Time the parts of one publication: reading, each format, the page; files and rows are the rest."""
    topic = parts.current.catalog.topics[slug]
    began = time.process_time()
    async with parts.store.read() as conn:
        feed = await topic_feed(conn, topic, parts.settings, parts.templates, now=parts.clock())
    told = {"CPU: read": 1000 * (time.process_time() - began)}
    for name, kind in FEEDS.items():
        told[f"CPU: {name}"] = _ms(lambda kind=kind: kind.render(feed))  # type: ignore[misc]
    told["CPU: page"] = _ms(lambda: topic_page(parts.templates, parts.settings.site, topic, feed))
    return told


def _ms(call: Callable[[], object]) -> float:
    times = []
    for _ in range(5):
        began = time.process_time()
        call()
        times.append(time.process_time() - began)
    return 1000 * min(times)


async def _growth(folder: Path, size: int) -> dict[str, float]:
    """Read what documents need from an archive of `size` articles: milliseconds, the second time."""
    store = await stock.full(folder, size, words=120)
    how = {"limit": 50, "per_source": 10}
    async with store.read() as conn:
        asked: dict[str, Callable[[], Awaitable[object]]] = {
            "a topic with 1 % of it": lambda: matches.newest(conn, "topic-7", once=True, **how),
            "a topic with all of it": lambda: matches.newest(conn, "big", once=True, **how),
            "all topics together": lambda: together.newest(conn, hidden=(), tell_all=(), **how),
            "counts of all topics": lambda: matches.counts(conn),
        }
        told = {}
        for name, call in asked.items():
            await call()
            began = time.perf_counter()
            await call()
            told[name] = 1000 * (time.perf_counter() - began)
    await store.close()
    return told


def _table(found: dict[str, Any]) -> str:
    ours, plain = (found["documents"][role] for role in ROLES)
    lines = ["a document, ms of CPU     ours  feedgen  ratio"]
    lines += [f"  {n:<22}{ours[n]:>8.2f}{plain[n]:>9.2f}{ours[n] / plain[n]:>7.2f}" for n in ("rss", "atom")]
    mean, theirs = sum(ours[name] for name in FEEDS) / 3, (plain["rss"] + plain["atom"]) / 2
    lines += [f"  json                  {ours['json']:>8.2f}"]
    lines += [f"  mean of all           {mean:>8.2f}{theirs:>9.2f}{mean / theirs:>7.2f}"]
    lines += [f"  memory, MB            {ours['mb']:>8.0f}{plain['mb']:>9.0f}", ""]
    lines += ["one changed topic, ms from commit to file"]
    lines += [f"  {name:<22}{ms:>8.1f}" for name, ms in found["change"].items()]
    lines += ["", "reading for a document, ms   " + "".join(f"{size:>12,}" for size in found["growth"])]
    names = next(iter(found["growth"].values()), {})
    for name in names:
        lines.append(f"  {name:<27}" + "".join(f"{each[name]:>12.1f}" for each in found["growth"].values()))
    return "\n".join(lines)


if __name__ == "__main__":
    main()
