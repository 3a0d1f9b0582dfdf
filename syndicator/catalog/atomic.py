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
    """Write a file anew with the mode that it had; with `held` only if that is the `digest` of what is there.

    Raises Changed if it is not, SyndicatorError if the file cannot be written; `shown` names it there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
        made = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            made.chmod(mode)
            if held is not None and digest(path.read_bytes()) != held:
                raise Changed
            made.replace(path)
        finally:
            made.unlink(missing_ok=True)
    except OSError as error:
        raise SyndicatorError(
            f"{shown}: {files.reason(error)}", hint="run as the owner of the config"
        ) from error
