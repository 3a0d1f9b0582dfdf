"""The words for what is wrong: pydantic's errors and YAML's faults as problems with file, line and column."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, Final, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from syndicator.catalog import mending
from syndicator.catalog.faults import lines as split
from syndicator.catalog.fields import Said, nearest
from syndicator.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syndicator.catalog.faults import Fault, Path
    from syndicator.catalog.yaml import Document

_Keys = TypeVar("_Keys", bound=BaseModel)

_QUOTE: Final = "put it in quotes"

# pydantic's type of error → what is wrong; what to do. {got} is the value's kind, the rest is pydantic's.
_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "string_type": ("must be text, not {got}", _QUOTE),
    "int_type": ("must be a whole number, not {got}", "write digits, without quotes"),
    "int_from_float": ("must be a whole number", "leave out the fraction"),
    "float_type": ("must be a number, not {got}", "write digits, without quotes"),
    "finite_number": ("must be a finite number", "write digits"),
    "bool_type": ("must be true or false, not {got}", "write true or false, without quotes"),
    "list_type": ("must be a list, not {got}", "write [one, two], or a line with - for each"),
    "model_type": ("must hold keys, not {got}", "write key: value, indented below it, or in braces"),
    "dict_type": ("must hold keys, not {got}", "write key: value, indented below it, or in braces"),
    "greater_than_equal": ("{value} is too small", "write at least {ge}"),
    "less_than_equal": ("{value} is too large", "write at most {le}"),
    "too_short": ("has too few entries", "give at least {min_length}"),
    "too_long": ("has too many entries", "give at most {max_length}"),
}
_KINDS: Final[tuple[tuple[type, str], ...]] = (
    (bool, "true or false"),
    (str, "text"),
    (int, "a number"),
    (float, "a decimal number"),
    (list, "a list"),
    (dict, "a mapping"),
)


def validate(
    document: Document, model: type[_Keys], file: str, found: list[Problem], context: Any = None
) -> _Keys | None:
    """Check one file's keys; None, and its problems in `found`, if there are any.

    `context` is what checks of values need to know of other files.
    """
    before = len(found)
    found.extend(_from_fault(fault, document, file) for fault in document.faults)
    if document.broken:
        return None
    if not isinstance(document.value, dict):
        what = "the file is empty" if document.value is None else "must hold keys with values"
        found.append(at(document, file, (), what, "write lines of key: value, or delete the file"))
        return None
    try:
        keys = model.model_validate(document.value, context=context)
    except ValidationError as error:
        found.extend(_problem(detail, document, file, model) for detail in error.errors(include_url=False))
        return None
    return keys if len(found) == before else None


def at(document: Document, file: str, path: Path, what: str, remedy: str) -> Problem:
    """Make a problem of the value at `path`."""
    return Problem(file, *document.place(path), _spell(document.value, path), what, remedy)


def _from_fault(fault: Fault, document: Document, file: str) -> Problem:
    key = _spell(document.value, fault.path)
    return Problem(file, fault.line, fault.column, key, fault.what, fault.remedy)


def _problem(detail: Any, document: Document, file: str, model: type[BaseModel]) -> Problem:
    kind, path, context = detail["type"], detail["loc"], detail.get("ctx", {})
    if kind == "extra_forbidden":
        what, remedy = _unknown(path, _model_at(model, path))
        place = document.place(path, of_key=True)
        return Problem(file, *place, _spell(document.value, path), what, remedy)
    if kind == "missing":
        example = _example(_model_at(model, path), str(path[-1]))
        place = document.place(path[:-1])
        return Problem(file, *place, _spell(document.value, path), "missing", f"add {path[-1]}: {example}")
    if isinstance(said := context.get("error"), Said):
        path = (*path, said.at) if said.at else path
        place = document.place_within(path, said.column) if said.column else document.place(path)
        excerpt = split(document.text)[place[0] - 1] if said.column else ""  # of rules: no secret is in them
        said = _as_key(detail["input"], said, split(document.text)[place[0] - 1], place[1])
        return Problem(file, *place, _spell(document.value, path), said.what, said.remedy, excerpt)
    what, remedy = _phrase(kind, detail, context)
    return Problem(file, *document.place(path), _spell(document.value, path), what, remedy)


def _as_key(value: Any, said: Said, line: str, column: int) -> Said:
    """Show how a line of a rule is written that YAML took for a key and its value."""
    if not (said.is_rule and isinstance(value, dict)) or not (mended := mending.unspaced(line, column)):
        return said
    return Said(f"YAML reads '{next(iter(value))}:' as a key", f"write - {mended}")


def _phrase(kind: str, detail: Any, context: Mapping[str, Any]) -> tuple[str, str]:
    value = detail["input"]
    if value is None:
        return "has no value", "write one, or delete the key"
    if kind == "literal_error":
        known = [word.strip("'") for word in str(context["expected"]).replace(" or ", ", ").split(", ")]
        near = nearest(str(value), known) if difflib.get_close_matches(str(value), known, n=1) else ""
        return f"{_short(value)} is not one of {', '.join(known)}", near or "write one of them"
    if kind in _WORDS:
        what, remedy = _WORDS[kind]
        got = next((word for type_, word in _KINDS if isinstance(value, type_)), "this")
        words = {**context, "got": got, "value": _short(value)}
        return what.format(**words), remedy.format(**words)
    return detail["msg"], "see docs/configuration.md"


def _short(value: object) -> str:
    return f"'{value[:70]}'" if isinstance(value, str) else str(value)[:70]


def _unknown(path: Path, model: type[BaseModel] | None) -> tuple[str, str]:
    key = str(path[-1])
    secret: Mapping[str, str] = getattr(model, "secret", {})
    if key in secret:
        return "a secret does not belong in this file", secret[key]
    known = [field.alias or name for name, field in model.model_fields.items()] if model else []
    return "unknown key", nearest(key, known)


def _example(model: type[BaseModel] | None, key: str) -> str:
    field = model.model_fields.get(key) if model else None
    return str(field.examples[0]) if field and field.examples else "…"


def _model_at(model: type[BaseModel], path: Path) -> type[BaseModel] | None:
    """Return the model of the mapping that holds the last key of `path`."""
    here: type[BaseModel] | None = model
    for part in path[:-1]:
        if here is None or isinstance(part, int):
            continue
        field = here.model_fields.get(str(part))
        here = _model_in(field.annotation) if field else None
    return here


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)


def _spell(value: Any, path: Path) -> str:
    """Write a path as an admin reads it: `sources[bbc].every.min`, or a number (from 1) without a name."""
    spelled = ""
    for part in path:
        inner = _item(value, part)
        if isinstance(part, int):
            name = inner.get("name") if isinstance(inner, dict) else None
            spelled += f"[{name if isinstance(name, str) and name else part + 1}]"
        else:
            spelled += f".{part}" if spelled else str(part)
        value = inner
    return spelled


def _item(value: Any, part: str | int | None) -> Any:
    if isinstance(value, dict):
        return value.get(part)
    return value[part] if isinstance(value, list) and isinstance(part, int) and part < len(value) else None
