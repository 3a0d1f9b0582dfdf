"""A mail taken apart into headers and parts, whatever is broken in it (RFC 2045, 2046).

A reader of our own: the standard library's recurses as deep as a mail is nested and has no limit for
anything. Here each octet is looked at a fixed number of times: sizes, depth, parts and header fields have
limits, and what is beyond them is not read. Line ends may be CRLF, LF or CR.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from syndicator.deliver.bounce.letters import decoded, words

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DEPTH: Final = 6
MAX_PARTS: Final = 60  # of one mail, at all depths
MAX_FIELDS: Final = 400  # of one header
MAX_FIELD: Final = 8_000  # octets of one field that are kept

_FIELD = re.compile(rb"([!-9;-~]{1,80})[ \t]*:(.*)", re.DOTALL)
_PARAMETER = re.compile(
    r""";\s*([a-z0-9_-]{1,40})\*?\s*=\s*(?:"([^"]{0,400})"|([^\s;"]{1,400}))""", re.IGNORECASE
)
_GUESSED = re.compile(rb"(?m)^--(\S[^\n]{0,90})\nContent-[A-Za-z-]{1,40}:", re.IGNORECASE)
_GUESS_WITHIN: Final = 2_000  # octets of a body that has no boundary and ought to
_PREAMBLE: Final = 200  # octets before the first boundary, where no header says that there is one
_REPORTS: Final = (
    "message/delivery-status",
    "message/global-delivery-status",
    "message/disposition-notification",
)
_NESTED: Final = ("message/rfc822", "message/global", "message/news")
HEADERS_ONLY: Final = (
    "text/rfc822-headers",
    "text/rfc822-header",
    "message/global-headers",
    "message/rfc822-headers",
)


@dataclass(slots=True)
class Part:
    """One part of a mail: header fields by lower-case name, its body as octets (LF), and the parts in it."""

    fields: dict[str, list[str]]
    body: bytes
    parts: list[Part] = field(default_factory=list)

    def get(self, name: str) -> str:
        """Give the first field of a name (lower case), or nothing."""
        found = self.fields.get(name)
        return found[0] if found else ""

    @property
    def kind(self) -> str:
        """The media type, in lower case."""
        said = self.get("content-type").partition(";")[0].strip().lower()
        return said if "/" in said else "text/plain"

    def parameter(self, name: str) -> str:
        """Give a parameter of Content-Type, or nothing."""
        for found in _PARAMETER.finditer(self.get("content-type")[:2_000]):
            if found[1].lower() == name:
                return found[2] if found[2] is not None else found[3]
        return ""

    @property
    def text(self) -> str:
        """The body as text, its transfer encoding and charset undone."""
        return decoded(self.octets, self.parameter("charset"))

    @property
    def octets(self) -> bytes:
        """The body with its transfer encoding undone; what is no base64 stays as it is."""
        encoding = self.get("content-transfer-encoding").strip().lower()
        if encoding == "quoted-printable":
            return binascii.a2b_qp(self.body)
        if encoding == "base64":
            try:
                return binascii.a2b_base64(re.sub(rb"[^A-Za-z0-9+/=]", b"", self.body)).replace(
                    b"\r\n", b"\n"
                )
            except binascii.Error:
                return self.body
        return self.body

    def walk(self) -> Iterator[Part]:
        """Give this part and all in it, in their order."""
        yield self
        for each in self.parts:
            yield from each.walk()


def parse(raw: bytes) -> Part:
    """Take a mail apart."""
    lines = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").lstrip(b"\n \t")
    return _part(lines, MAX_DEPTH, [MAX_PARTS])


def _part(raw: bytes, depth: int, left: list[int]) -> Part:
    left[0] -= 1
    fields, body = header(raw)
    part = Part(fields, body)
    kind = part.kind
    if depth <= 0 or left[0] <= 0:
        return part
    boundary = (
        part.parameter("boundary").encode("latin-1", "replace") if kind.startswith("multipart/") else b""
    )
    if not boundary or b"--" + boundary not in body:
        boundary = _guess(part, top=depth == MAX_DEPTH)
    if boundary:
        for piece in _pieces(body, boundary)[: left[0]]:
            if left[0] > 0:
                part.parts.append(_part(piece, depth - 1, left))
    elif kind in _NESTED:
        part.parts.append(_part(part.octets.lstrip(b"\n"), depth - 1, left))
    return part


def _guess(part: Part, *, top: bool) -> bytes:
    """Find the boundary of a mail whose header has lost it."""
    within = _GUESS_WITHIN if part.kind.startswith("multipart/") else 0
    if top and not part.get("content-type"):
        within = _PREAMBLE
    found = _GUESSED.search(part.body[:within])
    return found[1].rstrip() if found else b""


def _pieces(body: bytes, boundary: bytes) -> list[bytes]:
    """Cut a multipart body at its boundary; what is before the first and after the last is nothing."""
    found = (b"\n" + body).split(b"\n--" + boundary, MAX_PARTS + 1)[1:]
    pieces = []
    for each in found:
        if each.startswith(b"--"):
            break
        _, _, rest = each.partition(b"\n")
        pieces.append(rest)
    return pieces


def header(raw: bytes) -> tuple[dict[str, list[str]], bytes]:
    """Read header fields (unfolded, decoded) up to the first line that is none, and give the rest."""
    fields: dict[str, list[str]] = {}
    position, count, last = 0, 0, ""
    while position < len(raw):
        end = raw.find(b"\n", position)
        end = len(raw) if end < 0 else end
        line = raw[position:end]
        if not line.strip():
            return fields, raw[end + 1 :]
        if line[:1] in b" \t":
            if last and len(fields[last][-1]) < MAX_FIELD:
                fields[last][-1] += " " + words(line[:MAX_FIELD].strip())
        elif found := _FIELD.fullmatch(line[:MAX_FIELD]):
            count += 1
            last = found[1].decode("ascii").lower() if count <= MAX_FIELDS else ""
            if last:
                fields.setdefault(last, []).append(words(found[2].strip()))
        elif line.startswith((b"From ", b">From ")):
            last = ""  # a line of an mbox
        else:
            return fields, raw[position:]
        position = end + 1
    return fields, b""


def is_report(part: Part) -> bool:
    """Whether a part is a delivery status notification."""
    return part.kind in _REPORTS[:2]
