"""Reading what strangers wrote costs CPU: it is done beside the event loop, and what is large within limits.

Small documents are read in a thread. Large ones go to a process of their own, which can be stopped: a thread
cannot, and shares the interpreter with everything else. Such a process lives on for the next document and
ends when it has been idle for some minutes (anyio's).
"""

from __future__ import annotations

import asyncio
import resource
from typing import TYPE_CHECKING, TypeVar

from anyio import BrokenWorkerProcess, CapacityLimiter, to_process

from syndicator.errors import ParseError

if TYPE_CHECKING:
    from collections.abc import Callable

Made = TypeVar("Made")

SMALL = 1024 * 1024  # bytes that are read in a thread
PATIENCE = 60.0  # seconds for one document
MEMORY = 2 * 1024**3  # bytes of address space that a process may have


async def crunch(work: Callable[..., Made], *args: object, size: int, patience: float = 0) -> Made:
    """Return what the function `work` of a module makes of `args`, whose documents have `size` bytes in all.

    What goes in and comes out must be picklable. Errors of `work` pass through; ParseError of the kind
    `costly` says that it took more than `patience` seconds (PATIENCE without it) or too much memory.
    """
    patience = patience or PATIENCE
    if size <= SMALL:
        return await asyncio.to_thread(work, *args)
    async with to_process.current_default_process_limiter():  # as many as there are processors
        try:
            async with asyncio.timeout(patience):
                return await to_process.run_sync(
                    _bounded, work, *args, cancellable=True, limiter=CapacityLimiter(1)
                )
        except TimeoutError:
            message = f"reading it takes more than {patience:g} seconds"
            raise ParseError("costly", message, hint="ask the publisher for a smaller feed") from None
        except MemoryError:
            message = f"reading it takes more than {MEMORY >> 30} GB of memory"
            raise ParseError("costly", message, hint="ask the publisher for a smaller feed") from None
        except BrokenWorkerProcess as error:
            message = "the process that reads it died"
            raise ParseError("costly", message, hint="see whether the machine has memory left") from error


def _bounded(work: Callable[..., Made], *args: object) -> Made:
    """Run in the process: nothing that is read there may eat the machine."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    if soft == resource.RLIM_INFINITY or soft > MEMORY:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, hard))
    return work(*args)
