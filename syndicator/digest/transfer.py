"""Content-Transfer-Encoding (RFC 2045 section 6): bodies as ASCII lines that DKIM need not change.

Relaxed canonicalisation (RFC 6376 3.4.4) drops white space at the end of a line and makes one space of any
other. What is written here has none that it would change, so the bytes' hash is that of the canonical body.
"""

from __future__ import annotations

import base64
import binascii
import re
from math import ceil
from typing import Literal, TypeAlias

Encoding: TypeAlias = Literal["quoted-printable", "base64"]

BASE64_LINE = 57  # octets that make a line of 76

_AS_IT_IS = bytes(octet for octet in range(32, 127) if octet != ord("=")) + b"\r\n"
_CHANGED = re.compile(rb"\t| (?=[ \t])")  # what relaxed canonicalisation would make another space of
_SPARE = bytes({*range(1, 9), *range(14, 32)})  # controls that one text hardly uses all


def octets(text: str) -> bytes:
    """Write text in UTF-8 with CRLF line ends; lone surrogates become `?`."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
    return lines.encode("utf-8", "replace")


def choose(data: bytes) -> Encoding:
    """Choose the encoding that is shorter, quoted-printable (which people can read) if both are alike."""
    in_base64 = ceil(len(data) / 3) * 4 + max(ceil(len(data) / BASE64_LINE) - 1, 0) * 2
    # Each of these octets takes two more: Chinese text need not be tried in quoted-printable at all.
    escaped = len(data.translate(None, _AS_IT_IS))
    if len(data) + 2 * escaped > in_base64:
        return "base64"
    return "quoted-printable" if len(_quoted(data)) <= in_base64 else "base64"


def encode(data: bytes, encoding: Encoding) -> bytes:
    """Encode, CRLF only, no line over 76 octets, no line end that the data does not have at its end."""
    if encoding == "base64":
        return base64.encodebytes(data).replace(b"\n", b"\r\n").removesuffix(b"\r\n")
    return _quoted(data)


def cut(data: bytes, before: int, encoding: Encoding) -> tuple[bytes, bytes]:
    """Encode as much of the data as ends at or before the index, and can be joined with the rest encoded.

    Return (that part encoded, the rest of the data).
    """
    if encoding == "base64":
        at = before - before % BASE64_LINE
        return (encode(data[:at], encoding) + b"\r\n" if at else b""), data[at:]
    at = data.rfind(b"\r\n", 0, before)
    at = at + 2 if at >= 0 else 0
    return encode(data[:at], encoding), data[at:]


def _quoted(data: bytes) -> bytes:
    """Write quoted-printable, with spaces as they are only where each stands alone within a line."""
    if not _CHANGED.search(data):
        return _lines(binascii.b2a_qp(data, istext=True), data)
    free = [octet for octet in _SPARE if octet not in data][:2]
    if len(free) < len(b" \t"):
        return _lines(binascii.b2a_qp(data, istext=True, quotetabs=True), data)
    space, tab = (bytes([octet]) for octet in free)
    stand_in = _CHANGED.sub(lambda found: space if found[0] == b" " else tab, data)
    quoted = binascii.b2a_qp(stand_in, istext=True)  # "=" is "=3D", so nothing else looks like the stand-ins
    return _lines(quoted.replace(b"=%02X" % free[0], b"=20").replace(b"=%02X" % free[1], b"=09"), data)


def _lines(quoted: bytes, data: bytes) -> bytes:
    """Mend the library's soft line ends, which are like those of the data, if that has any."""
    return quoted if b"\n" in data else quoted.replace(b"\n", b"\r\n")
