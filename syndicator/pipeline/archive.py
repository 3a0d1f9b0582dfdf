"""archive: a topic's whole history → pages that stay, in every format; called where a topic is published.

Files before rows, and pages before the feed that links to them: whatever is killed in between, no link leads
nowhere, and what was not finished is found again. A step is bounded (`STEP` pages); who has more to do makes
the topic stale again. What is written already is neither rendered nor read.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from syndicator.model import Document
from syndicator.pipeline.archive_files import (
    RESTORED,
    SITEMAP,
    file_of,
    folder_of,
    formats_of,
    remove_folder,
    restore,
)
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
from syndicator.publish.conditional import stamp
from syndicator.publish.feed import Deletion, name_id
from syndicator.publish.formats import FEEDS
from syndicator.store import history, snapshot, topics
from syndicator.store.matches import unarchived

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from syndicator.model import StoredArticle, Topic
    from syndicator.pipeline.archive_files import Writer
    from syndicator.pipeline.parts import Parts
    from syndicator.publish.feed import Feed, FeedLink

STEP: Final = 10  # pages cut, or written, at once


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
        return formats_of(self.topic)

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
    restored = await _restore(work)
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
        modified_at = since if since and old == etag else stamp(work.parts.clock(), since)
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


async def _restore(work: _Work) -> bool:
    """Write files that other hosts wrote, or somebody deleted, once in the life of a process and format.

    Files of formats that the topic no longer has go. Whether there is more to do.
    """
    slug, folder = work.topic.slug, folder_of(work.parts, work.topic.slug)
    if work.parts.swept.get(slug) == work.formats:
        return False
    fresh = {file_of(folder, page, document.format) for page, document, _, _ in work.documents}
    _, is_more = await restore(work.parts, work.topic, write=work.write, fresh=fresh)
    if not is_more:
        work.parts.swept[slug] = work.formats
    return is_more


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
    await asyncio.to_thread(remove_folder, folder_of(parts, slug))
    parts.swept.pop(slug, None)
    while True:
        async with parts.store.read() as conn:
            if not await history.has_documents(conn, slug):
                return
        async with parts.store.write() as conn:
            await history.drop_documents(conn, slug, most=RESTORED)
