"""One YAML or JSON file as plain values, each with its place in the file.

libyaml (0.2.5, by PyYAML) reads the text; its events are composed here and not by a library. The composers
of PyYAML and ruamel.yaml recurse in C (a file of 100,000 dashes ends the process), follow aliases without a
limit and drop the places; ruamel.yaml's C parser is an older libyaml, which refuses `{url: https://…}`, and
its loader takes four times as long for a topic file. Scalars follow the core schema of YAML 1.2.2 (10.3.2):
`no`, `07:00` and `2026-11-01` are text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from yaml.cyaml import CParser  # type: ignore[import-untyped]
from yaml.error import MarkedYAMLError, YAMLError  # type: ignore[import-untyped]
from yaml.events import (  # type: ignore[import-untyped]
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from syndicator.catalog.faults import Fault, lines, translate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from syndicator.catalog.faults import Path

MAX_DEPTH = 20  # no file of ours is deeper than 5; libyaml needs quadratic time in the depth
MAX_NODES = 200_000  # aliases count for all that they stand for

_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PAIR = re.compile(r"\\\\|\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}|0o[0-7]{1,18}|0x[0-9a-fA-F]{1,15}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,4})?|[-+]?\.(?:inf|Inf|INF)")
_WORDS: Mapping[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_TELLING: frozenset[str] = frozenset(["", *"0123456789+-.~nNtTfF"])  # first characters of what is not text


@dataclass(slots=True)
class Document:
    """The value of one file; `faults` are in the order of the file, and `broken` if reading ended at one."""

    text: str
    value: Any = None
    faults: list[Fault] = field(default_factory=list)
    broken: bool = False
    _marks: dict[Path, tuple[Any, Any]] = field(default_factory=dict)  # path → events of its key and value

    def place(self, path: Path, *, of_key: bool = False) -> tuple[int, int]:
        """Return line and column of the value at `path` (or of its key), or of the nearest around it."""
        for end in range(len(path), -1, -1):
            key, value = self._marks.get(path[:end], (None, None))
            event = key if (of_key or end < len(path)) and key is not None else value
            if event is not None:
                return event.start_mark.line + 1, event.start_mark.column + 1
        return 1, 1

    def place_within(self, path: Path, column: int) -> tuple[int, int]:
        """Return line and column of the `column`th character (from 1) of the text at `path`.

        Where the text is folded over lines or escaped the place is its beginning.
        """
        event = self._marks.get(path, (None, None))[1]
        if not isinstance(event, ScalarEvent) or event.start_mark.line != event.end_mark.line:
            return self.place(path)
        line, start = event.start_mark.line, event.start_mark.column
        raw = lines(self.text)[line][start : event.end_mark.column]
        offset = min(column, len(event.value) + 1) - 1
        if raw.startswith('"'):
            offset = offset + 1 if "\\" not in raw else 0
        elif raw.startswith("'"):
            offset += 1 + event.value[:offset].count("'")
        return line + 1, start + 1 + offset


def read(text: str) -> Document:
    """Read one document; an empty one has the value None. Never raises: what is wrong is in `faults`."""
    text = text.removeprefix("\ufeff")
    if text.lstrip()[:1] in ("{", "["):
        text = _PAIR.sub(_join, text)
    if control := _FORBIDDEN.search(text):
        before = lines(text[: control.start()])
        what = f"the invisible character U+{ord(control[0]):04X}"
        return Document(
            text, faults=[Fault(len(before), len(before[-1]) + 1, what, "delete it")], broken=True
        )
    document = Document(text)
    try:
        _Composer(document).run()
    except _Stop as stop:
        document.faults.append(stop.fault)
        document.broken = True
    except MarkedYAMLError as error:
        document.faults.append(translate(error, text))
        document.broken = True
    except YAMLError as error:
        said = str(error).partition("\n")[0]
        document.faults.append(Fault(1, 1, f"not readable as YAML: {said}", "check the whole file"))
        document.broken = True
    return document


def _join(match: re.Match[str]) -> str:
    """Write JSON's pair of surrogates (RFC 8259 7) as the one character, which YAML wants."""
    if match[1] is None:
        return match[0]
    return chr(0x10000 + ((int(match[1], 16) - 0xD800) << 10) + int(match[2], 16) - 0xDC00)


def resolve(plain: str) -> str | int | float | bool | None:
    """Return the value of a plain scalar by the core schema of YAML 1.2.2, 10.3.2."""
    if plain[:1] not in _TELLING:
        return plain
    if plain in _WORDS:
        return _WORDS[plain]
    if _INTEGER.fullmatch(plain):
        return int(plain, 0) if plain[:2] in ("0o", "0x") else int(plain)
    if _FLOAT.fullmatch(plain):
        return float(plain.replace(".inf", "inf").replace(".Inf", "inf").replace(".INF", "inf"))
    return plain


