"""The mail servers of recipients' domains: MX records, their addresses, remembered for a while."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from syndicator.deliver.lanes.routes import NOWHERE, Refused, hosts_of, organisation
from syndicator.networks import Allowed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from syndicator.deliver.names import Names

KEPT: Final = timedelta(minutes=10)
MOST: Final = 50_000  # domains that are remembered
AT_ONCE: Final = 20  # domains that are asked for at a time
ADDRESSES: Final = 2  # of one host that are tried, of each family
DOORS: Final = 6  # addresses of one domain that are tried
FAILED: Final = timedelta(minutes=2)  # that a domain is not asked for again after its names failed
BUDGET: Final = 15.0  # seconds for all questions about one domain


@dataclass(frozen=True, slots=True)
class Route:
    """Where the mail of a domain goes: addresses in the order in which they are tried, and whose they are."""

    lane: str
    name: str  # of the first host
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """A route that could not be found now, and why."""

    reply: str


class Exchanges:
    """Finds routes; only public addresses are used, and those that `allowed` permits.

    `names` asks the DNS, `own` is the name of this machine, `jitter` is in [0, 1); `budget` is in seconds.
    """

    def __init__(
        self,
        names: Names,
        *,
        own: str,
        allowed: Iterable[str],
        clock: Callable[[], datetime],
        jitter: Callable[[], float],
        budget: float = BUDGET,
    ) -> None:
        self._budget = budget
        self._names, self._own, self._clock, self._jitter = names, own, clock, jitter
        self._allowed = Allowed.of(allowed)
        self._known: dict[str, tuple[datetime, Route | Refused | Unknown]] = {}
        self._room = asyncio.Semaphore(AT_ONCE)

    async def find(self, domains: Iterable[str]) -> dict[str, Route | Refused | Unknown]:
        """Find the routes of domains (ASCII, small letters; or `[ADDRESS]`)."""
        wanted = list(dict.fromkeys(domains))
        found = await asyncio.gather(*(self._one(domain) for domain in wanted))
        return dict(zip(wanted, found, strict=True))

    async def _one(self, domain: str) -> Route | Refused | Unknown:
        now = self._clock()
        known = self._known.get(domain)
        if known and known[0] > now:
            return known[1]
        async with self._room:
            try:
                async with asyncio.timeout(self._budget):
                    found = await self._look(domain)
            except TimeoutError:
                found = Unknown(
                    f"the mail servers of {domain} cannot be found: its name servers are too slow"
                )
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[domain] = now + (FAILED if isinstance(found, Unknown) else KEPT), found
        return found

    async def _look(self, domain: str) -> Route | Refused | Unknown:
        if domain.startswith("["):
            address = domain.strip("[]").removeprefix("ipv6:")
            permitted = self._allowed.permits(address, address)
            return Route(domain, domain, (address,)) if permitted else _private(domain)
        answer = await self._names.ask(domain, "MX")
        if answer.trouble:
            return Unknown(f"the mail servers of {domain} cannot be found: {answer.trouble}")
        hosts = hosts_of(domain, answer.values, own=self._own, jitter=self._jitter)
        if isinstance(hosts, Refused):
            return hosts
        addresses: list[str] = []
        trouble, seen = "", False
        for host in hosts:
            for kind in ("A", "AAAA"):
                answer = await self._names.ask(host, kind)
                trouble = trouble or answer.trouble
                seen = seen or bool(answer.values)
                good = [each for each in answer.values if self._allowed.permits(host, each)]
                addresses += good[:ADDRESSES]
        if addresses:
            return Route(organisation(hosts[0]), hosts[0], tuple(dict.fromkeys(addresses))[:DOORS])
        if trouble:
            return Unknown(f"the mail servers of {domain} cannot be found: {trouble}")
        return _private(domain) if seen else NOWHERE


def _private(domain: str) -> Unknown:
    return Unknown(f"the mail servers of {domain} have private addresses only (mail.allow_private)")
