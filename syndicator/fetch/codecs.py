"""Pure: undoing one layer of compression as its bytes come, never further than to a limit.

Every codec has `feed(data, limit)`, which returns at most about `limit` bytes (a codec may round up to its
own buffer) and raises Damaged, and `close()`, which raises Damaged if the data ended too early. Whoever has
got `limit` bytes must stop: what is left inside is lost.
"""

from __future__ import annotations

import zlib
from typing import Protocol

import brotli  # type: ignore[import-untyped]
from backports import zstd

GZIP = b"\x1f\x8b"
ZSTD = b"\x28\xb5\x2f\xfd"
MAX_MEMBERS = 64
"""Parts that one stream may be joined from (RFC 1952 2.2, RFC 8878 3.1)."""

GZIP_WINDOW = zlib.MAX_WBITS | 16
"""zlib's way to say: with gzip's header and trailer."""

ZSTD_WINDOW = 23
"""log2 of the memory that a decoder needs at most: 8 MB (RFC 9659)."""


class Damaged(Exception):
    """The compression cannot be undone; the text says why, in words for an admin."""


class Codec(Protocol):
    """One layer being undone."""

    def feed(self, data: bytes, limit: int) -> bytes:
        """Take some more bytes and return what they bring, about `limit` (1 or more) at most."""
        ...

    def close(self) -> None:
        """The data has ended. Raises Damaged if it should not have."""
        ...


class Identity:
    """Bytes that are what they seem."""

    def feed(self, data: bytes, limit: int) -> bytes:
        """Return them."""
        return data[:limit]

    def close(self) -> None:
        """Nothing to check."""


class Inflate:
    """Deflate in one of its wrappings (a window of zlib's); gzip may be several members on end."""

    def __init__(self, window: int) -> None:
        self._window = window
        self._zlib = zlib.decompressobj(window)
        self._members = 1
        self._rest = b""  # after the end of a member: the first byte of what may be the next one
        self._ended = False

    def feed(self, data: bytes, limit: int) -> bytes:
        """Return at most `limit` decoded bytes."""
        decoded = b""
        data, self._rest = self._rest + data, b""
        while data and not self._ended and len(decoded) < limit:
            if self._zlib.eof and not self._next_member(data):
                break
            decoded += self._inflate(data, limit - len(decoded))
            data = self._zlib.unused_data
        return decoded

    def close(self) -> None:
        """Check that the last member ended."""
        if not self._zlib.eof:
            raise Damaged("its compressed data ends too early")

    def _next_member(self, data: bytes) -> bool:
        if self._window == GZIP_WINDOW and len(data) < len(GZIP):
            self._rest = data
            return False
        if self._window != GZIP_WINDOW or not data.startswith(GZIP):
            self._ended = True  # padding, which every reader of gzip ignores
            return False
        self._members += 1
        if self._members > MAX_MEMBERS:
            raise Damaged(f"its gzip stream has more than {MAX_MEMBERS} parts")
        self._zlib = zlib.decompressobj(self._window)
        return True

    def _inflate(self, data: bytes, limit: int) -> bytes:
        try:
            return self._zlib.decompress(data, limit)
        except zlib.error:
            raise Damaged("its compressed data is damaged") from None


class Brotli:
    """Brotli (RFC 7932): no magic number, no members; what follows its end is ignored."""

    def __init__(self) -> None:
        self._brotli = brotli.Decompressor()

    def feed(self, data: bytes, limit: int) -> bytes:
        """Return decoded bytes, `limit` of them rounded up to the library's buffer."""
        decoded = b""
        try:
            while not self._brotli.is_finished() and len(decoded) < limit:
                part = self._brotli.process(data, output_buffer_limit=limit - len(decoded))
                data = b""
                decoded += part
                if not part and self._brotli.can_accept_more_data():
                    break
        except brotli.error:
            raise Damaged("its compressed data is damaged") from None
        return decoded

    def close(self) -> None:
        """Check that the stream ended."""
        if not self._brotli.is_finished():
            raise Damaged("its compressed data ends too early")


class Zstd:
    """Zstandard (RFC 8878) with a bounded window (RFC 9659); frames on end are joined."""

    def __init__(self) -> None:
        self._frames = 1
        self._zstd = self._decompressor()
        self._ended = False

    def feed(self, data: bytes, limit: int) -> bytes:
        """Return at most `limit` decoded bytes."""
        decoded = b""
        try:
            while not self._ended and len(decoded) < limit:
                if self._zstd.eof and not self._next_frame(data):
                    break
                part = self._zstd.decompress(data, limit - len(decoded))
                decoded += part
                data = self._zstd.unused_data if self._zstd.eof else b""
                if not data and (self._zstd.needs_input or not part):
                    break
        except (zstd.ZstdError, ValueError):
            raise Damaged("its compressed data is damaged") from None
        return decoded

    def close(self) -> None:
        """Check that the last frame ended."""
        if not self._zstd.eof:
            raise Damaged("its compressed data ends too early")

    def _next_frame(self, data: bytes) -> bool:
        if not data:
            return False
        if data[0] != ZSTD[0]:
            self._ended = True
            return False
        self._frames += 1
        if self._frames > MAX_MEMBERS:
            raise Damaged(f"its zstd stream has more than {MAX_MEMBERS} parts")
        self._zstd = self._decompressor()
        return True

    @staticmethod
    def _decompressor() -> zstd.ZstdDecompressor:
        return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: ZSTD_WINDOW})
