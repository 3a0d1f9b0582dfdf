"""Pulls of `file:` addresses (RFC 8089, and relative ones): a newsroom's export, samples, tests."""

from __future__ import annotations

import asyncio
import errno
import os
import stat
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from syndicator.fetch.body import MEGABYTE, Damaged, TooBig, body_hash, unpack
from syndicator.model import Fetched, FetchFailed, NotModified

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from syndicator.fetch import Means, Pull
    from syndicator.model import FetchResult, Source, SourceState


@asynccontextmanager
async def from_files(means: Means) -> AsyncIterator[Pull]:
    """Give the pull for `file:` sources; relative ones are looked for below `means.files_root`."""
    limit, seconds = means.settings.max_bytes, means.settings.timeout.total_seconds()

    async def pull(source: Source, state: SourceState) -> FetchResult:
        try:
            async with asyncio.timeout(seconds):  # a network file system may hang
                return await asyncio.to_thread(read, source, state, root=means.files_root, limit=limit)
        except TimeoutError:
            said = f"{source.url} was not read after {seconds:g} seconds"
            return FetchFailed(kind="timeout", message=said, url=source.url)

    yield pull


def read(source: Source, state: SourceState, *, root: Path, limit: int) -> FetchResult:
    """Read the file of `source`, unless time and size are those of `state.etag`; gzip is unpacked.

    Blocks. Relative addresses are below `root`; the document has at most `limit` bytes. What cannot be read
    is a FetchFailed of kind file, too-big or empty.
    """
    known = state if state.url == source.url else None
    try:
        return _read(source, known, root / _path(source.url), limit)
    except TooBig:
        kind, said = "too-big", f"has more than {limit / MEGABYTE:.3g} MB"
    except Damaged as error:
        kind, said = "file", f"cannot be read: {error}"
    except OSError as error:
        kind, said = "file", f"cannot be read: {os.strerror(error.errno or errno.EIO).lower()}"
    except ValueError:
        kind, said = "file", "does not name a file of this machine"
    return FetchFailed(kind=kind, message=f"{source.url} {said}", url=source.url)


def _read(source: Source, known: SourceState | None, path: Path, limit: int) -> FetchResult:
    with open(path, "rb", opener=_without_waiting) as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise Damaged("it is no ordinary file")
        etag = f'"{found.st_mtime_ns:x}-{found.st_size:x}"'
        if known and known.etag == etag:
            return NotModified(etag=etag)
        body = unpack(file.read(limit + 1), limit)
    if not body:
        return FetchFailed(kind="empty", message=f"{source.url} is empty", url=source.url)
    if known and known.body_hash == body_hash(body):
        return NotModified(etag=etag)
    return Fetched(url=source.url, body=body, etag=etag)


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)  # else a named pipe holds the thread for ever


def _path(url: str) -> str:
    """Return the path that a `file:` address means. Raises ValueError if it means none here."""
    parts = urlsplit(url.strip())
    path = unquote(parts.path)
    if parts.netloc not in ("", "localhost") or not path or not path.isprintable():
        raise ValueError("no path of this machine")
    return path
