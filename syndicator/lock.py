"""One daemon a database: a lock on a file beside it, which the kernel drops however the holder ends."""

from __future__ import annotations

import fcntl
import os
import socket
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from syndicator.errors import DaemonRunning, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import TextIO

    from syndicator.settings import Settings

PATIENCE = 1.0  # seconds: `syndicator status` holds the lock for an instant, and must stop no daemon


@contextmanager
def only_one(settings: Settings, *, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the lock of an embedded database; PostgreSQL may have many daemons and needs none.

    `patience` is how many seconds to wait for it.

    Raises:
        DaemonRunning: another process holds it; the message names that process.
        StoreError: the state folder cannot be written.
    """
    if not settings.is_embedded:
        yield
        return
    with _open(settings.state) as file:
        if not _locked(file, patience):
            file.seek(0)
            holder = file.read(200).strip() or "another process"
            raise DaemonRunning(
                f"{settings.state / 'syndicator.db'} is in use by {holder}",
                hint="stop that one first, or give this one its own `state` in syndicator.yaml",
            )
        _sign(file)
        yield


def _open(state: Path) -> TextIO:
    try:
        state.mkdir(parents=True, exist_ok=True)
        return (state / "syndicator.lock").open("a+", encoding="utf-8")
    except OSError as error:
        raise StoreError(
            f"{state}: {error.strerror}", hint="give a folder that can be written as `state`"
        ) from error


def _locked(file: TextIO, patience: float) -> bool:
    end = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
        else:
            return True


def _sign(file: TextIO) -> None:
    """Write who holds it. On a full disk it stays nameless, and locked all the same."""
    name = f"process {os.getpid()} on {socket.gethostname()}\n".encode()
    with suppress(OSError):
        os.ftruncate(file.fileno(), 0)
        os.write(file.fileno(), name)
