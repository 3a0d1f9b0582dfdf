"""A strict reader of mails that shares nothing with the writer, nor with Python's `email`.

What RFC 5322, 2045, 2046, 2047, 2369 and 8058 do not allow is a `Fault`.

It knows as much of them as our mails may use: two text parts, ASCII, no comments, nothing obsolete.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

ONCE = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Reply-To",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "List-Help",
    "List-Archive",
    "List-Post",
    "Feedback-ID",
    "Content-Language",
    "Auto-Submitted",
    "Precedence",
    "MIME-Version",
    "Content-Type",
]
MANY = ("DKIM-Signature",)
DAYS, MONTHS = "Mon|Tue|Wed|Thu|Fri|Sat|Sun", "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
DATE = re.compile(rf"(?:{DAYS}), \d\d? (?:{MONTHS}) \d{{4}} [0-2]\d:[0-5]\d:[0-6]\d [+-]\d{{4}}")
ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
DOT_ATOM = rf"{ATEXT}(?:\.{ATEXT})*"
QUOTED = r'"(?:[ !#-\[\]-~]|\\[ -~])*"'
DOMAIN = rf"(?:{DOT_ATOM}|\[[!-Z^-~]*\])"
ADDR_SPEC = rf"(?:{DOT_ATOM}|{QUOTED})@{DOMAIN}"
PHRASE = rf"(?:{ATEXT}|{QUOTED})(?: +(?:{ATEXT}|{QUOTED}))*"
MAILBOX = re.compile(rf"(?:(?:(?P<phrase>{PHRASE}) +)?<(?P<angle>{ADDR_SPEC})>|(?P<bare>{ADDR_SPEC}))")
EMPTY_GROUP = re.compile(rf"(?P<phrase>{PHRASE}) *:;")
MSG_ID = re.compile(rf"<{DOT_ATOM}@{DOMAIN}>")
LIST_ID = re.compile(rf"(?:(?:{PHRASE}) +)?<{DOT_ATOM}>")
WORD = re.compile(r"=\?([A-Za-z0-9_-]+)\?([BbQq])\?([!->@-~]*)\?=")
URI = re.compile(r"<([a-z]+:[A-Za-z0-9%!#$&'()*+,/:;=?@\[\]~._-]+)>")
TAG = re.compile(r"\s*([a-z]+)\s*=\s*([^;]*?)\s*(?:;|$)")
CONTENT_TYPE = re.compile(r'(\w+/\w+)((?:; *\w+=(?:"[^"\\]*"|[\w.=-]+))*)')


class Fault(Exception):
    """A rule that was broken."""


def check(condition: object, rule: str) -> None:
    if not condition:
        raise Fault(rule)


@dataclass
class Part:
    """A body, decoded."""

    kind: str
    text: str


@dataclass
class Read:
    """A mail that breaks no rule."""

    fields: list[tuple[str, str]]  # in order, unfolded
    parts: list[Part]

    def __getitem__(self, name: str) -> str:
        (value,) = (value for each, value in self.fields if each == name)
        return value

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.fields]

    def uris(self, name: str) -> list[str]:
        return [found[1] for found in URI.finditer(self[name])]

    def signed(self) -> list[list[str]]:
        """The fields that each signature covers, in lower case, as often as it names them."""
        values = [value for name, value in self.fields if name == "DKIM-Signature"]
        tags = [dict(TAG.findall(value)) for value in values]
        return [re.sub(r"\s", "", each["h"]).lower().split(":") for each in tags]


def read(raw: bytes) -> Read:
    """Read a mail; raises Fault."""
    check(re.fullmatch(rb"[\t\r\n -~]*", raw), "ASCII without controls")
    check(raw.count(b"\r\n") == raw.count(b"\r") == raw.count(b"\n"), "RFC 5322 2.3: CRLF only")
    check(max(map(len, raw.split(b"\r\n"))) <= 998, "RFC 5322 2.1.1: lines of 998 octets")
    head, blank, body = raw.decode("ascii").partition("\r\n\r\n")
    check(blank, "an empty line ends the header")
    fields = header(head)
    names = [name for name, _ in fields]
    for name in names:
        check(name in ONCE or name in MANY, f"a field that is not ours: {name}")
        check(name in MANY or names.count(name) == 1, f"RFC 5322 3.6: {name} once")
    found = Read(fields, [])
    _structured(found)
    found.parts = _multipart(found["Content-Type"], body)
    return found


def header(head: str) -> list[tuple[str, str]]:
    """Unfold fields (RFC 5322 2.2.3)."""
    fields: list[list[str]] = []
    for line in head.split("\r\n"):
        check(line.strip(" \t"), "RFC 5322 3.2.2: no line of white space alone")
        check(line == line.rstrip(" \t"), "no white space at the end of a line")
        if line[0] in " \t":
            check(fields, "the first line begins a field")
            fields[-1][1] += line
            continue
        named = re.match(r"([!-9;-~]+): (.*)", line)
        check(named, f"RFC 5322 2.2: a field name: {line[:60]!r}")
        assert named
        fields.append([named[1], named[2]])
        check("=?" not in line or len(line) <= 76, "RFC 2047 2: lines with encoded words have 76 columns")
    return [(name, value) for name, value in fields]


def words(text: str) -> str:
    """Decode the encoded words of a field or phrase (RFC 2047); each must stand alone and be whole."""
    said, last = [], None
    for piece in re.split(r"( +)", text):
        found = WORD.fullmatch(piece)
        check(found or "=?" not in piece, f"RFC 2047 5: no encoded word within a word: {piece[:60]!r}")
        if found:
            check(len(piece) <= 75, "RFC 2047 2: encoded words have 75 characters")
            if last == "word":
                said.pop()  # white space between two encoded words is none
            said.append(_word(found))
        else:
            said.append(piece)
        last = ("word" if found else "text") if piece.strip() else last
    return "".join(said)


def _word(found: re.Match[str]) -> str:
    check(found[1].lower() == "utf-8", "a charset of ours")
    if found[2] in "Bb":
        octets = base64.b64decode(found[3], validate=True)
    else:
        check(not re.search(r"=(?![0-9A-F]{2})", found[3]), "RFC 2047 4.2: =XX")
        plain = found[3].replace("_", " ").encode()
        octets = re.sub(rb"=([0-9A-F]{2})", lambda hexed: bytes([int(hexed[1], 16)]), plain)
    try:
        return octets.decode("utf-8")  # RFC 2047 5 (3): whole characters
    except UnicodeDecodeError as error:
        raise Fault("RFC 2047 5: a character is cut in two") from error


def mailbox(value: str) -> tuple[str, str]:
    """Read one address: name and address, or the name of an empty group."""
    if group := EMPTY_GROUP.fullmatch(value):
        return _phrase(group["phrase"]), ""
    found = MAILBOX.fullmatch(value)
    check(found, f"RFC 5322 3.4: one address: {value[:80]!r}")
    assert found
    return _phrase(found["phrase"] or ""), found["angle"] or found["bare"]


def _phrase(text: str) -> str:
    if text.startswith('"') and text.endswith('"'):
        check("=?" not in text, "RFC 2047 5: no encoded word within quotes")
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    return words(text)


def _structured(found: Read) -> None:
    for name in ("From", "To"):
        mailbox(found[name])
    check(DATE.fullmatch(found["Date"]), "RFC 5322 3.3: a date")
    check(MSG_ID.fullmatch(found["Message-ID"]), "RFC 5322 3.6.4: a message identifier")
    words(found["Subject"])
    check(LIST_ID.fullmatch(found["List-Id"]), "RFC 2919 3: a list's identifier")
    ways = [way.strip() for way in found["List-Unsubscribe"].split(">,")]
    check(len(found.uris("List-Unsubscribe")) == len(ways), "RFC 2369 2: URIs in angle brackets, whole")
    check(found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click", "RFC 8058 3.1")
    for name in ("List-Help", "List-Archive"):
        check(URI.fullmatch(found[name]), f"RFC 2369: {name} is one URI, whole")
    check(found["MIME-Version"] == "1.0", "RFC 2045 4")


def _parameters(value: str) -> tuple[str, dict[str, str]]:
    found = CONTENT_TYPE.fullmatch(value)
    check(found, f"RFC 2045 5.1: {value!r}")
    assert found
    pairs = re.findall(r'(\w+)=(?:"([^"]*)"|([\w.=-]+))', found[2])
    return found[1], {name: quoted or bare for name, quoted, bare in pairs}


def _multipart(value: str, body: str) -> list[Part]:
    kind, parameters = _parameters(value)
    check(kind == "multipart/alternative", "RFC 2046 5.1.4")
    boundary = parameters["boundary"]
    check(1 <= len(boundary) <= 70, "RFC 2046 5.1.1: a boundary's length")
    pieces = f"\r\n{body}".split(f"\r\n--{boundary}")
    check(pieces[0].strip() == "", "no preamble")
    check(pieces[-1] == "--\r\n", "RFC 2046 5.1.1: the last boundary")
    return [_part(piece.removeprefix("\r\n")) for piece in pieces[1:-1]]


def _part(piece: str) -> Part:
    head, _, body = piece.partition("\r\n\r\n")
    fields = dict(header(head))
    kind, parameters = _parameters(fields["Content-Type"])
    check(parameters == {"charset": "utf-8"}, "a charset of ours")
    check(max(map(len, body.split("\r\n"))) <= 76, "RFC 2045 6.7, 6.8: lines of 76")
    decode = {"quoted-printable": _quoted, "base64": _base64}[fields["Content-Transfer-Encoding"]]
    return Part(kind, decode(body).decode("utf-8"))


def _base64(body: str) -> bytes:
    try:
        return base64.b64decode(body.replace("\r\n", ""), validate=True)
    except binascii.Error as error:
        raise Fault("RFC 2045 6.8: base64") from error


def _quoted(body: str) -> bytes:
    for line in body.split("\r\n"):
        check(line == line.rstrip(" \t"), "RFC 2045 6.7 (3): no white space at the end")
        check(not re.search(r"=(?![0-9A-F]{2}|$)", line), "RFC 2045 6.7 (1): =XX")
    joined = body.replace("=\r\n", "").encode()
    return re.sub(rb"=([0-9A-F]{2})", lambda hexed: bytes([int(hexed[1], 16)]), joined)
