"""One entry while it is being read, and the rules by which it becomes an Entry.

Both readers of XML fill the same Draft, so that what a feed means does not depend on who read it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias
from urllib.parse import urljoin

from syndicator.model import Enclosure, Entry
from syndicator.parse import instant
from syndicator.parse.markup import to_html

if TYPE_CHECKING:
    from collections.abc import Iterator

BodyKind: TypeAlias = Literal["content", "summary", "other"]

# What carries an article's text, by prefix and name → (what it is, its type where it says none).
BODIES: Final[dict[str, tuple[BodyKind, str]]] = {
    "description": ("summary", "text/html"),
    "summary": ("summary", "text/plain"),
    "abstract": ("summary", "text/plain"),
    "dc_description": ("other", "text/html"),
    "media_description": ("other", "text/html"),
    "itunes_summary": ("other", "text/plain"),
    "content": ("content", "text/plain"),
    "content_encoded": ("content", "text/html"),
    "fullitem": ("content", "text/html"),
    "body": ("content", "application/xhtml+xml"),
    "xhtml_body": ("content", "application/xhtml+xml"),
}
MOST_TAGS: Final = 200  # of one entry

_READABLE: Final = re.compile(r"text|plain|x?html|application/(?:xhtml\+)?xml", re.IGNORECASE)
_SAYS_NOTHING: Final = "http://schemas.google.com/g/2005#kind"  # a scheme whose one tag is on every post
_LONGEST_NAME: Final = 300
_ADDRESS_FIRST: Final = re.compile(r"(?:mailto:)?[^\s@()]+@[^\s@()]+ *\((.+)\)", re.DOTALL)
_ADDRESS_LAST: Final = re.compile(r"([^<>]*[^<>\s])\s*<[^<>\s]+@[^<>\s]+>")
_TYPES: Final = {
    "text": "text/plain",
    "plain": "text/plain",
    "html": "text/html",
    "xhtml": "application/xhtml+xml",
}
_WEB: Final = ("http://", "https://")


# A text as it was written, its MIME type, and which base and language hold for it. A bare tuple: there are
# three to an entry, and a NamedTuple takes a fifth of the time that reading a text takes.
Value: TypeAlias = tuple[str, str, str, str]
UNTITLED: Final[Value] = ("", "text/plain", "", "")


class Media(NamedTuple):
    """A file that an entry names: an enclosure, or Media RSS content."""

    url: str
    type: str = ""
    length: str = ""
    medium: str = ""


@dataclass(slots=True)
class Frame:
    """What the document gives to each of its entries."""

    is_atom: bool
    homepage: str
    url: str
    authors: tuple[str, ...] = ()  # RFC 4287, 4.2.1: they speak for all entries


@dataclass(slots=True)
class Draft:
    """What was found in one entry; strings are stripped, dates are text."""

    guid: str = ""
    guid_is_link: bool = False
    link: str = ""
    page: str = ""  # the first alternate, of whatever type
    original: str = ""  # before a redirector wrapped it
    title: Value = UNTITLED
    media_title: Value = UNTITLED
    itunes_title: str = ""
    published: str = ""
    created: str = ""
    dated: str = ""  # dc:date: of what, it does not say
    updated: str = ""
    authors: list[str] = field(default_factory=list)
    persons: list[str] = field(default_factory=list)  # podcast:person
    tags: list[tuple[str, str, str]] = field(default_factory=list)  # term, scheme, label
    language: str = ""
    bodies: list[tuple[BodyKind, Value]] = field(default_factory=list)
    files: list[Media] = field(default_factory=list)
    media: list[Media] = field(default_factory=list)
    thumbnails: list[str] = field(default_factory=list)
    image: str = ""

    def add_tag(self, term: str, scheme: str = "", label: str = "") -> None:
        """Note a category once; each is compared with those before it, so there is a limit."""
        tag = (term, scheme, label)
        if (term or label) and len(self.tags) < MOST_TAGS and tag not in self.tags:
            self.tags.append(tag)

    def to_entry(self, frame: Frame) -> Entry:
        """Decide what the entry says."""
        title = self.title
        if not title[0]:
            title = self._other_title()
        headline, type_, declared, language = title
        for _, body in reversed(self.bodies):  # what holds for the text, and for the title where it is silent
            declared, language = body[2] or declared, body[3] or language
        base = (declared and absolute(frame.url, declared)) or frame.homepage or frame.url
        link = self._link(base)
        summary, content = choose(self.bodies)
        return Entry(
            guid=self.guid,
            url=link,
            title=headline,
            title_is_html=not (frame.is_atom and type_ == "text/plain"),  # RSS never says
            published_at=instant.read(self.published)
            or instant.read(self.created)
            or instant.read(self.dated),
            updated_at=instant.read(self.updated),
            authors=tuple(dict.fromkeys(self.authors or self.persons)) or frame.authors,
            tags=tuple([label or term for term, scheme, label in self.tags if scheme != _SAYS_NOTHING]),
            language=self.language or language,
            summary=summary,
            content=content,
            image=next(filter(None, self._images()), "") if self.media or self.thumbnails else self.image,
            enclosures=tuple(self._enclosures()) if self.files or self.media else (),
            base_url=base if declared else link or base,
        )

    def _other_title(self) -> Value:
        if self.media_title[0]:
            return self.media_title
        return (self.itunes_title, "text/plain", "", "") if self.itunes_title else self.title

    def _link(self, base: str) -> str:
        """Choose the entry's page: before a redirector wrapped it, the link, an alternate, a guid."""
        if self.original.startswith(_WEB):
            return self.original
        guid = self.guid if self.guid_is_link and self.guid.startswith(_WEB) else ""
        link = self.link or self.page or guid
        return link if link.startswith(_WEB) else absolute(base, link)

    def _images(self) -> Iterator[str]:
        for each in self.media:
            if each.medium == "image" or each.type.startswith("image/"):
                yield each.url
        yield from self.thumbnails
        yield self.image

    def _enclosures(self) -> Iterator[Enclosure]:
        seen = set()
        for each in (*self.files, *filter(_is_playable, self.media)):
            if each.url and each.url not in seen:
                seen.add(each.url)
                said = each.type if each.type != "text/html" else ""  # what feedparser supposes of a link
                yield Enclosure(url=each.url, type=said, length=to_length(each.length))


