"""Time zones as people name them, out of the IANA database."""

from __future__ import annotations

import zoneinfo
from functools import cache
from typing import Final

_REGIONS: Final = (
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian",
    "Pacific",
)  # fmt: skip
MAX_NAME: Final = 64  # characters; the longest there is has 38


@cache
def names() -> tuple[str, ...]:
    """List the zones that are named after places, in the order of their names, and UTC before them."""
    places = (name for name in zoneinfo.available_timezones() if name.partition("/")[0] in _REGIONS)
    return ("UTC", *sorted(name for name in places if "/" in name))


@cache
def _spellings() -> dict[str, str]:
    cities = {_folded(name.rpartition("/")[2]): name for name in reversed(names())}
    return cities | {_folded(name): name for name in names()}


def find(text: str) -> str | None:
    """Find a zone by its name or its city, however it is spelled: `new york`, `europe/berlin`."""
    return _spellings().get(_folded(text)) if len(text) <= MAX_NAME else None


def _folded(text: str) -> str:
    return " ".join(text.casefold().replace("_", " ").split())
