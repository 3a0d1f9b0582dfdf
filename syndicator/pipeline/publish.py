"""publish: stale topics → documents → files that any web server can serve.

A document is written only if its bytes differ, files before rows: when the disk is full the topic stays
stale and is tried again. The documents of a topic that left the catalog are removed. Files are
complete or absent, never half written.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING

from syndicator.errors import StoreError, TemplateError
from syndicator.model import Document
from syndicator.pipeline import archive
from syndicator.pipeline.apply import catch_up
from syndicator.pipeline.gather import site_feed, topic_feed
from syndicator.pipeline.made import Made, Written, label_of
from syndicator.pipeline.parts import Summary, log
from syndicator.pipeline.sitemap import write_sitemaps
from syndicator.publish import label as labels
from syndicator.publish.coding import CODINGS
from syndicator.publish.conditional import stamp
from syndicator.publish.formats import FEEDS
from syndicator.publish.opml import opml
from syndicator.publish.page import front_page, links, topic_page
from syndicator.store import documents, matches, topics

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from syndicator.model import Topic
    from syndicator.pipeline.parts import Parts
    from syndicator.publish.label import Label
    from syndicator.settings import Settings

STATIC = {
    name: f"static/{name}" for name in ("style.css", "forms.css", "site.js", "icon.svg", "icon.png")
} | {"favicon.ico": "favicon.ico"}  # file: where it lies in public/
FRONT_ITEMS = 3  # a topic's newest on the front page


async def publish(parts: Parts) -> Summary:
    """Bring every stale topic's documents up to date, then the site's own."""
    async with parts.store.read() as conn:
        stale = await topics.stale(conn)
    total = Summary()
    # After that: whose edit made them stale, that catalog is in force here then.
    if stale and not await catch_up(parts):
        return total
    if stale:
        await archive.hide(parts)
    for slug, wanted in stale:
        name = "the site" if slug == topics.SITE else slug
        try:
            if slug == topics.SITE:  # before it counts as published: what fails is tried again
                await asyncio.to_thread(write_static, parts)
                await write_sitemaps(parts, write=write_files)
            written = await _publish_one(parts, slug, wanted)
        except (OSError, StoreError, TemplateError) as error:
            said = error.strerror or str(error) if isinstance(error, OSError) else error.message
            parts.unpublished[name] = said
            log.error("cannot publish", topic=name, error=said)
            continue
        parts.unpublished.pop(name, None)
        total.add(Summary(documents=written))
    return total


async def _publish_one(parts: Parts, slug: str, wanted: int) -> int:
    made = await (_render_site(parts) if slug == topics.SITE else _render_topic(parts, slug))
    async with parts.store.read() as conn:
        known = await documents.known(conn, slug)
    now = parts.clock()
    folder, other = folders(parts, slug)
    for format_ in known:  # it was public before it was private, or the other way
        remove_files(file_of(other, slug, format_))
    works = []
    for format_, body in made.bodies.items():
        old, modified_at, label = known.get(format_, ("", None, None))
        etag = hashlib.sha256(body).hexdigest()
        same = old == etag and modified_at is not None
        dated = modified_at if same and modified_at else stamp(now, modified_at)
        document = Document(topic=slug, format=format_, body=body, etag=etag, modified_at=dated)
        if not same or not is_whole(parts.settings, folder, document):
            told = label_of(parts.settings, document, made, label)
            works.append(asyncio.to_thread(write, parts.settings, folder, document, told, is_new=not same))
    written = await asyncio.gather(*works, return_exceptions=True)
    gone = sorted(known.keys() - made.bodies.keys())
    for format_ in gone:  # before the rows too: killed in between, it is done again
        remove_files(file_of(folder, slug, format_))
        remove_files(file_of(parts.settings.labels, slug, format_))
    return made.pages + await _record(parts, slug, wanted, written, gone)


async def _record(
    parts: Parts, slug: str, wanted: int, written: Sequence[Written | BaseException], gone: list[str]
) -> int:
    """Note in one transaction what was written and what is gone; raise what went wrong in the writing."""
    for one in written:
        if isinstance(one, BaseException):
            raise one
    changed = [one for one in written if not isinstance(one, BaseException) and one.is_new]
    topic = parts.current.catalog.topics.get(slug)
    async with parts.store.write() as conn:
        for one in changed:
            await documents.put(conn, one.document, one.compressed, one.label)
        if gone:
            await documents.drop(conn, slug, gone)
        if topic and topic.is_public:
            await topics.set_opened(conn, slug, now=parts.clock())
        await topics.set_published(conn, slug, wanted)
    return len(changed)


def write(settings: Settings, folder: Path, document: Document, label: Label, *, is_new: bool) -> Written:
    """Write a document's files, its label before them."""
    told = label_file(settings, document)
    told.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(told, json.dumps(labels.write(label)).encode(), document.modified_at)
    compressed = write_files(file_of(folder, document.topic, document.format), document)
    return Written(document, compressed, labels.write(label), is_new)


