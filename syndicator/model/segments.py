"""Segments: which readers a topic is for, by their attributes. Pure.

An attribute is a name with a value that an admin gave to a reader (`plan: gold`). Values are texts, compared
without regard to case and outer white space.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,39}")
NOT: Final = "not"  # no attribute is called so: in a topic's audience it means what it says
ANY: Final = "*"  # in an audience: whatever the value is
MAX_LENGTH: Final = 100  # characters of a value
MAX_ATTRIBUTES: Final = 20  # of a reader
MAX_CONDITIONS: Final = 20  # of an audience
MAX_VALUES: Final = 100  # of a condition


def is_name(text: str) -> bool:
    """Whether an attribute may be called so."""
    return NAME.fullmatch(text) is not None and text != NOT


def is_value(text: str) -> bool:
    """Whether an attribute may have this value: a short line that is all to be seen."""
    return 0 < len(text) <= MAX_LENGTH and text.isprintable() and text == text.strip()


def folded(value: str) -> str:
    """Give the form in which values are compared."""
    return value.strip().casefold()


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """An attribute and the values that will do, as they were written; none named: any value will."""

    name: str
    values: tuple[str, ...] = ()

    def holds(self, attributes: Mapping[str, str]) -> bool:
        """Whether a reader with these attributes is meant."""
        value = attributes.get(self.name)
        if value is None:
            return False
        return not self.values or folded(value) in map(folded, self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """All of `wanted` must hold, none of `unwanted` may."""

    wanted: tuple[Condition, ...] = ()
    unwanted: tuple[Condition, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The attributes that it looks at, in the order of the file."""
        return tuple(dict.fromkeys(each.name for each in (*self.wanted, *self.unwanted)))

    def admits(self, attributes: Mapping[str, str]) -> bool:
        """Whether a reader with these attributes is in it."""
        return all(each.holds(attributes) for each in self.wanted) and not any(
            each.holds(attributes) for each in self.unwanted
        )

    def objection(self, attributes: Mapping[str, str]) -> str:
        """Say why a reader is not in it: `plan is silver, not gold`; empty for who is."""
        for each in self.wanted:
            if not each.holds(attributes):
                wanted = " or ".join(each.values)
                if each.name not in attributes:
                    return f"{each.name} is not set" + (f"; it must be {wanted}" if wanted else "")
                return f"{each.name} is {attributes[each.name]}, not {wanted}"
        refused = (each for each in self.unwanted if each.holds(attributes))
        return next((f"{each.name} is {attributes[each.name]}" for each in refused), "")
