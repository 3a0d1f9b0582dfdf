"""Writing elements with lxml: `add`."""

from __future__ import annotations

from typing import Any

from lxml.etree import SubElement

from syndicator.publish.item import legal


def add(parent: Any, name: str, text: str = "", /, **attributes: str) -> Any:
    """Add an element with its text and those attributes that are not empty; return it.

    `name` is in Clark's notation: `{namespace}name`, or a bare name. What XML cannot hold is dropped: lxml
    looks at every character anyway, so that to look before it would cost twice.
    """
    node = SubElement(parent, name)
    try:
        _fill(node, text, attributes)
    except ValueError:
        _fill(node, legal(text), {key: legal(value) for key, value in attributes.items()})
    return node


def _fill(node: Any, text: str, attributes: dict[str, str]) -> None:
    if text:
        node.text = text
    for key, value in attributes.items():
        if value:
            node.set(key, value)
