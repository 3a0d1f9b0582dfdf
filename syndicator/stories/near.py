"""The window of recent signatures in memory, and which of them are near a new one: LSH with bands of one row.

Hash chains in flat arrays: some 300 octets an article, where dictionaries would take two thousand. It holds
no truth: keys without an article any more are harmless, and a lost window is built again from the rows.
"""

from __future__ import annotations

from array import array
from collections import Counter
from typing import TYPE_CHECKING, Final

from syndicator.stories.signatures import BANDS

if TYPE_CHECKING:
    from collections.abc import Sequence

CANDIDATES: Final = 12  # of one article that are looked at, those that share most bands first
_DEPTH: Final = 48  # steps in one chain: of a shingle that half the press has, the newest are enough
_FIRST: Final = 1 << 10  # articles before the arrays grow for the first time


class Near:
    """Keys (articles) by the bands of their signatures."""

    def __init__(self) -> None:
        self._keys = array("Q")
        self._values = array("I")  # BANDS of each article, one after the other
        self._older = array("I")  # the entry before this one in its chain, plus one; 0 ends it
        self._heads = array("I", bytes(4 * BANDS * _FIRST))
        self._mask = _FIRST - 1

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, key: int, bands: Sequence[int]) -> None:
        """Put an article in; one without bands is left out."""
        if len(bands) != BANDS:
            return
        if len(self._keys) > self._mask:
            self._grow()
        self._keys.append(key)
        self._chain(bands)

    def find(self, bands: Sequence[int], limit: int = CANDIDATES) -> list[int]:
        """Give the keys that share bands, most first, then newest first."""
        if len(bands) != BANDS:
            return []
        values, older, heads, mask = self._values, self._older, self._heads, self._mask
        found: Counter[int] = Counter()
        base = 0
        for band, value in enumerate(bands):
            entry, steps = heads[base + (value & mask)], _DEPTH
            while entry and steps:
                entry -= 1
                if values[entry] == value:
                    found[(entry - band) // BANDS] += 1
                entry = older[entry]
                steps -= 1
            base += mask + 1
        best = sorted(found, key=lambda row: (found[row], row), reverse=True)[: limit * 2]
        return list(dict.fromkeys(self._keys[row] for row in best))[:limit]

    def _chain(self, bands: Sequence[int]) -> None:
        heads, mask, entry, base = self._heads, self._mask, len(self._values), 0
        self._values.extend(bands)
        for value in bands:
            place = base + (value & mask)
            self._older.append(heads[place])
            entry += 1
            heads[place] = entry
            base += mask + 1

    def _grow(self) -> None:
        """Double the heads, so that chains stay short; amortised, a few microseconds an article."""
        known = self._values
        self._mask = 2 * self._mask + 1
        self._heads = array("I", bytes(4 * BANDS * (self._mask + 1)))
        self._values, self._older = array("I"), array("I")
        for start in range(0, len(known), BANDS):
            self._chain(known[start : start + BANDS])
