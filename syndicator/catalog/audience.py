"""A topic's `audience`: which readers get its mails, as an admin writes it.

    audience := {NAME: what, …, not: {NAME: what, …}}
    what     := VALUE | [VALUE, …] | "*"

All lines must hold, none of `not` may. A list holds where one of its values does, `"*"` where the reader has
any value of that name.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import PlainValidator, WithJsonSchema

from syndicator.catalog.fields import Said, show
from syndicator.model import Condition, Segment
from syndicator.model.segments import ANY, MAX_CONDITIONS, MAX_VALUES, NAME, NOT, is_name, is_value

_LINES: Final[dict[str, Any]] = {
    "type": "object",
    "minProperties": 1,
    "propertyNames": {"pattern": f"^{NAME.pattern}$"},
    "additionalProperties": {"type": ["string", "number", "boolean", "array"]},
}
_REFUSED: Final = _LINES | {"description": "None of these lines may hold."}
_SCHEMA: Final = _LINES | {"properties": {NOT: _REFUSED}}


def segment(value: Any) -> Segment:
    """Read an audience. Raises Said."""
    if not isinstance(value, dict) or not value:
        raise Said(f"{show(value)} is no audience", "write one such as {plan: gold}, or delete the key")
    refused = value.get(NOT, {})
    if NOT in value and not (isinstance(refused, dict) and refused):
        raise Said(f"{show(refused)} names no attribute", "write one such as not: {plan: trial}", at=NOT)
    wanted = _conditions({name: what for name, what in value.items() if name != NOT}, "")
    return Segment(wanted=wanted, unwanted=_conditions(refused, NOT))


def _conditions(lines: dict[Any, Any], below: str) -> tuple[Condition, ...]:
    if len(lines) > MAX_CONDITIONS:
        raise Said(f"{len(lines)} attributes", f"keep it under {MAX_CONDITIONS}", at=below)
    return tuple(_condition(name, what, below) for name, what in lines.items())


def _condition(name: Any, what: Any, below: str) -> Condition:
    place = below or str(name)
    if not (isinstance(name, str) and is_name(name)):
        remedy = "use small letters, digits, - and _, a letter first, at most 40"
        raise Said(f"{show(name)} is no name of an attribute", remedy, at=place)
    if what == ANY:
        return Condition(name=name)
    listed = what if isinstance(what, list) else [what]
    if not listed or len(listed) > MAX_VALUES:
        raise Said(f"{name} has {len(listed)} values", f"write 1 to {MAX_VALUES}", at=place)
    return Condition(name=name, values=tuple(_value(name, each, place) for each in listed))


def _value(name: str, value: Any, place: str) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if not isinstance(value, str | int | float) or not is_value(text.strip()) or text.strip() == ANY:
        remedy = f'write one such as {name}: gold, {name}: [gold, silver], or {name}: "*" for any'
        raise Said(f"{show(value)} is no value of {name}", remedy, at=place)
    return text.strip()


Audience = Annotated[Segment, PlainValidator(segment), WithJsonSchema(_SCHEMA)]
