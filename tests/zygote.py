"""Processes of the program that need not import it first: each is a fork of one that has.

Importing takes most of a second, and the flows start some hundred commands. A fork has a number, memory and
files of its own and dies of a signal as any other process does; only how it began differs. Tests that are
about starting (`test_running.py`, `cli/`) do not use this.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import json
import os
import runpy
import selectors
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WARM = (
    "syndicator.cli",
    "syndicator.cli.once",
    "syndicator.cli.run",
    "syndicator.daemon",
    "syndicator.assembly",
    "syndicator.web.app",
    "alembic.command",
    "aiosqlite",
    "psycopg",
    "sqlalchemy.dialects.sqlite.aiosqlite",
    "sqlalchemy.dialects.postgresql.psycopg",
    "uvicorn",
    "numpy",
)
MOST = 1 << 20  # octets of a request


class Forked:
    """A process of the program, with the parts of `subprocess.Popen` that tests use."""

    def __init__(self, arguments: Sequence[str], *, env: Mapping[str, str], out: int, err: int) -> None:
        self._line, theirs = socket.socketpair()
        request = json.dumps([list(arguments), dict(env), str(Path.cwd())]).encode()
        with theirs:
            socket.send_fds(_zygote(), [request], [theirs.fileno(), out, err])
        self.pid = int(self._read(None))
        self.returncode: int | None = None

    def _read(self, timeout: float | None) -> bytes:
        self._line.settimeout(timeout)
        said = self._line.recv(32)
        assert said, "the process that forks has died"
        return said

    def poll(self) -> int | None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0.001)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            try:
                self.returncode = int(self._read(timeout))
            except TimeoutError as error:
                raise subprocess.TimeoutExpired("syndicator", timeout or 0) from error
            self._line.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def run(
    arguments: Sequence[str], *, env: Mapping[str, str], folder: Path, timeout: float
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, as `subprocess.run` does with its output captured."""
    places = folder / f"said-{time.monotonic_ns()}", folder / f"told-{time.monotonic_ns()}"
    with places[0].open("wb") as out, places[1].open("wb") as err:
        process = Forked(arguments, env=env, out=out.fileno(), err=err.fileno())
    try:
        code = process.wait(timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise
    said, told = (place.read_bytes().decode() for place in places)
    for place in places:
        place.unlink()
    return subprocess.CompletedProcess(list(arguments), code, said, told)


@functools.cache
def _zygote() -> socket.socket:
    """Start the process that forks, once; it ends when this one does."""
    ours, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
    with theirs:
        quiet = {name: value for name, value in os.environ.items() if not name.startswith("SYNDICATOR_")}
        subprocess.Popen(
            [sys.executable, __file__, str(theirs.fileno())], pass_fds=[theirs.fileno()], env=quiet
        ).returncode = 0  # nobody waits for it
    return ours


def _serve(asked: socket.socket) -> None:
    for name in WARM:
        __import__(name)
    gc.collect()
    gc.freeze()
    with selectors.DefaultSelector() as ready:
        ready.register(asked, selectors.EVENT_READ)
        while True:
            for key, _ in ready.select():
                if key.fileobj is not asked:
                    ready.unregister(key.fileobj)
                    _tell(key.fd, *key.data)
                elif not _fork(asked, ready):
                    return


def _fork(asked: socket.socket, ready: selectors.BaseSelector) -> bool:
    request, files, _, _ = socket.recv_fds(asked, MOST, 3)
    if not request:
        return False
    pid = os.fork()
    if pid == 0:
        _become(*json.loads(request), files)
    line = socket.socket(fileno=files[0])
    for each in files[1:]:
        os.close(each)
    line.send(str(pid).encode())
    ready.register(os.pidfd_open(pid), selectors.EVENT_READ, (pid, line))
    return True


def _tell(watch: int, pid: int, line: socket.socket) -> None:
    _, status = os.waitpid(pid, 0)
    os.close(watch)
    with line, contextlib.suppress(OSError):  # nobody may wait for it any more
        line.send(str(os.waitstatus_to_exitcode(status)).encode())


def _become(arguments: list[str], env: dict[str, str], folder: str, files: list[int]) -> NoReturn:
    """Be `python -m syndicator`, with nothing of what forked."""
    code: Any = 1
    try:
        null = os.open(os.devnull, os.O_RDONLY)
        for old, new in ((null, 0), (files[1], 1), (files[2], 2)):
            os.dup2(old, new)
        os.closerange(3, 4096)
        os.environ.clear()
        os.environ.update(env)
        os.chdir(folder)
        sys.argv = ["syndicator", *arguments]
        try:
            runpy.run_module("syndicator", run_name="__main__", alter_sys=True)
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BaseException:  # noqa: BLE001  whatever it is, Python would have said it and exited with 1
        sys.excepthook(*sys.exc_info())
    finally:
        _leave(code)


def _leave(code: int) -> NoReturn:
    import atexit
    import threading

    with contextlib.suppress(BaseException):
        threading._shutdown()
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
