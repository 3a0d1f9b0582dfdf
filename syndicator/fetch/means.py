"""What carriers are built from, and what they give: the seam between `Fetcher` and each way to pull."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

from syndicator.clock import utc_now
from syndicator.settings import Inbound

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Sequence
    from contextlib import AbstractAsyncContextManager
    from datetime import datetime
    from pathlib import Path

    from aiohttp.abc import AbstractResolver

    from syndicator.model import Fetched, FetchFailed, FetchResult, Source, SourceState
    from syndicator.settings import Fetch


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What carriers are built from."""

    settings: Fetch
    user_agent: str
    files_root: Path  # what `file:` and `maildir:` addresses are relative to
    inboxes: Path | None = None  # the folder of Maildirs, one for each `lmtp:` source; None: there are none
    inbound: Inbound = field(default_factory=Inbound)  # limits of mail
    ssl_context: ssl.SSLContext | None = None  # None: the system's authorities
    resolver: AbstractResolver | None = None  # None: the system's
    clock: Callable[[], datetime] = utc_now
    pauses: dict[str, datetime] = field(default_factory=dict)  # what host groups have asked for, until when


class Pull(Protocol):
    """One way to bring the bytes of a source. Returns failures; raises nothing but cancellation."""

    async def __call__(self, source: Source, state: SourceState) -> FetchResult:
        """Pull `source` once, conditionally if `state` remembers its validators."""
        ...


@runtime_checkable
class Mailbox(Protocol):
    """A pull that gives letters, which stay where they are until they are acknowledged."""

    async def acknowledge(self, source: Source, refs: Sequence[str]) -> None:
        """Mark letters of `source` as read; those of an unknown `ref` were so already."""
        ...


@runtime_checkable
class Pages(Protocol):
    """A pull that can also bring single pages."""

    async def page(self, url: str, source: Source) -> Fetched | FetchFailed:
        """Bring the page at `url`, which `source` led to."""
        ...


Carrier: TypeAlias = "Callable[[Means], AbstractAsyncContextManager[Pull]]"
