"""Adding sources to the text of a YAML file, every byte of which stays as an admin left it. Pure.

By hand, on libyaml's events: a round trip through ruamel.yaml indents lists anew, moves comments, and its
parser refuses `{url: https://…}`. The places that the parser gives are enough to insert text; whoever calls
reads the result again and compares (`catalog.write`).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from yaml.cyaml import CParser  # type: ignore[import-untyped]
from yaml.error import YAMLError  # type: ignore[import-untyped]
from yaml.events import (  # type: ignore[import-untyped]
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from syndicator.catalog.yaml import resolve

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HEADER: Final = "# yaml-language-server: $schema=../schema/sources.schema.json\n\nsources:\n"

_PLAIN: Final = re.compile(r"\w(?:[\w ./+-]*[\w.+-])?")
_PLAIN_URL: Final = re.compile(r"https?://[A-Za-z0-9/._~?=&+@:-]*[A-Za-z0-9/._~?=&+-]")


class CannotAppend(ValueError):
    """The text has no list of sources that can be added to."""


def append(text: str, items: Sequence[Mapping[str, Any]]) -> str:
    """Return the text with `items` at the end of its list `sources`; an empty text becomes a whole file.

    Values are texts, numbers, booleans, lists of texts and mappings of such. The value of a key that begins
    with # becomes a comment, where the list has a line for each key. Raises CannotAppend.
    """
    if not text.strip():
        return HEADER + _block(items, "  ")
    found = _find(text)
    if found.is_flow:
        before = text[: found.end].rstrip()
        comma = "" if before.endswith(("[", ",")) else ", "
        told = [{key: value for key, value in item.items() if not _is_remark(key)} for item in items]
        rows = ", ".join(json.dumps(item, ensure_ascii=False) for item in told)
        return f"{text[: len(before)]}{comma}{rows}{text[len(before) :]}"
    before, after = text[: found.end], text[found.end :]
    if not before.endswith("\n"):
        before += "\n"
    return before + _block(items, " " * found.indent) + after


@dataclass(slots=True)
class _List:
    """Where the list of sources ends, as an offset into the text, and how its items are indented."""

    end: int = -1
    indent: int = -1
    is_flow: bool = False


def _find(text: str) -> _List:
    """Find the list at the key `sources` of the outermost mapping."""
    found, depth, key, inside = _List(), 0, "", False
    last = 0  # line after the last thing in the list
    starts = [0, *(match.end() for match in re.finditer(r"\n", text)), len(text)]
    parser = CParser(text)
    try:
        while (event := parser.get_event()) is not None:
            opens = isinstance(event, SequenceStartEvent | MappingStartEvent)
            closes = isinstance(event, SequenceEndEvent | MappingEndEvent)
            depth -= closes
            if inside and closes and depth == 1:
                found.end = event.start_mark.index if found.is_flow else starts[min(last, len(starts) - 1)]
                return found
            if depth == 1 and not inside and not closes:
                if key == "sources" and isinstance(event, SequenceStartEvent):
                    inside, found.is_flow = True, bool(event.flow_style)
                key = event.value if isinstance(event, ScalarEvent) and not key else ""
            elif inside and depth == 2 and found.indent < 0:
                found.indent = _dash(text, event.start_mark.index)
            if inside and not opens and event.end_mark.index > event.start_mark.index:
                last = event.end_mark.line + (event.end_mark.column > 0)
            depth += opens
    except YAMLError as error:
        raise CannotAppend("it is not readable as YAML") from error
    raise CannotAppend("it has no list of sources")


def _dash(text: str, before: int) -> int:
    """Return the column of the dash of the item that begins at `before`."""
    dash = text.rfind("-", 0, before)
    return dash - text.rfind("\n", 0, dash) - 1


def _block(items: Sequence[Mapping[str, Any]], indent: str) -> str:
    lines = []
    for item in items:
        keys = sorted(item, key=_is_remark)  # a remark is no place for the dash
        rows = [f"{'# ' if _is_remark(key) else ''}{key.lstrip('#')}: {_value(item[key])}" for key in keys]
        lines += [f"{indent}{'- ' if number == 0 else '  '}{row}\n" for number, row in enumerate(rows)]
    return "".join(lines)


def _is_remark(key: str) -> bool:
    return key.startswith("#")


def _value(value: Any) -> str:
    if isinstance(value, str):
        return _scalar(value)
    if isinstance(value, list):
        return f"[{', '.join(_scalar(each) for each in value)}]"
    return json.dumps(value, ensure_ascii=False)


def _scalar(text: str) -> str:
    """Write a text as people would, quoted only where it would be read as something else."""
    is_plain = _PLAIN.fullmatch(text) or _PLAIN_URL.fullmatch(text)
    return text if is_plain and resolve(text) == text else json.dumps(text, ensure_ascii=False)
