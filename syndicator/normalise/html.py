"""Clean HTML from hostile HTML, and plain text from clean HTML.

First what is mended on a tree (`transform`), because readers lose what is loaded by scripts; then nh3, always
last, so that nothing a transform did can be active. `clean` is idempotent and its result is what browsers
parse it to be: it is cleaned again until nothing changes, or is known not to change (`settled`).
"""

from __future__ import annotations

import re
from html import escape, unescape
from typing import TYPE_CHECKING, Final

from syndicator.normalise.cost import has_many_tags, is_costly
from syndicator.normalise.plain import without_controls
from syndicator.normalise.policies import CLEANERS, POLICIES
from syndicator.normalise.settled import is_settled
from syndicator.normalise.transform import transform
from syndicator.normalise.triggers import tag_names, to_mend
from syndicator.normalise.url import link

if TYPE_CHECKING:
    from syndicator.normalise.policies import Name

MAX_LENGTH: Final = 1_000_000  # characters, before and after
_ROUNDS: Final = 5

_REST: Final = r"""(?:[^"'<>]|"[^"]*"|'[^']*')*+>"""
_BLOCK: Final = re.compile(
    r"</?(?:address|article|aside|blockquote|br|caption|center|dd|details|dir|div|dl|dt|figcaption|figure|footer"
    r"|h[1-6]|header|hgroup|hr|li|main|menu|nav|ol|p|pre|section|summary|table|tbody|tfoot|thead|tr|ul)\b"
    + _REST
)
_CELL: Final = re.compile(r"</?t[dh]\b" + _REST)
_ANY: Final = re.compile(r"</?[a-z]" + _REST)
_CRUDE: Final = re.compile(r"<[^<>]*>?")


def clean(html: str, base: str = "", policy: Name = "feed") -> str:
    """Give safe HTML of at most MAX_LENGTH characters; relative addresses lead from `base`.

    Kept are text, structure, links (http, https, mailto), images, sound and film, as `policies` tells of
    each policy; no scripts, styles, forms, frames, classes or ids. What would cost more than linear time
    comes back as its text.
    """
    html = without_controls(html[:MAX_LENGTH]).strip()
    if not ("<" in html or "&" in html or ">" in html or "\xa0" in html):
        return html
    if is_costly(html):
        html = _flattened(html)
    base = link(without_controls(base))
    for _ in range(_ROUNDS):
        before, (html, is_final) = html, _once(html, base, policy)
        if is_final or html == before:
            return _flattened(html) if is_costly(html) else html
    return _flattened(html)


def to_text(html: str) -> str:
    """Give the text of cleaned HTML: a line for each block, single spaces, no blank lines."""
    html = html.replace("\n", " ")
    if "<" in html:
        html = _ANY.sub("", _CELL.sub(" ", _BLOCK.sub("\n", html)))
    lines = (" ".join(line.split()) for line in unescape(html).split("\n"))
    return "\n".join(line for line in lines if line)


def _once(html: str, base: str, policy: Name) -> tuple[str, bool]:
    """Mend and clean; say also whether it is known that doing so again would change nothing."""
    names = tag_names(html)
    wanted = to_mend(html, names, POLICIES[policy])
    if wanted or has_many_tags(html):
        html = transform(html, base, POLICIES[policy], wanted)
        names = tag_names(html)
    cleaner = CLEANERS[policy]
    cleaned = cleaner.clean(html)
    result = without_controls(cleaned)
    is_final = result is cleaned and is_settled(names, result)
    result = result.strip()
    while len(result) > MAX_LENGTH:
        is_final = False
        html = html[: len(html) * MAX_LENGTH // len(result) - 100]
        result = without_controls(cleaner.clean(html)).strip()
    return result, is_final and not (has_many_tags(result) or to_mend(result, names, POLICIES[policy]))


def _flattened(html: str) -> str:
    """Give the text alone, as HTML that every parser reads alike."""
    text = " ".join(unescape(_CRUDE.sub(" ", html)).replace("\xa0", " ").split())
    flat = escape(text, quote=False)
    while len(flat) > MAX_LENGTH:
        text = text[: len(text) * MAX_LENGTH // len(flat) - 1]
        flat = escape(text, quote=False)
    return without_controls(flat)
