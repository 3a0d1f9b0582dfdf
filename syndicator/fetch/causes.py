"""Pure: failures put together by their cause, so that one that all sources share is one line for an admin."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

FEW: Final = 3  # names that are listed

_HISTORY: Final = re.compile(r"^has failed (?:once|\d+ times in a row) (?:since \S+|from the beginning): ")
_WORD: Final = re.compile(r"[^\s(),;]+")
_PLACE: Final = re.compile(r"\w[./@]\w|^\w+:\S")  # a host, an address, a file
_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)*")


class Cause(NamedTuple):
    """What several sources fail for: the words that they share, and their names in the order given."""

    words: str
    names: tuple[str, ...]

    def __str__(self) -> str:
        """Say it in a line: of one source all, of several how many there are and a few names."""
        if len(self.names) == 1:
            return f"{self.names[0]}: {self.words}"
        more = len(self.names) - FEW
        listed = ", ".join(self.names[:FEW]) + (f" and {more:,} more" if more > 0 else "")
        return f"{len(self.names):,} sources: {self.words} ({listed})"


def by_cause(failures: Iterable[tuple[str, str]]) -> list[Cause]:
    """Group (name, message) by what the messages say but for hosts, files and numbers; the largest first."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name, message in failures:
        found.setdefault(_shared(message), []).append((name, message))
    causes = [
        Cause(members[0][1] if len(members) == 1 else words, tuple(name for name, _ in members))
        for words, members in found.items()
    ]
    return sorted(causes, key=lambda cause: -len(cause.names))


def _shared(message: str) -> str:
    words = _WORD.sub(lambda word: "…" if _PLACE.search(word[0]) else word[0], _HISTORY.sub("", message))
    return _NUMBER.sub("…", words)
