"""An edition less what was taken back since it was made: for its page, and for mails still to go.

Whatever cannot be told apart for sure, as where an admin's own template sets articles otherwise than ours, is
given up as a whole: rather no page and no mail than one that says what was taken back.
"""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syndicator.model import Edition

# What the frame of all looks (email/_base.html.j2) puts around an article, and around what names several.
_PART: Final = re.compile(r"<!--a(\d+)-->.*?<!--/a-->\s*", re.DOTALL)
_AHEAD: Final = re.compile(r"<!--ahead-->.*?<!--/ahead-->\s*", re.DOTALL)
_RULE: Final = "=" * 40  # below the masthead of the text (email/_base.txt.j2)
_STORY: Final = "* "  # begins an article of the text, and no line within it is empty


def html_without(found: Edition, taken: Mapping[int, str]) -> str | None:
    """Leave out of the HTML articles that were taken back, by their ids and addresses.

    None where nothing would be left, or where an admin's own template sets articles otherwise than ours.
    """
    if not taken:
        return found.html
    if not taken.keys() <= set(_told(found)) or set(found.shown) <= set(taken):
        return None
    html = _PART.sub(lambda part: "" if int(part[1]) in taken else part[0], _AHEAD.sub("", found.html))
    return None if any(url and escape(url, quote=False) in html for url in taken.values()) else html


def text_without(found: Edition, taken: Mapping[int, str]) -> str | None:
    """Leave the same out of the text, which tells the articles in the order of the HTML; None likewise."""
    if not taken:
        return found.text
    parts, told = found.text.split("\n\n"), _told(found)
    stories = [place for place, part in enumerate(parts) if part.startswith(_STORY)]
    head = parts[: stories[0]] if stories else []
    masthead = next((place for place, part in enumerate(head) if _RULE in part.split("\n")), None)
    if masthead is None or len(stories) != len(told) or not taken.keys() <= set(told):
        return None
    gone = {place for place, id_ in zip(stories, told, strict=True) if id_ in taken}
    # What stands above the masthead names articles, too.
    kept = [part for place, part in enumerate(parts) if place >= masthead and place not in gone]
    if len(gone) == len(stories):
        return None
    text = "\n\n".join(kept)
    return None if any(url and url in text for url in taken.values()) else text


def without(found: Edition, taken: Mapping[int, str], titles: Sequence[str]) -> Edition | None:
    """Leave articles out of the whole mail; the subject, if it named one of them, names the topics alone.

    None where nothing would be left or where they cannot be told apart.
    """
    if not taken:
        return found
    html, text = html_without(found, taken), text_without(found, taken)
    if html is None or text is None:
        return None
    shown = tuple(id_ for id_ in found.shown if id_ not in taken)
    subject = found.subject
    if found.shown[0] in taken:
        more = [f"+{len(titles) - 1}"] if len(titles) > 1 else []
        subject = " · ".join([*titles[:1], *more, subject.rpartition(" · ")[2]])
    return replace(found, html=html, text=text, shown=shown, articles=len(shown), subject=subject)


def _told(found: Edition) -> list[int]:
    return [int(part[1]) for part in _PART.finditer(found.html)]
