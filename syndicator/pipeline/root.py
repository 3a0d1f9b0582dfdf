"""Writing into a folder that others may write into too: whole files, through no links, and only over our own.

A list in the folder says which files are ours. It is written before the first file and after the last, so
that a file in it is ours whether or not a run that was killed came to write it.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import stat
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final, Self

from syndicator.errors import SyndicatorError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from types import TracebackType

OURS: Final = ".syndicator"  # the folder of the list, below the root
_LIST: Final = "manifest.json"
_LOCK: Final = "lock"
_FORM: Final = 1  # of the list
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FRESH: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Entry:
    """What the list says of a file; `is_done` is false while it is being written."""

    sha256: str
    size: int  # bytes
    mtime_ns: int
    is_done: bool = True


class Root:
    """A folder to write into, used by one process at a time. Errors are `SyndicatorError` and name the file.

    With `make` it is made where it is missing, and locked; otherwise it is only looked at, and may be absent.
    """

    def __init__(self, path: Path, *, make: bool) -> None:
        self.path = path
        self._make = make
        self._fds: list[int] = []
        self._root = -1

    def __enter__(self) -> Self:
        """Open and lock it."""
        try:
            if self._make:
                self.path.mkdir(parents=True, exist_ok=True)
            self._root = os.open(self.path, _FOLDER)
            self._fds.append(self._root)
            if self._make:
                self._lock()
        except FileNotFoundError:
            self._root = -1
        except OSError as error:
            self.__exit__(None, None, None)
            raise self._failed("", error) from error
        except SyndicatorError:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of it."""
        for fd in self._fds:
            os.close(fd)
        self._fds.clear()

    def _lock(self) -> None:
        with self._folder(OURS, make=True) as ours:
            fd = os.open(_LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644, dir_fd=ours)
            self._fds.append(fd)
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise SyndicatorError(
                    f"{self.path}: another export writes here", hint="wait until it is done"
                ) from None
            for name in os.listdir(ours):  # noqa: PTH208  of an open folder; what a run that was killed had begun
                if name not in (_LOCK, _LIST):
                    os.unlink(name, dir_fd=ours)

    def entries(self) -> dict[str, Entry]:
        """Read the list of our files, by path; empty where there is none."""
        body = self.read(f"{OURS}/{_LIST}")
        if body is None:
            return {}
        try:
            said = json.loads(body)
            if said["form"] == _FORM and all(map(_is_below, said["files"])):
                return {path: Entry(**told) for path, told in said["files"].items()}
        except (ValueError, KeyError, TypeError, AttributeError):
            pass
        raise SyndicatorError(
            f"{self.path / OURS / _LIST}: cannot be read", hint="export into an empty folder, and swap them"
        )

    def keep(self, entries: Mapping[str, Entry]) -> None:
        """Write the list of our files."""
        files = {path: asdict(entries[path]) for path in sorted(entries)}
        body = json.dumps({"form": _FORM, "files": files}, ensure_ascii=False, indent=0).encode()
        self.write(f"{OURS}/{_LIST}", body, None)

    def stat(self, path: str) -> os.stat_result | None:
        """Look at a file or link; None if there is none."""
        parent, _, name = path.rpartition("/")
        if self._root < 0:
            return None
        try:
            with self._folder(parent, make=False) as folder:
                return os.stat(name, dir_fd=folder, follow_symlinks=False)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._failed(path, error) from error

    def read(self, path: str) -> bytes | None:
        """Read a file; None if there is none."""
        parent, _, name = path.rpartition("/")
        if self._root < 0:
            return None
        try:
            with self._folder(parent, make=False) as folder:
                fd = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
                with os.fdopen(fd, "rb") as file:
                    return file.read()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._failed(path, error) from error

    def write(self, path: str, body: bytes, mtime_ns: int | None) -> None:
        """Write a file: at any moment it is the old one or the new one, whole and on the disk."""
        parent, _, name = path.rpartition("/")
        try:
            with self._folder(OURS, make=True) as ours, self._folder(parent, make=True) as folder:
                fd = os.open(temporary := f"{os.getpid()}.tmp", _FRESH, 0o644, dir_fd=ours)
                try:
                    with os.fdopen(fd, "wb") as file:
                        file.write(body)
                        file.flush()
                        os.fsync(file.fileno())
                        if mtime_ns is not None:
                            os.utime(file.fileno(), ns=(mtime_ns, mtime_ns))
                    os.replace(temporary, name, src_dir_fd=ours, dst_dir_fd=folder)
                except OSError:
                    with suppress(FileNotFoundError):
                        os.unlink(temporary, dir_fd=ours)
                    raise
        except OSError as error:
            raise self._failed(path, error) from error

    def remove(self, path: str) -> None:
        """Remove a file, and the folders that it leaves empty."""
        parent, _, name = path.rpartition("/")
        try:
            with self._folder(parent, make=False) as folder:
                os.unlink(name, dir_fd=folder)
            while parent:
                above, _, name = parent.rpartition("/")
                with self._folder(above, make=False) as folder:
                    os.rmdir(name, dir_fd=folder)
                parent = above
        except FileNotFoundError:
            return
        except OSError as error:
            if error.errno != errno.ENOTEMPTY:
                raise self._failed(path, error) from error

    @contextmanager
    def _folder(self, path: str, *, make: bool) -> Iterator[int]:
        """Open a folder below the root, each step without following a link."""
        fd = os.dup(self._root)
        try:
            for name in path.split("/") if path else ():
                if make:
                    with suppress(FileExistsError):
                        os.mkdir(name, 0o755, dir_fd=fd)
                below = os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=fd)
                os.close(fd)
                fd = below
            yield fd
        finally:
            os.close(fd)

    def _failed(self, path: str, error: OSError) -> SyndicatorError:
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            said, hint = "a link or a file is in the way", "move it away, or export into another folder"
        else:
            said, hint = error.strerror or str(error), "check the disk and its rights"
        return SyndicatorError(f"{self.path / path}: {said}", hint=hint)


def _is_below(path: str) -> bool:
    """Whether an export may have written a path: below the root, and neither hidden nor in `OURS`."""
    return "\0" not in path and all(name and not name.startswith(".") for name in path.split("/"))


def is_file(found: os.stat_result | None) -> bool:
    """Whether something is a plain file: no link, folder or device."""
    return found is not None and stat.S_ISREG(found.st_mode)


def entry_of(body: bytes, mtime_ns: int) -> Entry:
    """Describe a file with these bytes."""
    return Entry(hashlib.sha256(body).hexdigest(), len(body), mtime_ns)
