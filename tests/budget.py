"""A bound on CPU time that only a hang exceeds; the clock on the wall is never asked."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Far above what anything allowed takes.
SECONDS = 20.0
SECONDS_A_MEGABYTE = 30.0


class TooSlow(Exception):
    """An input costs more CPU time than any of its size may."""


@contextmanager
def cpu_budget(size: int = 0) -> Iterator[None]:
    """Raise TooSlow in the middle of what takes much more CPU time than an input of `size` octets may.

    Only in the main thread. Code of a library in C is stopped when it comes back.
    """

    def stop(_signal: int, _frame: object) -> None:
        raise TooSlow(f"{size} octets take more than {limit:.0f} s of CPU time")

    limit = SECONDS + SECONDS_A_MEGABYTE * size / 1e6
    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, limit)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
