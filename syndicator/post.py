"""The post: mail for newsletter sources that arrives by LMTP, and the pulls that it makes due."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from syndicator.store import sources

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from syndicator.pipeline.parts import Parts

SCHEME: Final = "lmtp:"


class Post:
    """Listens where the settings say, and remembers which sources got mail; a restart may forget it.

    A mail lies in the inbox of its source before it is answered for, and is read at the source's next pull
    in any case; that it is read at once is a courtesy.
    """

    def __init__(self, parts: Parts, hint: Callable[[], None]) -> None:
        self._parts = parts
        self._hint = hint
        self._arrived: set[str] = set()

    @asynccontextmanager
    async def office(self) -> AsyncIterator[None]:
        """Be open for mail; nothing is opened where `inbound.lmtp` is empty. Raises SyndicatorError."""
        settings = self._parts.settings
        if not settings.inbound.lmtp:
            yield
            return
        from syndicator.fetch.lmtp import listening  # noqa: PLC0415  few installations read mail

        async with listening(settings, self.addresses, self._note):
            yield

    def addresses(self) -> Mapping[str, str]:
        """Give the addresses in use, in lower case, each with the name of its source."""
        return {
            source.url.removeprefix(SCHEME).lower(): source.name
            for source in self._parts.current.catalog.sources.values()
            if source.url.startswith(SCHEME)
        }

    def _note(self, name: str) -> None:
        self._arrived.add(name)
        self._hint()

    async def make_due(self) -> None:
        """Let the sources be pulled that got mail since the last call."""
        names, self._arrived = self._arrived, set()
        if names:
            async with self._parts.store.write() as conn:
                await sources.make_due(conn, names)
