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
    from collections.abc import Callable, Sequence

CAPACITY: Final = 96 * 1024 * 1024  # bytes of documents held, with their packed copies and their cuts
DELTAS: Final = 4  # cuts of one document that are held
PACKED: Final = 64 * 1024  # bytes of the largest cut that is packed: it is done while all others wait

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
    grew: Callable[[int], None]  # is told by how many bytes more (or fewer) this takes
    size: int = 0  # bytes, of the body and what was made of it
    packed: dict[str, bytes | None] = field(default_factory=dict)
    deltas: OrderedDict[tuple[int, str], tuple[str, bytes] | None] = field(default_factory=OrderedDict)
    second: int = -1  # the second of the clock that `heads` were made in
    heads: dict[tuple[str, int], Headers] = field(default_factory=dict)

    def coded(self, codings: Sequence[str]) -> tuple[str, bytes]:
        """Return the first of these codings that there is, with its bytes; plain bytes there always are."""
        for coding in codings:
            if coding == IDENTITY:
                break
            if coding not in self.packed:
                self.packed[coding] = self._read(coding)
                self._grow(len(self.packed[coding] or b""))
            packed = self.packed[coding]
            if packed is not None:
                return coding, packed
        return IDENTITY, self.body

    def _grow(self, count: int) -> None:
        self.size += count
        self.grew(count)

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

    def delta(self, since: int, coding: str) -> tuple[str, bytes] | None:
        """Cut what came after a version, with the coding it is in; None: the whole document serves better.

        Large cuts are not packed, and are given only where they are smaller than the whole in that coding.
        """
        wanted = (since, coding)
        if wanted not in self.deltas:
            made = self.deltas[wanted] = self._cut(since, coding)
            self._grow(len(made[1]) if made else 0)
            while len(self.deltas) > DELTAS:
                _, dropped = self.deltas.popitem(last=False)
                self._grow(-len(dropped[1]) if dropped else 0)
        return self.deltas[wanted]

    def _cut(self, since: int, coding: str) -> tuple[str, bytes] | None:
        cut = delta.cut(self.label.history, self.body, since)
        if cut is None:
            return None
        if len(cut) > PACKED:
            is_worth = len(cut) < min(len(self.coded([coding])[1]), len(self.body) // 2)
            return (IDENTITY, cut) if is_worth else None
        return coding, CODINGS[coding].pack(cut) if coding != IDENTITY else cut


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

    def _hold(self, path: str, label: str, stamp: tuple[int, int, int]) -> Held | None:
        if old := self._held.pop(path, None):
            self._drop(old)
        try:
            body = Path(path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):  # it went just now
            return None
        digest = hashlib.sha256(body).hexdigest()
        told = None
        with suppress(FileNotFoundError, NotADirectoryError):
            told = labels.read(Path(label).read_bytes()) if label else None
        if told is None or told.digest != digest:  # of another version, as between two writes
            told = Label(digest=digest)
        modified_at = datetime.fromtimestamp(stamp[2] // 1_000_000_000, tz=UTC)
        held = Held(path, stamp, body, digest[:32], modified_at, told, self._grew, len(body))
        self._held[path] = held
        self._grew(len(body))
        return held

    def _grew(self, count: int) -> None:
        """Count, and let go of what was not asked for the longest; never of the last, which is in use."""
        self._bytes += count
        while self._bytes > CAPACITY and len(self._held) > 1:
            self._drop(self._held.popitem(last=False)[1])

    def _drop(self, held: Held) -> None:
        self._bytes -= held.size
        held.grew = _ignore


def _ignore(_count: int) -> None:
    """Whoever still answers with what was dropped may let it grow: it counts no more."""
