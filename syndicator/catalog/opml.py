"""Lists of feeds as OPML (1.0 to 2.0): read from other programs, written for them. Pure.

Folders are nested outlines without an address; on the way in they become tags, and on the way out the first
tag of a source is its folder. By hand on lxml: the libraries for OPML read 2.0 alone and set no limits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit
from xml.sax.saxutils import quoteattr

from lxml import etree

from syndicator.errors import ParseError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

MAX_BYTES: Final = 16 * 1024 * 1024
MAX_OUTLINES: Final = 10_000
MAX_TAGS: Final = 10  # of one feed

_BARE: Final = re.compile(rb"&(?!(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|amp|lt|gt|quot|apos);)")

_END: Final = re.compile(rb"</(?:\w+:)?opml\s*>|<(?:\w+:)?opml\b[^<>]*/>", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """One feed of a list. `tags` are its folders, outermost first, and its categories."""

    url: str
    title: str = ""
    homepage: str = ""
    language: str = ""
    tags: tuple[str, ...] = ()


def read(body: bytes) -> tuple[Outline, ...]:
    """Read the feeds of an OPML document in their order; outlines without an address only make folders.

    Raises ParseError: it is no OPML, defines entities, or is beyond the limits.
    """
    if len(body) > MAX_BYTES:
        raise ParseError("too-big", f"more than {MAX_BYTES // 1024 // 1024} MB", hint="split the list")
    if b"<!ENTITY" in body.replace(b"\x00", b""):  # UTF-16 has NULs between its letters
        raise ParseError(
            "entities", "defines entities, which no list of feeds needs", hint="delete its DOCTYPE"
        )
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(_mended(body.strip()), parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    if any(each.type_name == "ERR_RESOURCE_LIMIT" for each in parser.error_log):  # recovery is silent there
        raise ParseError("too-deep", "has folders in folders beyond all measure", hint="split the list")
    if root is None or _name(root) != "opml":
        raise ParseError(
            "not-opml", "is no OPML", hint="export the list of feeds from the other program again"
        )
    return tuple(_feeds(root))


def is_cut(body: bytes) -> bool:
    """Whether a document ends before its last tag: feeds may be missing, of which `read` says nothing."""
    return not _END.search(body[-4000:].replace(b"\x00", b""))  # UTF-16 has NULs between its letters


def _mended(body: bytes) -> bytes:
    """Escape ampersands that many programs leave bare in addresses; the parser would drop what follows."""
    return body if b"\x00" in body[:100] else _BARE.sub(b"&amp;", body)


def _feeds(root: etree._Element) -> Iterator[Outline]:
    """Walk the outlines without recursion."""
    waiting: list[tuple[etree._Element, tuple[str, ...]]] = [(root, ())]
    count = 0
    while waiting:
        element, folders = waiting.pop()
        if _name(element) == "outline":
            count += 1
            if count > MAX_OUTLINES:
                raise ParseError("too-many", f"more than {MAX_OUTLINES:,} outlines", hint="split the list")
            said = {str(key).lower(): _line(str(value)) for key, value in element.attrib.items()}
            title = said.get("title") or said.get("text", "")
            if url := _address(said):
                yield Outline(
                    url=url,
                    title=title,
                    homepage=said.get("htmlurl", ""),
                    language=said.get("language", "").lower(),
                    tags=_once([*folders, *_categories(said.get("category", ""))]),
                )
            elif title:
                folders = (*folders, title)
        if _name(element) != "head":
            waiting += [(child, folders) for child in reversed(element)]


def _address(said: Mapping[str, str]) -> str:
    """Return the feed's address; `feed:` was the scheme that opened a feed reader."""
    url = said.get("xmlurl", "")
    if not url and said.get("type", "").lower() in ("rss", "atom"):
        url = said.get("url", "")
    if url.lower().startswith("feed:"):
        rest = url[5:]
        url = rest if rest.lower().startswith(("http:", "https:")) else f"http:{rest}"
    return url


def _categories(text: str) -> list[str]:
    """Return the last part of each category; they are separated by commas and may be paths (OPML 2.0)."""
    return [last for each in text.split(",") if (last := each.strip().rstrip("/").rpartition("/")[2])]


def _once(tags: Iterable[str]) -> tuple[str, ...]:
    seen: dict[str, str] = {}
    for tag in tags:
        seen.setdefault(tag.casefold(), tag)
    return tuple(seen.values())[:MAX_TAGS]


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname.lower() if isinstance(element.tag, str) else ""


def _line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:2000]


def write(title: str, folders: Mapping[str, Sequence[Outline]]) -> str:
    """Write OPML 2.0: the feeds of each folder, those of the folder "" at the top. Logins are left out."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<opml version="2.0">']
    lines += [f"<head><title>{quoteattr(title)[1:-1]}</title></head>", "<body>"]
    for folder, outlines in sorted(folders.items()):
        rows = [_row(outline) for outline in outlines]
        if folder:
            name = quoteattr(folder)
            lines += [f"<outline text={name} title={name}>", *(f"  {row}" for row in rows), "</outline>"]
        else:
            lines += rows
    return "\n".join([*lines, "</body>", "</opml>", ""])


def _row(outline: Outline) -> str:
    title = outline.title or outline.url
    said = {
        "type": "rss",
        "text": title,
        "title": title,
        "xmlUrl": without_login(outline.url),
        "htmlUrl": outline.homepage,
        "language": outline.language,
        "category": ",".join(tag.replace(",", " ") for tag in outline.tags),
    }
    return f"<outline {' '.join(f'{key}={quoteattr(value)}' for key, value in said.items() if value)}/>"


def without_login(url: str) -> str:
    """Return an address without name and password."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl() if "@" in parts.netloc else url
