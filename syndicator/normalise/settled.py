"""Whether HTML that was cleaned once stays as it is when it is cleaned again: known without doing it.

A parser rebuilds what it is given, so the result of cleaning may change once more: where an element went that
had kept two others apart (`<li><form><li>`), where a table had thrown out what is no cell, behind `<pre>`. Of
elements that are all kept, or that never keep others apart, nothing of this can happen. It is no question of
safety: what nh3 wrote holds nothing but allowed tags and text, however the next parser nests them.
"""

from __future__ import annotations

import re
from typing import Final

PLAIN: Final = frozenset({
    "a", "abbr", "address", "article", "aside", "audio", "b", "big", "blockquote", "br", "center", "cite",
    "code", "dd", "del", "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "font", "footer", "h1",
    "h2", "h3", "h4", "h5", "h6", "header", "hr", "i", "img", "ins", "kbd", "li", "main", "mark", "nav",
    "ol", "p", "pre", "q", "s", "samp", "section", "small", "source", "span", "strike", "strong", "sub",
    "sup", "time", "tt", "u", "ul", "var", "video", "wbr", "x-bare",
})  # fmt: skip
# A parser drops the line end that follows `<pre>`, and closes a heading when the next one opens.
_UNSTABLE: Final = re.compile(r"<(?:pre[^<>]*>\n|h[1-6][ >](?:[^<]|<(?!/?h[1-6]))*+<h[1-6])")


def is_settled(names: set[str], cleaned: str) -> bool:
    """Whether nh3 would give `cleaned` again, which it made of HTML with tags of these names."""
    return names <= PLAIN and _UNSTABLE.search(cleaned) is None
