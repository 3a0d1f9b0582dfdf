"""Which addresses we connect to: public ones, and those that an admin allowed (RFC 6890, and its traps).

The check stands where a name becomes an address, and only checked addresses reach the connector: a name
that answers differently a moment later (DNS rebinding) gains nothing. Addresses written as numbers never
pass the resolver, so `check_literal` sees to them.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, ip_address
from typing import TYPE_CHECKING

from aiohttp.abc import AbstractResolver, ResolveResult

if TYPE_CHECKING:
    from syndicator.networks import Allowed

LOCAL_NAMES = frozenset(
    {"localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback", "broadcasthost"}
)
LOCAL_DOMAINS = (".localhost", ".local", ".internal", ".home.arpa")  # RFC 6761, 6762, 8375, and ICANN's


class AddressRefused(OSError):
    """A host is, or resolves only to, addresses that we must not connect to. The text is for an admin."""


def literal(host: str) -> str | None:
    """Return the address that `host` writes as a number, None if it is a name.

    All spellings that `connect` would take: 127.1, 2130706433, 0x7f.0.0.1, 0177.0.0.1, ::ffff:127.0.0.1.
    """
    bare = host.strip("[]").partition("%")[0].rstrip(".")
    try:
        return str(ip_address(bare))
    except ValueError:
        pass
    try:
        return str(IPv4Address(socket.inet_aton(bare)))
    except (OSError, ValueError):
        return None


def check_literal(host: str, allowed: Allowed) -> None:
    """Raise AddressRefused if `host` is a number that `allowed` does not permit; names pass.

    What looks like a number and is none is refused too: the HTTP library would not ask the resolver.
    """
    address = literal(host)
    if address is None and (":" in host or host.replace(".", "").isdigit()):
        raise AddressRefused(f"{host} is not an address")
    if address is not None and not allowed.permits(host, address):
        raise AddressRefused(f"{host} is a private address")


def is_refused(host: str, allowed: Allowed) -> bool:
    """Whether a host is refused for what it is called, before any name is resolved."""
    try:
        check_literal(host, allowed)
    except AddressRefused:
        return True
    return _is_local(host, allowed)


def _is_local(host: str, allowed: Allowed) -> bool:
    name = host.lower().rstrip(".")
    return name not in allowed.hosts and (name in LOCAL_NAMES or name.endswith(LOCAL_DOMAINS))


async def check_name(host: str, allowed: Allowed, resolver: AbstractResolver) -> None:
    """Raise AddressRefused for a host that we do not connect to ourselves, because a proxy does.

    As far as that can be known from here: numbers, names of this machine and network, and names that resolve
    here to private addresses only. What only the proxy resolves is the proxy's to judge.
    """
    check_literal(host, allowed)
    name = host.lower().rstrip(".")
    if name in allowed.hosts or literal(host) is not None:
        return
    if _is_local(host, allowed):
        raise AddressRefused(f"{host} is a private name")
    try:
        await GuardedResolver(allowed, resolver).resolve(host)
    except AddressRefused:
        raise
    except OSError:
        return  # the proxy may know more names than we do


class GuardedResolver(AbstractResolver):
    """Resolves by `inner` and hands on only the addresses that `allowed` permits.

    Raises AddressRefused where none is left, and OSError where the name does not resolve.
    """

    def __init__(self, allowed: Allowed, inner: AbstractResolver) -> None:
        self._allowed = allowed
        self._inner = inner

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Resolve `host`; each answer is checked, so one bad address among good ones is dropped."""
        answers = await self._inner.resolve(host, port, family)
        good = [answer for answer in answers if self._allowed.permits(host, answer["host"])]
        if not answers:
            raise OSError(f"{host} has no address")
        if not good:
            raise AddressRefused(f"{host} leads to a private address")
        return good

    async def close(self) -> None:
        """Close the inner resolver."""
        await self._inner.close()
