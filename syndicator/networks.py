"""Which addresses are public, and which others an admin allows (RFC 6890, and its traps). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

import yarl

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
