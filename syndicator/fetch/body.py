"""Pure: the bytes on the wire → the bytes of the document, never more than a limit of them.

The library's own decompression is switched off: it trusts Content-Encoding, and feeds come gzipped without
saying so, plain while claiming to be gzipped, and gzipped twice. Here the first bytes decide.
"""

from __future__ import annotations

import hashlib
import zlib

MEGABYTE = 1024 * 1024

GZIP = b"\x1f\x8b"
MAX_MEMBERS = 64
"""Parts that one gzip stream may be joined from (RFC 1952 2.2)."""

GZIP_WINDOW = zlib.MAX_WBITS | 16
"""zlib's way to say: with gzip's header and trailer."""

FOREIGN = frozenset({"br", "zstd", "compress", "x-compress"})
"""Encodings that we never ask for and do not read."""


class TooBig(Exception):
    """The document is larger than the limit."""


class Damaged(Exception):
    """The compression cannot be undone; the text says why, in words for an admin."""


def body_hash(body: bytes) -> str:
    """Return the SHA-256 of a decoded body in hex: what `SourceState.body_hash` holds."""
    return hashlib.sha256(body).hexdigest()


def unpack(data: bytes, limit: int) -> bytes:
    """Return a document that is at hand as a whole, gunzipped if it is gzip. Raises as `Unpacker` does."""
    unpacker = Unpacker("", limit)
    unpacker.feed(data)
    return unpacker.finish()


class Unpacker:
    """Takes the bytes of one answer as they come and gives the document.

    `encoding` is the value of Content-Encoding, a hint at most; `limit` counts bytes, before and after
    decoding. No layer of it is ever decoded further than to `limit` + 1.
    """

    def __init__(self, encoding: str, limit: int) -> None:
        labels = {label.strip().lower() for label in encoding.split(",")}
        self._foreign = ", ".join(sorted(labels & FOREIGN))
        self._deflate = "deflate" in labels
        self._limit = limit
        self._head = b""  # the first bytes, until there are enough of them to decide
        self._stream: _Identity | _Inflate | None = None
        self._raw = 0
        self._decoded = 0
        self._parts: list[bytes] = []

    def feed(self, data: bytes) -> None:
        """Take some more bytes. Raises TooBig or Damaged."""
        self._raw += len(data)
        if self._raw > self._limit:
            raise TooBig
        if self._stream is None:
            self._head += data
            if len(self._head) < len(GZIP):
                return
            data, self._stream = self._head, self._choose()
        self._keep(data)

    def finish(self) -> bytes:
        """Return the document; the answer has ended. Raises TooBig or Damaged."""
        if self._stream is None:
            self._stream = _Identity()
            self._keep(self._head)
        self._stream.close()
        body = b"".join(self._parts)
        if isinstance(self._stream, _Inflate) and body.startswith(GZIP):
            # A .gz file that was sent with Content-Encoding: gzip. A third layer is nobody's mistake.
            inner = _Inflate(GZIP_WINDOW)
            body = inner.feed(body, self._limit + 1)
            if len(body) > self._limit:
                raise TooBig
            inner.close()
        return body

    def _keep(self, data: bytes) -> None:
        assert self._stream is not None  # noqa: S101 # both callers have just set it
        part = self._stream.feed(data, self._limit - self._decoded + 1)
        self._decoded += len(part)
        if self._decoded > self._limit:
            raise TooBig
        if part:
            self._parts.append(part)

    def _choose(self) -> _Identity | _Inflate:
        first, second = self._head[:2]
        if self._head.startswith(GZIP):
            return _Inflate(GZIP_WINDOW)
        if self._deflate and first & 0x0F == 8 and (first << 8 | second) % 31 == 0:  # RFC 1950 2.2
            return _Inflate(zlib.MAX_WBITS)
        is_text = first in b"<{[\xef\xfe\xff \t\r\n"
        if self._deflate and not is_text:
            return _Inflate(-zlib.MAX_WBITS)  # deflate without its wrapper, as old servers send it
        if self._foreign and not is_text:
            raise Damaged(f"it is compressed with {self._foreign}, which we did not ask for")
        return _Identity()


class _Identity:
    """Bytes that are what they seem."""

    def feed(self, data: bytes, limit: int) -> bytes:
        return data[:limit]

    def close(self) -> None:
        """Nothing to check."""


class _Inflate:
    """Deflate in one of its wrappings; gzip may be several members on end."""

    def __init__(self, window: int) -> None:
        self._window = window
        self._zlib = zlib.decompressobj(window)
        self._members = 1
        self._rest = b""  # after the end of a member: the first byte of what may be the next one
        self._ended = False

    def feed(self, data: bytes, limit: int) -> bytes:
        """Return at most `limit` (1 or more) decoded bytes; whoever gets that many must stop."""
        decoded = b""
        data, self._rest = self._rest + data, b""
        while data and not self._ended and len(decoded) < limit:
            if self._zlib.eof and not self._next_member(data):
                break
            decoded += self._inflate(data, limit - len(decoded))
            data = self._zlib.unused_data
        return decoded

    def close(self) -> None:
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
