"""The first stage: one pull of one source, from whatever carries it, as a value.

`Fetcher` picks the carrier by the scheme of the address (FETCHERS). Whatever the world does becomes a
`FetchFailed`; only cancellation passes through.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

from syndicator.clock import utc_now
from syndicator.fetch.body import body_hash
from syndicator.fetch.file import from_files
from syndicator.fetch.http import over_http
from syndicator.fetch.manners import settle
from syndicator.model import FetchFailed

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping
    from contextlib import AbstractAsyncContextManager
    from datetime import datetime
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from syndicator.model import FetchResult, Source, SourceState
    from syndicator.settings import Fetch

__all__ = ["FETCHERS", "Fetcher", "Means", "body_hash", "settle"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What carriers are built from. `files_root` is the folder that `file:` addresses are relative to."""

    settings: Fetch
    user_agent: str
    files_root: Path
    ssl_context: ssl.SSLContext | None = None  # None: the system's authorities
    clock: Callable[[], datetime] = utc_now


class Pull(Protocol):
    """One way to bring the bytes of a source. Returns failures; raises nothing but cancellation."""

    async def __call__(self, source: Source, state: SourceState) -> FetchResult:
        """Pull `source` once, conditionally if `state` remembers its validators."""
        ...


Carrier: TypeAlias = "Callable[[Means], AbstractAsyncContextManager[Pull]]"

FETCHERS: Mapping[str, Carrier] = {
    "http": over_http,
    "https": over_http,
    "file": from_files,
}


class Fetcher:
    """Pulls sources; an async context manager that holds connections and limits for as long as it is open.

    `user_agent` is sent as it is; `ssl_context` replaces the system's authorities; `clock` is asked where a
    server gives a date without saying what time it has itself.
    """

    def __init__(
        self,
        settings: Fetch,
        *,
        user_agent: str,
        files_root: Path,
        ssl_context: ssl.SSLContext | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._means = Means(
            settings=settings,
            user_agent=user_agent,
            files_root=files_root,
            ssl_context=ssl_context,
            clock=clock,
        )
        self._pulls: dict[str, Pull] = {}
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            opened = {
                carrier: await stack.enter_async_context(carrier(self._means))
                for carrier in dict.fromkeys(FETCHERS.values())
            }
            self._pulls = {scheme: opened[carrier] for scheme, carrier in FETCHERS.items()}
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pulls = {}
        await self._stack.__aexit__(kind, error, trace)

    async def fetch(self, source: Source, state: SourceState) -> FetchResult:
        """Pull `source` once. Every failure of the world is a FetchFailed with one line for an admin.

        A 304, and bytes that equal those of `state.body_hash`, are NotModified. Raises RuntimeError if the
        fetcher is not open.
        """
        scheme = source.url.partition(":")[0].strip().lower()
        if scheme not in FETCHERS:
            known = ", ".join(f"{name}:" for name in FETCHERS)
            return FetchFailed(
                kind="forbidden", message=f"the address of {source.name} begins with none of {known}"
            )
        if not self._pulls:
            raise RuntimeError("fetch() needs an open Fetcher: async with Fetcher(…) as fetcher")
        return await self._pulls[scheme](source, state)
