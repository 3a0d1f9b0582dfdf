"""What the fast reader knows of a document while it reads: where it stands, and how values are taken."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from feedparser.html import _cp1252
from feedparser.urls import _urljoin, make_safe_absolute_uri

from syndicator.parse import inline, names
from syndicator.parse.draft import Value, media_type

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

_XML_BASE: Final = f"{{{names.XML}}}base"
_XML_LANG: Final = f"{{{names.XML}}}lang"
_ABOUT: Final = f"{{{names.RDF}}}about"
_C1: Final = re.compile("[\x80-\x9f]")
_C1_OCTETS: Final = re.compile(rb"\xc2[\x80-\x9f]")
_XHTML: Final = "application/xhtml+xml"
_HTML: Final = frozenset(("text/html", "text/plain"))
_NAMED: Final = {_XML_BASE: "xml:base", _XML_LANG: "xml:lang", _ABOUT: "rdf:about"}


class Unsure(Exception):
    """The document is well-formed, but what it means here is feedparser's to say."""


class Place(NamedTuple):
    """The base and the language that hold in an element."""

    base: str = ""
    language: str = ""


class Reader:
    """Takes values from elements of one document.

    `odd` says that the document may hold text that was encoded twice, or windows-1252 within UTF-8.
    """

    __slots__ = ("handlers", "is_atom", "is_atom10", "names", "odd", "within")

    def __init__(self, *, odd: bool) -> None:
        self.odd = odd
        self.is_atom = False
        self.is_atom10 = False
        self.within = Place()
        self.handlers: dict[str, Any] = {}  # tag → what reads it in an entry
        self.names: dict[str, str] = {}  # tag → name

    def name(self, element: Any) -> str:
        """Name an element as `names.name` does."""
        tag = element.tag
        known = self.names.get(tag)
        if known is None:
            known = self.names[tag] = names.name(tag, element.prefix)
        return known

    def place(self, said: Mapping[str, str], outer: Place) -> Place:
        """Give what holds in an element of these attributes, which stands where `outer` holds.

        XML Base; XML 1.0, 2.12; and their names without `xml:`, as feedparser has it.
        """
        base = said.get("xml:base", said.get("base"))
        language = said.get("xml:lang", said.get("lang"))
        if not base and language is None:
            return outer
        base = base or outer.base
        return Place(
            (make_safe_absolute_uri(outer.base, base) or outer.base) if outer.base else _urljoin("", base),
            outer.language if language is None else language.replace("_", "-"),
        )

    def resolve(self, address: str, base: str) -> str:
        """Resolve an address against xml:base, and mend `http:////`, as feedparser does."""
        return str(_urljoin(base, address)) if base or ":///" in address else address

    def text(self, element: Any) -> str:
        """Take the text of an element that has no children."""
        if len(element):
            raise Unsure(f"elements within {self.name(element)}")
        text: str | None = element.text
        if not text:
            return ""
        text = text.strip()
        return repaired(text) if self.odd and not text.isascii() else text

    def value(self, element: Any, default: str) -> Value:
        """Take a text construct (RFC 4287, 3.1; RSS has no types, so `default` is its type)."""
        items = element.items()
        is_plain = not len(element)
        if is_plain and not items and default != _XHTML:
            base, language = self.within
            return self.text(element), default, base, language
        said = _named(items)
        type_ = media_type(said.get("type", default))
        if type_ == _XHTML:
            text = inline.markup(element, unwrap=self.is_atom10)
            text = repaired(text) if self.odd else text
        elif is_plain:
            text = self.text(element)
        else:
            text, type_ = self._mixed(element, type_), _XHTML
        if said.get("mode") == "base64" or not _is_text(type_):
            raise Unsure("a value in base64")
        base, language = self.place(said, self.within)
        return text, type_, base, language

    def _mixed(self, element: Any, type_: str) -> str:
        """Take markup that stands as XML in a text of RSS, which cannot declare it."""
        if self.is_atom or type_ not in _HTML or names.split(element[0].tag)[1].lower() == "div":
            raise Unsure(f"elements within {self.name(element)}")
        text = inline.mixed(element)
        return repaired(text) if self.odd else text

    def check(self, element: Any, known: Container[str]) -> None:
        """Raise Unsure where an element that is passed over holds one that would be read elsewhere."""
        for inner in element.iterdescendants():
            if self.name(inner) in known:
                raise Unsure(f"{self.name(inner)} within {self.name(element)}")


def attributes(element: Any) -> dict[str, str]:
    """Give the attributes that matter by their names in lower case; `rel` and `type` in lower case too."""
    items = element.items()
    return _named(items) if items else {}


def _named(items: Iterable[tuple[str, str]]) -> dict[str, str]:
    found = {}
    for key, value in items:
        name = _NAMED.get(key, "") if key[0] == "{" else key.lower()
        found[name] = value.lower() if name in ("rel", "type") else value
    return found


def repaired(text: str) -> str:
    """Undo what feedparser undoes: UTF-8 that was taken for Latin-1, and windows-1252's place in C1."""
    with suppress(UnicodeError):
        text = text.encode("iso-8859-1").decode("utf-8")
    # The octets are searched ten times as fast as the characters.
    return _C1.sub(_as_windows_1252, text) if _C1_OCTETS.search(text.encode()) else text


def _as_windows_1252(found: re.Match[str]) -> str:
    return found[0].translate(_cp1252)


def _is_text(type_: str) -> bool:
    return type_.startswith("text/") or type_.endswith(("+xml", "/xml"))
