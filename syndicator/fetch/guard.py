"""Which addresses we connect to: public ones, and those that an admin allowed (RFC 6890, and its traps).

The check stands where a name becomes an address, and only checked addresses reach the connector: a name
that answers differently a moment later (DNS rebinding) gains nothing. Addresses written as numbers never
pass the resolver, so `check_literal` sees to them.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

import yarl
from aiohttp.abc import AbstractResolver, ResolveResult

if TYPE_CHECKING:
    from collections.abc import Iterable

# IANA's special-purpose registries. A table of our own, because `is_global` of the standard library differs
# between releases and is True for multicast, site-local and all addresses that embed a private one.
SPECIAL_IPV4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared by carriers
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, where clouds keep their secrets
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
GLOBAL_IPV6 = IPv6Network("2000::/3")  # all that is handed out so far
SPECIAL_IPV6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments
        "2001:db8::/32",  # documentation
        "3fff::/20",  # documentation
    )
)

# IPv6 networks whose addresses lead to an IPv4 address: its bits begin at this offset from the right, and
# a mask is laid over them (RFC 4291 2.5.5, 2765, 6052, 3056, 4380: server, then client with all bits turned).
EMBEDDING = (
    (IPv6Network("::/96"), ((0, 0),)),
    (IPv6Network("::ffff:0:0/96"), ((0, 0),)),
    (IPv6Network("::ffff:0:0:0/96"), ((0, 0),)),
    (IPv6Network("64:ff9b::/96"), ((0, 0),)),
    (IPv6Network("2002::/16"), ((80, 0),)),
    (IPv6Network("2001::/32"), ((64, 0), (0, 0xFFFFFFFF))),
)
# ISATAP (RFC 5214 6.1) marks the interface part of any prefix, with or without the universal bit.
ISATAP, ISATAP_MASK = 0x00005EFE, 0xFDFFFFFF
# 64:ff9b:1::/48 (RFC 8215) translates too, but where the IPv4 address lies in it only its owner knows: it is
# outside of GLOBAL_IPV6 and therefore refused as a whole.


LOCAL_NAMES = frozenset(
    {"localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback", "broadcasthost"}
)
LOCAL_DOMAINS = (".localhost", ".local", ".internal", ".home.arpa")  # RFC 6761, 6762, 8375, and ICANN's


class AddressRefused(OSError):
    """A host is, or resolves only to, addresses that we must not connect to. The text is for an admin."""


def is_public(address: str) -> bool:
    """Whether `address` (IPv4 or IPv6, in text, with or without a zone) is one on the open internet.

    Of an IPv6 address that embeds IPv4 addresses these decide. Text that is no address is not public.
    """
    try:
        found = _embedded(ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    return all(_is_global(each) for each in found)


@dataclass(frozen=True, slots=True)
class Allowed:
    """The hosts and networks that admins allow beside the public ones."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def of(cls, entries: Iterable[str]) -> Allowed:
        """Read entries of `allow_private`: 10.1.0.0/16, fd00::/8, 127.0.0.1, localhost, intranet.example."""
        hosts, networks = set(), []
        for entry in entries:
            try:
                networks.append(ip_network(entry.strip().strip("[]"), strict=False))
            except ValueError:
                hosts.add(_canonical(entry.strip()))
        return cls(frozenset(hosts), tuple(networks))

    def permits(self, host: str, address: str) -> bool:
        """Whether we may connect to `address` when the URL says `host` (in the form of the wire)."""
        if is_public(address) or host.lower().rstrip(".") in self.hosts:
            return True
        try:
            written = ip_address(address.partition("%")[0])
        except ValueError:
            return False
        return self._holds(written) or all(self._holds(each) for each in _embedded(written))

    def _holds(self, address: IPv4Address | IPv6Address) -> bool:
        return any(address in network for network in self.networks)


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


def _embedded(address: IPv4Address | IPv6Address) -> tuple[IPv4Address | IPv6Address, ...]:
    """Return the IPv4 addresses that an IPv6 address leads to, else the address itself."""
    if isinstance(address, IPv6Address):
        for network, places in EMBEDDING:
            if address in network:
                bits = int(address)
                return tuple(IPv4Address((bits >> shift & 0xFFFFFFFF) ^ mask) for shift, mask in places)
        if int(address) >> 32 & ISATAP_MASK == ISATAP:
            return (address, IPv4Address(int(address) & 0xFFFFFFFF))
    return (address,)


def _is_global(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in SPECIAL_IPV4)
    return address in GLOBAL_IPV6 and not any(address in network for network in SPECIAL_IPV6)


def _canonical(host: str) -> str:
    """Return a host name in the form of the wire (lower case, IDNA)."""
    try:
        return (yarl.URL.build(scheme="http", host=host).raw_host or host).lower().rstrip(".")
    except ValueError:
        return host.lower().rstrip(".")
