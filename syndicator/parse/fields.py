"""The elements of an entry: one row in FIELDS, and the function that reads it into the Draft.

RSS 0.9 to 2.0, Atom 0.3 and 1.0; Dublin Core, content, Media RSS, iTunes, podcast, FeedBurner.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from syndicator.parse.draft import BODIES, BodyKind, Draft, Media, person
from syndicator.parse.reading import Place, Reader, Unsure, attributes

if TYPE_CHECKING:
    from collections.abc import Callable

Handler: TypeAlias = "Callable[[Reader, Draft, Any], None]"

_PAGES: Final = frozenset(("text/html", "application/xhtml+xml", "html", "xhtml"))
_BROKEN_AMPERSAND: Final = re.compile(r"&([A-Za-z0-9_]+);")
_ITUNES: Final = "http://www.itunes.com/"
_MEDIA_CATEGORIES: Final = "http://search.yahoo.com/mrss/category_schema"
_PERSONS: Final = frozenset(("name", "email", "itunes_name", "itunes_email"))


def read(reader: Reader, element: Any, place: Place) -> Draft:
    """Read one `item` or `entry`, which stands where `place` holds."""
    draft = Draft()
    draft.guid_is_link = True
    reader.within = place
    if said := attributes(element):
        if "href" in said or "lastmod" in said:
            raise Unsure("an item of CDF")
        draft.guid = said.get("rdf:about", "")
        reader.within = reader.place(said, place)
    _children(reader, draft, element)
    return draft


def _children(reader: Reader, draft: Draft, element: Any) -> None:
    handlers = reader.handlers
    for child in element:
        try:
            handler = handlers[child.tag]
        except KeyError:
            handler = handlers[child.tag] = FIELDS.get(reader.name(child), _unknown)
        handler(reader, draft, child)


def _unknown(reader: Reader, draft: Draft, element: Any) -> None:
    """Pass over what a module keeps within its own elements; a bare wrapper may hold categories."""
    if not len(element) or "_" in reader.name(element):
        return
    inner = [each for each in element.iterdescendants() if reader.name(each) in FIELDS]
    if any(reader.name(each) != "category" for each in inner):
        raise Unsure(f"known elements within {reader.name(element)}")
    for each in inner:
        _category(reader, draft, each)


def link_of(reader: Reader, element: Any) -> tuple[dict[str, str], str, bool]:
    """Give a link's attributes, its address, and whether it is a page to look at."""
    said = attributes(element)
    place = reader.place(said, reader.within)
    href = said.get("url", said.get("uri", said.get("href")))
    rel = said.setdefault("rel", "alternate")
    if href is None:
        return said, _address(reader, element, place), True
    if len(element):
        raise Unsure("elements within link")
    is_page = rel == "alternate" and said.get("type", "text/html") in _PAGES
    return said, reader.resolve(href, place.base), is_page


def _address(reader: Reader, element: Any, place: Place | None = None) -> str:
    """Take the address that is the text of a link."""
    href = reader.text(element)
    if "&" in href:
        href = _BROKEN_AMPERSAND.sub(r"&\1", href.replace("&amp;", "&"))
    return reader.resolve(href, (place or reader.within).base) if href else ""


# Rows ----------------------------------------------------------------------------------------------------


def _text(into: str, reader: Reader, draft: Draft, element: Any) -> None:
    setattr(draft, into, reader.text(element))


def _title(reader: Reader, draft: Draft, element: Any) -> None:
    if not draft.title[0]:
        draft.title = reader.value(element, "text/plain")


def _media_title(reader: Reader, draft: Draft, element: Any) -> None:
    if not draft.media_title[0]:
        draft.media_title = reader.value(element, "text/plain")


def _body(kind: BodyKind, default: str, reader: Reader, draft: Draft, element: Any) -> None:
    draft.bodies.append((kind, reader.value(element, default)))


def _link(reader: Reader, draft: Draft, element: Any) -> None:
    if not element.keys():  # RSS: half of all links
        draft.link = href = _address(reader, element)
        draft.page = draft.page or href
        return
    said, href, is_page = link_of(reader, element)
    if is_page:
        draft.link = href
    if said["rel"] == "enclosure":
        draft.files.append(Media(href, said.get("type", ""), said.get("length", "")))
    elif said["rel"] in ("", "alternate") and not draft.page:
        draft.page = href


def _guid(reader: Reader, draft: Draft, element: Any) -> None:
    said = attributes(element)
    guid = reader.text(element)
    draft.guid_is_link = is_link = said.get("ispermalink", "true") == "true"
    draft.guid = reader.resolve(guid, reader.place(said, reader.within).base) if guid and is_link else guid


def person_of(reader: Reader, element: Any) -> str:
    """Read an author: as RSS and Dublin Core write one, or from Atom's `name` and `email`."""
    if not len(element):
        return person(reader.text(element))
    said = {}
    if (element.text or "").strip():
        raise Unsure("text beside elements within an author")
    for child in element:
        name = reader.name(child)
        if (child.tail or "").strip() or (name not in _PERSONS and name in FIELDS):
            raise Unsure("something else within an author")
        if name in _PERSONS:
            said[name.removeprefix("itunes_")] = reader.text(child)
    return said.get("name") or said.get("email", "")


