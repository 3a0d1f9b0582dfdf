"""Content codings: which one a request gets (RFC 9110 12.5.3), and how documents are packed."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable  # noqa: TC003  a field's type
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import brotli  # type: ignore[import-untyped]
from backports import zstd

IDENTITY: Final = ""
_WEIGHT: Final = re.compile(r"(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)", re.ASCII)  # RFC 9110 12.4.2
_LONGEST: Final = 200  # characters of a header that is remembered


@dataclass(frozen=True, slots=True)
class Coding:
    """A way to pack: the ending of its files, the mark in its tags, and both directions."""

    ending: str
    mark: str
    pack: Callable[[bytes], bytes]
    unpack: Callable[[bytes], bytes]


def _brotli(body: bytes) -> bytes:
    packed: bytes = brotli.compress(body, quality=5)
    return packed


# The best first. Levels: what comes after these costs ten times the time for a tenth of the bytes.
CODINGS: Final[dict[str, Coding]] = {
    "br": Coding(".br", "-br", _brotli, brotli.decompress),
    "zstd": Coding(".zst", "-zst", lambda body: zstd.compress(body, level=6), zstd.decompress),
    "gzip": Coding(".gz", "-gz", lambda body: gzip.compress(body, 6, mtime=0), gzip.decompress),
}


def wanted(accept_encoding: str) -> tuple[str, ...]:
    """Order the codings that may be sent, the one to prefer first; `IDENTITY` is plain bytes.

    What has the higher weight comes first, what is smaller where weights are equal. Plain bytes are always
    among them: a client that refuses them too is better served by what it refused than by an error.
    """
    return _remembered(accept_encoding) if len(accept_encoding) <= _LONGEST else _order(accept_encoding)


def takes_plain(accept_encoding: str) -> bool:
    """Whether plain bytes may be sent: they may unless they are refused (RFC 9110 12.5.3)."""
    weights = _weights(accept_encoding.lower())
    return weights.get("identity", weights.get("*", 1.0)) > 0


def _order(accept_encoding: str) -> tuple[str, ...]:
    weights = _weights(accept_encoding.lower())
    others = weights.get("*", 0.0)
    plain = weights.get("identity", others if "*" in weights else 0.001)
    listed = {name: weights.get(name, others) for name in CODINGS} | {IDENTITY: plain}
    if "gzip" not in weights and "x-gzip" in weights:  # the same (RFC 9110 8.4.1.3)
        listed["gzip"] = weights["x-gzip"]
    able = [name for name, weight in listed.items() if weight > 0 or name == IDENTITY]
    return tuple(sorted(able, key=lambda name: -listed[name]))  # stable: CODINGS has the order of size


_remembered = lru_cache(maxsize=256)(_order)


def _weights(accept_encoding: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for part in accept_encoding.split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        weight = next((p[2:].strip() for p in parameters if p.startswith("q=")), "1")
        if name:
            found[name] = float(weight) if _WEIGHT.fullmatch(weight) else 0.0
    return found
