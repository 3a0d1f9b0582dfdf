"""Mail into a Maildir: for a first run, for tests, and for whoever lets another program send it.

A letter written twice (a kill between the file and the commit) leaves one file: its name comes from the
letter, not from the clock as the convention has it, and a mail reader may meanwhile have moved it to cur/.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import re
import time
from typing import TYPE_CHECKING

from syndicator import address
from syndicator.deliver.transport import Letter, Outcome, words

if TYPE_CHECKING:
    from pathlib import Path

    from syndicator.deliver.transport import Work

GARBAGE_AFTER = 36 * 3600  # seconds; the convention of Maildir for what lies in tmp/

LANES = 8

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._=+-]{0,199}")
_FULL = (errno.ENOSPC, errno.EDQUOT)


class MaildirTransport:
    """Writes letters into the Maildir `folder` (made at need), LF line ends, a Return-Path line first."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ready = False
        self._read: tuple[int, frozenset[str]] = (0, frozenset())  # cur/: its mtime in ns, the names in it

    async def run(self, work: Work) -> None:
        """Write all letters of `work`, a few at once (a disk may be slow to sync); see `Transport`."""
        await asyncio.gather(*(self._lane(work) for _ in range(LANES)))

    async def _lane(self, work: Work) -> None:
        ended: tuple[Letter, Outcome] | None = None
        while (letter := work.next()) is not None:
            if objection := _objection(letter):
                await work.end(letter, objection)
            elif await work.begin(letter, ended):
                ended = letter, await self._put(letter)
            else:
                ended = None
        if ended:
            await work.end(*ended)

    async def _put(self, letter: Letter) -> Outcome:
        """Write one letter, on the disk for good when this returns; trouble with the disk is `deferred`."""
        try:
            known = await asyncio.to_thread(self._write, letter)
        except OSError as error:
            return Outcome(kind="deferred", reply=self._trouble(error))
        return Outcome(kind="accepted", reply="was in the Maildir already" if known else "in the Maildir")

    async def close(self) -> None:
        """Nothing is held open."""

    def _write(self, letter: Letter) -> bool:
        """Write the letter unless it is there; whether it was."""
        if not self._ready:
            self._prepare()
        target = self._folder / "new" / letter.name
        if target.exists() or letter.name in self._read_by_readers():
            return True
        # A name of its own for each writer, so that two that meet never share an unfinished file.
        draft = self._folder / "tmp" / f"{letter.name}.{os.getpid()}.{time.monotonic_ns()}"
        body = f"Return-Path: <{letter.sender}>\n".encode() + letter.message.replace(b"\r\n", b"\n")
        try:
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            draft.rename(target)
        except BaseException:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)
            raise
        _sync(target.parent)
        return False

    def _prepare(self) -> None:
        """Make the folders and clear away what killed writers left, as the convention asks."""
        for folder in (self._folder, *(self._folder / name for name in ("tmp", "new", "cur"))):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for draft in (self._folder / "tmp").iterdir():
            with contextlib.suppress(OSError):
                if time.time() - draft.stat().st_mtime > GARBAGE_AFTER:
                    draft.unlink()
        self._ready = True

    def _read_by_readers(self) -> frozenset[str]:
        """List what mail readers have moved to cur/, without the flags (`:2,S`); again only if it changed."""
        folder = self._folder / "cur"
        changed = folder.stat().st_mtime_ns
        if changed != self._read[0]:
            self._read = (changed, frozenset(name.partition(":")[0] for name in os.listdir(folder)))  # noqa: PTH208
        return self._read[1]

    def _trouble(self, error: OSError) -> str:
        self._ready = False  # the folder may have gone
        if error.errno in _FULL:
            return f"the disk that holds {self._folder} is full; make room, the mail is kept and tried again"
        return f"cannot write into {self._folder}: {os.strerror(error.errno) if error.errno else error}"


def _objection(letter: Letter) -> Outcome | None:
    """Put off what could lead elsewhere: it is we who made it so."""
    if not _NAME.fullmatch(letter.name):
        return Outcome(kind="deferred", reply=words(f"{letter.name!r} is no name for a file"))
    if letter.sender and address.parse(letter.sender) is None:
        return Outcome(kind="deferred", reply=words(f"the sender {letter.sender!r} is no e-mail address"))
    return None


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
