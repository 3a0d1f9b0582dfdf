"""Pulls of Maildirs: `maildir:` addresses, and `lmtp:` ones, whose mail our own listener has put into one.

A mail stays where it is until its articles are committed; then `acknowledge` moves it to cur/, as seen.
Killed in between, the pull is repeated and the same mail gives the same articles.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager
from errno import EIO, ENOENT
from typing import TYPE_CHECKING
from urllib.parse import unquote

from syndicator.fetch import maildrop
from syndicator.model import FetchFailed, Received

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from syndicator.fetch.means import Means, Pull
    from syndicator.model import FetchResult, Source, SourceState


@asynccontextmanager
async def from_maildir(means: Means) -> AsyncIterator[Pull]:
    """Give the pull for `maildir:` and `lmtp:` sources; it is a Mailbox.

    A relative `maildir:` address is below `means.files_root`, as a `file:` one is.
    """
    yield _Maildirs(means)


class _Maildirs:
    def __init__(self, means: Means) -> None:
        self._root = means.files_root
        self._inboxes = means.inboxes
        self._limit = means.inbound.max_bytes
        self._seconds = means.settings.timeout.total_seconds()

    async def __call__(self, source: Source, state: SourceState) -> FetchResult:
        del state  # the Maildir itself remembers
        folder = self._folder(source)
        if folder is None:
            return _failed(source, "does not name a folder of this machine")
        try:
            async with asyncio.timeout(self._seconds):  # a network file system may hang
                found = await asyncio.to_thread(maildrop.unseen, folder, limit=self._limit)
        except TimeoutError:
            return _failed(source, f"was not read after {self._seconds:g} seconds", kind="timeout")
        except OSError as error:
            if self._is_inbox(source) and error.errno == ENOENT:
                return Received(letters=())  # nothing has ever arrived
            return _failed(source, f"cannot be read as a Maildir: {os.strerror(error.errno or EIO).lower()}")
        if found.unreadable and not found.letters:
            return _failed(source, f"holds {found.unreadable} mails that we may not read")
        return Received(letters=found.letters, more=found.more)

    async def acknowledge(self, source: Source, refs: Sequence[str]) -> None:
        """Move the mails to cur/; what fails is brought again, and gives the same articles."""
        folder = self._folder(source)
        if folder is None or not refs:
            return
        try:
            await asyncio.to_thread(maildrop.mark_seen, folder, refs)
        except OSError:
            return

    def _folder(self, source: Source) -> Path | None:
        if self._is_inbox(source):
            return self._inboxes and self._inboxes / source.name
        return folder(source.url, self._root)

    def _is_inbox(self, source: Source) -> bool:
        return source.url.partition(":")[0].lower() == "lmtp"


def folder(url: str, root: Path) -> Path | None:
    """Return the folder that a `maildir:` address means; None if it means none here."""
    path = unquote(url.partition(":")[2]).removeprefix("//")
    return root / path if path and path.isprintable() else None


def _failed(source: Source, said: str, *, kind: str = "file") -> FetchFailed:
    return FetchFailed(kind=kind, message=f"{source.url} {said}", url=source.url)
