"""Replacing one file of the config folder: whole or not at all, so that a daemon never reads half of it."""

from __future__ import annotations

import os
import tempfile
from hashlib import sha256
from pathlib import Path

from syndicator.catalog import files
from syndicator.errors import SyndicatorError


class Changed(Exception):
    """The file is no longer the one that was to be replaced."""


def digest(body: bytes) -> str:
    """Name the content of a file."""
    return sha256(body).hexdigest()


def is_writable(path: Path) -> bool:
    """Whether a file may be replaced; one that is marked read-only is left alone, by root too."""
    try:
        marked = path.stat().st_mode & 0o222
    except OSError:
        return False
    return bool(marked) and os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def replace(path: Path, body: bytes, shown: str, *, held: str | None = None) -> None:
    """Write a file anew, with the mode and owner that it had; with `held` only if that is its `digest`.

    Where its owner cannot be kept it is written in its place: not in one step, but it stays theirs.
    Raises Changed if it is not, SyndicatorError if the file cannot be written; `shown` names it there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        old = path.stat() if path.exists() else None
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
        made = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            made.chmod(old.st_mode & 0o777 if old else 0o644)
            if held is not None and digest(path.read_bytes()) != held:
                raise Changed
            if old is None or _given_to(made, old):
                made.replace(path)
            else:
                path.write_bytes(body)
        finally:
            made.unlink(missing_ok=True)
    except OSError as error:
        raise SyndicatorError(
            f"{shown}: {files.reason(error)}", hint="run as the owner of the config"
        ) from error


def _given_to(made: Path, old: os.stat_result) -> bool:
    """Give a file the owner and group that the old one had; whether it has them now."""
    now = made.stat()
    if (now.st_uid, now.st_gid) != (old.st_uid, old.st_gid):
        try:
            os.chown(made, old.st_uid, old.st_gid)
        except PermissionError:
            return False
    return True
