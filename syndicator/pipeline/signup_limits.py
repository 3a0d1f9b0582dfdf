"""How often strangers may ask for a mail to an address that may not be theirs: to sign up, or to move there.

Limits are counted in the database, so all hosts agree; what is counted is a hash under a key of the day.
Call both functions in a transaction after `signups.lock`, so that limits hold to the number.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from syndicator.pipeline.parts import log
from syndicator.pipeline.signup_wish import counted_as, is_blocked
from syndicator.store import signups, subscribers

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.address import Address
    from syndicator.pipeline.parts import Parts

Way: TypeAlias = Literal["page", "api"]
Limits: TypeAlias = tuple[tuple[timedelta, int], ...]

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
KEPT: Final = DAY + HOUR  # what limits look back at, and the hour until `purge` comes by
PER_ADDRESS: Final = ((timedelta(minutes=10), 1), (DAY, 3))  # mails in a span of time, at most
ONCE: Final = ((DAY, 1),)
PER_NETWORK: Final[Mapping[Way, Limits]] = {"page": ((HOUR, 10), (DAY, 40)), "api": ((HOUR, 3), (DAY, 10))}
NETWORK: Final = {4: 24, 6: 56}  # bits of what counts as one network
RANGES: Final = {4: ((16, 4),), 6: ((48, 10), (32, 4))}  # bits, and which part of `per_hour` may come from it
LEAST: Final = 10  # in an hour from a range, however few there may be in all
ALL: Final = ""  # the name that everything is counted by


async def admits(parts: Parts, conn: AsyncConnection, client: str, way: Way) -> bool:
    """Whether one more wish from a client (an IP address) is welcome; if so, it is counted.

    It may not be for what its network asked, for the range that the network lies in (so that one provider's
    customer cannot use up what all have), or for what all asked. It says nothing of any address.
    """
    now, names, most = parts.clock(), _Names(parts), parts.settings.signup.per_hour
    limits: list[tuple[tuple[str, ...], Limits]] = [
        (names.of("network", network_of(client)), PER_NETWORK[way]),
        ((ALL,), ((HOUR, most),)),
    ]
    for name, part in ranges_of(client):
        limits.append((names.of("network", name), ((HOUR, max(LEAST, most // part)),)))
    for who, spans in limits:
        if await _is_over(conn, who, spans, now):
            log.warning("sign-ups are limited", way=way)
            return False
    for who, _ in limits:
        await signups.note(conn, who[0], now=now)
    return True


async def may_write(parts: Parts, conn: AsyncConnection, address: Address, client: str) -> bool:
    """Whether a mail may go to an address that a client named; if so, it is counted. Why not, nobody is told.

    Once a day a mail more may go to a mailbox than its limits say, if another range of networks asks than
    those that caused mails to it: so whoever asks in an owner's stead does not shut the owner out.
    """
    mailbox = counted_as(address)
    if is_blocked(address, parts.settings.signup.blocked):
        return False
    if await subscribers.suppressed(conn, [str(address), mailbox]):
        return False
    now, names = parts.clock(), _Names(parts)
    origin = names.of("origin", f"{mailbox}\0{(ranges_of(client) or [('', 1)])[-1][0]}")
    noted = [names.of("address", mailbox), origin]
    if await _is_over(conn, noted[0], PER_ADDRESS, now):
        more = names.of("more", mailbox)
        if await _is_over(conn, origin, ONCE, now) or await _is_over(conn, more, ONCE, now):
            return False
        noted.append(more)
    for who in noted:
        await signups.note(conn, who[0], now=now)
    return True


def network_of(client: str) -> str:
    """Name the network that a client is counted in: 256 addresses of IPv4, a /56 of IPv6; empty if none."""
    return _around(client, NETWORK)


def ranges_of(client: str) -> list[tuple[str, int]]:
    """Name the ranges that a client's network lies in, the widest last, each with the part it may use up."""
    found = [
        (_around(client, {version: bits}), part) for version, all_ in RANGES.items() for bits, part in all_
    ]
    return [(name, part) for name, part in found if name]


def _around(client: str, bits: Mapping[int, int]) -> str:
    try:
        found = ip_address(client.partition("%")[0])
    except ValueError:
        return ""
    found = getattr(found, "ipv4_mapped", None) or found
    return str(ip_network((found, bits[found.version]), strict=False)) if found.version in bits else ""


async def _is_over(conn: AsyncConnection, who: tuple[str, ...], limits: Limits, now: datetime) -> bool:
    return any([await signups.count(conn, who, since=now - span) >= most for span, most in limits])


class _Names:
    """Names for counting: hashes under a key of the day, of today and of yesterday."""

    def __init__(self, parts: Parts) -> None:
        today = parts.clock().date()
        days = (today, today - DAY)
        self._keys = [
            hmac.digest(parts.mark_key, f"signup:{day.isoformat()}".encode(), hashlib.sha256) for day in days
        ]

    def of(self, kind: str, value: str) -> tuple[str, ...]:
        """Give the names of something: the one to note it by today, and all to look for."""
        said = f"{kind}\0{value}".encode("utf-8", "surrogatepass")
        return tuple(hmac.digest(key, said, hashlib.sha256)[:16].hex() for key in self._keys)
