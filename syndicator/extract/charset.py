"""From bytes to the text of a page, where declarations lie.

The order of the WHATWG Encoding Standard (mark, header, `<meta>`), but the bytes are asked first: what is
UTF-8 is UTF-8 whatever was declared, and a declaration that does not fit gives way to a guess.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

from resiliparse.parse.encoding import detect_encoding, map_encoding_to_html5

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_STARTS: Final = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))  # without a mark
_HEADER: Final = re.compile(r"""charset\s*=\s*["']?([\w:.-]{1,40})""", re.IGNORECASE | re.ASCII)
_META: Final = re.compile(rb"""<meta\b[^<>]{0,300}?\bcharset\s*=\s*["']?\s*([\w:.-]{1,40})""", re.IGNORECASE)
_XML: Final = re.compile(rb"""^\s*<\?xml[^<>]{0,200}?\bencoding\s*=\s*["']([\w:.-]{1,40})""")
_HEAD: Final = 4096  # octets in which a page declares itself; the standard has 1,024
_WIDER: Final = {"gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "big5": "big5hkscs"}
_HIGH: Final = bytes(range(0x80, 0x100))
_LOST: Final = 0.02  # share of the non-ASCII octets that may be broken


def decode(body: bytes, content_type: str = "") -> str:
    """Decode a page by its mark, its bytes, the header, its `<meta>`, or a guess."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    for start, name in _STARTS:
        if body.startswith(start):
            return body.decode(name, "replace")
    plain = body.isascii()
    if plain and b"\x1b" not in body:  # ISO-2022 is ASCII that is none
        return body.decode("ascii")
    if not plain and (text := _attempt(body, "utf-8")) is not None:
        return text
    for label in _declared(body, content_type):
        if (text := _attempt(body, map_encoding_to_html5(label, False))) is not None:
            return text
    text = _attempt(body, detect_encoding(body))
    return body.decode("cp1252", "replace") if text is None else text


def _declared(body: bytes, content_type: str) -> list[str]:
    header, head = _HEADER.search(content_type), body[:_HEAD]
    inside = _META.search(head) or _XML.match(head)
    return [
        label for label in (header and header[1], inside and inside[1].decode("ascii", "replace")) if label
    ]


def _attempt(body: bytes, name: str | None) -> str | None:
    """Decode as `name`, or None where there is no such encoding or too much would be lost."""
    if not name or name.startswith("utf-16"):  # a page that declares it in ASCII is none (WHATWG, prescan)
        return None
    try:
        text = body.decode(_WIDER.get(name, name), "replace")
    except (LookupError, UnicodeError):
        return None
    lost = text.count("\ufffd")
    high = len(body) - len(body.translate(None, _HIGH)) if lost else 0
    return text if lost <= _LOST * high else None
