"""HTML that is built to cost: known before a parser sees it, by one pass of a linear pattern.

Measured with nh3 0.3.8: 20 s for 100,000 nested `<div>`, 7 s for a million `&`; 1 MB of paragraphs behind 190
open `<b>`, each of which is opened again in every paragraph, would become 19 million elements. Depth can be
hidden from a pattern (an end tag in a comment, a title, a template): what `has_many_tags` goes through lxml
first, whose result nests as it is written and no deeper than 256.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MAX_DEPTH: Final = 200  # lxml loses what lies below 256
_MANY_TAGS: Final = 2_000  # below, the worst nesting costs about a second
_MAX_AMPERSANDS: Final = 20_000
_MAX_WORDS: Final = 500  # in one tag: both parsers compare each attribute with all before it
_MAX_REOPENED: Final = 200_000  # formatting elements that parsers open again, over all tags

# A reference that becomes a letter costs a parser little (Cyrillic is often written so), others much.
_LETTER: Final = re.compile(
    r"&(?!(?:amp|lt|gt|quot|nbsp|AMP|LT|GT|QUOT|#0*(?:34|38|60|62|160)|#[xX]0*(?:22|26|3[cCeE]|[aA]0));)"
    r"(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});"
)
_LONG_TAG: Final = re.compile(rf"</?[A-Za-z][A-Za-z0-9:-]*+(?P<rest>[^<>]{{{_MAX_WORDS},}})")
_TAG_NAME: Final = re.compile(r"<(/?[A-Za-z][A-Za-z0-9:-]*)")
_NEVER_CLOSED: Final = frozenset({
    "area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta", "option",
    "p", "param", "source", "td", "th", "tr", "track", "wbr",
})  # fmt: skip
_NEVER_NESTED: Final = frozenset({"a", "nobr"})  # one that is open ends where the next begins
_FORMATTING: Final = frozenset({  # the list of HTML 13.2.4.3
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
})  # fmt: skip


def has_many_tags(html: str) -> bool:
    """Whether there are so many tags that how they nest must be known for certain."""
    return html.count("<") > _MANY_TAGS


def is_costly(html: str) -> bool:
    """Whether there are more references, attributes or open elements than the parsers behind can bear."""
    if (signs := html.count("&")) > _MAX_AMPERSANDS and signs - len(_LETTER.findall(html)) > _MAX_AMPERSANDS:
        return True
    if any(_has_many_words(tag["rest"]) for tag in _LONG_TAG.finditer(html)):
        return True
    return html.count("<") > MAX_DEPTH and _is_deep(html)


def _has_many_words(rest: str) -> bool:
    return max(rest.count("="), len(rest.split()), rest.count("/")) > _MAX_WORDS


def _is_deep(html: str) -> bool:
    """Whether elements nest too deeply, or are opened again too often."""
    tags = _TAG_NAME.findall(html)
    names = Counter(tags)
    opened = sum(names[name] for name in names if name[0] != "/" and name.lower() not in _NEVER_CLOSED)
    if opened <= MAX_DEPTH and opened * len(tags) <= _MAX_REOPENED:
        return False  # no more is open than was opened
    return _nests_deeply(tags, {name: name.lower() for name in names})


def _nests_deeply(tags: Iterable[str], lower: Mapping[str, str]) -> bool:
    """Walk the tags as a parser does: an end tag closes what it names and all in it, or nothing at all.

    Formatting elements are counted apart. They stay open when what they stand in is closed.
    """
    stack: list[str] = []
    opened: Counter[str] = Counter()
    formatting = reopened = 0
    for written in tags:
        name = lower[written]
        if name[0] != "/":
            if name in _FORMATTING:
                if not (opened[name] and name in _NEVER_NESTED):
                    opened[name] += 1
                    formatting += 1
            elif name not in _NEVER_CLOSED:
                opened[name] += 1
                stack.append(name)
        elif opened[name := name[1:]]:
            if name in _FORMATTING:
                opened[name] -= 1
                formatting -= 1
            else:
                _close(name, stack, opened)
        reopened += formatting
        if len(stack) + formatting > MAX_DEPTH or reopened > _MAX_REOPENED:
            return True
    return False


def _close(name: str, stack: list[str], opened: Counter[str]) -> None:
    while stack:
        last = stack.pop()
        opened[last] -= 1
        if last == name:
            return
