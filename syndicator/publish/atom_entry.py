"""What feedgen leaves out of an Atom entry, added through its extension mechanism.

feedgen 1.0 writes every link of an entry without `rel`, `type` and `length` (a variable of its is used for
two things), so an enclosure would be read as another article; its `source` has neither id nor `rel=self`;
and it knows no language for one entry.
"""

from __future__ import annotations

from typing import Any

from feedgen.ext.base import BaseEntryExtension
from lxml import etree

LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


class AtomEntry(BaseEntryExtension):  # type: ignore[misc]  # feedgen has no types
    """Links with their attributes, the source (RFC 4287 4.2.11), and the entry's language."""

    def __init__(self) -> None:
        self.links: list[dict[str, str]] = []  # rel, href, type, length, title: in the order of writing
        self.source_title = ""
        self.source_url = ""  # the feed that the entry comes from
        self.language = ""

    def extend_atom(self, entry: Any) -> Any:
        """Add to an entry's element what was told."""
        if self.language:
            entry.set(LANGUAGE, self.language)
        for bare in entry.findall("link"):
            entry.remove(bare)
        for link in self.links:
            etree.SubElement(entry, "link", {name: value for name, value in link.items() if value})
        if self.source_title:
            source = etree.SubElement(entry, "source")
            if self.source_url:
                etree.SubElement(source, "id").text = self.source_url
            etree.SubElement(source, "title").text = self.source_title
            if self.source_url:
                etree.SubElement(source, "link", {"rel": "self", "href": self.source_url})
        return entry
