"""Whether a value is HTML or plain text, whatever its publisher declares."""

from __future__ import annotations

import re
from html import escape
from typing import Final

# A tag of HTML's own, or a complete reference: "a < b" and "if x<y and z>w" hold neither.
_HTML: Final = re.compile(
    r"""</?(?:a|abbr|acronym|address|area|article|aside|audio|b|big|blockquote|br|button|canvas|caption|center
        |cite|code|col|colgroup|dd|del|details|dfn|dialog|dir|div|dl|dt|em|fieldset|figcaption|figure|font|footer
        |form|h[1-6]|header|hr|i|iframe|img|input|ins|kbd|label|legend|li|link|main|map|mark|menu|meter|nav
        |noscript|object|ol|optgroup|option|output|p|picture|pre|progress|q|s|samp|script|section|select|small
        |source|span|strike|strong|style|sub|summary|sup|svg|table|tbody|td|textarea|tfoot|th|thead|time|tr|tt|u
        |ul|var|video|wbr)(?:\s[^<>]*|/)?>
      | &(?:\#\d{1,8}|\#[xX][0-9a-fA-F]{1,7}|[A-Za-z][A-Za-z0-9]{1,31});""",
    re.IGNORECASE | re.VERBOSE,
)
_BLANK_LINE: Final = re.compile(r"\n[ \t]*\n\s*")
_PLAIN: Final = frozenset(("text/plain", "text", "plain"))


def looks_like_html(text: str) -> bool:
    """Whether the text holds a tag or a reference of HTML."""
    return ("<" in text or "&" in text) and _HTML.search(text) is not None


def to_html(text: str, content_type: str) -> str:
    """Give the value as HTML; plain text is escaped, its blank lines become paragraphs.

    RSS never says what a description is, and much Atom says `text` where it is HTML, so a declaration of
    plain text holds only where nothing in it looks like HTML.
    """
    if content_type not in _PLAIN or looks_like_html(text):
        return text
    paragraphs = (escape(part.strip(), quote=False) for part in _BLANK_LINE.split(text))
    marked = [part.replace("\n", "<br>") for part in paragraphs if part]
    return "".join(f"<p>{part}</p>" for part in marked) if len(marked) > 1 else "".join(marked)
