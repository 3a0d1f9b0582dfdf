"""The HTML of a mail as a tree of what its reader sees: no hidden text, pixels, layout tables or styles."""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple, TypeAlias

from lxml import etree
from lxml.html import HTMLParser, document_fromstring, tostring

from syndicator.controls import without_bad_references, without_controls
from syndicator.errors import ParseError
from syndicator.parse import guard
from syndicator.parse.newsletter.words import line

Element: TypeAlias = Any  # lxml's elements, which its stubs know too little of

MAX_LENGTH: Final = 2_000_000  # characters of HTML
MAX_ELEMENTS: Final = 50_000

BLOCKS: Final = frozenset({
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "div", "dl", "dt",
    "figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav",
    "ol", "p", "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
})  # fmt: skip
HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_UNSEEN: Final = frozenset({
    "head", "style", "script", "title", "meta", "link", "base", "noscript", "template", "xml", "object",
    "svg", "form", "input", "button", "select", "textarea",
})  # fmt: skip
_LAYOUT: Final = frozenset({"table", "tbody", "thead", "tfoot", "tr", "td", "center", "font"})
_KEPT: Final = frozenset({
    "href", "src", "alt", "title", "width", "height", "lang", "dir", "colspan", "rowspan", "start",
    "datetime", "cite",
})  # fmt: skip
_MAY_BE_EMPTY: Final = HEADINGS | {"div", "span", "p", "a", "li", "ul", "ol", "strong", "em", "b", "i"}
_HIDDEN: Final = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0?\.?0*\s*(?:;|!|$)"
    r"|(?:max-height|max-width)\s*:\s*0(?:px|em|%)?\s*(?:;|!|$)|mso-hide\s*:\s*all)",
    re.IGNORECASE,
)
_TINY: Final = re.compile(r"(?:^|;)\s*(?:width|height)\s*:\s*[01](?:px)?\s*(?:;|!|$)", re.IGNORECASE)
_PIXEL: Final = re.compile(
    r"/(?:email/)?open(?:[/?.]|$)|/wf/open|/track/open|/pixel|[/.]beacon|/o\.gif|/spacer\.|/blank\.gif|/clear\.gif|/imp\?|/ss/o/"
    r"|google-analytics\.com|doubleclick\.net|list-manage\.com/track",
    re.IGNORECASE,
)
_FILLER: Final = re.compile(
    "(?:[\\s\u00a0\u00ad\u034f\u061c\u180e\u2000-\u200f\u2028-\u202f\u2060-\u206f\u3164\ufeff]){3,}"
)
_FILLING: Final = re.compile("[\u00ad\u034f\u200b-\u200f\u2060-\u2064\u3164\ufeff]")
_CONTROLS: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_XML: Final = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")


class Span(NamedTuple):
    """Where the text of an element begins and ends, counted in characters of all text before it."""

    begin: int
    end: int
    elements: int  # how many there are in it, and it

    @property
    def size(self) -> int:
        """How many characters of text the element holds."""
        return self.end - self.begin


def read(html: str) -> Element | None:
    """Parse HTML and take away what its reader does not see; gives its body.

    None where there is nothing to read, or where it is built to cost more than a mail may.
    """
    html = without_bad_references(_XML.sub("", without_controls(html[:MAX_LENGTH])))
    try:
        guard.check_markup(html)
        # Mails nest tables deeply; the depth is bounded by the line before.
        root = document_fromstring(
            html, parser=HTMLParser(huge_tree=True, remove_comments=True, remove_pis=True)
        )
    except (ParseError, etree.LxmlError, ValueError):
        return None
    body = root.find("body")
    if body is None or sum(1 for _ in body.iter()) > MAX_ELEMENTS:
        return None
    for element in list(body.iter()):
        if _is_unseen(element):
            remove(element)
    _without_filler(body)
    return body


def language(html: str) -> str:
    """Give what `<html lang>` declares, or nothing."""
    found = re.search(r"<html\b[^>]{0,500}?\slang\s*=\s*[\"']?([A-Za-z-]{2,35})", html[:5000], re.IGNORECASE)
    return found[1] if found else ""


def write(body: Element) -> str:
    """Give the tree as HTML; layout tables become plain blocks, and only telling attributes are left."""
    for element in list(body.iter()):
        if element is not body and element.tag in _LAYOUT and not _is_of_data(element):
            element.tag = "span" if element.tag == "font" else "div"
    for element in reversed(list(body.iter())):
        kept = {name: value for name, value in element.attrib.items() if name in _KEPT}
        element.attrib.clear()  # one by one fails for names that lxml reads and does not write, as `{x}`
        element.attrib.update(kept)
        if element is not body and element.tag in _MAY_BE_EMPTY and is_empty(element):
            remove(element)
        elif element is not body and (
            element.tag == "span" or (element.tag == "div" and _is_wrapper(element))
        ):
            element.drop_tag()
    inside = (body.text or "") + "".join(tostring(child, encoding="unicode") for child in body)
    return inside.strip()


