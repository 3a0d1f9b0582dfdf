"""Markup that stands in a feed as XML (Atom's `type="xhtml"`), written as the HTML that it means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape

from syndicator.parse.names import XML, split

if TYPE_CHECKING:
    from collections.abc import Iterator

_VOID: Final = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
})  # fmt: skip
_KEEPS_NAMESPACE: Final = {
    "svg": "http://www.w3.org/2000/svg",
    "math": "http://www.w3.org/1998/Math/MathML",
}
_KEPT: Final = frozenset(_KEEPS_NAMESPACE.values())
_XLINK: Final = "http://www.w3.org/1999/xlink"
_QUOTED: Final = {'"': "&quot;"}


def markup(element: Any, *, unwrap: bool) -> str:
    """Give what is inside an element; `unwrap` drops a lone `div` around it (RFC 4287, 3.1.1.3)."""
    if unwrap and len(element) == 1 and _is_wrapped(element):
        element = element[0]
    parts: list[str] = []
    if element.text:
        parts.append(escape(element.text))
    _inside(element, parts)
    return "".join(parts).strip()


def mixed(element: Any) -> str:
    """Give what is inside an element of which the text before the first tag is HTML already."""
    parts = [element.text or ""]
    _inside(element, parts)
    return "".join(parts).strip()


def _is_wrapped(element: Any) -> bool:
    only = element[0]
    around = (element.text or "") + (only.tail or "")
    return split(only.tag)[1].lower() == "div" and not around.strip()


def _inside(element: Any, parts: list[str]) -> None:
    """Write the children. lxml takes no more than 256 levels without `huge_tree`."""
    for child in element:
        namespace, local = split(child.tag)
        local = local.lower()
        said = "".join(_attributes(child, namespace, local)) if child.attrib or namespace in _KEPT else ""
        text = child.text
        parts.append(f"<{local}{said}>{escape(text) if text else ''}")
        _inside(child, parts)
        tail = child.tail
        parts.append(f"{'' if local in _VOID else f'</{local}>'}{escape(tail) if tail else ''}")


def _attributes(element: Any, namespace: str, local: str) -> Iterator[str]:
    if _KEEPS_NAMESPACE.get(local) == namespace:
        yield f' xmlns="{namespace}"'
    for key, value in element.items():
        space, name = split(key)
        prefix = {"": "", XML: "xml:", _XLINK: "xlink:"}.get(space)
        if prefix is not None:
            name = name.lower()
            written = value.lower() if name in ("rel", "type") else value
            yield f' {prefix}{name}="{escape(written, _QUOTED)}"'
