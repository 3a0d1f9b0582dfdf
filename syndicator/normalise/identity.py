"""One key for an article, the same from pull to pull and independent of its place in the document.

A source has a *scheme*: what names its articles. `guid` where guids identify, else `link`, else `hash` (title
and date). A scheme that works is never left; one of which over 5 % of a document's entries have nothing
usable is. Single entries without it fall back to the next. Whether a guid or a link identifies is seen from
the whole document: blank words, the site's own address, and what entries share that lead to different places
do not.

What one document cannot show, the store can: guids that change at each fetch, a site that moved. So each
entry has further *names* under which the store looks for an article whose key it does not know; they are keys
of the other schemes, so that a change of scheme makes nothing new.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from hashlib import blake2b, sha256
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from syndicator.normalise.plain import without_controls
from syndicator.normalise.url import canonical, host

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from syndicator.model import Entry, ParsedFeed, Source

Scheme: TypeAlias = Literal["guid", "link", "hash"]

MAX_ENTRIES: Final = 2_000  # of one document; the newest
READING: Final = 1  # raised when the same words would be read to a better article, so that all are read again
_TOLERATED: Final = 0.05  # of a document's entries may lack what its scheme goes by
_HALF: Final = 0.5  # above it a lacking scheme is no help at all
_BLANK: Final = frozenset(
    ("", "0", "-", "#", "none", "null", "nil", "undefined", "n/a", "guid", "[object object]")
)
_DIGITS: Final = 32  # hexadecimal ones of a key: 128 bits
_HASHED: Final = 2_000  # characters of a text that stands in for a missing title


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One entry of one document and what names it.

    `wire` is a hash of all that the wire said of it and that we keep, dates and guid apart: where it is equal
    to the stored one, nothing needs to be read again. `names` are the keys that it may be known by, its own
    among them, as (kind, key); kinds are `guid` and `link`.
    """

    entry: Entry
    key: str
    wire: str
    names: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """A document whose entries have keys, one sighting for each, in its order; and the scheme found."""

    scheme: Scheme
    sightings: tuple[Sighting, ...]
    has_links: bool = True  # whether links could name its articles

    @property
    def keys(self) -> tuple[str, ...]:
        """The key of each sighting."""
        return tuple(sighting.key for sighting in self.sightings)

    @property
    def names(self) -> dict[str, tuple[tuple[str, str], ...]]:
        """The names of each, by key."""
        return {sighting.key: sighting.names for sighting in self.sightings}

    def scheme_after(self, renamed: int) -> Scheme:
        """Choose the scheme of the next pull: guids that changed under known articles name nothing.

        `renamed` is the number of this document's articles whose guids the store knew otherwise; a single one
        was revised.
        """
        unstable = renamed > max(1, _TOLERATED * len(self.sightings))
        return "link" if self.scheme == "guid" and unstable and self.has_links else self.scheme


class _Face(NamedTuple):
    """What of an entry can identify it."""

    guid: str
    link: str  # canonical
    title: str
    moment: str
    is_revised: bool


def identify(feed: ParsedFeed, *, source: Source, scheme: Scheme = "guid") -> Identified:
    """Name the newest `MAX_ENTRIES` entries of a document; `scheme` is what its source used last.

    Entries share a key, and are one sighting (the one last changed), only where they are one article: the
    same guid and link, and either the same title or a date of revision (RFC 4287, 4.1.1).
    """
    entries = _latest(feed.entries)
    own_host, homepage = host(feed.url), canonical(feed.url)
    faces = [_face(entry, own_host) for entry in entries]
    guids, links = (_identifying(faces, kind, homepage) for kind in ("guid", "link"))
    lacking = {
        "guid": _share(face.guid not in guids for face in faces),
        "link": _share(face.link not in links for face in faces),
    }
    scheme = _chosen(scheme, lacking["guid"], lacking["link"]) if faces else scheme
    keys = _keys(faces, scheme, guids, links, homepage)
    context = _context(feed, homepage, source)
    # Each issue of a newsletter is a mail of its own, though all say that they stand at one address.
    has_aliases = source.kind != "newsletter"
    sightings = tuple(
        Sighting(
            entry=entry,
            key=key,
            wire=_wire(context, entry, face.link),
            names=_names(face, guids, links) if has_aliases else (),
        )
        for entry, face, key in _newest(entries, faces, keys)
    )
    return Identified(scheme=scheme, sightings=sightings, has_links=lacking["link"] <= _TOLERATED)


