"""Who gets the next letter: shares by weight, smoothly mixed. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


class Shares:
    """Deals in turns such that each name gets its part of any stretch, and not all of it in a row.

    Each turn every name gains its weight; the richest is dealt to and pays what all have gained.
    """

    def __init__(self, weights: Mapping[str, int]) -> None:
        self._weights = dict(weights)
        self._credit = dict.fromkeys(weights, 0)

    def deal(self, names: Collection[str]) -> str:
        """Choose one of the names (at least one), all of which have a weight."""
        if len(names) == 1:
            return next(iter(names))
        for name in names:
            self._credit[name] += self._weights[name]
        chosen = max(names, key=lambda name: self._credit[name])
        self._credit[chosen] -= sum(self._weights[name] for name in names)
        return chosen
