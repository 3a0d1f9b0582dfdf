"""From bytes to text, where the declared encoding lies.

feedparser takes the declaration's word first, and one broken byte turns a whole UTF-8 document into
windows-1252. Here the bytes speak first: much text that decodes as UTF-8 is UTF-8 whatever was declared,
a few broken bytes do not change that, and a declaration that does not fit gives way to chardet.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

import chardet

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is the beginning of this one
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# The beginning of "<?xml" or "<rss" without a mark (XML 1.0, appendix F).
_STARTS: Final = (
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
    (b"\x4c\x6f\xa7\x94", "cp037"),
)
# What publishers say and what they mean (as the WHATWG Encoding Standard has it).
_MEANT: Final = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949", "shift_jis": "cp932", "big5": "big5hkscs",
}  # fmt: skip
# Python also decodes punycode, idna, unicode_escape …, some of them in quadratic time.
_ENCODING: Final = re.compile(
    r"(?:utf_?-?(?:8|16|32)|iso|latin|ascii|us-ascii|windows|cp|gb|hz|big5|euc|ks_?c|shift|s?jis|koi8|mac|tis)"
    r"[\w:.-]{0,30}",
    re.IGNORECASE | re.ASCII,
)
_SHIFTING: Final = re.compile(r"hz|iso[-_]?2022|cp0?37|cp500", re.IGNORECASE)
_WIDE: Final = re.compile(r"utf[-_]?(?:16|32)|ucs", re.IGNORECASE)
_DECLARED: Final = re.compile(rb"""^\s*<\?xml[^>]{0,200}?\bencoding\s*=\s*["']([\w:.-]{1,40})""")
_CHARSET: Final = re.compile(r"""charset\s*=\s*["']?([\w:.-]{1,40})""", re.IGNORECASE)
_SAMPLE: Final = 64 * 1024  # octets that chardet sees
_LOST: Final = 0.02  # share of the non-ASCII characters that may be broken


def may_be_utf8(body: bytes, content_type: str = "") -> bool:
    """Whether a document may be given to a strict reader of UTF-8 as it is.

    If that reader takes it, then `decode` would have found the same text: much text that is UTF-8 by its
    bytes is UTF-8. ASCII says nothing of its own: there an encoding that is written in ASCII may be declared.
    """
    if body[:4].count(0) or body.startswith((b"\x4c\x6f", codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return False
    return not body.isascii() or not any(_SHIFTING.match(name) for name in _declared(body, content_type))


def without_mark(body: bytes) -> bytes:
    """Cut the mark of UTF-8, if there is one."""
    return body.removeprefix(codecs.BOM_UTF8)


def decode(body: bytes, content_type: str = "") -> str:
    """Decode a document by its mark, its bytes, the header, its declaration, or a guess, in this order."""
    for start, name in _BOMS:
        if body.startswith(start):
            return body[len(start) :].decode(name, "replace")
    for start, name in _STARTS:
        if body.startswith(start):
            return body.decode(name, "replace")
    if not body.isascii() and (text := _attempt(body, "utf-8")) is not None:
        return text
    for name in _declared(body, content_type):
        if (text := _attempt(body, name)) is not None:
            return text
    guess = "" if body.isascii() else chardet.detect(body[:_SAMPLE])["encoding"] or ""
    text = _attempt(body, guess)
    return body.decode("cp1252", "replace") if text is None else text


def _declared(body: bytes, content_type: str) -> list[str]:
    """Name the encodings of the Content-Type header (RFC 7303: it wins) and of the XML declaration.

    Not the wide ones: what is in UTF-16 or UTF-32 has been known by its first octets.
    """
    header = _CHARSET.search(content_type)
    inside = _DECLARED.match(body[:400])
    names = (header and header[1], inside and inside[1].decode("ascii"))
    return [name for name in names if name and not _WIDE.match(name)]


def _attempt(body: bytes, name: str) -> str | None:
    """Decode as `name`, or None where the name is no encoding or too much would be lost."""
    if not _ENCODING.fullmatch(name):
        return None
    try:
        known = codecs.lookup(name).name
        text = body.decode(_MEANT.get(known, known), "replace")
    except (LookupError, UnicodeError):
        return None
    lost = text.count("\ufffd")
    if not lost:
        return text
    return text if lost <= _LOST * (len(body) - len(body.translate(None, _HIGH))) else None


_HIGH: Final = bytes(range(0x80, 0x100))
