"""robots.txt (RFC 9309), for pages: feeds are published to be pulled, pages are not.

Fetched by our own guarded client, remembered for at most a day and for a bounded number of origins. What
cannot be read for a fault of the server forbids everything (2.3.1.4), what is not there allows it (2.3.1.3).
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

from protego import Protego

from syndicator.model import Fetched, FetchFailed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from yarl import URL

MAX_BYTES = 500 * 1024  # read of one file (RFC 9309 2.5)
MAX_ORIGINS = 1000
LONGEST = timedelta(hours=24)  # RFC 9309 2.4
SHORTEST = timedelta(hours=1)
AGAIN = timedelta(minutes=30)  # after a fault of the server
MAX_DELAY = timedelta(seconds=10)
"""Crawl-delay is obeyed up to here: it is in no standard, and a pull has to end before its lease does."""

NOT_ASKED = frozenset({"paused", "forbidden"})
NOT_THERE = frozenset({"empty", "redirect", "gone"})  # RFC 9309 2.3.1.2: too many redirects are an absence

# A product token has letters, `_` and `-` (RFC 9309 2.2.1); people write a version behind it, too.
_AGENT = re.compile(r"^([ \t]*user-agent[ \t]*:[ \t]*[a-z_-]+)[^\r\n#]*", re.IGNORECASE | re.MULTILINE)

Bring: TypeAlias = "Callable[[URL], Awaitable[Fetched | FetchFailed]]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What one origin says about us. `forbidden` is why everything is, else empty; no `file` allows all."""

    file: Protego | None = None
    forbidden: str = ""
    status: int = 0  # of the answer that forbids everything: 5xx may pass
    until: datetime

    def refusal(self, url: URL, token: str) -> str:
        """Return why we must not ask for `url`, nothing if we may."""
        if self.forbidden or self.file is None:
            return self.forbidden
        allowed = self.file.can_fetch(str(url.with_user(None)), token)
        return "" if allowed else f"{url.raw_host} does not want robots to read this page (robots.txt)"

    def delay(self, token: str) -> timedelta:
        """Return the Crawl-delay, zero to MAX_DELAY."""
        said = self.file.crawl_delay(token) if self.file else None
        return timedelta(seconds=min(max(said or 0, 0), MAX_DELAY.total_seconds()))


class Robots:
    """The rules of origins, each fetched when it is first needed. `user_agent` begins with our name."""

    def __init__(self, user_agent: str, clock: Callable[[], datetime]) -> None:
        self.token = user_agent.partition("/")[0].split()[0] if user_agent.strip() else "syndicator"
        self._clock = clock
        self._known: OrderedDict[URL, Rules] = OrderedDict()
        self._asking: dict[URL, asyncio.Lock] = {}

    async def rules(self, url: URL, bring: Bring) -> Rules | FetchFailed:
        """Return the rules for the origin of `url`, from memory or by `bring`, one question at a time.

        A FetchFailed means that the origin may not be asked for anything now.
        """
        origin = url.origin()
        lock = self._asking.setdefault(origin, asyncio.Lock())
        try:
            async with lock:
                known = self._known.get(origin)
                if known is None or not self._clock() < known.until <= self._clock() + LONGEST:
                    got = await bring(origin.with_path("/robots.txt"))
                    if isinstance(got, FetchFailed) and (got.kind in NOT_ASKED or got.status == 429):
                        return got
                    known = self._known[origin] = await self._read(got)
                self._known.move_to_end(origin)
                while len(self._known) > MAX_ORIGINS:
                    self._known.popitem(last=False)
                return known
        finally:
            if not lock.locked():
                self._asking.pop(origin, None)

    async def _read(self, got: Fetched | FetchFailed) -> Rules:
        now = self._clock()
        if isinstance(got, FetchFailed):
            if got.kind in NOT_THERE or 400 <= got.status < 500:
                return Rules(until=now + LONGEST)
            why = f"its robots.txt cannot be read: {got.message}"
            return Rules(forbidden=why, status=got.status, until=now + AGAIN)
        text = _AGENT.sub(r"\1", got.body.decode("utf-8-sig", errors="replace"))
        fresh = min(max(got.fresh_for or LONGEST, SHORTEST), LONGEST)
        return Rules(file=await asyncio.to_thread(Protego.parse, text), until=now + fresh)