def spans(body: Element) -> dict[Element, Span]:
    """Say for each element where its text stands: one pass for all."""
    begins: dict[Element, tuple[int, int]] = {}
    found: dict[Element, Span] = {}
    place = number = 0
    for event, element in etree.iterwalk(body, events=("start", "end")):
        if event == "start":
            begins[element] = (place, number)
            place += _length(element.text)
            number += 1
        else:
            begin, first = begins[element]
            found[element] = Span(begin, place, number - first)
            place += _length(element.tail)
    return found


def text(element: Element, limit: int = 2_000) -> str:
    """Give the text of an element as one line of about `limit` characters at most."""
    parts: list[str] = []
    size = 0
    for part in element.itertext():
        parts.append(part)
        size += len(part)
        if size > 2 * limit:
            break
    return line("".join(parts))[:limit]


def label(link: Element) -> str:
    """Give the words of a link in lower case; those of its pictures where it has no text."""
    said = text(link, 200)
    if not said:
        said = line(" ".join(image.get("alt", "") for image in link.iter("img")))
    return said.lower()


def is_empty(element: Element) -> bool:
    """Whether there is neither text nor anything else to see in it."""
    return not text(element, 20) and next(element.iter("img", "hr", "video", "audio"), None) is None


def is_inside(element: Element, body: Element) -> bool:
    """Whether it (still) hangs in the tree, below `body`."""
    return any(above is body for above in element.iterancestors())


def block_of(element: Element) -> Element:
    """Give the innermost block that holds it, or itself."""
    while element.tag not in BLOCKS and element.getparent() is not None:
        element = element.getparent()
    return element


def links(body: Element) -> list[Element]:
    """Give the links that lead somewhere."""
    return [link for link in body.iter("a") if link.get("href")]


def looks_whole(text: str) -> bool:
    """Whether a text that is said to be plain is a document of HTML."""
    return re.match(r"\s*(?:<!doctype html|<html\b)", text[:200], re.IGNORECASE) is not None


def remove(element: Element) -> None:
    """Take an element out of the tree; the text behind it stays."""
    if element.getparent() is not None:
        element.drop_tree()


def _is_unseen(element: Element) -> bool:
    if not isinstance(element.tag, str) or element.tag in _UNSEEN or ":" in element.tag:
        # What Outlook's own tags (o:p) hold is seen, though.
        return not (isinstance(element.tag, str) and element.tag.startswith("o:"))
    style = element.get("style", "")
    if element.get("class") == "gmail_attr":  # who forwarded it, to whom
        return True
    if element.get("hidden") is not None or (style and _HIDDEN.search(style)):
        return True
    return element.tag == "img" and _is_pixel(element, style)


def _is_pixel(image: Element, style: str) -> bool:
    source = image.get("src", "").strip()
    if not source or source.lower().startswith(("cid:", "mid:")) or _PIXEL.search(source[:2_000]):
        return True
    return any(
        image.get(name, "").strip().removesuffix("px") in ("0", "1") for name in ("width", "height")
    ) or bool(_TINY.search(style))


def _without_filler(body: Element) -> None:
    """Drop what pads the line that inboxes show beside a subject, and controls, which no tree takes back."""
    for element in body.iter():
        for name in ("text", "tail"):
            said = getattr(element, name)
            if said and (kept := _CONTROLS.sub("", _FILLER.sub(_filled, said))) != said:
                setattr(element, name, kept)
        for name, value in element.items():
            if _CONTROLS.search(value):
                element.set(name, _CONTROLS.sub("", value))


def _filled(run: re.Match[str]) -> str:
    return " " if _FILLING.search(run[0]) else run[0]


def _is_of_data(element: Element) -> bool:
    """Whether it belongs to a table with headings: one that shows figures."""
    table = element if element.tag == "table" else next(element.iterancestors("table"), None)
    return (
        table is not None
        and element.tag not in ("center", "font")
        and next(table.iter("th"), None) is not None
    )


def _is_wrapper(block: Element) -> bool:
    """Whether a block holds just blocks: it says nothing itself."""
    if (block.text or "").strip() or not len(block):
        return False
    return all(child.tag in BLOCKS and not (child.tail or "").strip() for child in block)


def _length(value: str | None) -> int:
    return len(" ".join(value.split())) if value else 0
