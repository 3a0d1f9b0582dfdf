"""What YAML itself can find wrong with a file, in an admin's words instead of a parser's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from syndicator.catalog import mending

if TYPE_CHECKING:
    from collections.abc import Mapping

Path: TypeAlias = tuple[str | int | None, ...]
"""Keys and places in lists (from 0) that lead to a value; None is a key that is dropped."""

_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")

# What libyaml says → what is wrong; what to do. {char} is the character it stopped at, {line} where it began.
_SAID: tuple[tuple[str, str, str], ...] = (
    ("tab character", "a tab where only spaces may stand", "indent with spaces"),
    (
        "cannot start any token",
        "a value cannot start with {char} unless it is quoted",
        "put the text in quotes",
    ),
    ("mapping values are not allowed", "a colon where no key can be", "put the text in quotes"),
    ("',' or ']'", "the list that opens on line {line} has no comma or ] here", "close it with ]"),
    ("',' or '}'", "the braces that open on line {line} have no comma or }} here", "close them with }}"),
    ("unexpected ':'", "a colon inside brackets", "put a space behind it, or the text in quotes"),
    ("node content", "a value is missing", "write one, or close the bracket that is open"),
    ("unexpected end of stream", "the quotes that open on line {line} never close", "close them"),
    ("unknown escape", "no such escape after the backslash", "use single quotes or double the backslash"),
    ("escape code", "no such escape after the backslash", "use single quotes or double the backslash"),
    ("expected ':'", "a key without its colon", "write key: value"),
    ("<document start>", "text after the end", "indent it under its key, or put it in quotes"),
    ("expected '-' indicator", "a line that is no item of the list above", "check the indentation"),
    ("expected key", "neither a key nor part of the value above", "check the indentation and the quotes"),
)

# What libyaml says where a line of a rule begins with a sign that means something to YAML.
_MENDED: Mapping[str, str] = dict.fromkeys(
    ("',' or ']'", "expected '-' indicator", "expected key"), "text behind the closing quotation mark"
) | {"cannot start any token": "a text cannot start with {char} in YAML unless all of it is quoted"}


@dataclass(frozen=True, slots=True)
class Fault:
    """What YAML itself finds wrong; `line` and `column` count from 1."""

    line: int
    column: int
    what: str
    remedy: str
    path: Path = ()


def lines(text: str) -> list[str]:
    """Cut a text into lines where YAML does."""
    return _BREAK.split(text)


def _mended(fragment: str, line: str, column: int) -> tuple[str, str] | None:
    """Say what is wrong with a line of a rule that YAML cannot read as a text, and show the line mended."""
    if fragment == "mapping values are not allowed":
        mended = mending.unspaced(line) if line.lstrip().startswith("- ") else ""
        return ("a space behind a colon", f"write - {mended}") if mended else None
    if fragment not in _MENDED or not (mended := mending.quoted(line, column)):
        return None
    what = _MENDED[fragment].format(char=line[column - 1 : column])
    return what, f"put all of it in single quotes: {mended}"


def translate(error: Any, text: str) -> Fault:
    """Put a MarkedYAMLError of the parser into an admin's words."""
    problem = str(error.problem or error.context or "")
    mark = error.problem_mark or error.context_mark
    split = lines(text)
    line, column = (mark.line, mark.column) if mark else (0, 0)
    if line >= len(split):  # libyaml ends the last line even where the file does not
        line, column = len(split) - 1, len(split[-1])
    began = error.context_mark.line + 1 if error.context_mark else line + 1
    rest = split[line][column:]
    if rest.startswith("\t"):
        problem = "tab character"
    for fragment, what, remedy in _SAID:
        if fragment in problem:
            if said := _mended(fragment, split[line], column + 1):
                return Fault(line + 1, column + 1, *said)
            words = {"char": rest[:1], "line": began}
            return Fault(line + 1, column + 1, what.format(**words), remedy.format(**words))
    return Fault(line + 1, column + 1, f"not readable as YAML: {problem}", "check indentation and quotes")
