"""archive: a topic's whole history → pages that stay, in every format; called where a topic is published.

Files before rows, and pages before the feed that links to them: whatever is killed in between, no link leads
nowhere, and what was not finished is found again. A step is bounded (`STEP` pages); who has more to do makes
the topic stale again. What is written already is neither rendered nor read.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import shutil
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from syndicator.model import Document
from syndicator.publish.archive import (
    Place,
    archive_page,
    feed_links,
    made_like,
    made_with,
    mark,
    page_feed,
    page_links,
    page_sitemap,
)
from syndicator.publish.feed import Deletion, name_id
from syndicator.publish.formats import FEEDS
from syndicator.store import history, snapshot, topics
from syndicator.store.matches import unarchived

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from syndicator.model import StoredArticle, Topic
    from syndicator.pipeline.parts import Parts
    from syndicator.publish.feed import Feed, FeedLink

    Writer = Callable[[Path, Document], bytes]  # writes a document's files, gives its body in gzip

STEP: Final = 10  # pages cut, or written, at once
RESTORED: Final = 200  # files written at once that only this host lacks
SITEMAP: Final = "sitemap"


@dataclass(frozen=True, slots=True)
class Past:
    """What a topic's feed and page are to say of its archive; nothing where there is none."""

    newest: str = ""  # page that the feed links to: "7", or "8?MARK" for one that is open
    page: int = 0  # page that people go on to
    lacking: frozenset[str] = frozenset()  # formats that are not in all pages yet
    written: int = 0  # documents

    def links(self, feed: Feed, format_: str) -> tuple[FeedLink, ...]:
        """Link the feed with its archive."""
        return feed_links(feed, self.newest, format_) if self.newest and format_ not in self.lacking else ()


@dataclass(slots=True)
class _Work:
    """One topic's archive in one step."""

    parts: Parts
    topic: Topic
    created_at: datetime
    write: Writer
    made_with: str
    look: str
    documents: list[tuple[int, Document, bytes, str]] = field(default_factory=list)

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats of a page: the topic's, and HTML."""
        publish = self.topic.publish
        return (*(name for name in FEEDS if publish and name in publish.formats), "html")

    def wanted(self) -> dict[str, str]:
        """Tell, by format, what a full page is to be made with."""
        return {name: self.look if name == "html" else self.made_with for name in self.formats}


def _work(parts: Parts, topic: Topic, created_at: datetime, write: Writer) -> _Work:
    site = parts.settings.site
    return _Work(
        parts=parts,
        topic=topic,
        created_at=created_at,
        write=write,
        made_with=made_with(topic, site),
        look=made_like(parts.templates, site, topic),
    )


async def bring_up(parts: Parts, topic: Topic, feed: Feed, *, write: Writer) -> Past:
    """Cut and write what pages a topic needs beside what its feed shows. A private topic has none."""
    if not topic.is_public:
        await drop(parts, topic.slug)
        return Past()
    shown = {stored.id for stored in feed.articles}
    async with parts.store.read() as conn:
        created_at = (await topics.created(conn)).get(topic.slug, feed.updated_at)
        full = await history.pages(conn, topic.slug)
        waits = await unarchived(conn, topic.slug, limit=history.PAGE + 1)
    if not full and len(waits) <= history.PAGE and {stored.id for stored in waits} <= shown:
        await drop(parts, topic.slug)
        return Past()
    if len(waits) > history.PAGE:
        async with parts.store.write() as conn:
            await history.cut(conn, topic.slug, most=STEP)
        async with parts.store.read() as conn:
            full = await history.pages(conn, topic.slug)
            waits = await unarchived(conn, topic.slug, limit=history.PAGE + 1)
    work = await asyncio.to_thread(_work, parts, topic, created_at, write)
    lacking = await _write_full(work)
    is_open = len(waits) > history.PAGE or not {stored.id for stored in waits} <= shown
    inside = waits[: history.PAGE]
    await _write_open(work, full + 1, inside)
    restored = await _restore(work, full + 1)
    await _keep(work, again=bool(lacking) or len(waits) > history.PAGE or restored)
    newest = f"{full + 1}?{mark(inside)}" if is_open else str(full)
    return Past(newest, full + 1 if is_open else full, lacking, len(work.documents))


async def _write_full(work: _Work) -> frozenset[str]:
    """Write what full pages lack, and the list of them; return the formats that lack pages still."""
    store, slug, wanted = work.parts.store, work.topic.slug, work.wanted()
    async with store.read() as conn:
        full = await history.pages(conn, slug)
        outdated = await history.outdated(conn, slug, wanted, limit=STEP + 1)
        listed = await history.made(conn, slug, 0)
    for page, formats in list(outdated.items())[:STEP]:
        async with store.read() as conn:
            inside = await history.read(conn, slug, page)
            taken = await history.retracted(conn, slug, page)
            known = await history.made(conn, slug, page)
        deleted = tuple(Deletion(name_id(t.source, t.key), t.at, t.reason) for t in taken)
        place = Place(page=page, is_full=True)
        bodies = await asyncio.to_thread(_render, work, place, inside, formats, deleted)
        await asyncio.to_thread(_write, work, page, bodies, wanted, known)
    told = f"{work.made_with} {full}"
    if full and listed.get(SITEMAP, ("",))[0] != told:
        bodies = {SITEMAP: page_sitemap(work.topic, work.parts.settings.site, full)}
        await asyncio.to_thread(_write, work, 0, bodies, {SITEMAP: told}, listed)
    left = list(outdated.values())[STEP:]
    return frozenset(name for formats in left for name in formats)


