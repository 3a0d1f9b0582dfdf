"""A mail taken apart (RFC 5322, 2045, 2046), whatever it is built to cost.

The standard library reads the header of each part and undoes transfer encodings. The body is cut into parts
here: email.feedparser looks at each line once for each enclosing multipart, so that a few megabytes of empty
lines in a hundred nested parts hold it for minutes (measured: 2 s for 4 MB in one part).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from typing import TYPE_CHECKING, Final

from syndicator.parse.charset import decode
from syndicator.parse.newsletter.words import decoded

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_HEADER: Final = 256 * 1024  # octets of one header block; of what lies beyond nothing is read
MAX_FIELD: Final = 8_000  # characters of one field
MAX_PARTS: Final = 200
MAX_DEPTH: Final = 10
MAX_TEXT: Final = 4 * 1024 * 1024  # octets of one text part

# Fields (RFC 5322 3.6.8) with their continuations. The first other line ends the header, also one that is not
# empty: what email.parser finds behind the last field it gives decoded, so that octets are lost.
_HEADER: Final = re.compile(
    rb"(?:(?:From |[!-9;-~]*+:)[^\r\n]*+(?:\r\n?|\n|\Z)(?:[ \t][^\r\n]*+(?:\r\n?|\n|\Z))*+)*+"
)
_LINE_END: Final = re.compile(rb"(?:\r\n?|\n)?")
_FOLD: Final = re.compile(r"\r?\n[ \t]+|[\r\n]+")
_META_CHARSET: Final = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w:.-]{1,40})""", re.IGNORECASE
)
_MBOX: Final = re.compile(rb"(?:>?From [^\n]*\n)+")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a mail: its header, and its body as it stands, still encoded."""

    header: Message
    body: bytes

    @property
    def type(self) -> str:
        """The media type in lower case; text/plain where there is none (RFC 2045 5.2)."""
        return self.header.get_content_type()

    def field(self, name: str) -> str:
        """Give the first field of this name, unfolded and decoded, one clean line; empty if there is none."""
        return decoded(self.raw_field(name))

    def fields(self, name: str) -> tuple[str, ...]:
        """Give all fields of this name, unfolded and decoded."""
        return tuple(decoded(_unfolded(value)) for value in self._all(name))

    def raw_field(self, name: str) -> str:
        """Give the first field of this name, unfolded; encoded-words stay: addresses are read first."""
        return _unfolded(next(iter(self._all(name)), ""))

    def _all(self, name: str) -> list[str]:
        # `get` would replace all bytes beyond ASCII; here they are still there, as surrogates.
        return [str(value) for found, value in self.header.raw_items() if found.lower() == name.lower()][:50]

    def text(self) -> str:
        """Give the body of a text part as text, by its bytes, its declaration, HTML's own, or a guess."""
        content = self.content()[:MAX_TEXT]
        declared = self.raw_field("Content-Type")
        if "charset" not in declared.lower() and (inside := _META_CHARSET.search(content[:4000])):
            declared = f"text/html; charset={inside[1].decode('ascii', 'replace')}"
        return decode(content, declared)

    def content(self) -> bytes:
        """Undo the transfer encoding; what is damaged is read as far as it goes."""
        whole = Message(policy=compat32)
        encoding = self.raw_field("Content-Transfer-Encoding").split(";")[0].strip().lower()
        whole["Content-Transfer-Encoding"] = encoding
        whole.set_payload(self.body.decode("ascii", "surrogateescape"))
        try:
            got = whole.get_payload(decode=True)
        except (ValueError, AssertionError):  # some damaged uuencoded and base64 bodies
            return self.body
        return got if isinstance(got, bytes) else self.body


def root(raw: bytes) -> Part:
    """Read the header of a mail; a line `From …` of an mbox before it is passed over."""
    mbox = _MBOX.match(raw[:MAX_FIELD])
    return _part(raw[mbox.end() :] if mbox else raw)


def leaves(part: Part) -> Iterator[Part]:
    """Give the parts that hold no other parts, in order, at most MAX_PARTS; attached mails stay shut."""
    waiting = [(part, 0)]
    for _ in range(MAX_PARTS):
        if not waiting:
            return
        here, depth = waiting.pop()
        boundary = _boundary(here)
        inside = _cut(here.body, boundary) if boundary and depth < MAX_DEPTH else ()
        if inside:
            waiting += [(_part(each), depth + 1) for each in reversed(inside)]
        else:
            yield here


def _part(raw: bytes) -> Part:
    found = _HEADER.match(raw)
    end = found.end() if found else 0
    if not end:
        return Part(Message(policy=compat32), raw.lstrip(b"\r\n"))
    header = BytesHeaderParser(policy=compat32).parsebytes(raw[: min(end, MAX_HEADER)] + b"\n\n")
    blank = _LINE_END.match(raw, end)
    return Part(header, raw[blank.end() if blank else end :])


def _boundary(part: Part) -> bytes:
    if part.header.get_content_maintype() != "multipart":
        return b""
    declared = str(part.header.get("Content-Type", ""))  # a Header where it holds strange bytes
    if len(declared) > MAX_FIELD:
        return b""
    try:
        boundary = part.header.get_boundary("")
    except (ValueError, LookupError):  # RFC 2231 gone wrong
        return b""
    return (boundary or "").strip().encode("ascii", "replace")[:200]  # others do not exist (RFC 2046)


def _cut(body: bytes, boundary: bytes) -> tuple[bytes, ...]:
    """Cut at the lines that are the boundary (RFC 2046 5.1.1); nothing after the closing one."""
    line = re.compile(rb"^--" + re.escape(boundary) + rb"(--)?[ \t]*\r?(?:\n|\Z)", re.MULTILINE)
    parts: list[bytes] = []
    begin = -1
    for mark in line.finditer(body):
        if begin >= 0:
            parts.append(_without_last_line_end(body[begin : mark.start()]))
        begin = mark.end()
        if mark[1] or len(parts) >= MAX_PARTS:
            return tuple(parts)
    return (*parts, body[begin:]) if begin >= 0 else ()


def _without_last_line_end(body: bytes) -> bytes:
    return body.removesuffix(b"\n").removesuffix(b"\r")


def _unfolded(value: str) -> str:
    return _FOLD.sub(" ", value[:MAX_FIELD]).strip()
