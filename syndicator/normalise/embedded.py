"""What a page loads by script or frame, as plain images and links; pixels that only count, dropped.

The result is still hostile: `html.clean` runs nh3 over it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from lxml import etree

from syndicator.normalise.url import host, link

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_TRIGGER: Final = re.compile(
    r"""<(?:iframe|picture|noscript|amp-img)\b
      | <img\b(?![^<>]*\ssrc="https?://[^"<>]*")
      | <img\b[^<>]*\s(?:data-|srcset|style|(?:width|height)=["']?[01](?:px)?["'\s/>])
      | <img\b[^<>]*(?:feedburner|pixel\.wp|stats\.wordpress|doubleclick|google-analytics
          |feedsportal|scorecard)
      | \s(?:href|src|poster|cite)\s*=\s*(?!"(?:https?:|mailto:))""",
    re.IGNORECASE | re.VERBOSE,
)
_LAZY: Final = (
    "data-src", "data-lazy-src", "data-original", "data-actualsrc", "data-orig-file", "data-large-file",
    "data-full-url", "data-echo", "data-hi-res-src", "data-url", "data-image", "data-img-src",
    "nitro-lazy-src",
)  # fmt: skip
_LAZY_SETS: Final = ("data-srcset", "data-lazy-srcset", "srcset")
_PLACEHOLDER: Final = re.compile(
    r"^data:|(?:^|/)(?:blank|spacer|pixel|placeholder|transparent|loading|lazy|grey|1x1|b|clear)\.(?:gif|png|svg|jpg)",
    re.IGNORECASE,
)
_PIXEL: Final = re.compile(r"0*[01](?:\.0*)?(?:px)?")
_HIDDEN: Final = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden|(?:width|height)\s*:\s*[01](?:px)?\s*(?:;|$))",
    re.IGNORECASE,
)
_COUNTERS: Final = re.compile(
    r"//(?:feeds\.feedburner\.com/~r/|pixel\.wp\.com/|stats\.wordpress\.com/|[\w.]*doubleclick\.net/"
    r"|www\.google-analytics\.com/|[\w.]*feedsportal\.com/[\w/]*mf\.gif|[\w.]*scorecardresearch\.com/)"
)
_YOUTUBE: Final = re.compile(r"https?://(?:www\.)?youtube(?:-nocookie)?\.com/embed/([\w-]{6,20})")
_CANDIDATE: Final = re.compile(r"(\S+)(?:\s+(\d{1,6}(?:\.\d{1,3})?)([wx]))?\s*(?:,\s*|$)")
_BARE: Final = "x-bare"  # of these only what is in them stays; lxml puts no paragraph around it
_DROP: Final = "x-drop"  # elements of this name go, with what is in them


def needs_transform(html: str) -> bool:
    """Whether there is anything here to transform; most cleaned HTML has nothing, and is not parsed twice."""
    return _TRIGGER.search(html) is not None


def transform(html: str, base: str) -> str:
    """Make lazy images eager, frames links and addresses absolute; HTML that lxml cannot read comes back."""
    try:
        tree = etree.fromstring(
            f"<{_BARE}>{html}</{_BARE}>", etree.HTMLParser(remove_comments=True, remove_pis=True)
        )
    except (etree.LxmlError, ValueError):
        return html
    if tree is None:
        return html
    for element in reversed(list(tree.iter(*_TRANSFORMS))):  # an image still sees the sources around it
        _TRANSFORMS[element.tag](element, base)
    etree.strip_elements(tree, _DROP, with_tail=False)
    return str(etree.tostring(tree, method="html", encoding="unicode"))


def _image(element: Any, base: str) -> None:
    address = next(_addresses(element, base), "")
    if not address or _is_counter(element, address):
        element.tag = _DROP
        return
    for name in list(element.attrib):
        if name not in ("alt", "title", "width", "height"):
            del element.attrib[name]
    element.tag = "img"
    element.set("src", address)


def _addresses(element: Any, base: str) -> Iterator[str]:
    """Give the usable addresses of an image, the one meant to be seen first."""
    shown = element.get("src", "")
    lazy = [element.get(name, "") for name in _LAZY]
    sets = [_widest(element.get(name, "")) for name in _LAZY_SETS]
    picture = next(element.iterancestors("picture"), None)
    sources = [] if picture is None else picture.iter("source")
    sets += [_widest(each.get("srcset", "") or each.get("data-srcset", "")) for each in sources]
    eager = [shown] if shown and not _PLACEHOLDER.search(shown) else []
    for address in (*lazy, *eager, *sets, shown):
        if address and not address.startswith("data:") and (usable := link(address, base)):
            yield usable


def _widest(candidates: str) -> str:
    """Choose from a srcset the candidate of the greatest width or density."""
    found = _CANDIDATE.findall(candidates[:4000])
    return max(found, key=lambda each: float(each[1] or 1), default=("",))[0].rstrip(",")


def _is_counter(element: Any, address: str) -> bool:
    sizes = (element.get(name, "").strip() for name in ("width", "height"))
    return (
        any(_PIXEL.fullmatch(size) for size in sizes)
        or _HIDDEN.search(element.get("style", "")) is not None
        or _COUNTERS.search(address) is not None
    )


def _frame(element: Any, base: str) -> None:
    address = link(element.get("src", "") or element.get("data-src", ""), base)
    sizes = (element.get(name, "").strip() for name in ("width", "height"))
    if not address or any(_PIXEL.fullmatch(size) for size in sizes):
        element.tag = _DROP
        return
    title, tail = element.get("title", ""), element.tail
    video = _YOUTUBE.match(address)
    address = f"https://www.youtube.com/watch?v={video[1]}" if video else address
    element.clear()
    element.tag, element.tail, element.text = "a", tail, title.strip() or host(address)
    element.set("href", address)


def _anchor(element: Any, base: str) -> None:
    address = element.get("href")
    if address is not None and not address.strip().lower().startswith("mailto:"):
        _set_or_drop(element, "href", link(address, base))


def _media(element: Any, base: str) -> None:
    for name in ("src", "poster"):
        if element.get(name) is not None:
            _set_or_drop(element, name, link(element.get(name), base))


def _source(element: Any, base: str) -> None:
    """Keep the sources of sound and film; lxml nests what follows in them, browsers do not."""
    if next(element.iterancestors("picture"), None) is None:
        _media(element, base)
    else:
        element.tag = _BARE


def _quotation(element: Any, base: str) -> None:
    if element.get("cite") is not None:
        _set_or_drop(element, "cite", link(element.get("cite"), base))


def _fallback(element: Any, _base: str) -> None:
    """Drop what stands for a lazy image that is shown anyway; keep other fallbacks."""
    before = element.getprevious()
    element.tag = _DROP if before is not None and before.tag in ("img", "picture") else _BARE


def _set_or_drop(element: Any, name: str, address: str) -> None:
    if address:
        element.set(name, address)
    else:
        del element.attrib[name]


_TRANSFORMS: Final[dict[str, Callable[[Any, str], None]]] = {
    "noscript": _fallback,
    "img": _image,
    "amp-img": _image,
    "iframe": _frame,
    "a": _anchor,
    "audio": _media,
    "video": _media,
    "source": _source,
    "blockquote": _quotation,
    "q": _quotation,
    "ins": _quotation,
    "del": _quotation,
}
