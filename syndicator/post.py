"""The post: mail that arrives by LMTP, for newsletter sources and from readers' mail servers."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003  a name's type
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from syndicator.errors import StoreError
from syndicator.pipeline import returns
from syndicator.pipeline.parts import log
from syndicator.store import sources

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from syndicator.pipeline.parts import Parts

SCHEME: Final = "lmtp:"
REPLIES: Final[Mapping[bool, str]] = {
    True: "250 2.0.0 taken",
    False: "452 4.7.0 too much came back today; later",
}
"""Whether a mail that came back was taken, as the mail server is told."""


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
        from syndicator.fetch.lmtp import Counter, listening  # noqa: PLC0415  few installations read mail

        counter = None
        if settings.mail.returns.address and settings.mail.returns.place == "lmtp":
            counter = Counter(self._is_return, self.take_back)
        async with listening(settings, self.addresses, self._note, counter):
            yield

    def _is_return(self, recipient: str) -> bool:
        return returns.is_ours(recipient, self._parts.settings.mail.returns.address)

    async def take_back(self, recipient: str, mail: bytes) -> str:
        """Take a mail that came back; give the answer for the mail server, 451 if we cannot for now."""
        try:
            return REPLIES[await returns.take(self._parts, mail, recipient=recipient)]
        except StoreError as error:
            log.error("cannot take what came back", error=error.message)
        except Exception:  # noqa: BLE001  whatever it is, the mail server says it again
            log.exception("a fault of ours: cannot take what came back")
        return "451 4.3.0 it cannot be kept for now"

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
