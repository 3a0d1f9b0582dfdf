"""Header fields as ASCII bytes: cleaning, encoded words, addresses, URIs, folding, and the check of it all.

Titles are hostile. Nothing here decodes anything: a title that looks like an encoded word of RFC 2047 is
encoded once more, so that readers see it as it was written. `email.header.Header` only ever encodes here.
"""

from __future__ import annotations

import re
from email.header import Header
from typing import TYPE_CHECKING
from urllib.parse import quote

from syndicator import address
from syndicator.errors import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Sequence

CRLF = "\r\n"
WIDTH = 76  # columns that a line with an encoded word may have, RFC 2047 section 2
MAX_LINE = 998  # octets without CRLF, RFC 5322 2.1.1
MAX_TEXT = 2000  # characters of a title or a name; mail clients show some 100

_SPACES = re.compile(r"[\t-\r \x1c-\x1f\x85\u2028\u2029]+")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_PRINTABLE = re.compile(r"[ -~]*")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_FIELD = re.compile(rb"([!-9;-~]+): [!-~][ -~]*(?:\r\n[ \t]+[!-~][ -~]*)*\r\n")
_URI = "!#$%&'()*+,/:;=?@[]~"  # what RFC 3986 lets stand as it is, beside letters, digits and -._~


def clean(text: str) -> str:
    """Make one line of `text`, at most `MAX_TEXT` characters long. Idempotent.

    Without C0, C1, DEL, bidi controls, line separators, lone surrogates and runs of spaces.
    """
    text = _UNSEEN.sub("", _SPACES.sub(" ", text))
    return _SPACES.sub(" ", _SURROGATE.sub("\ufffd", text)).strip(" ")[:MAX_TEXT].rstrip(" ")


def unstructured(name: str, text: str) -> str:
    """Write free text as the body of the field `name` (RFC 5322 2.2.1, RFC 2047), folded."""
    text = clean(text)
    plain = _folded(text, indent=len(name) + 2) if _is_plain(text) else None
    return encoded(text, indent=len(name) + 2) if plain is None else plain


def mailbox(name: str, display: str, text: str) -> str:
    """Write an address from its parts as the body of the field `name` (RFC 5322 3.4), folded.

    An address that is not ASCII becomes an empty group that is named after it (as RFC 6857 does): without
    SMTPUTF8 a header cannot hold it. Raises DeliveryError if `text` is no address.
    """
    found = address.parse(text)
    if found is None:
        raise DeliveryError(f"{clean(text)!r} is no e-mail address")
    if not found.is_ascii:
        return encoded(f"{clean(display)} {found}".lstrip(), indent=len(name) + 2) + CRLF + " :;"
    said = phrase(display, indent=len(name) + 2)
    if not said:
        return str(found)
    room = WIDTH if CRLF in said else WIDTH - len(name) - 2
    gap = " " if len(said.rpartition(CRLF)[2]) + len(str(found)) + 3 <= room else CRLF + " "
    return f"{said}{gap}<{found}>"


def phrase(text: str, *, indent: int) -> str:
    """Write a name that stands before an address or identifier: bare, quoted or encoded (RFC 5322 3.2.5)."""
    text = clean(text)
    if not _is_plain(text) or len(text) + 2 > WIDTH - indent:
        return encoded(text, indent=indent)
    if not text or _ATOMS.fullmatch(text):
        return text
    return '"{}"'.format(text.replace("\\", r"\\").replace('"', r"\""))


def encoded(text: str, *, indent: int) -> str:
    """Write text as encoded words (RFC 2047): each ≤ 75 octets, cut between characters, one a line."""
    return Header(text, "utf-8", maxlinelen=WIDTH, header_name=" " * (indent - 2)).encode(linesep=CRLF)


def uri(text: str) -> str:
    """Write a URI in angle brackets, whole, on one line; what may not stand in one is percent-encoded."""
    return f"<{quote(_SURROGATE.sub('', text), safe=_URI)}>"


def block(fields: Sequence[tuple[str, str]]) -> bytes:
    """Put fields (name, folded body) together and check the bytes: what was meant is there and nothing else.

    Raises DeliveryError unless the block is ASCII, holds exactly these fields in this order, has no bare CR
    or LF, no empty line, and no line over 998 octets (RFC 5322 2.1.1).
    """
    text = "".join(f"{name}: {body}{CRLF}" for name, body in fields)
    if not text.isascii():
        raise DeliveryError("a header field is not ASCII")
    made = text.encode("ascii")
    seen, at = [], 0
    while found := _FIELD.match(made, at):
        seen.append(found[1].decode("ascii"))
        at = found.end()
    if at != len(made) or seen != [name for name, _ in fields]:
        raise DeliveryError(
            f"the header block does not hold the fields that were meant: {made[at : at + 80]!r}"
        )
    if (longest := max(map(len, made.split(b"\r\n")))) > MAX_LINE:
        raise DeliveryError(f"a header line has {longest} octets, and {MAX_LINE} are allowed")
    return made


def _is_plain(text: str) -> bool:
    """Whether text may stand as it is: printable ASCII in which no reader can see an encoded word."""
    return "=?" not in text and _PRINTABLE.fullmatch(text) is not None


def _folded(text: str, *, indent: int) -> str | None:
    """Break text before spaces so that lines stay within WIDTH; None if a word is too long for that."""
    lines, room = [], WIDTH - indent
    line = ""
    for word in text.split(" "):
        if len(word) > WIDTH - 1:
            return None
        if line and len(line) + 1 + len(word) > room:
            lines.append(line)
            line, room = word, WIDTH - 1
        else:
            line = f"{line} {word}" if line else word
    return f"{CRLF} ".join([*lines, line])
