"""Published files, held in memory as long as they do not change on disk."""

from __future__ import annotations

import gzip
import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING

from starlette.responses import Response

from syndicator.publish.conditional import is_not_modified

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request

CAPACITY = 64 * 1024 * 1024  # bytes held, both encodings counted
MAX_AGE = 60  # seconds: a change is seen at most that late through a cache


@dataclass(frozen=True, slots=True)
class File:
    """One file's bytes in both encodings, with what identifies them."""

    stamp: tuple[int, int, int]  # inode, size, mtime in ns
    body: bytes
    compressed: bytes
    digest: str
    modified_at: datetime


class Files:
    """A cache of files below `CAPACITY` bytes; one `stat` a request tells whether it is still true."""

    def __init__(self) -> None:
        self._held: OrderedDict[Path, File] = OrderedDict()
        self._bytes = 0

    def get(self, path: Path) -> File | None:
        """Read a file, from memory if it has not changed; None if there is none."""
        try:
            found = path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        stamp = (found.st_ino, found.st_size, found.st_mtime_ns)
        held = self._held.get(path)
        if held and held.stamp == stamp:
            self._held.move_to_end(path)
            return held
        return self._hold(path, stamp)

    def _hold(self, path: Path, stamp: tuple[int, int, int]) -> File:
        body = path.read_bytes()
        beside = path.with_name(path.name + ".gz")
        compressed = beside.read_bytes() if beside.exists() else b""
        if not compressed or gzip.decompress(compressed) != body:  # caught between two writes
            compressed = gzip.compress(body, mtime=0)
        digest = hashlib.sha256(body).hexdigest()[:32]
        file = File(stamp, body, compressed, digest, datetime.fromtimestamp(stamp[2] / 1e9, tz=UTC))
        if old := self._held.pop(path, None):
            self._bytes -= len(old.body) + len(old.compressed)
        self._held[path] = file
        self._bytes += len(body) + len(compressed)
        while self._bytes > CAPACITY and len(self._held) > 1:
            _, dropped = self._held.popitem(last=False)
            self._bytes -= len(dropped.body) + len(dropped.compressed)
        return file


def respond(request: Request, file: File, media_type: str, *, now: datetime) -> Response:
    """Answer 200 or 304 with strong tags, one for each encoding (RFC 9110 8.8.3.3)."""
    packed = accepts_gzip(request.headers.get("accept-encoding", ""))
    etag = f'"{file.digest}-gz"' if packed else f'"{file.digest}"'
    modified_at = min(file.modified_at, now).replace(microsecond=0)  # never ahead of Date (RFC 9110 8.8.2.1)
    headers = {
        "etag": etag,
        "last-modified": format_datetime(modified_at, usegmt=True),
        "cache-control": f"public, max-age={MAX_AGE}",
        "vary": "Accept-Encoding",
        "access-control-allow-origin": "*",
    }
    if is_not_modified(request.headers, etag=etag, modified_at=modified_at):
        return Response(status_code=304, headers=headers)
    if packed:
        headers["content-encoding"] = "gzip"
    return Response(file.compressed if packed else file.body, headers=headers, media_type=media_type)


def accepts_gzip(accept_encoding: str) -> bool:
    """Whether gzip may be sent (RFC 9110 12.5.3): named, or covered by `*`, and not with a weight of 0."""
    weights: dict[str, bool] = {}
    for part in accept_encoding.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        weight = next((p[2:].strip() for p in parameters if p.startswith("q=")), "1")
        weights[name] = weight.strip("0.") != ""
    return weights.get("gzip", weights.get("*", False))
