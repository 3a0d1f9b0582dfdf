"""Bodies that DKIM's relaxed canonicalisation leaves as they are, and that come back exactly."""

from __future__ import annotations

import base64
import quopri
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndicator.digest.transfer import Encoding, choose, cut, encode, octets

ENCODINGS: tuple[Encoding, ...] = ("quoted-printable", "base64")
ALL_CONTROLS = "".join(map(chr, range(1, 32)))
SPACES = ["a  b", "  a", "\t\ta \t b", " \r\n \r\n", "a" * 74 + "  b", " " * 500, ALL_CONTROLS + "  x\t\ty"]


def canonical(body: bytes) -> bytes:
    """The relaxed form of a body by the words of RFC 6376 3.4.4."""
    lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines)


def decoded(data: bytes, encoding: Encoding) -> bytes:
    return quopri.decodestring(data) if encoding == "quoted-printable" else base64.b64decode(data)


def assert_carries(made: bytes, data: bytes, encoding: Encoding) -> None:
    assert decoded(made, encoding) == data
    assert made.isascii()
    assert max(map(len, made.split(b"\r\n"))) <= 76
    assert canonical(made + b"\r\n--end\r\n") == made + b"\r\n--end\r\n"


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("text", SPACES, ids=lambda text: ascii(text)[:20])
def test_spaces(text: str, encoding: Encoding) -> None:
    assert_carries(encode(octets(text), encoding), octets(text), encoding)


@given(st.text(alphabet=st.sampled_from(" \t\n\r=.x电\x00\x01\x02")), st.sampled_from(ENCODINGS))
def test_any_text_is_canonical_and_comes_back(text: str, encoding: Encoding) -> None:
    assert_carries(encode(octets(text), encoding), octets(text), encoding)


@given(st.text(), st.integers(0, 400), st.sampled_from(ENCODINGS))
def test_what_is_cut_can_be_joined(text: str, before: int, encoding: Encoding) -> None:
    data = octets(text * 9)
    before = min(before, len(data))
    ready, rest = cut(data, before, encoding)
    assert len(data) - len(rest) <= before
    assert_carries(ready + encode(rest, encoding), data, encoding)


def test_most_is_ready_before_the_cut() -> None:
    data = octets("a line of news\n" * 1000 + "\nTo: somebody\n")
    for encoding in ENCODINGS:
        assert len(cut(data, data.index(b"somebody"), encoding)[1]) < 80


def test_the_choice() -> None:
    assert choose(octets("plain  words\n" * 50)) == "quoted-printable"
    assert choose(octets("公安部通报\n" * 50)) == "base64"
