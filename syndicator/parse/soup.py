"""RSS, RDF and Atom by feedparser, with its cleaning and its resolving of links off (normalise does both).

`feedparser.parse` itself is not called: it opens what looks like a file name, decodes by declaration only,
and lets hostile documents cost minutes. Its two SAX handlers are driven here, strict first, then strict on
mended text, then loose.
"""

from __future__ import annotations

import io
import xml.sax
import xml.sax.handler
from contextlib import suppress
from functools import partialmethod
from typing import Any, Final
from xml.sax import saxutils

from feedparser.api import LooseFeedParser, StrictFeedParser
from feedparser.sanitizer import replace_doctype

from syndicator.parse.draft import BODIES, MOST_TAGS, person
from syndicator.parse.mend import mend

_VOID_ENDS: Final = frozenset({
    "</area>", "</base>", "</br>", "</col>", "</embed>", "</hr>", "</img>", "</input>", "</link>", "</meta>",
    "</source>", "</track>", "</wbr>",
})  # fmt: skip
_KEY: Final = "text_"  # what our bodies are called among feedparser's elements


class _Careful:
    """Over feedparser's handlers: one odd element harms no other, and nothing costs more than linear time.

    Elements that feedparser lets overwrite each other are kept apart: `draft` decides between them.
    """

    resolve_relative_uris = False
    sanitize_html = False
    _category = ("", "", "")

    def unknown_starttag(self, tag: str, attrs: list[tuple[str, str]]) -> None:
        with suppress(LookupError, TypeError, ValueError):
            super().unknown_starttag(tag, attrs)  # type: ignore[misc]

    def unknown_endtag(self, tag: str) -> None:
        handler: Any = self
        depth = len(handler.basestack)
        with suppress(LookupError, TypeError, ValueError):
            super().unknown_endtag(tag)  # type: ignore[misc]
        if depth and len(handler.basestack) == depth:
            self._leave()
        elif handler.basestack:
            handler.baseuri = handler.basestack[-1]  # feedparser keeps the child's where this is empty

    def handle_data(self, text: str, escape: int = 1) -> None:
        """Do the same without asking a FeedParserDict for each line of text: a fifth of all its time."""
        handler: Any = self
        if not handler.elementstack or (not escape and text in _VOID_ENDS):
            return  # `</br>` is one more line break to a reader of HTML
        is_markup = escape and dict.get(handler.contentparams, "type") == "application/xhtml+xml"
        handler.elementstack[-1][2].append(saxutils.escape(text) if is_markup else text)

    def _leave(self) -> None:
        """Do what feedparser's own handler did not come to do."""
        handler: Any = self
        for stack in (handler.basestack, handler.langstack):
            del stack[-1:]
        handler.baseuri = handler.basestack[-1] if handler.basestack else ""
        handler.lang = handler.langstack[-1] if handler.langstack else None
        handler.depth -= 1

    def _sync_author_detail(self, key: str = "author") -> None:
        """Read names ourselves: feedparser's pattern for addresses is quadratic and ends at four letters."""
        context = self._get_context()  # type: ignore[attr-defined]
        people = dict.get(context, f"{key}s") or [{}]
        name = dict.get(context, key)
        if not people[-1] and isinstance(name, str) and name:
            people[-1]["name"] = person(name)

    def _add_tag(self, term: Any, scheme: Any, label: Any) -> None:
        if len(dict.get(self._get_context(), "tags", ())) < MOST_TAGS:  # type: ignore[attr-defined]
            super()._add_tag(term, scheme, label)  # type: ignore[misc]

    # Texts, each with what held for it ---------------------------------------------------------------------

    def _open_body(self, name: str, attrs: dict[str, str]) -> None:
        handler: Any = self
        handler.push_content(_KEY + name, attrs, BODIES[name][1], 1)

    def _close_body(self, name: str) -> None:
        if closed := self._close(_KEY + name):
            self._note("bodies", (BODIES[name][0], *closed))

    def _close(self, element: str) -> tuple[str, str, str, str] | None:
        """End a text: its value, type, base and language; None where it is the end of something else."""
        handler: Any = self
        if not (handler.elementstack and handler.elementstack[-1][0] == element):
            return None
        value = handler.pop_content(element)
        detail = dict.pop(handler._get_context(), f"{element}_detail", {})
        type_, base, language = (dict.get(detail, key) or "" for key in ("type", "base", "language"))
        return value, type_, base, language

    def _open_media_title(self, attrs: dict[str, str]) -> None:
        handler: Any = self
        handler.push_content(_KEY + "media_title", attrs, "text/plain", 1)

    def _close_media_title(self) -> None:
        value, *said = self._close(_KEY + "media_title") or ("",)
        if value:
            self._note("media_titles", (value, *said))

    _start_media_title = _open_media_title
    _end_media_title = _close_media_title

    # What feedparser keeps the last of, or not at all ------------------------------------------------------

    def _note(self, key: str, value: Any) -> None:
        dict.setdefault(self._get_context(), key, []).append(value)  # type: ignore[attr-defined]

    def _end_plain(self, element: str, key: str) -> None:
        if value := self.pop(element):  # type: ignore[attr-defined]
            self._note(key, value)

    _end_hour = partialmethod(_end_plain, "hour", "skip_hours")
    _end_day = partialmethod(_end_plain, "day", "skip_days")

    def _start_dated(self, _attrs: dict[str, str]) -> None:
        self.push("dated", 1)  # type: ignore[attr-defined]

    def _end_dated(self) -> None:
        self.pop("dated")  # type: ignore[attr-defined]

    _start_dc_date = _start_date = _start_dated
    _end_dc_date = _end_date = _end_dated

    def _start_category(self, attrs: dict[str, str]) -> None:
        said = (
            attrs.get("term") or "",
            attrs.get("scheme", attrs.get("domain")) or "",
            attrs.get("label") or "",
        )
        self._category = said
        self.push("category", 1)  # type: ignore[attr-defined]

    def _end_category(self) -> None:
        """Add what it says itself; feedparser gives the text to any tag before it that has no term."""
        text = self.pop("category") or ""  # type: ignore[attr-defined]
        term, scheme, label = self._category
        if term:
            self._add_tag(term, scheme, label)
            self._add_tag(text, "", "")
        else:
            self._add_tag(text, scheme, label)
        self._category = ("", "", "")

    _start_keywords = _start_category
    _end_keywords = _end_category

    def _start_podcast_person(self, _attrs: dict[str, str]) -> None:
        self.push("person", 1)  # type: ignore[attr-defined]

    def _end_podcast_person(self) -> None:
        self._end_plain("person", "persons")

    def _end_guid(self) -> None:
        """Say whether it is a link, and leave it to `draft` whether that is needed."""
        handler: Any = self
        handler.pop("id")
        handler._get_context()["permalink"] = handler.guidislink

    _end_id = _end_guid

    def _start_rdf_rdf(self, _attrs: dict[str, str]) -> None:
        handler: Any = self
        if handler.version == "atom10":  # its namespace came first; the document is what its root is
            handler.version = "rss10"


