"""What another host published: its rows → files of this one, the same bytes with the same dates and labels.

A stale topic is rendered by one host alone, whichever comes first. The others compare the number that its
documents were published at with the one that they have seen, and fetch what they lack. Only the catalog in
force says what is private: a host that has not caught up with it writes nothing.
"""

from __future__ import annotations

import asyncio
import gzip
from typing import TYPE_CHECKING

from syndicator.model import Document
from syndicator.pipeline.apply import catch_up
from syndicator.pipeline.archive_files import folder_of, remove_folder, restore
from syndicator.pipeline.publish import (
    file_of,
    folders,
    is_whole,
    label_file,
    remove_files,
    write,
    write_files,
    write_static,
)
from syndicator.pipeline.sitemap import write_sitemaps
from syndicator.publish import label as labels
from syndicator.publish.formats import MEDIA_TYPES
from syndicator.publish.label import Label
from syndicator.store import catalogs, documents, topics

if TYPE_CHECKING:
    from pathlib import Path

    from syndicator.pipeline.parts import Parts


async def mirror(parts: Parts) -> int:
    """Write the documents that other hosts published; return how many. An embedded database has one host."""
    if parts.settings.is_embedded or not await catch_up(parts):
        return 0
    async with parts.store.read() as conn:
        published = await topics.published(conn)
    written = 0
    for slug, number in published.items():
        if parts.mirrored.get(slug) != number:
            pages, is_more = await _mirror_pages(parts, slug)
            done = await _mirror_one(parts, slug)
            written += pages
            if done is None:
                break
            written += done
            if not is_more:
                parts.mirrored[slug] = number
    return written


async def _mirror_pages(parts: Parts, slug: str) -> tuple[int, bool]:
    """Bring what a topic's documents link to: its archive, and what the whole site shares.

    Return how many pages were written, and whether there are more.
    """
    if slug == topics.SITE:
        await asyncio.to_thread(write_static, parts)
        await write_sitemaps(parts, write=write_files)
        return 0, False
    topic = parts.current.catalog.topics.get(slug)
    if topic is None or not topic.is_public:
        await asyncio.to_thread(remove_folder, folder_of(parts, slug))
        parts.swept.pop(slug, None)
        return 0, False
    return await restore(parts, topic, write=write_files)


async def _mirror_one(parts: Parts, slug: str) -> int | None:
    """Return how many documents were written; None if the rows are of a catalog that came since."""
    stamp = parts.current.stamp
    folder, other = folders(parts, slug)
    async with parts.store.read() as conn:
        known = await documents.known(conn, slug)
        lacking = []
        for format_, (etag, modified_at, label) in known.items():
            bare = Document(topic=slug, format=format_, body=b"", etag=etag, modified_at=modified_at)
            if not await asyncio.to_thread(_is_here, parts, folder, bare):
                body = await documents.body(conn, slug, format_)
                lacking.append((format_, etag, modified_at, label, body))
        if await catalogs.in_force(conn) != stamp:  # last: what was published since is not among these
            return None
    for format_ in MEDIA_TYPES:
        remove_files(file_of(other, slug, format_))
        if format_ not in known:
            remove_files(file_of(folder, slug, format_))
            remove_files(file_of(parts.settings.labels, slug, format_))
    for format_, etag, modified_at, told, packed in lacking:
        document = Document(
            topic=slug, format=format_, body=gzip.decompress(packed), etag=etag, modified_at=modified_at
        )
        label = labels.read(told) or Label(digest=etag)
        await asyncio.to_thread(write, parts.settings, folder, document, label, is_new=False)
    return len(lacking)


def _is_here(parts: Parts, folder: Path, document: Document) -> bool:
    """Whether all files of this version are there; the label tells which, and is written before them."""
    if not is_whole(parts.settings, folder, document):
        return False
    held = labels.read(label_file(parts.settings, document).read_bytes())
    stamp = file_of(folder, document.topic, document.format).stat().st_mtime
    return held is not None and held.digest == document.etag and stamp == document.modified_at.timestamp()
