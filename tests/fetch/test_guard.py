from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from hypothesis import given
from hypothesis import strategies as st

from syndicator.fetch.guard import AddressRefused, GuardedResolver, check_literal, literal
from syndicator.networks import Allowed, is_public

from .origin import Origin, answer

TEREDO = IPv6Network("2001::/32")
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "100.63.255.255",
    "172.32.0.1",
    "192.0.1.1",
    "223.255.255.255",
    "2606:4700::1111",
    "2001:4860:4860::8888",
    "2a00::1",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "2002:808:808::1",
    "2001:0:808:808::f7f7:f7f7",
]
PRIVATE = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.255",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.9",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:10.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::808:808",
    "100::1",
    "2001:0:7f00:1::f7f7:f7f7",  # Teredo, private server
    "2001:0:808:808::80ff:fffe",  # Teredo, private client
    "2001:1::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "",
    "localhost",
    "1.2.3",
    "8.8.8.8/32",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", PRIVATE)
def test_private(address: str) -> None:
    assert not is_public(address)


@given(st.ip_addresses())
def test_what_the_standard_library_calls_private_is_never_public(address: IPv4Address | IPv6Address) -> None:
    # The library is right about what it refuses; it is wrong only about some of what it lets through.
    if is_public(str(address)) and address not in TEREDO:
        assert address.is_global
        assert not address.is_multicast


@given(st.ip_addresses(v=4))
def test_an_embedded_address_is_as_public_as_itself(address: IPv4Address) -> None:
    bits, public = int(address), is_public(str(address))
    for prefix in ("::ffff:0:0", "64:ff9b::", "::ffff:0:0:0", "::"):
        assert is_public(str(IPv6Address(int(IPv6Address(prefix)) | bits))) == public
    assert is_public(str(IPv6Address((0x2002 << 112) | (bits << 80) | 1))) == public


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1.", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("0x7f.1", "127.0.0.1"),
        ("0x7F000001", "127.0.0.1"),
        ("0177.0.0.1", "127.0.0.1"),
        ("0", "0.0.0.0"),
        ("::1", "::1"),
        ("[::1]", "::1"),
        ("fe80::1%25eth0", "fe80::1"),
        ("example.com", None),
        ("1.example", None),
        ("256.256.256.256", None),
        ("", None),
    ],
)
def test_literals(host: str, address: str | None) -> None:
    assert literal(host) == address


@given(st.text(max_size=20))
def test_any_text_as_a_host(host: str) -> None:
    found = literal(host)
    assert found is None or ip_address(found)


@pytest.mark.parametrize("host", ["256.256.256.256", "1.2.3.4.5", "::gg", "1::2::3"])
def test_what_looks_like_a_number_and_is_none_is_refused(host: str) -> None:
    with pytest.raises(AddressRefused, match="is not an address"):
        check_literal(host, Allowed())


@pytest.mark.parametrize(
    ("entries", "host", "address", "permitted"),
    [
        ([], "a.example", "10.1.2.3", False),
        (["10.0.0.0/8"], "a.example", "10.1.2.3", True),
        (["10.9.9.9/8"], "a.example", "10.1.2.3", True),
        (["10.0.0.0/16"], "a.example", "10.1.2.3", False),
        (["10.0.0.0/8"], "a.example", "::ffff:10.1.2.3", True),
        (["10.0.0.0/8"], "a.example", "fd00::1", False),
        (["fd00::/8", " 10.0.0.1 "], "a.example", "fd00::1", True),
        (["[::1]"], "a.example", "::1", True),
        (["fe80::/10"], "a.example", "fe80::1%eth0", True),
        (["A.Example."], "a.example", "10.1.2.3", True),
        (["a.example"], "A.EXAMPLE.", "10.1.2.3", True),
        (["a.example"], "b.a.example", "10.1.2.3", False),
        (["新闻.example"], "xn--efvy88h.example", "10.1.2.3", True),
        (["a.example"], "b.example", "no address", False),
        (["", "bad host", "a:b"], "a.example", "10.1.2.3", False),
        (["10.0.0.0/8"], "a.example", "8.8.8.8", True),
    ],
)
def test_what_admins_allow(entries: list[str], host: str, address: str, permitted: bool) -> None:
    assert Allowed.of(entries).permits(host, address) is permitted


class Names(AbstractResolver):
    """Names whose answers change from one question to the next."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.closed = False

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        fixed = {"hostname": host, "port": port, "family": socket.AF_INET, "proto": 0, "flags": 0}
        return [ResolveResult(host=address, **fixed) for address in self.answers.pop(0)]  # type: ignore[typeddict-item]

    async def close(self) -> None:
        self.closed = True


async def test_only_checked_addresses_are_handed_on() -> None:
    names = Names(["8.8.8.8", "10.0.0.1", "1.1.1.1"], ["10.0.0.1"], [])
    resolver = GuardedResolver(Allowed(), names)
    assert [found["host"] for found in await resolver.resolve("a.example", 80)] == ["8.8.8.8", "1.1.1.1"]
    with pytest.raises(AddressRefused, match=r"a\.example leads to a private address"):
        await resolver.resolve("a.example", 80)
    with pytest.raises(OSError, match="has no address"):
        await resolver.resolve("a.example", 80)
    await resolver.close()
    assert names.closed


async def test_a_name_that_turns_private_is_not_connected_to(origin: Origin) -> None:
    origin.play("/f", answer(b"<rss/>"))
    names = Names(["127.0.0.1"], ["127.0.0.2"])
    connector = aiohttp.TCPConnector(
        resolver=GuardedResolver(Allowed.of(["127.0.0.1"]), names), use_dns_cache=False, force_close=True
    )
    async with aiohttp.ClientSession(connector=connector) as session:
        url = origin.url("/f", "rebinding.example")
        async with session.get(url) as response:
            assert await response.read() == b"<rss/>"
        with pytest.raises(aiohttp.ClientConnectorDNSError) as raised:
            await session.get(url)
    assert isinstance(raised.value.os_error, AddressRefused)
    assert len(origin.log) == 1
