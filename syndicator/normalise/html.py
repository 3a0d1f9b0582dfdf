"""Clean HTML from hostile HTML, and plain text from clean HTML.

First transforms on a tree (`embedded`), because readers lose what is loaded by scripts; then nh3, always
last, so that nothing a transform did can be active. `clean` is idempotent and its result is what browsers
parse it to be: it is cleaned again until nothing changes.
"""

from __future__ import annotations

import re
from html import escape, unescape
from typing import Final

import nh3

from syndicator.normalise.embedded import needs_transform, transform
from syndicator.normalise.plain import without_controls

MAX_LENGTH: Final = 1_000_000  # characters, before and after
MAX_DEPTH: Final = 200  # nh3 needs 20 s for 100,000 nested <div>, lxml loses what lies below 256
_MAX_AMPERSANDS: Final = 20_000  # nh3 needs 7 s for a million
_MAX_WORDS: Final = 500  # in one tag: both parsers compare each attribute with all before it
_ROUNDS: Final = 5

_TAGS: Final = frozenset({
    "a", "abbr", "address", "article", "aside", "audio", "b", "bdi", "bdo", "blockquote", "br", "caption",
    "center", "cite", "code", "col", "colgroup", "dd", "del", "details", "dfn", "dir", "div", "dl", "dt",
    "em", "figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr",
    "i", "img", "ins", "kbd", "li", "main", "mark", "menu", "nav", "ol", "p", "pre", "q", "rp", "rt",
    "ruby", "s", "samp", "section", "small", "source", "span", "strike", "strong", "sub", "summary", "sup",
    "table", "tbody", "td", "tfoot", "th", "thead", "time", "tr", "tt", "u", "ul", "var", "video", "wbr",
})  # fmt: skip
_WITH_CONTENT: Final = frozenset({
    "math", "noembed", "noframes", "plaintext", "script", "select", "style", "svg",
    "template", "textarea", "title", "xmp",
})  # fmt: skip
_ATTRIBUTES: Final = {
    "*": {"lang", "dir", "title"},
    "a": {"href", "hreflang"},
    "audio": {"src"},
    "blockquote": {"cite"},
    "col": {"span"},
    "del": {"cite", "datetime"},
    "img": {"src", "alt", "width", "height"},
    "ins": {"cite", "datetime"},
    "li": {"value"},
    "ol": {"start", "reversed"},
    "q": {"cite"},
    "source": {"src", "type"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
    "video": {"src", "poster", "width", "height"},
}
_SCHEMES: Final = {"http", "https", "mailto"}
_CLEANER: Final = nh3.Cleaner(
    tags=set(_TAGS),
    clean_content_tags=set(_WITH_CONTENT),
    attributes=_ATTRIBUTES,
    url_schemes=_SCHEMES,
    url_relative="deny",
    link_rel="noopener noreferrer",
    set_tag_attribute_values={"audio": {"controls": ""}, "video": {"controls": ""}},
)

_TAG: Final = re.compile(r"<(?P<close>/?)(?P<name>[A-Za-z][A-Za-z0-9:-]*)(?P<rest>[^<>]*)")
_NEVER_CLOSED: Final = frozenset({
    "a", "area", "base", "br", "col", "dd", "dt", "hr", "img", "input", "li", "link", "meta", "option", "p",
    "td", "th", "tr", "wbr",
})  # fmt: skip

_REST: Final = r"""(?:[^"'<>]|"[^"]*"|'[^']*')*+>"""
_BLOCK: Final = re.compile(
    r"</?(?:address|article|aside|blockquote|br|caption|center|dd|details|dir|div|dl|dt|figcaption|figure|footer"
    r"|h[1-6]|header|hgroup|hr|li|main|menu|nav|ol|p|pre|section|summary|table|tbody|tfoot|thead|tr|ul)\b"
    + _REST
)
_CELL: Final = re.compile(r"</?t[dh]\b" + _REST)
_ANY: Final = re.compile(r"</?[a-z]" + _REST)
_CRUDE: Final = re.compile(r"<[^<>]*>?")


def clean(html: str, base: str = "") -> str:
    """Give safe HTML of at most MAX_LENGTH characters; relative addresses lead from `base`.

    Kept are text, structure, links (http, https, mailto), images, sound and film; no scripts, styles, forms,
    frames, classes or ids. What would cost more than linear time comes back as its text.
    """
    html = without_controls(html[:MAX_LENGTH]).strip()
    if not ("<" in html or "&" in html or ">" in html or "\xa0" in html):
        return html
    if _is_costly(html):
        html = _flattened(html)
    for _ in range(_ROUNDS):
        before, html = html, _once(html, base)
        if html == before:
            return html
    return _flattened(html)


def to_text(html: str) -> str:
    """Give the text of cleaned HTML: a line for each block, single spaces, no blank lines."""
    html = html.replace("\n", " ")
    if "<" in html:
        html = _ANY.sub("", _CELL.sub(" ", _BLOCK.sub("\n", html)))
    lines = (" ".join(line.split()) for line in unescape(html).split("\n"))
    return "\n".join(line for line in lines if line)


def _once(html: str, base: str) -> str:
    if needs_transform(html):
        html = transform(html, base)
    result = without_controls(_CLEANER.clean(html)).strip()
    while len(result) > MAX_LENGTH:
        html = html[: len(html) * MAX_LENGTH // len(result) - 100]
        result = without_controls(_CLEANER.clean(html)).strip()
    return result


def _is_costly(html: str) -> bool:
    """Whether there are more references, attributes or open elements than the parsers behind can bear."""
    if html.count("&") > _MAX_AMPERSANDS:
        return True
    if html.count("<") <= MAX_DEPTH and len(html) < _MAX_WORDS:
        return False
    depth = 0
    for tag in _TAG.finditer(html):
        rest = tag["rest"]
        if len(rest) > _MAX_WORDS and max(rest.count("="), len(rest.split()), rest.count("/")) > _MAX_WORDS:
            return True
        if tag["close"]:
            depth -= depth > 0
        elif tag["name"].lower() not in _NEVER_CLOSED:
            depth += 1
            if depth > MAX_DEPTH:
                return True
    return False


def _flattened(html: str) -> str:
    """Give the text alone, as HTML that every parser reads alike."""
    text = " ".join(unescape(_CRUDE.sub(" ", html)).replace("\xa0", " ").split())
    flat = escape(text, quote=False)
    while len(flat) > MAX_LENGTH:
        text = text[: len(text) * MAX_LENGTH // len(flat) - 1]
        flat = escape(text, quote=False)
    return without_controls(flat)