async def _write_open(work: _Work, page: int, inside: Sequence[StoredArticle]) -> None:
    """Write the page that is not full yet, where it differs from what was written last."""
    marked = mark(inside)
    wanted = {name: f"{made}?{marked}" for name, made in work.wanted().items()}
    async with work.parts.store.read() as conn:
        known = await history.made(conn, work.topic.slug, page)
    stale = {name for name, made in wanted.items() if name not in known or known[name][0] != made}
    if stale:
        place = Place(page=page, is_full=False)
        newest_first = [snapshot.bare(stored) for stored in reversed(inside)]
        bodies = await asyncio.to_thread(_render, work, place, newest_first, stale)
        await asyncio.to_thread(_write, work, page, bodies, wanted, known)


def _render(
    work: _Work,
    place: Place,
    inside: Sequence[StoredArticle],
    formats: Iterable[str],
    deleted: tuple[Deletion, ...] = (),
) -> dict[str, bytes]:
    site = work.parts.settings.site
    feed = page_feed(work.topic, site, place, inside, created_at=work.created_at, deleted=deleted)
    made = {}
    for name in sorted(formats):
        if name == "html":
            made[name] = archive_page(work.parts.templates, site, work.topic, feed, place)
        else:
            made[name] = FEEDS[name].render(replace(feed, links=page_links(feed, place, name)))
    return made


def _write(
    work: _Work,
    page: int,
    bodies: Mapping[str, bytes],
    wanted: Mapping[str, str],
    known: Mapping[str, tuple[str, str, datetime]],
) -> None:
    """Write files; the rows follow in `_keep`. What has the same bytes keeps its date."""
    for name, body in bodies.items():
        etag = hashlib.sha256(body).hexdigest()
        _, old, since = known.get(name, ("", "", None))
        modified_at = since if since and old == etag else work.parts.clock()
        document = Document(topic=work.topic.slug, format=name, body=body, etag=etag, modified_at=modified_at)
        packed = work.write(file_of(folder_of(work.parts, work.topic.slug), page, name), document)
        work.documents.append((page, document, packed, wanted[name]))


async def _keep(work: _Work, *, again: bool) -> None:
    """Write the rows of what was written as files; `again`: there is more to do."""
    if not work.documents and not again:
        return
    async with work.parts.store.write() as conn:
        for page, document, packed, told in work.documents:
            await history.put(conn, page, document, packed, made_with=told)
        if again:
            await topics.again(conn, work.topic.slug)


async def _restore(work: _Work, open_page: int) -> bool:
    """Write files that other hosts wrote, or somebody deleted, once in the life of a process and format.

    Files of formats that the topic no longer has go. Whether there is more to do.
    """
    slug = work.topic.slug
    if work.parts.swept.get(slug) == work.formats:
        return False
    folder = folder_of(work.parts, slug)
    async with work.parts.store.read() as conn:
        rows = await history.listed(conn, slug, formats=(*work.formats, SITEMAP), upto=open_page)
    named = {file_of(folder, page, name): (page, name) for page, name in rows}
    fresh = {file_of(folder, page, document.format) for page, document, _, _ in work.documents}
    there = await asyncio.to_thread(_clear, folder, named.keys() | fresh)
    missing = [place for path, place in named.items() if path.name not in there]
    for page, name in missing[:RESTORED]:
        async with work.parts.store.read() as conn:
            body, etag, modified_at = await history.document(conn, slug, page, name)
        document = Document(
            topic=slug, format=name, body=gzip.decompress(body), etag=etag, modified_at=modified_at
        )
        await asyncio.to_thread(work.write, file_of(folder, page, name), document)
    if len(missing) > RESTORED:
        return True
    work.parts.swept[slug] = work.formats
    return False


def _clear(folder: Path, named: Collection[Path]) -> set[str]:
    """Remove files that belong to no document; return the names of those that are there."""
    if not folder.is_dir():
        return set()
    kept = {path.name for path in named}
    there = set()
    for path in folder.iterdir():
        stem, dot, rest = path.name.partition(".")
        document = f"{stem}.{rest.partition('.')[0]}"
        if document in kept:
            there.add(path.name)
        elif dot and (stem.isdigit() or stem == SITEMAP) and not path.is_dir():
            path.unlink(missing_ok=True)
    return there


async def hide(parts: Parts) -> None:
    """Take what admins retracted out of full pages, in all topics; those are published anew soon."""
    async with parts.store.read() as conn:
        found = await history.exposed(conn)
    if found:
        async with parts.store.write() as conn:
            for slug in sorted(await history.hide(conn, found)):
                await topics.again(conn, slug)


async def drop(parts: Parts, slug: str) -> None:
    """Take a topic's archive from the public; what its pages hold stays for the day that it returns."""
    folder = folder_of(parts, slug)
    if folder.is_dir() and not folder.is_symlink():
        await asyncio.to_thread(shutil.rmtree, folder)
    parts.swept.pop(slug, None)
    while True:
        async with parts.store.read() as conn:
            if not await history.has_documents(conn, slug):
                return
        async with parts.store.write() as conn:
            await history.drop_documents(conn, slug, most=RESTORED)


def folder_of(parts: Parts, slug: str) -> Path:
    """Where the pages of a topic's archive lie."""
    return parts.settings.public / "topics" / slug / "archive"


def file_of(folder: Path, page: int, format_: str) -> Path:
    """Where a document of a page lies: 7.rss, 7.html; and sitemap.xml, the list of pages."""
    return folder / (f"{page}.{format_}" if format_ != SITEMAP else "sitemap.xml")
