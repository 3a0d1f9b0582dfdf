"""The files of a topic's archive, brought to what its rows say, whichever host wrote those.

Each version of a document has a date of its own (`conditional.stamp`): a file with the date of its row is
that version, and need not be read.
"""

from __future__ import annotations

import asyncio
import gzip
import shutil
from typing import TYPE_CHECKING, Final

from syndicator.model import Document
from syndicator.publish.coding import CODINGS
from syndicator.publish.formats import FEEDS
from syndicator.store import history

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime
    from pathlib import Path

    from syndicator.model import Topic
    from syndicator.pipeline.parts import Parts

    Writer = Callable[[Path, Document], bytes]  # writes a document's files, gives its body in gzip

RESTORED: Final = 200  # documents written at once that only this host lacks
SITEMAP: Final = "sitemap"
EXACT: Final = 0.001  # seconds; what a file system makes of a date is rounded


async def restore(
    parts: Parts, topic: Topic, *, write: Writer, fresh: Collection[Path] = ()
) -> tuple[int, bool]:
    """Write what differs from its row, the newest pages first, and remove what has none.

    `fresh` are documents whose rows are yet to come. Return how many were written, `RESTORED` at most, and
    whether there are more.
    """
    slug, folder = topic.slug, folder_of(parts, topic.slug)
    async with parts.store.read() as conn:
        upto = await history.pages(conn, slug) + 1
        rows = await history.listed(conn, slug, formats=(*formats_of(topic), SITEMAP), upto=upto)
        named = {file_of(folder, page, name): (page, name, at) for page, name, at in reversed(rows)}
        if not named and not fresh:
            await asyncio.to_thread(remove_folder, folder)
            return 0, False
        there = await asyncio.to_thread(_clear, folder, {path.name for path in (*named, *fresh)})
        lacking = [
            (path, page, name)
            for path, (page, name, at) in named.items()
            if path not in fresh and not _is_whole(path.name, at, there)
        ]
        bodies = [await history.document(conn, slug, page, name) for _, page, name in lacking[:RESTORED]]
    for (path, _, name), row in zip(lacking, bodies, strict=False):
        if row:  # else another host drops them right now
            body, etag, at = gzip.decompress(row[0]), row[1], row[2]
            document = Document(topic=slug, format=name, body=body, etag=etag, modified_at=at)
            await asyncio.to_thread(write, path, document)
    return len(bodies), len(lacking) > RESTORED


def _clear(folder: Path, kept: Collection[str]) -> dict[str, float]:
    """Remove files that belong to no document; return the dates of those that are there, by name."""
    if not folder.is_dir():
        return {}
    there = {}
    for path in folder.iterdir():
        stem, dot, rest = path.name.partition(".")
        document = f"{stem}.{rest.partition('.')[0]}"
        if document in kept:
            there[path.name] = path.stat().st_mtime
        elif dot and (stem.isdigit() or stem == SITEMAP) and not path.is_dir():
            path.unlink(missing_ok=True)
    return there


def _is_whole(name: str, modified_at: datetime, there: Mapping[str, float]) -> bool:
    copies = all(name + coding.ending in there for coding in CODINGS.values())
    return copies and abs(there.get(name, 0) - modified_at.timestamp()) < EXACT


def remove_folder(folder: Path) -> None:
    """Remove all pages of an archive."""
    if folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder)


def formats_of(topic: Topic) -> tuple[str, ...]:
    """Name the formats of a page: the topic's, and HTML."""
    publish = topic.publish
    return (*(name for name in FEEDS if publish and name in publish.formats), "html")


def folder_of(parts: Parts, slug: str) -> Path:
    """Where the pages of a topic's archive lie."""
    return parts.settings.public / "topics" / slug / "archive"


def file_of(folder: Path, page: int, format_: str) -> Path:
    """Where a document of a page lies: 7.rss, 7.html; and sitemap.xml, the list of pages."""
    return folder / (f"{page}.{format_}" if format_ != SITEMAP else "sitemap.xml")
