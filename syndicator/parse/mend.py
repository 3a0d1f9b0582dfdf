"""What keeps well-meant XML from being well-formed, set right outside CDATA and comments.

Bare ampersands, HTML's named entities, and characters that XML 1.0 forbids. It is tried only after the
strict parser has refused: the loose one that feedparser falls back to turns `AT&T` into `AT&T;` and is slow.
"""

from __future__ import annotations

import re
from html.entities import html5
from typing import Final

_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE: Final = re.compile(
    r"""<!\[CDATA\[.*?(?:\]\]>|\Z) | <!--.*?(?:-->|\Z)
      | &(?: \#(?P<decimal>\d{1,8}); | \#[xX](?P<hex>[0-9a-fA-F]{1,7});
           | (?P<name>[A-Za-z][A-Za-z0-9]{1,31}); )?""",
    re.DOTALL | re.VERBOSE,
)
_XML: Final = frozenset(("amp", "lt", "gt", "quot", "apos"))


def without_forbidden(text: str) -> str:
    """Drop the characters that XML forbids (XML 1.0, 2.2), and the white space before the first tag."""
    return _FORBIDDEN.sub("", text).lstrip(" \t\r\n\ufeff")


def mend(text: str) -> str:
    """Make every `&` part of a reference that XML knows, unless the document has entities of its own."""
    return text if "<!ENTITY" in text[:4096] else _REFERENCE.sub(_reference, text)


def _reference(found: re.Match[str]) -> str:
    whole = found[0]
    if whole[0] == "<":
        return whole
    if name := found["name"]:
        return _named(name, whole)
    if found["decimal"] or found["hex"]:
        point = int(found["decimal"]) if found["decimal"] else int(found["hex"], 16)
        return whole if _is_allowed(point) else ""
    return "&amp;"


def _named(name: str, whole: str) -> str:
    if name in _XML:
        return whole
    meant = html5.get(name + ";")
    if meant is None:
        return "&amp;" + whole[1:]
    return "".join(f"&#{ord(character)};" for character in meant)


def _is_allowed(point: int) -> bool:
    return (
        point in (9, 10, 13)
        or 0x20 <= point < 0xD800
        or 0xE000 <= point < 0xFFFE
        or 0x10000 <= point < 0x110000
    )