def _author(reader: Reader, draft: Draft, element: Any) -> None:
    if name := person_of(reader, element):
        draft.authors.append(name)


def _category(reader: Reader, draft: Draft, element: Any, *, scheme: str = "", term: str = "term") -> None:
    said = attributes(element)
    scheme = said.get("scheme", said.get("domain", scheme))
    written, label, text = said.get(term, ""), said.get("label", ""), reader.text(element)
    if written:
        draft.add_tag(written, scheme, label)
        draft.add_tag(text)
    else:
        draft.add_tag(text, scheme, label)


def _itunes_category(reader: Reader, draft: Draft, element: Any) -> None:
    for each in (element, *element.iterdescendants()):
        draft.add_tag(attributes(each).get("text", ""), _ITUNES)
        if (each.text or "").strip() or (each is not element and reader.name(each) != "itunes_category"):
            raise Unsure("text within a category of iTunes")


def _keywords(reader: Reader, draft: Draft, element: Any, *, scheme: str = "") -> None:
    for word in reader.text(element).split(","):
        draft.add_tag(word.strip(), scheme)


def _enclosure(_reader: Reader, draft: Draft, element: Any) -> None:
    said = attributes(element)
    href = said.get("url", said.get("uri", said.get("href", "")))
    draft.files.append(Media(href, said.get("type", ""), said.get("length", "")))


def _media_content(reader: Reader, draft: Draft, element: Any) -> None:
    said = attributes(element)
    length = said.get("length") or said.get("filesize", "")
    draft.media.append(
        Media(said.get("href") or said.get("url", ""), said.get("type", ""), length, said.get("medium", ""))
    )
    _media_group(reader, draft, element)


def _media_group(reader: Reader, draft: Draft, element: Any) -> None:
    if not len(element):
        return
    for child in element:
        name = reader.name(child)
        if name in FIELDS and not name.startswith("media_"):
            raise Unsure(f"{name} within media")
    _children(reader, draft, element)


def _thumbnail(reader: Reader, draft: Draft, element: Any) -> None:
    said = attributes(element)
    address = said.get("url")
    if address is None and (address := reader.text(element)):
        address = reader.resolve(address, reader.place(said, reader.within).base)
    draft.thumbnails.append(address)


def _itunes_image(_reader: Reader, draft: Draft, element: Any) -> None:
    said = attributes(element)
    draft.image = said.get("href") or said.get("url") or draft.image


def _podcast_person(reader: Reader, draft: Draft, element: Any) -> None:
    if name := reader.text(element):
        draft.persons.append(name)


def _image(reader: Reader, draft: Draft, element: Any) -> None:
    for child in element:
        if reader.name(child) == "url":
            draft.image = draft.image or reader.text(child)


def _nothing(_reader: Reader, _draft: Draft, _element: Any) -> None:
    """Pass over an element with all that is in it."""


def _empty(reader: Reader, _draft: Draft, element: Any) -> None:
    """Pass over an element that says nothing; what is in it otherwise has a meaning of its own."""
    if reader.text(element):
        raise Unsure(f"{reader.name(element)} within an entry")


FIELDS: Final[dict[str, Handler]] = {
    "title": _title,
    "dc_title": _title,
    "media_title": _media_title,
    "itunes_title": partial(_text, "itunes_title"),
    **{name: partial(_body, *body) for name, body in BODIES.items()},
    "link": _link,
    "guid": _guid,
    "id": _guid,
    "feedburner_origlink": partial(_text, "original"),
    "pubdate": partial(_text, "published"),
    "published": partial(_text, "published"),
    "issued": partial(_text, "published"),
    "dcterms_issued": partial(_text, "published"),
    "updated": partial(_text, "updated"),
    "modified": partial(_text, "updated"),
    "lastbuilddate": partial(_text, "updated"),
    "dcterms_modified": partial(_text, "updated"),
    "created": partial(_text, "created"),
    "dcterms_created": partial(_text, "created"),
    "dc_date": partial(_text, "dated"),
    "date": partial(_text, "dated"),
    "author": _author,
    "managingeditor": _author,
    "dc_creator": _author,
    "dc_author": _author,
    "itunes_author": _author,
    "podcast_person": _podcast_person,
    "category": _category,
    "keywords": _category,
    "dc_subject": _category,
    "media_category": partial(_category, scheme=_MEDIA_CATEGORIES),
    "itunes_category": _itunes_category,
    "itunes_keywords": partial(_keywords, scheme=_ITUNES),
    "media_keywords": _keywords,
    "tags": _keywords,
    "language": partial(_text, "language"),
    "dc_language": partial(_text, "language"),
    "enclosure": _enclosure,
    "media_content": _media_content,
    "media_group": _media_group,
    "media_thumbnail": _thumbnail,
    "itunes_image": _itunes_image,
    "source": _nothing,  # where a merged feed found the entry: its titles and links are not the entry's
    "contributor": _nothing,
    "image": _image,
    "textinput": _empty,
    "item": _empty,
    "entry": _empty,
    "channel": _empty,
    "feed": _empty,
}
