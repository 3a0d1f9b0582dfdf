"""Whether a server calls so many readers unknown that the fault is more likely its own. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from syndicator.deliver.transport import words

if TYPE_CHECKING:
    from syndicator.deliver.transport import Outcome

LAST: Final = 100  # answers that are looked at
FEWEST: Final = 30  # dead addresses among them that are a crowd, if they are more than half


class Crowd:
    """Counts among the last answers of a server those that would suppress an address."""

    def __init__(self) -> None:
        self._last: deque[bool] = deque(maxlen=LAST)
        self._dead = 0

    def heard(self, outcome: Outcome) -> Outcome:
        """Take an answer; give it as it is to be believed: in a crowd nobody is dead, and we are told.

        One letter that the server takes ends the crowd.
        """
        if outcome.kind == "accepted":
            if self._is_crowd():
                self._last.clear()
                self._dead = 0
            self._count(dead=False)
        elif outcome.suppress:
            self._count(dead=True)
            if self._is_crowd():
                reply = words(f"it calls most of our readers unknown: {outcome.reply}")
                return replace(outcome, kind="deferred", reply=reply, suppress="", step="crowd")
        return outcome

    def _count(self, *, dead: bool) -> None:
        if len(self._last) == LAST:
            self._dead -= self._last[0]
        self._last.append(dead)
        self._dead += dead

    def _is_crowd(self) -> bool:
        return self._dead >= FEWEST and 2 * self._dead > len(self._last)
