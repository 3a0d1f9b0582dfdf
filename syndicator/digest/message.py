"""A complete mail as bytes, and the personal parts of a text that many readers share.

A MIME writer of our own: the standard library's `EmailMessage` breaks List-Unsubscribe and long encoded words
whatever its policy, and takes five times as long. Tests read what is written here with `email` and its modern
policy.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from html import escape
from math import ceil
from typing import TYPE_CHECKING

from syndicator import address
from syndicator.digest.fields import clean
from syndicator.digest.headers import Facts, header
from syndicator.errors import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Mapping

_AS_IT_IS = bytes(octet for octet in range(32, 127) if octet != ord("=")) + b"\r\n"
_NO_LETTER = re.compile(r"[^A-Za-z0-9-]+")


def write(facts: Facts, *, text: str, html: str) -> bytes:
    """Write an RFC 5322 message: multipart/alternative, text first and HTML last (RFC 2046 5.1.4), CRLF only.

    Pure ASCII, no line over 998 octets, the same bytes for the same arguments. Line ends of the bodies
    become CRLF and lone surrogates `?`; nothing else of them changes. Raises DeliveryError where a fact
    cannot stand in a header.
    """
    parts = [_part("plain", text), _part("html", html)]
    boundary = _boundary(parts)
    kind = f'multipart/alternative;\r\n boundary="{boundary}"'
    head = header(facts, ("MIME-Version", "1.0"), ("Content-Type", kind))
    line = b"--" + boundary.encode("ascii")
    return b"\r\n".join([head, *(line + b"\r\n" + part for part in parts), line + b"--", b""])


def message_id(edition: str, subscriber: int, sender: str) -> str:
    """Name a message: unique, and the same again when it is sent again (RFC 5322 3.6.4).

    Raises DeliveryError if `sender` is no address.
    """
    found = address.parse(sender)
    if found is None:
        raise DeliveryError(f"the sender {clean(sender)!r} is no e-mail address", hint="set `from` in `mail`")
    return f"<{_NO_LETTER.sub('-', edition)}.{subscriber}@{found.domain.strip('[]').replace(':', '-')}>"


def mark(name: str, edition: str, key: bytes) -> str:
    """Make what stands for a personal part until `personalise`: letters and digits, the first a letter.

    No publisher can guess it (HMAC-SHA-256 under `key`), so nobody's article can hold it.
    """
    said = f"{name}\0{edition}".encode()
    return "m" + hmac.new(key, said, hashlib.sha256).hexdigest()[:32]


def personalise(text: str, marks: Mapping[str, str], *, html: bool) -> str:
    """Put the reader's values (by mark) into a shared text, escaped where it is HTML.

    In one pass: a value that holds a mark stays as it is.
    """
    if not marks:
        return text
    values = {each: escape(value) if html else value for each, value in marks.items()}
    return re.sub("|".join(map(re.escape, values)), lambda found: values[found[0]], text)


def _part(subtype: str, text: str) -> bytes:
    """Write one body part with its own header, in the shorter of the two encodings (RFC 2045 section 6)."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
    name, body = _encode(lines.encode("utf-8", "replace"))
    head = f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: {name}\r\n\r\n"
    return head.encode("ascii") + body


def _encode(data: bytes) -> tuple[str, bytes]:
    in_base64 = ceil(len(data) / 3) * 4 + max(ceil(len(data) / 57) - 1, 0) * 2
    # Each of these octets takes two more: Chinese text need not be tried in quoted-printable at all.
    escaped = len(data.translate(None, _AS_IT_IS))
    if len(data) + 2 * escaped <= in_base64:
        quoted = binascii.b2a_qp(data, istext=True)
        if b"\n" not in data:  # else the library's soft line ends are like those of the data
            quoted = quoted.replace(b"\n", b"\r\n")
        if len(quoted) <= in_base64:
            return "quoted-printable", quoted
    return "base64", base64.encodebytes(data).replace(b"\n", b"\r\n").removesuffix(b"\r\n")


def _boundary(parts: list[bytes]) -> str:
    # "=_" occurs in neither encoding (RFC 2045 6.7), so no body can hold the boundary.
    return "=_" + hashlib.blake2b(b"\0".join(parts), digest_size=15).hexdigest()