def choose(bodies: list[tuple[BodyKind, Value]]) -> tuple[str, str]:
    """Give summary and content as HTML.

    The content is the longest that can be read: of the contents, and of what else describes the entry (Dublin
    Core, Media RSS, iTunes, a second description), if that says more than the summary.
    """
    found: dict[BodyKind, list[str]] = {"content": [], "summary": [], "other": []}
    for kind, (text, type_, _, _) in bodies:
        if text and type_ == "text/html":
            found[kind].append(text)
        elif text and (kind != "content" or _READABLE.match(type_ or "text")):
            found[kind].append(to_html(text, type_))
    contents, described = found["content"], found["summary"] + found["other"]
    summary = described[0] if described else ""
    if len(described) > 1:
        contents += [each for each in described[1:] if len(each) > len(summary)]
    return summary, max(contents, key=len) if contents else ""


def media_type(said: str) -> str:
    """Give a MIME type for the words of Atom (RFC 4287, 3.1.1) and for what stands in their place."""
    said = said.lower()
    return _TYPES.get(said, said)


def absolute(base: str, address: str) -> str:
    """Resolve an address against its base (RFC 3986, 5); an impossible one comes back as it is."""
    try:
        return urljoin(base, address) if address else ""
    except ValueError:
        return address


def person(text: str) -> str:
    """Read the name of RSS's `address (name)` or of `name <address>`; an address alone stays."""
    text = text[:_LONGEST_NAME].strip()
    if "@" not in text:
        return text
    found = _ADDRESS_FIRST.fullmatch(text) or _ADDRESS_LAST.fullmatch(text)
    return (found[1].strip() if found else "") or text


def to_length(text: str) -> int:
    """Read a number of octets; 0 for what is none."""
    text = text.strip()
    return int(text) if len(text) <= 15 and text.isascii() and text.isdigit() else 0


def _is_playable(media: Media) -> bool:
    return media.type.startswith(("audio/", "video/")) or media.medium in ("audio", "video")
