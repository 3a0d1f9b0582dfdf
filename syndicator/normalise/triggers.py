"""Whether there is anything in HTML to mend: most has nothing, and is not parsed twice.

First by the names of its tags, which one scan finds; then only what the table says for names that are there.
What is written otherwise than nh3 writes it counts as something to mend.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from syndicator.normalise.images import mentions_beacon
from syndicator.normalise.layout import EMPTY_INLINE, HEADINGS

if TYPE_CHECKING:
    from syndicator.normalise.policies import Policy

_NAME: Final = re.compile(r"</?([A-Za-z][^\s/>]*)")
_ALWAYS: Final = frozenset((
    "iframe", "math", "picture", "noscript", "object", "embed", "h1", "amp-img", "amp-iframe", "amp-youtube",
    "lite-youtube",
))  # fmt: skip
_ADDRESSED: Final = frozenset(("video", "audio", "source", "q", "blockquote", "ins", "del"))
_MEDIA: Final = frozenset(("video", "audio"))

_LINK: Final = re.compile(
    r"""<a\b(?!(?:\s[^<>]*?)??\shref="(?:https?://[^\s"<>\\^`{|}]*+|mailto:[^"<>]*+)")"""
)
_BREAKS: Final = re.compile(r"<br\s*/?>\s*<br\s*/?>\s*<br\b")
_ADDRESS: Final = re.compile(
    r"""<(?:video|audio|source|q|blockquote|ins|del)\b[^<>]*?\s(?:src|poster|cite)\s*=(?!"https?://)""",
    re.IGNORECASE,
)
_EMPTY: Final = re.compile(
    r"""<(?P<empty>p|div|span|h[2-6]|b|strong|i|em|u|section|figure|blockquote|a|ul|ol|center|font|small)
        (?:\s[^<>]*)?>(?:\s|&nbsp;|<br\s*/?>)*+</(?P=empty)\s*>""",
    re.VERBOSE,
)
# A whole tag of an image; a quote that nothing closes stands for itself.
_IMAGE: Final = re.compile(r"""<img\b(?:[^<>"']++|"[^"<]*"|'[^'<]*'|["'])*+""")
_UNSETTLED_IMAGE: Final = re.compile(
    r"""<img\b(?:
        (?!(?:\s[^<>]*?)??\ssrc="https?://)
      | (?:[^<>"']|"[^"]*"|'[^']*')*?\s(?:data-|srcset|style|(?:width|height)=["']?0*[01](?:px)?["'\s/>])
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_HTTP_IMAGE: Final = re.compile(r'<img\b[^<>]*?\ssrc="http:')
_WIDE: Final = re.compile(r'<img\b[^<>]*?\swidth="\d{3,}')


def tag_names(html: str) -> set[str]:
    """Name the elements that tags may open or close here, as written; comments count as what is in them."""
    return set(_NAME.findall(html))


def to_mend(html: str, names: set[str], policy: Policy) -> set[str]:
    """Name the elements that must be looked at in HTML with tags of these names; none: all is well."""
    lower = {name.lower() for name in names}
    has_links = "a" in lower and _LINK.search(html) is not None
    has_empty = _EMPTY.search(html) is not None
    if not (has_links or has_empty or lower != names or _has_other(html, names, policy)):
        return set()
    if "h1" in lower:
        lower.update(HEADINGS)
    if not has_empty:
        lower.difference_update(EMPTY_INLINE, () if has_links else ("a",))
    return lower


def _has_other(html: str, names: set[str], policy: Policy) -> bool:
    return (
        not names.isdisjoint(_ALWAYS)
        or ("img" in names and _has_image_to_mend(html, policy))
        or ("br" in names and _BREAKS.search(html) is not None)
        or (not policy.has_media and not names.isdisjoint(_MEDIA))
        or (not names.isdisjoint(_ADDRESSED) and _ADDRESS.search(html) is not None)
    )


def _has_image_to_mend(html: str, policy: Policy) -> bool:
    images = "".join(_IMAGE.findall(html))
    return (
        _UNSETTLED_IMAGE.search(images) is not None
        or mentions_beacon(images)
        or ("http" not in policy.image_schemes and _HTTP_IMAGE.search(images) is not None)
        or (policy.image_width is not None and _WIDE.search(images) is not None)
    )
