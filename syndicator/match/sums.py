"""How a score comes to be, line by line: what `score` adds up, for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from syndicator.match.evaluate import Look, fitting, ways, weigh
from syndicator.match.fields import STORY, Reading
from syndicator.match.score import OTHER, TAG, WORTH, ZONES, distinct

if TYPE_CHECKING:
    from syndicator.model import Article, Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of the sum. `place` is title, lead, body, tag or other; at most `most` hits count."""

    place: str
    hits: int
    most: int
    worth: int

    @property
    def points(self) -> int:
        """What it adds."""
        return self.worth * min(self.hits, self.most)


def sum_of(topic: Topic, article: Article) -> tuple[Item, ...]:
    """Take the score of a topic's rule apart; what adds nothing is left out."""
    look = Look(Reading(article))
    pieces = weigh(topic, ways(topic), look).pieces
    story = {(piece.start, piece.end): piece.leaves for piece in pieces if piece.stream == STORY}
    zones = [hit.zone for hit in distinct(story, look.reading)]
    outside = {leaf.field for piece in pieces if piece.stream != STORY for leaf in piece.leaves}
    tagged = "tag" in outside or any(fitting(one, look.reading) for one in topic.rule.tags)
    items = [
        Item(place=name, hits=zones.count(zone), most=WORTH[zone][1], worth=WORTH[zone][0])
        for zone, name in enumerate(ZONES)
    ]
    items.append(Item(place="tag", hits=int(tagged), most=1, worth=TAG))
    items.append(Item(place="other", hits=int(bool(outside - {"tag"})), most=1, worth=OTHER))
    return tuple(item for item in items if item.hits)
