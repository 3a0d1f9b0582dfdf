"""Pure: the bytes on the wire → the bytes of the document, never more than a limit of them.

The library's own decompression is switched off: it trusts Content-Encoding, and feeds come gzipped without
saying so, plain while claiming to be compressed, and compressed twice. Here the first bytes decide, and the
label only where they cannot (brotli and bare deflate have no magic number).
"""

from __future__ import annotations

import hashlib
import zlib

from syndicator.fetch.codecs import (
    GZIP,
    GZIP_WINDOW,
    MAX_MEMBERS,
    ZSTD,
    Brotli,
    Codec,
    Damaged,
    Identity,
    Inflate,
    Zstd,
)

__all__ = ["ACCEPTED", "MAX_MEMBERS", "MEGABYTE", "Damaged", "TooBig", "Unpacker", "body_hash", "unpack"]

MEGABYTE = 1024 * 1024
ACCEPTED = "gzip, deflate, br, zstd"
"""What we say in Accept-Encoding, and can undo."""

HEAD = 64
"""Bytes that are looked at before it is decided what they are."""
BOMS = (b"\xef\xbb\xbf", b"\xfe\xff", b"\xff\xfe")
CONTROLS = frozenset(range(32)) - frozenset(b"\t\n\f\r")
FOREIGN = frozenset({"compress", "x-compress", "dcb", "dcz"})
"""Encodings that we never ask for and do not read."""


class TooBig(Exception):
    """The document is larger than the limit."""


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
    decoding. No layer of it is decoded further than to the limit, rounded up to a codec's buffer.
    """

    def __init__(self, encoding: str, limit: int) -> None:
        self._labels = frozenset(label.strip().lower() for label in encoding.split(","))
        self._limit = limit
        self._head = b""  # the first bytes, until there are enough of them to decide
        self._codec: Codec | None = None
        self._raw = 0
        self._decoded = 0
        self._parts: list[bytes] = []

    def feed(self, data: bytes) -> None:
        """Take some more bytes. Raises TooBig or Damaged."""
        self._raw += len(data)
        if self._raw > self._limit:
            raise TooBig
        if self._codec is None:
            self._head += data
            if len(self._head) < HEAD:
                return
            data, self._codec = self._head, choose(self._head, self._labels)
        self._keep(self._codec, data)

    def finish(self) -> bytes:
        """Return the document; the answer has ended. Raises TooBig or Damaged."""
        if self._codec is None:
            self._codec = choose(self._head, self._labels)
            self._keep(self._codec, self._head)
        self._codec.close()
        body = b"".join(self._parts)
        if isinstance(self._codec, Identity):
            return body
        # A .gz file that was sent with Content-Encoding: gzip, or two encodings. A third is nobody's mistake.
        left = self._labels & {"br"} if not isinstance(self._codec, Brotli) else frozenset[str]()
        inner = choose(body[:HEAD], left)
        if isinstance(inner, Identity):
            return body
        body = inner.feed(body, self._limit + 1)
        if len(body) > self._limit:
            raise TooBig
        inner.close()
        return body

    def so_far(self) -> bytes:
        """Return what has been decoded, at most `limit` bytes of it: for who needs only the beginning."""
        return b"".join(self._parts)[: self._limit]

    def _keep(self, codec: Codec, data: bytes) -> None:
        part = codec.feed(data, self._limit - self._decoded + 1)
        self._decoded += len(part)
        if part:
            self._parts.append(part)
        if self._decoded > self._limit:
            raise TooBig


def choose(head: bytes, labels: frozenset[str]) -> Codec:
    """Return what undoes bytes that begin with `head`. Raises Damaged if nothing of ours does."""
    if head.startswith(GZIP):
        return Inflate(GZIP_WINDOW)
    if head.startswith(ZSTD):
        return Zstd()
    if _is_text(head) or not head:
        return Identity()
    if _is_zlib(head):
        return Inflate(zlib.MAX_WBITS)
    return _by_label(labels)


def _by_label(labels: frozenset[str]) -> Codec:
    """Return what undoes bytes that are no text and have no magic number."""
    if "deflate" in labels:
        return Inflate(-zlib.MAX_WBITS)  # without its wrapper, as old servers send it
    if labels & {"br", "gzip", "x-gzip", "zstd"}:
        return Brotli()  # it claims to be compressed, and is none of the others
    if foreign := labels & FOREIGN:
        raise Damaged(f"it is compressed with {', '.join(sorted(foreign))}, which we did not ask for")
    return Identity()


def _is_zlib(head: bytes) -> bool:
    return len(head) > 1 and head[0] & 0x0F == 8 and int.from_bytes(head[:2], "big") % 31 == 0  # RFC 1950 2.2


def _is_text(head: bytes) -> bool:
    """Whether bytes look like the beginning of a document: no control characters, or a mark or tag first.

    Compressed bytes pass by accident once in about 10 ** 20 times.
    """
    if head.startswith(BOMS) or head[:1] == b"<":
        return True
    if not CONTROLS.isdisjoint(head):
        return False
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return error.start >= len(head) - 3  # cut in the middle of a character
    return True
