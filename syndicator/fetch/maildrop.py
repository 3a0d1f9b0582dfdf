"""A Maildir as a folder of files: read without harm, and what was read moved aside. All of it blocks.

https://cr.yp.to/proto/maildir.html: what is new lies in new/; cur/ holds what a mail reader has looked at,
with flags behind `:2,` (S: seen). Nothing is ever deleted here.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from syndicator.model import Letter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

MAX_LETTERS = 50
"""Mails that one pull brings."""

MAX_TOGETHER = 64 * 1024 * 1024
"""Bytes of all mails of one pull; the first comes whatever its size."""

_FLAGS = ":2,"
_SEEN = "S"


@dataclass(frozen=True, slots=True)
class Mails:
    """What lies in a mailbox: the oldest mails, whether there are more, how many cannot be read."""

    letters: tuple[Letter, ...]
    more: bool = False
    unreadable: int = 0


def unseen(folder: Path, *, limit: int) -> Mails:
    """Read the oldest mails of the Maildir `folder` that nobody has seen, each of at most `limit` bytes.

    A larger one is cut there: its text stands before its attachments. What is no ordinary file (a link, a
    pipe, a folder) is passed over. Raises OSError where there is no Maildir.
    """
    letters: list[Letter] = []
    together = unreadable = 0
    waiting = sorted(_waiting(folder))
    for number, (_, name, path) in enumerate(waiting):
        if len(letters) >= MAX_LETTERS or together > MAX_TOGETHER:
            return Mails(tuple(letters), more=number < len(waiting), unreadable=unreadable)
        try:
            raw = _read(path, limit)
        except FileNotFoundError:
            continue  # a mail reader was quicker
        except OSError:
            unreadable += 1
            continue
        letters.append(Letter(ref=name, raw=raw))
        together += len(raw)
    return Mails(tuple(letters), unreadable=unreadable)


def mark_seen(folder: Path, refs: Iterable[str]) -> None:
    """Move mails to cur/ and flag them as seen; one that is gone, or was moved by another, is no error."""
    wanted = set(refs)
    for place in ("new", "cur"):
        for entry in _entries(folder / place):
            base, flags = _parts(entry.name)
            if base not in wanted or (place == "cur" and _SEEN in flags):
                continue
            name = base + _FLAGS + "".join(sorted({*flags, _SEEN}))
            try:
                os.rename(entry.path, folder / "cur" / name)  # noqa: PTH104
            except FileNotFoundError:
                continue


def _waiting(folder: Path) -> Iterator[tuple[int, str, str]]:
    """Give (time of arrival, name, path) of the mails that nobody has seen."""
    for place in ("new", "cur"):
        for entry in _entries(folder / place):
            base, flags = _parts(entry.name)
            if place == "cur" and _SEEN in flags:
                continue
            try:
                found = entry.stat(follow_symlinks=False)
            except OSError:
                continue
            if stat.S_ISREG(found.st_mode):
                yield found.st_mtime_ns, base, entry.path


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        yield from [entry for entry in entries if not entry.name.startswith(".")]


def _parts(name: str) -> tuple[str, str]:
    base, _, flags = name.partition(_FLAGS)
    return base, flags


def _read(path: str, limit: int) -> bytes:
    # Between the look at it and this, the file may have become a link or a pipe.
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(handle, "rb") as file:  # noqa: PTH123
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise FileNotFoundError(path)
        return file.read(limit)