class _Stop(Exception):  # a jump out of the loop, never seen outside
    def __init__(self, event: Any, what: str, remedy: str, path: Path = ()) -> None:
        mark = event.start_mark
        self.fault = Fault(mark.line + 1, mark.column + 1, what, remedy, path)


@dataclass(slots=True)
class _Frame:
    """An open list or mapping; of a mapping, `key` is the key that waits for its value."""

    items: Any
    path: Path
    anchor: str | None
    opened_at: int  # nodes counted when it opened
    key: str | None = None
    key_event: Any = None


class _Composer:
    """Builds a document's value from parser events with a stack of its own."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.stack: list[_Frame] = []
        self.anchors: dict[str, tuple[Any, int]] = {}  # name → value and its size in nodes
        self.nodes = 0
        self.documents = 0

    def run(self) -> None:
        parser = CParser(self.document.text)
        actions: dict[type, Callable[[Any], None]] = {
            ScalarEvent: self.scalar,
            SequenceStartEvent: self.open,
            MappingStartEvent: self.open,
            SequenceEndEvent: self.close,
            MappingEndEvent: self.close,
            AliasEvent: self.alias,
            DocumentStartEvent: self.start,
        }
        while (event := parser.get_event()) is not None:
            action = actions.get(type(event))
            if action is not None:
                action(event)

    def start(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            raise _Stop(event, "a second document begins here", "keep one document in a file")

    def scalar(self, event: Any) -> None:
        frame = self.stack[-1] if self.stack else None
        if frame is not None and frame.key_event is None and type(frame.items) is dict:
            self.key(frame, event)
            return
        value = event.value
        if event.implicit[0]:
            value = resolve(value)
        elif not event.implicit[1]:
            self.refuse_tag(event)
        if event.anchor:
            self.anchors[event.anchor] = value, 1
        self.put(value, event, 1)

    def key(self, frame: _Frame, event: Any) -> None:
        frame.key = name = event.value
        frame.key_event = event
        if name in frame.items:
            first, _ = self.document.place((*frame.path, name), of_key=True)
            self.fault(event, f"given twice, first on line {first}", "keep one of them", (*frame.path, name))
            frame.key = None  # the second value is read and dropped
        elif name == "<<":
            self.fault(event, "merging keys with << is not supported", "repeat the keys", (*frame.path, name))
            frame.key = None

    def open(self, event: Any) -> None:
        if len(self.stack) >= MAX_DEPTH:
            raise _Stop(
                event, f"nested more than {MAX_DEPTH} levels deep", "take out brackets or indentation"
            )
        if event.tag is not None and event.tag != "!":
            self.refuse_tag(event)
        items: Any = {} if type(event) is MappingStartEvent else []
        path = self.put(items, event, 1)
        self.stack.append(_Frame(items, path, event.anchor, self.nodes))

    def close(self, _event: Any) -> None:
        frame = self.stack.pop()
        if frame.anchor:  # only now, so that nothing can contain itself
            self.anchors[frame.anchor] = frame.items, self.nodes - frame.opened_at + 1

    def alias(self, event: Any) -> None:
        if event.anchor not in self.anchors:
            raise _Stop(
                event, f"*{event.anchor} stands for nothing", f"define it before with &{event.anchor}"
            )
        value, size = self.anchors[event.anchor]
        self.put(value, event, size)

    def put(self, value: Any, event: Any, size: int) -> Path:
        """Place a value where it belongs and return its path."""
        self.nodes += size
        if self.nodes > MAX_NODES:
            raise _Stop(event, f"more than {MAX_NODES:,} values", "split the file")
        if not self.stack:
            self.document.value = value
            self.document._marks[()] = None, event
            return ()
        frame = self.stack[-1]
        if type(frame.items) is list:
            path: Path = (*frame.path, len(frame.items))
            frame.items.append(value)
            self.document._marks[path] = None, event
            return path
        if frame.key_event is None:
            raise _Stop(event, "a key must be a word", "write key: value", frame.path)
        path = (*frame.path, frame.key)
        if frame.key is not None:
            frame.items[frame.key] = value
        self.document._marks[path] = frame.key_event, event
        frame.key = frame.key_event = None
        return path

    def refuse_tag(self, event: Any) -> None:
        if event.tag != "tag:yaml.org,2002:str":
            self.fault(event, f"the tag {event.tag} is not supported", "delete it")

    def fault(self, event: Any, what: str, remedy: str, path: Path = ()) -> None:
        self.document.faults.append(
            Fault(event.start_mark.line + 1, event.start_mark.column + 1, what, remedy, path)
        )
