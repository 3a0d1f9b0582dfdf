"""`A-IM: feed` (RFC 3229): which entries of a document changed since a version that a client has. Pure.

Each document carries a short history: the tags of its last `KEPT` versions, numbered, and for each entry the
number of the version that brought it in its present words. No delta needs more. A delta is cut from the bytes
of the document between its entries, never rendered.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

KEPT: Final = 30  # versions
LARGEST: Final = 64 * 1024 * 1024  # bytes of a document whose entries are looked for
TAG: Final = 16  # characters of a version's digest that its history holds


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a document: its bytes' place, their hash, and the version that brought them."""

    start: int
    end: int
    hash: str
    since: int


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What a document remembers of itself. `versions` are tags, the newest last; its number is `number`."""

    number: int = 0
    versions: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()

    def known(self, digest: str) -> int | None:
        """Return the number of a version by its digest; None if it is forgotten, or none of ours."""
        tag = digest[:TAG]
        for back, version in enumerate(reversed(self.versions)):
            if version == tag:
                return self.number - back
        return None


def follow(before: History, digest: str, format_: str, body: bytes) -> History:
    """Go on with a history: `body` (of this digest) is now the document.

    The same version again adds nothing. What is no entry of the version before counts as new, even if it was
    there earlier: who had it gets it once more, and nobody misses it.
    """
    if before.versions and before.versions[-1] == digest[:TAG]:
        number, versions = before.number, before.versions
    else:
        number, versions = before.number + 1, (*before.versions, digest[:TAG])[-KEPT:]
    known = {entry.hash: entry.since for entry in before.entries}
    entries = []
    for start, end in spans(format_, body):
        name = blake2b(body[start:end], digest_size=8).hexdigest()
        entries.append(Entry(start, end, name, known.get(name, number)))
    return History(number=number, versions=versions, entries=tuple(entries))


def cut(history: History, body: bytes, since: int) -> bytes | None:
    """Return the document with only the entries that came after version `since`; None if those are all."""
    new = [entry for entry in history.entries if entry.since > since]
    if not history.entries or len(new) == len(history.entries):
        return None
    return b"".join(_pieces(history.entries, body, since))


def _pieces(entries: tuple[Entry, ...], body: bytes, since: int) -> Iterator[bytes]:
    """Leave out old entries with the blanks or comma before them; all else stays (RFC 6721's tombstones)."""
    place, shown = 0, 0
    for entry in entries:
        gap = body[place : entry.start]
        is_new = entry.since > since
        if place == 0 or gap.strip(b" \t\r\n,") or (is_new and shown):
            yield gap
        if is_new:
            shown += 1
            yield body[entry.start : entry.end]
        place = entry.end
    yield body[place:]


def spans(format_: str, body: bytes) -> list[tuple[int, int]]:
    """Find the entries of a document, in its order; none in what is no feed, or is too large."""
    if len(body) > LARGEST:
        return []
    if format_ in _ELEMENTS:
        return list(_elements(_ELEMENTS[format_], body))
    return _members(body) if format_ == "json" else []


# A comment or CDATA section may hold what looks like a tag; nothing else in well-formed XML may.
_ELEMENTS: Final = {
    name: re.compile(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<%b[\s>]|</%b\s*>" % (tag, tag), re.DOTALL)
    for name, tag in (("rss", b"item"), ("atom", b"entry"))
}


def _elements(pattern: re.Pattern[bytes], body: bytes) -> Iterator[tuple[int, int]]:
    start = -1
    for found in pattern.finditer(body):
        if found[0].startswith(b"<!"):
            continue
        if found[0].startswith(b"</"):
            if start >= 0:
                yield start, found.end()
            start = -1
        elif start < 0:
            start = found.start()


def _members(body: bytes) -> list[tuple[int, int]]:
    """Find the members of `items` in a JSON text; a quote inside a string is escaped, so the name is it."""
    text = body.decode()
    name = re.search(r'(?<!\\)"items"\s*:\s*\[\s*', text)
    if name is None:
        return []
    reader = json.JSONDecoder()
    found: list[tuple[int, int]] = []
    at, place = name.end(), len(text[: name.end()].encode())
    while text[at] != "]":
        _, end = reader.raw_decode(text, at)
        length = len(text[at:end].encode())
        found.append((place, place + length))
        gap = re.compile(r"[\s,]*").match(text, end)
        at = gap.end() if gap else end
        place += length + (at - end)
    return found


# feedparser asks for deltas, whether or not the program around it knows what a 226 is. rss2email (3.13, under
# the name of feedparser) takes one for an error, and would never again get an article of that feed.
_MAY_FAIL: Final = ("feedparser", "rss2email")


def asks(a_im: str, user_agent: str = "") -> bool:
    """Whether a client takes the manipulation `feed` (RFC 3229 10.5.3): named, not with a weight of 0.

    Programs that may ask for it and fail at what they get do not count.
    """
    if any(name in user_agent.lower() for name in _MAY_FAIL):
        return False
    for part in a_im.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        if name == "feed":
            return not any(re.fullmatch(r"q\s*=\s*0(\.0*)?", each) for each in parameters)
    return False
