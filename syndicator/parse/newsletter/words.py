"""Encoded-words (RFC 2047) and raw bytes in header fields → one clean line.

Not by `email.header`: it refuses damaged base64, and mailers in the East cut one character over two words,
which only the joined bytes can give back. Nothing that comes out is ever put into a header again.
"""

from __future__ import annotations

import binascii
import re
from typing import Final

from syndicator.parse.charset import decode

_WORD: Final = re.compile(r"=\?([\w.:+-]{1,40})(?:\*[\w-]{0,20})?\?([BbQq])\?([^?]*)\?=")
_BETWEEN: Final = re.compile(r"(\?=)\s+(?==\?)")
_ESCAPE: Final = re.compile(rb"=([0-9A-Fa-f]{2})")
_NO_BASE64: Final = re.compile(rb"[^A-Za-z0-9+/]")
# Controls but white space, marks that turn text around (UAX 9), zero-width spaces and their like.
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069"
    "\ufeff\ufff9-\uffff\ud800-\udfff]"
)
MAX_LINE: Final = 1_000  # characters


def decoded(value: str) -> str:
    """Decode the words of a field's body; white space between two of them is nothing (RFC 2047 6.2)."""
    if not value.isascii():
        value = decode(value.encode("utf-8", "surrogateescape"))
    pieces: list[str] = []
    place = 0
    text = _BETWEEN.sub(r"\1", value)
    run: tuple[str, bytes] = ("", b"")
    for word in _WORD.finditer(text):
        charset, octets = word[1].lower(), _octets(word[2], word[3])
        if word.start() == place and run[0] == charset:
            run = (charset, run[1] + octets)
        else:
            pieces += [_told(run), text[place : word.start()]]
            run = (charset, octets)
        place = word.end()
    return line("".join([*pieces, _told(run), text[place:]]))


def line(text: str) -> str:
    """Give one line without controls, bidi controls and what no eye sees, of at most MAX_LINE characters."""
    return " ".join(_UNSEEN.sub("", text[: 4 * MAX_LINE]).split())[:MAX_LINE]


def _told(run: tuple[str, bytes]) -> str:
    charset, octets = run
    return decode(octets, f"text/plain; charset={charset}") if octets else ""


def _octets(encoding: str, text: str) -> bytes:
    coded = text.encode("ascii", "replace")
    if encoding in "Qq":
        return _ESCAPE.sub(lambda found: bytes.fromhex(found[1].decode()), coded.replace(b"_", b" "))
    coded = _NO_BASE64.sub(b"", coded)
    coded = coded[: len(coded) - (len(coded) % 4 == 1)]
    return binascii.a2b_base64(coded + b"=" * (-len(coded) % 4))
