"""What a feed says of itself, for the fast reader; its entries are noted for `fields`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from syndicator.parse.fields import link_of, person_of
from syndicator.parse.reading import Place, Reader, Unsure, attributes

if TYPE_CHECKING:
    from collections.abc import Iterator

ENTRIES: Final = frozenset(("item", "entry"))
_PASSED: Final = frozenset(("image", "textinput", "textInput"))
_PLAIN: Final = {
    "language": "language",
    "dc_language": "language",
    "ttl": "ttl",
    "sy_updateperiod": "sy_updateperiod",
    "sy_updatefrequency": "sy_updatefrequency",
}
# Where these stand deeper than they should, feedparser reads them all the same.
_READ_ANYWHERE: Final = ENTRIES | _PLAIN.keys() | {"title", "dc_title", "link", "hour", "day", "author"}


class Channel:
    """The elements of one `channel`, or of Atom's `feed`."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.said: dict[str, str] = {}
        self.links: list[tuple[str, str]] = []  # rel, href
        self.hours: list[str] = []
        self.days: list[str] = []
        self.authors: dict[str, None] = {}
        self.entries: list[tuple[Any, Place]] = []

    def read(self, holder: Any, place: Place) -> None:
        """Read the children of an element, which stand where `place` holds."""
        if not attributes(holder).keys().isdisjoint(("href", "lastmod")):
            raise Unsure("a channel of CDF")
        names = self.reader.names
        for child in holder:
            name = names.get(child.tag) or self.reader.name(child)
            if name in ENTRIES:
                self.entries.append((child, place))
            elif name not in _PASSED:
                self.reader.within = place
                self._one(name, child)

    def _one(self, name: str, child: Any) -> None:
        reader = self.reader
        if name in ("title", "dc_title"):
            self.said["title"] = self.said.get("title") or reader.value(child, "text/plain")[0]
        elif name == "link":
            self._link(child)
        elif key := _PLAIN.get(name):
            self.said[key] = reader.text(child)
        elif name in ("skiphours", "skipdays"):
            self.hours += self._texts(child, "hour")
            self.days += self._texts(child, "day")
        elif name == "author" and reader.is_atom:
            self.authors[person_of(reader, child)] = None
        elif len(child) and name != "author":
            reader.check(child, _READ_ANYWHERE)

    def _link(self, child: Any) -> None:
        said, href, is_page = link_of(self.reader, child)
        self.links.append((said["rel"], href))
        if is_page:
            self.said["link"] = href

    def _texts(self, holder: Any, name: str) -> Iterator[str]:
        return (self.reader.text(child) for child in holder if self.reader.name(child) == name)