for _name in BODIES:
    setattr(_Careful, f"_start_{_name}", partialmethod(_Careful._open_body, _name))
    setattr(_Careful, f"_end_{_name}", partialmethod(_Careful._close_body, _name))


class _Strict(_Careful, StrictFeedParser):  # type: ignore[misc]
    """The handler behind expat, for what is well-formed."""

    _content_depth = 0

    def push_content(self, *arguments: Any) -> None:
        self._content_depth = self.depth
        super().push_content(*arguments)

    def unknown_endtag(self, tag: str) -> None:
        """Let the end of an inner element (`summary`, `title`, `source` …) not end the text around it."""
        if not self.incontent or self.depth <= self._content_depth:
            return super().unknown_endtag(tag)
        name = tag.rsplit(":", maxsplit=1)[-1]
        self.svgOK -= name == "svg" and self.svgOK > 0
        if tag not in ("div", "xhtml:div") or dict.get(self.contentparams, "type", "xml").endswith("xml"):
            self.contentparams["type"] = "application/xhtml+xml"
            self.handle_data(f"</{name}>", escape=0)
        return self._leave()


class _Loose(_Careful, LooseFeedParser):  # type: ignore[misc]
    """The handler behind a tag-soup scanner, for the rest."""


def run(text: str) -> tuple[Any, str]:
    """Give the handler that understood most, and the version that the document shows."""
    for prepare in (str, mend):
        version, data, entities = replace_doctype(_undeclared(prepare(text)).encode())
        try:
            handler = _strictly(data)
        except (xml.sax.SAXException, ValueError, AssertionError):
            continue
        return handler, version or handler.version
    loose: Any = _Loose("", None, "utf-8", entities)
    loose.feed(data.decode())
    return loose, version or loose.version


def _undeclared(text: str) -> str:
    """Cut the XML declaration, whose encoding is no longer true."""
    if not text.startswith("<?xml"):
        return text
    return text[text.find("?>", 0, 500) + 2 :].lstrip() if "?>" in text[:500] else text


def _strictly(data: bytes) -> Any:
    handler = _Strict("", None, "utf-8")
    reader = xml.sax.make_parser()  # noqa: S317 - entities are cut by replace_doctype, external ones are off
    reader.setFeature(xml.sax.handler.feature_namespaces, True)
    reader.setFeature(xml.sax.handler.feature_external_ges, False)
    reader.setContentHandler(handler)
    reader.setErrorHandler(xml.sax.handler.ErrorHandler())
    source = xml.sax.xmlreader.InputSource()
    source.setByteStream(io.BytesIO(data))
    source.setEncoding("utf-8")
    reader.parse(source)
    return handler
