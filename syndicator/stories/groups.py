"""Articles put into stories as they come, in memory: what `syndicator group` does for a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from syndicator.stories.grouping import best
from syndicator.stories.near import Near
from syndicator.stories.signatures import sign, unpack
from syndicator.stories.why import why

if TYPE_CHECKING:
    from datetime import datetime

    from syndicator.model import Article

KEPT: Final = 200_000  # articles that a new one is compared with, the newest


class Groups:
    """Stories of the articles added so far: each article is a number, from 0 on.

    Which articles are together does not depend on their order, but for what `near` and KEPT leave out.
    """

    def __init__(self) -> None:
        self._near = Near()
        self._kept: dict[int, tuple[bytes, str, datetime | None]] = {}
        self._parents: list[int] = []
        self.reasons: dict[int, tuple[int, list[str]]] = {}  # which earlier one each was put with, and why

    def add(self, article: Article) -> int:
        """Add an article, and return its number."""
        number = len(self._parents)
        self._parents.append(number)
        signature = sign(article)
        near = [key for key in self._near.find(signature.bands) if key in self._kept]
        if near:
            mine = unpack(signature.blob, source=article.source, at=article.published_at)
            known = {key: unpack(blob, source=s, at=at) for key in near for blob, s, at in [self._kept[key]]}
            for judged in best(mine, known):
                self._join(number, judged.key)
                if number not in self.reasons and mine and (other := known[judged.key]):  # the surest first
                    self.reasons[number] = judged.key, why(mine, other, judged.verdict)
        self._near.add(number, signature.bands)
        self._kept[number] = (signature.blob, article.source, article.published_at)
        self._kept.pop(number - KEPT, None)
        return number

    def story(self, number: int) -> int:
        """Give the first article of an article's story."""
        while (parent := self._parents[number]) != number:
            self._parents[number] = self._parents[parent]
            number = parent
        return number

    def _join(self, one: int, other: int) -> None:
        first, second = sorted((self.story(one), self.story(other)))
        self._parents[second] = first
