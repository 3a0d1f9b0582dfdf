"""Octets as text: charsets that mail really uses, encoded-words, HTML as lines. No codec can surprise."""

from __future__ import annotations

import codecs
import html
import re
from email.errors import HeaderParseError
from email.header import decode_header
from typing import Final

MAX_TEXT: Final = 200_000
"""Characters of one part that are looked at; reports are short, and what follows them is our own mail."""

_TEXTUAL = re.compile(
    r"utf-?_?8|us-ascii|ascii|iso-?8859-?\d{1,2}|windows-?12\d\d|cp12\d\d|cp9\d\d|koi8-[ru]|gbk|gb2312|gb18030|big5"
    r"|shift[-_]jis|sjis|euc-(?:jp|kr)|iso-2022-(?:jp|kr)|tis-620|macintosh",
    re.IGNORECASE,
)
_ENCODED: Final = "=?"
_MAX_HEADER: Final = 1_000
_BREAKS = re.compile(r"(?i)<(?:br|/?p|/?div|/?tr|/?li|/?h[1-6]|/?pre|/?table)\b[^<>]{0,400}>")
_TAGS = re.compile(r"<[^<>]{0,2000}>")
_HIDDEN = re.compile(r"(?is)<(style|script|head)\b.{0,50000}?</\1>")


def decoded(octets: bytes, charset: str) -> str:
    """Decode octets by the charset that is named, or else as UTF-8, or else as Latin-1."""
    cut = octets[: 4 * MAX_TEXT]
    name = charset.strip(" '\"").lower()
    if _TEXTUAL.fullmatch(name) and name not in ("us-ascii", "ascii"):
        try:
            # GBK covers what is declared as GB 2312, and real mail has it.
            return codecs.decode(cut, "gb18030" if name in ("gb2312", "gbk") else name, "replace")[:MAX_TEXT]
        except (LookupError, ValueError):
            pass
    try:
        return cut.decode("utf-8")[:MAX_TEXT]
    except UnicodeDecodeError:
        return cut.decode("latin-1")[:MAX_TEXT]


def words(octets: bytes) -> str:
    """Decode one line of a header; encoded-words stay as they are."""
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("latin-1")


def unencoded(value: str) -> str:
    """Undo the encoded-words of a header field (RFC 2047), for looking at and never for a header again."""
    value = value[:_MAX_HEADER]
    if _ENCODED not in value:
        return value
    try:
        pieces = decode_header(value)
    except (HeaderParseError, ValueError):
        return value
    return "".join(
        each if isinstance(each, str) else decoded(each, charset or "") for each, charset in pieces
    )


def lines_of_html(page: str) -> str:
    """Make lines of text of HTML; not for showing."""
    bare = _HIDDEN.sub(" ", page) if page.lower().count("<s") + page.lower().count("<head") < 50 else page
    return html.unescape(_TAGS.sub(" ", _BREAKS.sub("\n", bare))).replace("\xa0", " ")
