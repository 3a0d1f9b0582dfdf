"""One key for an article, the same from pull to pull and independent of its place in the document.

The guid where it identifies, else the link, else a hash of title and date. Whether a guid or a link
identifies is seen from the whole document: blank words, the site's own address, and what entries share that
lead to different places do not.

Known limit: a guid that changes at each fetch looks like a new article; only the store could tell.
"""

from __future__ import annotations

from collections import defaultdict
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

from syndicator.normalise.plain import without_controls
from syndicator.normalise.url import canonical, host

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from syndicator.model import Entry, ParsedFeed

_BLANK: Final = frozenset(
    ("", "0", "-", "#", "none", "null", "nil", "undefined", "n/a", "guid", "[object object]")
)
_DIGITS: Final = 32  # hexadecimal ones of a key: 128 bits
_HASHED: Final = 2_000  # characters of a text that stands in for a missing title


class _Face(NamedTuple):
    """What of an entry can identify it."""

    guid: str
    link: str  # canonical
    title: str
    moment: str
    is_revised: bool


def keys(feed: ParsedFeed, entries: Sequence[Entry]) -> tuple[str, ...]:
    """Give the key of each of the feed's `entries`, 32 hexadecimal digits, in their order.

    Entries share a key only where they are one article: the same guid and link, and either the same title
    or a date of revision (RFC 4287, 4.1.1).
    """
    own_host = host(feed.url)
    faces = [_face(entry, own_host) for entry in entries]
    homepage = canonical(feed.url)
    guids = _identifying(faces, "guid", homepage)
    links = _identifying([face for face in faces if face.guid not in guids], "link", homepage)
    return tuple(_key(face, guids, links) for face in faces)


def newest(entries: Sequence[Entry], identities: Sequence[str]) -> list[tuple[Entry, str]]:
    """Keep one entry for each key: the one last changed, or the first; in the order of the document."""
    kept: dict[str, Entry] = {}
    for entry, key in zip(entries, identities, strict=True):
        if key not in kept or _age(entry) > _age(kept[key]):
            kept[key] = entry
    return [(entry, key) for key, entry in kept.items()]


def _age(entry: Entry) -> float:
    moment = entry.updated_at or entry.published_at
    return moment.timestamp() if moment else float("-inf")


def _face(entry: Entry, own_host: str) -> _Face:
    guid = " ".join(without_controls(entry.guid).split())
    title = " ".join(without_controls(entry.title or (entry.content or entry.summary)[:_HASHED]).split())
    moment = entry.published_at.isoformat() if entry.published_at else ""
    return _Face(guid, canonical(entry.url, own_host), title, moment, entry.updated_at is not None)


def _identifying(faces: Iterable[_Face], kind: str, homepage: str) -> frozenset[str]:
    """Find the guids (or links) that name one article each."""
    bearers: defaultdict[str, list[_Face]] = defaultdict(list)
    for face in faces:
        bearers[getattr(face, kind)].append(face)
    return frozenset(
        value
        for value, group in bearers.items()
        if value.casefold() not in _BLANK
        and not (_is_address(value, homepage) and any(face.link != homepage for face in group))
        and _is_one(group)
    )


def _is_address(value: str, homepage: str) -> bool:
    return bool(homepage) and value.startswith(("http://", "https://")) and canonical(value) == homepage


def _is_one(group: list[_Face]) -> bool:
    links: set[Hashable] = {face.link for face in group}
    titles = {face.title for face in group}
    return len(group) == 1 or (
        len(links) == 1 and (len(titles) == 1 or all(face.is_revised for face in group))
    )


def _key(face: _Face, guids: frozenset[str], links: frozenset[str]) -> str:
    parts: tuple[str, ...]
    if face.guid in guids:
        parts = ("guid", face.guid)
    elif face.link in links:
        parts = ("link", face.link)
    else:
        parts = ("hash", face.title, face.moment, face.link)
    return sha256("\0".join(parts).encode()).hexdigest()[:_DIGITS]
