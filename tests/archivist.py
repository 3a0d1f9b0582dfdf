"""A topic whose history tests play, on one database: articles come, change, leave; a client reads it.

What is written goes through the same functions as in a pull, under the same locks. The client is one after
RFC 5005: it reads the feed, goes back page by page until it meets an address that it knows, and remembers
every address that it has read.
"""

from __future__ import annotations

import json
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit
from xml.etree import ElementTree

from syndicator import pipeline
from syndicator.assembly import assemble
from syndicator.catalog import dump, load_all
from syndicator.model import Article, Match
from syndicator.pipeline.retract import restore, retract
from syndicator.store import articles, history, matches, topics
from syndicator.store.dialect import lock_arrivals

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from syndicator.model import StoredArticle
    from syndicator.pipeline.parts import Parts

ATOM = "{http://www.w3.org/2005/Atom}"
BASE = "https://desk.example"


def article(source: str, number: int, *, version: int = 0, hours: int = 0) -> Article:
    """Make an article that says which version it is."""
    said = f"Number {number} of {source}, told for the {version + 1}. time. " + "More words stand here. " * 3
    return Article(
        source=source,
        key=f"k{number}",
        guid=f"g{number}",
        url=f"https://{source}.example/{number}",
        title=f"{source} {number} v{version} {'Latest words ' * (version % 3)}",
        published_at=datetime(2026, 11, 1, tzinfo=UTC) + timedelta(hours=hours),
        authors=("Anna",),
        language="en",
        summary=said,
        content_html=f"<p>{said}</p>",
        text=said,
        fingerprint=f"{source}-{number}-{version}",
    )


@dataclass
class Desk:
    """A program without sources, its clock, and the topic `sea`."""

    folder: Path
    database: str = "sqlite"
    publish: dict[str, object] = field(default_factory=dict)
    slug: str = "sea"
    now: datetime = datetime(2026, 11, 24, 7, tzinfo=UTC)
    parts: Parts = field(init=False)
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def open(self, **publish: object) -> Self:
        """Start, or start again with `publish` keys changed."""
        await self._stack.aclose()
        self._stack = AsyncExitStack()
        self.publish |= publish
        self._write()
        settings, catalog = load_all(self.folder / "config", {})
        self.parts = await self._stack.enter_async_context(assemble(settings, clock=lambda: self.now))
        await pipeline.apply(self.parts, catalog, dump(settings.config))
        return self

    def _write(self) -> None:
        config = self.folder / "config"
        for part in ("sources", "topics"):
            (config / part).mkdir(parents=True, exist_ok=True)
        settings = {"mail": {"from": "d@desk.example"}, "database": self.database, "site": {"base_url": BASE}}
        topic = {"title": "Sea", "any": ["told"], "min_score": 0, "publish": self.publish}
        (config / "syndicator.yaml").write_text(json.dumps(settings))
        for old in (config / "topics").iterdir():
            old.unlink()
        if self.slug != "sea":
            topic["was"] = ["sea"]
        (config / "topics" / f"{self.slug}.yaml").write_text(json.dumps(topic))

    async def close(self) -> None:
        await self._stack.aclose()

    async def bring(self, *found: Article, hit: bool = True) -> None:
        """Store new or changed articles as a pull does, and match them."""
        self.now += timedelta(minutes=1)
        by_source: dict[str, list[Article]] = {}
        for one in found:
            by_source.setdefault(one.source, []).append(one)
        async with self.parts.store.write() as conn:
            await lock_arrivals(conn, exclusive=False)
            for source, some in by_source.items():
                done = await articles.upsert(conn, source, some, now=self.now)
                hits = [Match(topic="sea", score=3, because=("told",))] if hit else []
                of_all = {one.id: hits for one in (*done.touched, *done.quiet)}
                await matches.record(conn, of_all, now=self.now, fresh={one.id for one in done.new})
                await history.reopen(conn, [one.id for one in done.changed])
            await topics.touch(conn, ["sea"])

    async def retract(self, *titles: str) -> None:
        """Take articles back."""
        self.now += timedelta(minutes=1)
        there = await self.held()
        for title in titles:
            await retract(self.parts.store, there[title], reason="No.", by="admin", now=self.now)

    async def restore(self, one: StoredArticle) -> None:
        """Give an article back."""
        await restore(self.parts.store, self.parts.current.catalog, one, now=self.now)

    async def publish_all(self, most: int = 1_000) -> int:
        """Publish until nothing is stale; return how often it was asked."""
        for turn in range(most):
            async with self.parts.store.read() as conn:
                if not await topics.stale(conn):
                    return turn
            await pipeline.publish(self.parts)
        raise AssertionError("it never ends")

    async def held(self) -> dict[str, StoredArticle]:
        """Read what is in the topic, by title."""
        async with self.parts.store.read() as conn:
            found = await matches.newest(conn, "sea", limit=100_000)
        return {one.article.title: one for one in found}

    @property
    def pages(self) -> Path:
        return self.parts.settings.public / "topics" / "sea" / "archive"

    def files(self) -> dict[str, bytes]:
        """Read all documents of the archive, by name; compressed copies aside."""
        kept = (path for path in self.pages.glob("*.*") if path.suffix in (".atom", ".rss", ".json", ".html"))
        return {path.name: path.read_bytes() for path in kept}

    def get(self, url: str) -> bytes | None:
        """Read what a web server gives for an address; it looks at the path alone."""
        path = self.parts.settings.public / urlsplit(url.removeprefix(BASE)).path.lstrip("/")
        return path.read_bytes() if path.is_file() else None


@dataclass
class Client:
    """Follows `prev-archive` (Atom, RSS) or `next_url` (JSON Feed) as far as it must."""

    desk: Desk
    format: str = "atom"
    slug: str = "sea"
    known: set[str] = field(default_factory=set)
    titles: set[str] = field(default_factory=set)

    async def poll(self) -> None:
        """Read the feed and every page that it has not read."""
        address = f"{BASE}/topics/{self.slug}.{self.format}"
        while address:
            body = self.desk.get(address)
            assert body is not None, f"{address} leads nowhere"
            titles, before = read(self.format, body)
            self.titles |= titles
            address = before if before not in self.known else ""
            if before:
                self.known.add(before)


def read(format_: str, body: bytes) -> tuple[set[str], str]:
    """Read the titles of a document, and the address of the page before it."""
    if format_ == "json":
        said = json.loads(body)
        return {item["title"].strip() for item in said["items"]}, said.get("next_url", "")
    tree = ElementTree.fromstring(body)
    item, title = ("item", "title") if format_ == "rss" else (f"{ATOM}entry", f"{ATOM}title")
    links = {each.get("rel"): each.get("href", "") for each in tree.iter(f"{ATOM}link")}
    return {(each.findtext(title) or "").strip() for each in tree.iter(item)}, links.get("prev-archive", "")


def links(body: bytes) -> dict[str, str]:
    """Read the links of an Atom document as a whole, by relation."""
    tree = ElementTree.fromstring(body)
    return {each.get("rel", ""): each.get("href", "") for each in tree.findall(f"{ATOM}link")}


def changed(one: Article, version: int) -> Article:
    """Make the next version of an article."""
    number = int(one.key[1:])
    return replace(article(one.source, number, version=version), published_at=one.published_at)


def many(source: str, numbers: Iterable[int]) -> list[Article]:
    return [article(source, number, hours=number) for number in numbers]
