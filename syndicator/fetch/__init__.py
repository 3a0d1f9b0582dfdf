"""The first stage: one pull of one source, from whatever carries it, as a value.

`Fetcher` picks the carrier by the scheme of the address (FETCHERS). Whatever the world does becomes a
`FetchFailed`; only cancellation passes through.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from syndicator.clock import utc_now
from syndicator.fetch.body import body_hash
from syndicator.fetch.file import from_files
from syndicator.fetch.http import over_http
from syndicator.fetch.manners import settle
from syndicator.fetch.means import Carrier, Mailbox, Means, Pages, Pull
from syndicator.model import FetchFailed
from syndicator.settings import Inbound

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager
    from datetime import datetime
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from aiohttp.abc import AbstractResolver

    from syndicator.model import Fetched, FetchResult, Source, SourceState
    from syndicator.settings import Fetch

__all__ = ["FETCHERS", "Carrier", "Fetcher", "Mailbox", "Means", "Pages", "Pull", "body_hash", "settle"]


def _from_maildir(means: Means) -> AbstractAsyncContextManager[Pull]:
    from syndicator.fetch.mailbox import from_maildir  # noqa: PLC0415  few installations read mail

    return from_maildir(means)


def _from_imap(means: Means) -> AbstractAsyncContextManager[Pull]:
    from syndicator.fetch.imap import from_imap  # noqa: PLC0415  few installations read mail

    return from_imap(means)


FETCHERS: Mapping[str, Carrier] = {
    "http": over_http,
    "https": over_http,
    "file": from_files,
    "maildir": _from_maildir,
    "lmtp": _from_maildir,  # what arrives by LMTP lies in a Maildir of ours
    "imap": _from_imap,
    "imaps": _from_imap,
}


class Fetcher:
    """Pulls sources; an async context manager that holds connections and limits for as long as it is open.

    `user_agent` is sent as it is; `files_root` is the folder that `file:` and `maildir:` addresses are
    relative to, `inboxes` the one with the Maildirs of `lmtp:` sources; `ssl_context` replaces the system's
    authorities and `resolver` its names; `clock` tells when pauses end and what a server's dates mean.
    """

    def __init__(
        self,
        settings: Fetch,
        *,
        user_agent: str,
        files_root: Path,
        inboxes: Path | None = None,
        inbound: Inbound | None = None,
        ssl_context: ssl.SSLContext | None = None,
        resolver: AbstractResolver | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._means = Means(
            settings=settings,
            user_agent=user_agent,
            files_root=files_root,
            inboxes=inboxes,
            inbound=inbound or Inbound(),
            ssl_context=ssl_context,
            resolver=resolver,
            clock=clock,
        )
        self._pulls: dict[Carrier, Pull] = {}
        self._opening = asyncio.Lock()
        self._stack: AsyncExitStack | None = None

    async def __aenter__(self) -> Self:
        self._stack = AsyncExitStack()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        stack, self._stack = self._stack, None
        self._pulls = {}
        if stack:
            await stack.__aexit__(kind, error, trace)

    def keep(self, pauses: Mapping[str, datetime]) -> None:
        """Keep pauses that host groups have asked for in an earlier life: host group → until when."""
        self._means.pauses.update(pauses)

    async def fetch(self, source: Source, state: SourceState) -> FetchResult:
        """Pull `source` once. Every failure of the world is a FetchFailed with one line for an admin.

        A 304, and bytes that equal those of `state.body_hash`, are NotModified; mail is Received. A host that
        has asked for a pause is not asked: FetchFailed of kind paused, which counts against nobody. Raises
        RuntimeError if the fetcher is not open.
        """
        scheme = _scheme(source)
        if scheme not in FETCHERS:
            known = ", ".join(f"{name}:" for name in FETCHERS)
            return FetchFailed(
                kind="forbidden", message=f"the address of {source.name} begins with none of {known}"
            )
        pull = await self._open(FETCHERS[scheme])
        return await pull(source, state)

    async def page(self, url: str, source: Source) -> Fetched | FetchFailed:
        """Bring the page at `url`, which a feed or list of `source` led to.

        As polite, guarded and limited as a pull, and robots.txt decides (FetchFailed of kind robots). Only
        http and https: a feed must not lead us to files. Raises RuntimeError if the fetcher is not open.
        """
        pull = await self._open(FETCHERS["http"])
        assert isinstance(pull, Pages)  # noqa: S101 # over_http gives one
        return await pull.page(url, source)

    async def acknowledge(self, source: Source, refs: Sequence[str]) -> None:
        """Mark letters of `source` as read, now that what they brought is stored. Others have none."""
        scheme = _scheme(source)
        if refs and scheme in FETCHERS:
            pull = await self._open(FETCHERS[scheme])
            if isinstance(pull, Mailbox):
                await pull.acknowledge(source, refs)

    async def _open(self, carrier: Carrier) -> Pull:
        """Return the pull of a carrier, opened when the first source asks for it."""
        if self._stack is None:
            raise RuntimeError("this needs an open Fetcher: async with Fetcher(…) as fetcher")
        if carrier not in self._pulls:
            async with self._opening:
                if carrier not in self._pulls:
                    self._pulls[carrier] = await self._stack.enter_async_context(carrier(self._means))
        return self._pulls[carrier]


def _scheme(source: Source) -> str:
    return source.url.partition(":")[0].strip().lower()
