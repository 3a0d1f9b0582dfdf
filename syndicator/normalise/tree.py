"""How transforms change a tree of lxml: what goes, what only its content is kept of, what becomes a link."""

from __future__ import annotations

from typing import Any, Final

from syndicator.normalise.plain import without_controls

BARE: Final = "x-bare"  # of these only what is in them stays; lxml puts no paragraph around it
DROP: Final = "x-drop"  # elements of this name go, with what is in them


def drop(element: Any) -> None:
    """Mark an element to go with what is in it; the text after it stays."""
    element.tag = DROP


def unwrap(element: Any) -> None:
    """Mark an element to go, and what is in it to stay."""
    element.tag = BARE


def replace_by_text(element: Any, text: str) -> None:
    """Put plain text in an element's place."""
    tail = element.tail
    element.clear()
    element.tag, element.text, element.tail = BARE, without_controls(text), tail


def replace_by_link(element: Any, address: str, text: str) -> None:
    """Put a link in an element's place; `address` is absolute, `text` is plain."""
    replace_by_text(element, text)
    element.tag = "a"
    element.set("href", address)


def set_or_remove(element: Any, name: str, value: str) -> None:
    """Set an attribute, or remove it where there is no value."""
    if value:
        element.set(name, value)
    else:
        element.attrib.pop(name, None)