def folders(parts: Parts, slug: str) -> tuple[Path, Path]:
    """Give the folder that a topic's documents lie in, and the one that they must not lie in."""
    topic = parts.current.catalog.topics.get(slug)
    public, private = parts.settings.public, parts.settings.private
    return (private, public) if topic and topic.publish and topic.publish.private else (public, private)


async def _render_topic(parts: Parts, slug: str) -> Made:
    """Render a topic's documents, after the pages of its archive that they link to."""
    topic = parts.current.catalog.topics.get(slug)
    if topic is None or topic.publish is None:
        await archive.drop(parts, slug)
        return Made({})
    wanted = topic.publish.formats
    async with parts.store.read() as conn:
        feed = await topic_feed(conn, topic, parts.settings, parts.templates, now=parts.clock())
    past = await archive.bring_up(parts, topic, feed, write=write_files)

    def render() -> Made:
        made = {
            name: kind.render(replace(feed, links=(*feed.links, *past.links(feed, name))))
            for name, kind in FEEDS.items()
            if name in wanted
        }
        page = {"html": topic_page(parts.templates, parts.settings.site, topic, feed, older=past.page)}
        told = Made(made | page, feed.sources, feed.links, is_private=feed.is_private)
        return replace(told, pages=past.written)

    return await asyncio.to_thread(render)


async def _render_site(parts: Parts) -> Made:
    shown: list[Topic] = sorted(
        (topic for topic in parts.current.catalog.topics.values() if topic.is_public),
        key=lambda topic: topic.title.casefold(),
    )
    async with parts.store.read() as conn:
        counts = await matches.counts(conn)
        created = await topics.created(conn)
        newest = {
            topic.slug: await matches.newest(conn, topic.slug, limit=FRONT_ITEMS, once=topic.is_once)
            for topic in shown
        }
        everything = await site_feed(
            conn, parts.current.catalog, parts.settings, parts.templates, now=parts.clock()
        )
    listed = [(topic, *counts.get(topic.slug, (0, None)), newest[topic.slug]) for topic in shown]
    site = parts.settings.site
    since = [created[topic.slug] for topic in shown if topic.slug in created]

    def render() -> Made:
        made = {name: kind.render(everything) for name, kind in FEEDS.items()}
        page = front_page(parts.templates, site, listed, links(f"{site.base_url}/all", FEEDS))
        made |= {"html": page, "opml": opml(site, shown, since)}
        return Made(made, everything.sources, everything.links)

    return await asyncio.to_thread(render)


def write_static(parts: Parts) -> None:
    """Put styles, script and icons beside the pages, for a web server that has only files."""
    for name, place in STATIC.items():
        path = parts.settings.public / place
        body = parts.templates.asset(f"web/{name}")
        if not path.exists() or path.read_bytes() != body:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, body, parts.clock())


def file_of(public: Path, slug: str, format_: str) -> Path:
    """Where a document lies below the public (or private) folder: topics/SLUG.rss, index.html, all.rss."""
    if slug == topics.SITE:
        return public / {"html": "index.html", "opml": "opml.xml"}.get(format_, f"all.{format_}")
    return public / "topics" / f"{slug}.{format_}"


def label_file(settings: Settings, document: Document) -> Path:
    """Where the label of a document lies: as the document, in a folder of its own."""
    return file_of(settings.labels, document.topic, document.format)


def is_whole(settings: Settings, folder: Path, document: Document) -> bool:
    """Whether all files of a document are there."""
    path = file_of(folder, document.topic, document.format)
    copies = [path.with_name(path.name + coding.ending) for coding in CODINGS.values()]
    return all(file.exists() for file in (path, *copies, label_file(settings, document)))


def write_files(path: Path, document: Document) -> bytes:
    """Write a document and its compressed copies beside it, each atomically; return the bytes in gzip.

    The modification time is the document's, so that any server's Last-Modified is true. The document itself
    comes last: whoever sees a new one has new copies.
    """
    packed = {coding.ending: coding.pack(document.body) for coding in CODINGS.values()}
    path.parent.mkdir(parents=True, exist_ok=True)
    for ending, data in (*packed.items(), ("", document.body)):
        write_atomically(path.with_name(path.name + ending), data, document.modified_at)
    return packed[CODINGS["gzip"].ending]


def write_atomically(target: Path, data: bytes, modified_at: datetime) -> None:
    """Write a file that is at any moment the old one or the new one, whole and on the disk."""
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        stamp = modified_at.timestamp()
        os.utime(temporary, (stamp, stamp))
        temporary.replace(target)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def remove_files(path: Path) -> None:
    """Remove a document's files, the document itself first."""
    for ending in ("", *(coding.ending for coding in CODINGS.values())):
        path.with_name(path.name + ending).unlink(missing_ok=True)
