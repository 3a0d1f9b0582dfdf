"""Mending hostile HTML on a tree, before it is cleaned: the table says which function sees which element.

The result is still hostile: `html.clean` runs nh3 over it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from lxml import etree

from syndicator.normalise.embeds import frame, media, plugin, source, video_element
from syndicator.normalise.images import fallback, image, mentions_beacon
from syndicator.normalise.layout import EMPTY_BLOCKS, EMPTY_INLINE, block, inline, line_break, lower_headings
from syndicator.normalise.plain import without_controls
from syndicator.normalise.tree import BARE, DROP, set_or_remove, unwrap
from syndicator.normalise.url import link

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from syndicator.normalise.policies import Policy

# Most HTML has nothing to mend, and this is what finds out: each alternative begins with what the scan for
# "<" has found. What is written otherwise than nh3 writes it counts as something to mend.
_TRIGGER: Final = re.compile(
    r"""<(?:
        (?:iframe|picture|noscript|object|embed|h1|amp-[a-z]+|lite-youtube)\b
      | a\b(?!(?:\s[^<>]*?)??\shref="(?:https?://|mailto:))
      | img\b(?!(?:\s[^<>]*?)??\ssrc="https?://)
      | img\b(?:[^<>"']|"[^"]*"|'[^']*')*?\s(?:data-|srcset|style|(?:width|height)=["']?0*[01](?:px)?["'\s/>])
      | (?:video|audio|source|q|blockquote|ins|del)\b[^<>]*?\s(?:src|poster|cite)\s*=(?!"https?://)
      | (?P<empty>p|div|span|h[2-6]|b|strong|i|em|u|section|figure|blockquote|a|ul|ol|center|font|small)
        (?:\s[^<>]*)?>(?:\s|&nbsp;|<br\s*/?>)*+</(?P=empty)\s*>
      | br\s*/?>\s*<br\s*/?>\s*<br\b
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_RAW: Final = ("script", "style", "template", "textarea", "title")  # end tags in these are text to others
_MEDIA: Final = re.compile(r"<(?:video|audio)\b")
_HTTP_IMAGE: Final = re.compile(r'<img\b[^<>]*?\ssrc="http:')
_WIDE: Final = re.compile(r'<img\b[^<>]*?\swidth="\d{3,}')


def needs_transform(html: str, policy: Policy) -> bool:
    """Whether there is anything here to mend; most HTML has nothing, and is not parsed twice."""
    return (
        _TRIGGER.search(html) is not None
        or mentions_beacon(html)
        or (not policy.has_media and _MEDIA.search(html) is not None)
        or ("http" not in policy.image_schemes and _HTTP_IMAGE.search(html) is not None)
        or (policy.image_width is not None and _WIDE.search(html) is not None)
    )


def transform(html: str, base: str, policy: Policy) -> str:
    """Make lazy images eager, frames links and addresses absolute; what lxml cannot read is dropped."""
    try:
        tree = etree.fromstring(
            f"<{BARE}>{html}</{BARE}>", etree.HTMLParser(remove_comments=True, remove_pis=True)
        )
    except (etree.LxmlError, ValueError):
        return ""
    if tree is None:
        return ""
    lower_headings(tree)
    for element in reversed(list(tree.iter(*_TRANSFORMS))):  # an image still sees the sources around it
        if element.tag in _TRANSFORMS:
            _TRANSFORMS[element.tag](element, base, policy)
    etree.strip_elements(tree, DROP, *_RAW, with_tail=False)
    return str(etree.tostring(tree, method="html", encoding="unicode"))


def _anchor(element: Any, base: str, _policy: Policy) -> None:
    """Settle where a link leads; one that leads nowhere, or shows nothing, is none."""
    address = without_controls(element.get("href") or "").strip()
    usable = address if address.lower().startswith("mailto:") else link(address, base)
    if usable and (any(text.strip() for text in element.itertext()) or element.find(".//img") is not None):
        element.set("href", usable)
    else:
        unwrap(element)


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
    "audio": media,
    "video": media,
    "source": source,
    "blockquote": _blockquote,
    "q": _quotation,
    "ins": _quotation,
    "del": _quotation,
}
