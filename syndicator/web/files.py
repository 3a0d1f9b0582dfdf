"""Published files, held in memory as long as they do not change on disk."""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from syndicator.publish import delta
from syndicator.publish import label as labels
from syndicator.publish.coding import CODINGS, IDENTITY
from syndicator.publish.label import Label

if TYPE_CHECKING:
    from collections.abc import Sequence

CAPACITY: Final = 64 * 1024 * 1024  # bytes of documents held; their packed copies come to about half as much
DELTAS: Final = 16  # cuts of one document that are held

Headers = list[tuple[bytes, bytes]]


@dataclass(slots=True)
class Held:
    """One version of a document: its bytes in every coding asked for so far, and what was made of them."""

    path: str
    stamp: tuple[int, int, int]  # inode, size, mtime in ns
    body: bytes
    digest: str
    modified_at: datetime  # in whole seconds
    label: Label
    packed: dict[str, bytes | None] = field(default_factory=dict)
    deltas: OrderedDict[tuple[int, str], bytes | None] = field(default_factory=OrderedDict)
    second: int = -1  # the second of the clock that `heads` were made in
    heads: dict[tuple[str, int], Headers] = field(default_factory=dict)

    def coded(self, codings: Sequence[str]) -> tuple[str, bytes]:
        """Return the first of these codings that there is, with its bytes; plain bytes there always are."""
        for coding in codings:
            if coding == IDENTITY:
                break
            if coding not in self.packed:
                self.packed[coding] = self._read(coding)
            packed = self.packed[coding]
            if packed is not None:
                return coding, packed
        return IDENTITY, self.body

    def _read(self, coding: str) -> bytes | None:
        """Read the copy beside the file; None if it is not of this version, as between two writes."""
        kind = CODINGS[coding]
        try:
            packed = Path(self.path + kind.ending).read_bytes()
            return packed if kind.unpack(packed) == self.body else None
        except Exception:  # noqa: BLE001  each codec has errors of its own, and plain bytes will do
            return None

    def tag(self, coding: str) -> str:
        """Return the strong tag of the bytes in a coding (RFC 9110 8.8.3.3)."""
        mark = CODINGS[coding].mark if coding != IDENTITY else ""
        return f'"{self.digest}{mark}"'

    def since(self, tags: Sequence[str]) -> int | None:
        """Return the number of the newest version that one of these tags is of, in whatever coding."""
        known = (self.label.history.known(tag.strip('"').partition("-")[0]) for tag in tags)
        return max((number for number in known if number is not None), default=None)

    def delta(self, since: int, coding: str) -> bytes | None:
        """Cut what came after a version, in a coding; None if that is the whole document."""
        wanted = (since, coding)
        if wanted not in self.deltas:
            cut = delta.cut(self.label.history, self.body, since)
            if cut is not None and coding != IDENTITY:
                cut = CODINGS[coding].pack(cut)
            self.deltas[wanted] = cut
            while len(self.deltas) > DELTAS:
                self.deltas.popitem(last=False)
        return self.deltas[wanted]


class Files:
    """A cache of files below `CAPACITY` bytes; one `stat` a request tells whether it is still true."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, Held] = OrderedDict()
        self._bytes = 0

    def get(self, path: str, label: str = "") -> Held | None:
        """Read a file and its label, from memory if it has not changed; None if there is none."""
        try:
            found = os.stat(path)  # noqa: PTH116  a Path costs as much again, on each request
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return None
        held = self._held.get(path)
        if held is not None and held.stamp == (found.st_ino, found.st_size, found.st_mtime_ns):
            self._held.move_to_end(path)
            return held
        return self._hold(path, label, (found.st_ino, found.st_size, found.st_mtime_ns))

    def _hold(self, path: str, label: str, stamp: tuple[int, int, int]) -> Held:
        body = Path(path).read_bytes()
        digest = hashlib.sha256(body).hexdigest()
        told = None
        with suppress(FileNotFoundError, NotADirectoryError):
            told = labels.read(Path(label).read_bytes()) if label else None
        if told is None or told.digest != digest:  # of another version, as between two writes
            told = Label(digest=digest)
        modified_at = datetime.fromtimestamp(stamp[2] // 1_000_000_000, tz=UTC)
        held = Held(path, stamp, body, digest[:32], modified_at, told)
        if old := self._held.pop(path, None):
            self._bytes -= len(old.body)
        self._held[path] = held
        self._bytes += len(body)
        while self._bytes > CAPACITY and len(self._held) > 1:
            _, dropped = self._held.popitem(last=False)
            self._bytes -= len(dropped.body)
        return held
