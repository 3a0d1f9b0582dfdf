"""Mending hostile HTML on a tree, before it is cleaned: the table says which function sees which element.

The result is still hostile: `html.clean` runs nh3 over it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from lxml import etree

from syndicator.normalise.embeds import frame, media, plugin, source, video_element
from syndicator.normalise.images import fallback, image
from syndicator.normalise.layout import EMPTY_BLOCKS, EMPTY_INLINE, block, inline, line_break, lower_headings
from syndicator.normalise.plain import without_controls
from syndicator.normalise.tree import BARE, DROP, replace_by_text, set_or_remove, unwrap
from syndicator.normalise.url import link

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from syndicator.normalise.policies import Policy

_RAW: Final = ("script", "style", "template", "textarea", "title")  # end tags in these are text to others
_UNREAD: Final = " or ".join(f"ancestor::{name}" for name in ("annotation", "annotation-xml", *_RAW))
_BEGIN, _END = "<html><body>", "</body></html>"  # what lxml puts around a fragment


def transform(html: str, base: str, policy: Policy, wanted: Iterable[str]) -> str:
    """Make lazy images eager, frames links and addresses absolute; what lxml cannot read is dropped.

    Looked at are elements of the names that are `wanted`.
    """
    try:
        tree = etree.fromstring(
            f"<{BARE}>{html}</{BARE}>", etree.HTMLParser(remove_comments=True, remove_pis=True)
        )
    except (etree.LxmlError, ValueError):
        return ""
    if tree is None:
        return ""
    lower_headings(tree)
    names = [name for name in wanted if name in _TRANSFORMS]
    for element in reversed(list(tree.iter(*names))) if names else ():  # an image sees the sources around it
        if element.tag in _TRANSFORMS:
            _TRANSFORMS[element.tag](element, base, policy)
    etree.strip_elements(tree, DROP, *_RAW, with_tail=False)
    return (
        str(etree.tostring(tree, method="html", encoding="unicode")).removeprefix(_BEGIN).removesuffix(_END)
    )


def _anchor(element: Any, base: str, _policy: Policy) -> None:
    """Settle where a link leads; one that leads nowhere, or shows nothing, is none."""
    written = element.get("href") or ""
    address = without_controls(written).strip()
    usable = address if address.lower().startswith("mailto:") else link(address, base)
    if usable and (_has_text(element) or element.find(".//img") is not None):
        if usable != written:
            element.set("href", usable)
    else:
        unwrap(element)


def _has_text(element: Any) -> bool:
    return bool((element.text or "").strip()) or any(text.strip() for text in element.itertext())


def _formula(element: Any, _base: str, _policy: Policy) -> None:
    """Write a formula as its author did for those who cannot see it: nh3 would drop it with its text."""
    said = element.get("alttext") or "".join(element.xpath(f".//text()[not({_UNREAD})]"))
    replace_by_text(element, f" {' '.join(said.split())} ")


def _quotation(element: Any, base: str, _policy: Policy) -> None:
    if element.get("cite") is not None:
        set_or_remove(element, "cite", link(element.get("cite"), base))


def _blockquote(element: Any, base: str, policy: Policy) -> None:
    _quotation(element, base, policy)
    block(element, base, policy)


_TRANSFORMS: Final[Mapping[str, Callable[[Any, str, Policy], None]]] = {
    **dict.fromkeys(EMPTY_BLOCKS, block),
    **dict.fromkeys(EMPTY_INLINE, inline),
    "br": line_break,
    "noscript": fallback,
    "img": image,
    "amp-img": image,
    "iframe": frame,
    "amp-iframe": frame,
    "object": plugin,
    "embed": plugin,
    "amp-youtube": video_element,
    "lite-youtube": video_element,
    "a": _anchor,
    "math": _formula,
    "audio": media,
    "video": media,
    "source": source,
    "blockquote": _blockquote,
    "q": _quotation,
    "ins": _quotation,
    "del": _quotation,
}
