"""What digests would have told of articles that arrived: each story once, and nothing that is held back."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from syndicator.model import Topic
    from syndicator.store.archive import Sent


class Telling:
    """Counts for a number of windows, by the rule on trial and by the one in force."""

    def __init__(self, new: Topic | None, old: Topic | None, windows: int) -> None:
        self._once = [side.is_once if side else True for side in (new, old)]
        self._windows = windows
        # What would be told → in which window: a story, or -id of an article. One dict a side.
        self._told: tuple[dict[int, int], dict[int, int]] = {}, {}

    @property
    def stories(self) -> set[int]:
        """The stories among what would be told."""
        return {each for side in self._told for each in side if each > 0}

    def take(self, id_: int, window: int, sent: Sent, *, new: bool, old: bool) -> None:
        """Note an article and who takes it. Articles come newest first: the first to arrive tells a story."""
        for told, once, has in zip(self._told, self._once, (new, old and not sent.backfill), strict=True):
            if has and not sent.held:
                told[sent.story if once and sent.story else -id_] = window

    def counts(self, known: Collection[int]) -> tuple[tuple[int, int], ...]:
        """Count by window (new, old), without the stories that readers had before."""
        new, old = (Counter(at for each, at in side.items() if each not in known) for side in self._told)
        return tuple((new[at], old[at]) for at in range(self._windows))
