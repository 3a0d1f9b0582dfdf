"""Which content coding a request gets (RFC 9110 12.5.3)."""

from __future__ import annotations

import pytest

from syndicator.publish.coding import CODINGS, wanted


@pytest.mark.parametrize(
    ("header", "order"),
    [
        ("", [""]),
        ("gzip", ["gzip", ""]),
        ("GZip", ["gzip", ""]),
        ("x-gzip", ["gzip", ""]),
        ("gzip, deflate, br, zstd", ["br", "zstd", "gzip", ""]),
        ("gzip, deflate, br", ["br", "gzip", ""]),
        ("br;q=0.5, gzip", ["gzip", "br", ""]),
        ("br;q=0.001, zstd;q=0.002", ["zstd", "br", ""]),
        ("gzip;q=0", [""]),
        ("gzip;q=0.000, *", ["br", "zstd", ""]),
        ("*", ["br", "zstd", "gzip", ""]),
        ("*;q=0", [""]),
        ("*;q=0, br", ["br", ""]),
        ("identity", [""]),
        ("identity, gzip;q=0.5", ["", "gzip"]),
        ("identity;q=0.5, gzip;q=1.0, *;q=0", ["gzip", ""]),
        ("identity;q=0, gzip", ["gzip", ""]),
        ("identity;q=0", [""]),
        ("x-gzipped", [""]),
        ("deflate", [""]),
        ("gzip;q=", [""]),
        ("gzip;q=2", [""]),
        ("gzip;q=-1", [""]),
        ("gzip;q=0.1234", [""]),
        ("gzip ; q=0.8 , br ;q=0.9", ["br", "gzip", ""]),
        (";;,,q=1", [""]),
        ("gzip," * 4000 + "br", ["br", "gzip", ""]),
    ],
    ids=lambda value: str(value)[:40],
)
def test_the_order_of_codings(header, order):
    assert list(wanted(header)) == order


@pytest.mark.parametrize("name", CODINGS)
def test_each_coding_comes_back_and_is_the_same_each_time(name):
    body = b"".join(b"<item>%d</item>" % number for number in range(5000))
    packed = CODINGS[name].pack(body)
    assert CODINGS[name].unpack(packed) == body
    assert len(packed) < len(body) / 3
    assert CODINGS[name].pack(body) == packed