def _latest(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """Keep the newest where there are too many; those without a date count as new."""
    if len(entries) <= MAX_ENTRIES:
        return entries
    dated = sorted(range(len(entries)), key=lambda at: _age(entries[at], float("inf")), reverse=True)
    return tuple(entries[place] for place in sorted(dated[:MAX_ENTRIES]))


def _age(entry: Entry, unknown: float) -> float:
    moment = entry.updated_at or entry.published_at
    return moment.timestamp() if moment else unknown


def _newest(
    entries: Sequence[Entry], faces: Sequence[_Face], keys: Sequence[str]
) -> Iterable[tuple[Entry, _Face, str]]:
    """Keep one entry for each key: the one last changed, or the first; in the order of the document."""
    kept: dict[str, tuple[Entry, _Face, str]] = {}
    for entry, face, key in zip(entries, faces, keys, strict=True):
        if key not in kept or _age(entry, float("-inf")) > _age(kept[key][0], float("-inf")):
            kept[key] = (entry, face, key)
    return kept.values()


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
    if len(group) == 1:
        return True
    links: set[Hashable] = {face.link for face in group}
    titles = {face.title for face in group}
    return len(links) == 1 and (len(titles) == 1 or all(face.is_revised for face in group))


def _share(flags: Iterable[bool]) -> float:
    listed = list(flags)
    return sum(listed) / len(listed) if listed else 0.0


def _chosen(scheme: Scheme, guids_lacking: float, links_lacking: float) -> Scheme:
    """Stay where it works; else what works; else where it works for half; else by the words."""
    lacking: dict[Scheme, float] = {"guid": guids_lacking, "link": links_lacking}
    order: list[Scheme] = sorted(lacking, key=lambda each: each != scheme)
    for limit in (_TOLERATED, _HALF) if scheme != "hash" else (_TOLERATED,):
        if fit := next((each for each in order if lacking[each] <= limit), None):
            return fit
    return "hash"


def _keys(
    faces: Sequence[_Face], scheme: Scheme, guids: frozenset[str], links: frozenset[str], homepage: str
) -> list[str]:
    if scheme == "hash":
        told = Counter((face.title, face.moment) for face in faces)
        return [
            _key("hash", face.title, face.moment, *([face.link] if told[face.title, face.moment] > 1 else []))
            for face in faces
        ]
    if scheme == "guid":  # a link that only entries with guids share may still name the one that has none
        links = _identifying([face for face in faces if face.guid not in guids], "link", homepage)
    by_guid = {face: ("guid", face.guid) for face in faces if face.guid in guids}
    by_link = {face: ("link", face.link) for face in faces if face.link in links}
    first, second = (by_guid, by_link) if scheme == "guid" else (by_link, by_guid)
    return [
        _key(*(first.get(face) or second.get(face) or ("hash", face.title, face.moment, face.link)))
        for face in faces
    ]


def _key(*parts: str) -> str:
    return sha256("\0".join(parts).encode()).hexdigest()[:_DIGITS]


def _names(face: _Face, guids: frozenset[str], links: frozenset[str]) -> tuple[tuple[str, str], ...]:
    found = []
    if face.guid in guids:
        found.append(("guid", _key("guid", face.guid)))
    if face.link in links:
        found.append(("link", _key("link", face.link)))
    return tuple(found)


def _context(feed: ParsedFeed, homepage: str, source: Source) -> str:
    """What else decides how an entry is read: when an admin edits it, all entries are read again."""
    settings = (source.language or "", *source.tags, source.full_text)
    return "\0".join((str(READING), homepage, feed.language, *settings))


def _wire(context: str, entry: Entry, link: str) -> str:
    base = "" if entry.base_url == entry.url else canonical(entry.base_url) or entry.base_url
    parts = (
        context, link or entry.url, entry.title, str(entry.title_is_html), *entry.authors, "", *entry.tags,
        "", entry.language, entry.summary, entry.content, entry.image, base,
        *(part for each in entry.enclosures for part in (each.url, each.type)),
    )  # fmt: skip
    text = "\0".join(parts)
    return blake2b(text.encode(errors="surrogatepass"), digest_size=_DIGITS // 2).hexdigest()
