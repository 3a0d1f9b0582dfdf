from __future__ import annotations

import gzip
import zlib
from contextlib import suppress
from itertools import pairwise

import brotli
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from syndicator.fetch.body import MAX_MEMBERS, Damaged, TooBig, Unpacker, body_hash, unpack

LIMIT = 100_000


def through(data: bytes, encoding: str, cuts: list[int], limit: int = LIMIT) -> bytes:
    unpacker = Unpacker(encoding, limit)
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    for start, end in pairwise(places):
        unpacker.feed(data[start:end])
    return unpacker.finish()


PACKERS = {
    "": bytes,
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
}


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


documents = st.binary(max_size=2000).map(lambda data: b"<feed>" + data)
cuts = st.lists(st.integers(0, 10_000), max_size=12)


@given(documents, cuts)
def test_however_it_is_cut_and_packed_the_document_is_the_same(document: bytes, cuts: list[int]) -> None:
    assert through(document, "", cuts) == document
    assert through(gzip.compress(document), "gzip", cuts) == document
    assert through(gzip.compress(document), "", cuts) == document
    assert through(zlib.compress(document), "deflate", cuts) == document
    assert through(raw_deflate(document), "deflate", cuts) == document
    assert through(gzip.compress(gzip.compress(document)), "gzip", cuts) == document
    assert through(brotli.compress(document), "br", cuts) == document
    assert through(zstd.compress(document), "zstd", cuts) == document
    assert through(zstd.compress(document[:9]) + zstd.compress(document[9:]), "", cuts) == document
    assert through(gzip.compress(brotli.compress(document)), "br, gzip", cuts) == document


@given(st.lists(documents, min_size=1, max_size=4), st.binary(max_size=50), cuts)
def test_members_are_joined_and_padding_is_ignored(parts: list[bytes], pad: bytes, cuts: list[int]) -> None:
    packed = b"".join(gzip.compress(part) for part in parts)
    assert through(packed + bytes(8) + pad, "gzip", cuts) == b"".join(parts)


@given(documents, cuts, st.integers(0, 3000))
def test_no_more_than_the_limit(document: bytes, cuts: list[int], limit: int) -> None:
    for encoding, pack in PACKERS.items():
        packed = pack(document)
        try:
            body = through(packed, encoding, cuts, limit)
        except TooBig:
            assert max(len(document), len(packed)) > limit
        else:
            assert body == document
            assert len(document) <= limit


@given(st.binary(max_size=300), st.sampled_from([*PACKERS, "br, gzip", "x, y"]), cuts)
def test_any_bytes_give_a_document_or_one_of_two_errors(data: bytes, encoding: str, cuts: list[int]) -> None:
    damaged = [pack(data)[:-5] + data for pack in PACKERS.values()]
    for packed in (data, b"\x1f\x8b" + data, b"\x28\xb5\x2f\xfd" + data, *damaged):
        with suppress(TooBig, Damaged):
            assert len(through(packed, encoding, cuts, 200)) <= 200


@pytest.mark.parametrize("document", [b"", b"<", b"\x1f"])
def test_the_smallest(document: bytes) -> None:
    assert unpack(document, LIMIT) == document


def test_an_inner_bomb_is_too_big() -> None:
    with pytest.raises(TooBig):
        unpack(gzip.compress(gzip.compress(bytes(LIMIT + 1))), LIMIT)


def test_too_many_members() -> None:
    member = gzip.compress(b"")
    assert unpack(gzip.compress(b"<a/>") + member * (MAX_MEMBERS - 1), LIMIT) == b"<a/>"
    with pytest.raises(Damaged, match="more than 64 parts"):
        unpack(gzip.compress(b"<a/>") + member * MAX_MEMBERS, LIMIT)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_what_ends_too_early(encoding: str) -> None:
    packed = PACKERS[encoding](bytes(range(256)) * 9)
    with pytest.raises(Damaged, match="ends too early"):
        through(packed[:-1], encoding, [])


def test_a_window_that_needs_much_memory_is_refused() -> None:
    options = {zstd.CompressionParameter.window_log: 27, zstd.CompressionParameter.content_size_flag: 0}
    packer = zstd.ZstdCompressor(options=options)
    packed = packer.compress(b"<a/>") + packer.flush()
    with pytest.raises(Damaged, match="damaged"):
        through(packed, "zstd", [])


@given(
    st.text(alphabet=st.characters(min_codepoint=32, exclude_categories=["Cs"]), min_size=70),
    st.sampled_from(sorted(PACKERS)),
)
def test_plain_text_under_a_false_label_is_left_alone(text: str, encoding: str) -> None:
    assert through(text.encode(), encoding, []) == text.encode()


def test_the_hash_is_sha256_in_hex() -> None:
    assert body_hash(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
