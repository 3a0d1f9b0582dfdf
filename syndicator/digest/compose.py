"""What a digest says: a section for each topic, one top story, some leads, and lists."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from syndicator.card import Card
    from syndicator.digest.choice import Chosen
    from syndicator.digest.rank import Ranked
    from syndicator.model import Topic
    from syndicator.settings import Site


TITLE: Final = 60  # characters of topics' names in a title
LEADS: Final = 5  # stories with picture and excerpt, below the top story
_DRAWN: Final = re.compile(r"\.svgz?(?:[?#]|$)", re.IGNORECASE)  # Gmail and Outlook show none


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One topic's part of a digest: its cards, and how many more there are on the web."""

    topic: Topic
    cards: tuple[Card, ...]
    more: int
    shown: tuple[int, ...] = ()  # ids of the articles on the cards
    has_top: bool = False  # whether its first card is the top story of the mail
    leads: int = LEADS  # how many follow it with picture and excerpt

    @property
    def top(self) -> Card | None:
        """The top story, in the one section that has it."""
        return self.cards[0] if self.has_top else None

    @property
    def led(self) -> tuple[Card, ...]:
        """The stories that are told with picture and excerpt."""
        first = int(self.has_top)
        return self.cards[first : first + self.leads]

    @property
    def listed(self) -> tuple[Card, ...]:
        """The stories that are only named."""
        return self.cards[self.has_top + self.leads :]


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What an edition says, before it is rendered."""

    sections: tuple[Section, ...]
    at: datetime  # when the slot fired
    zone: str
    language: str

    @property
    def total(self) -> int:
        """How many articles it shows."""
        return sum(len(section.cards) for section in self.sections)

    @property
    def minutes(self) -> int:
        """How long all of them take to read."""
        return sum(card.reading_minutes for section in self.sections for card in section.cards)

    @property
    def shown(self) -> tuple[int, ...]:
        """The ids of these articles."""
        return tuple(id_ for section in self.sections for id_ in section.shown)

    @property
    def title(self) -> str:
        """The topics' names, as many of them as a subject has room for."""
        names = [section.topic.title for section in self.sections]
        fitting = len(names)
        while fitting > 1 and len(" · ".join(names[:fitting])) > TITLE:
            fitting -= 1
        return " · ".join([*names[:fitting], *([f"+{len(names) - fitting}"] if fitting < len(names) else [])])


def compose(
    sections: Sequence[Chosen],
    cards: Mapping[tuple[str, int], Card],
    *,
    at: datetime,
    zone: str,
    language: str,
) -> Digest | None:
    """Make a digest of what was chosen; `cards` by topic and article. None if it says nothing.

    What has no card any more, because it was taken back meanwhile, is left out. The mail has one top story,
    its first, and five leads, which several sections share; each has one at least.
    """
    told: list[Section] = []
    leads = max(1, LEADS // max(len(sections), 1))
    for chosen in sections:
        known = [
            (cards[chosen.topic.slug, speaker.id], ranked, speaker.id)
            for ranked, speaker in zip(chosen.ranked, chosen.speakers, strict=True)
            if (chosen.topic.slug, speaker.id) in cards
        ]
        if known:
            told.append(_section(chosen, known, leads=leads, has_top=not told))
    found = tuple(_without_signs(told))
    return Digest(sections=found, at=at, zone=zone, language=language) if found else None


def _section(
    chosen: Chosen, known: Sequence[tuple[Card, Ranked, int]], *, leads: int, has_top: bool
) -> Section:
    """Lay a section out: pictures stand only beside what is told with an excerpt."""
    has_images = chosen.topic.digest is None or chosen.topic.digest.images
    pictured = leads + has_top if has_images else 0
    return Section(
        topic=chosen.topic,
        cards=tuple(
            _as_shown(card, ranked, is_pictured=place < pictured)
            for place, (card, ranked, _) in enumerate(known)
        ),
        more=chosen.more,
        shown=tuple(id_ for _, _, id_ in known),
        has_top=has_top,
        leads=leads,
    )


def _without_signs(sections: Sequence[Section]) -> Iterator[Section]:
    """Take pictures that stand beside several stories: they are signs of their publishers."""
    counted = Counter(card.image for section in sections for card in section.cards if card.image)
    for section in sections:
        cards = (replace(c, image="", image_alt="") if counted[c.image] > 1 else c for c in section.cards)
        yield replace(section, cards=tuple(cards))


def _as_shown(card: Card, ranked: Ranked, *, is_pictured: bool) -> Card:
    """Give a card its reasons; take its picture where it has no room, or mail programs would not show it."""
    if is_pictured and card.image.startswith("https:") and not _DRAWN.search(card.image):
        return replace(card, why=ranked.why)
    return replace(card, why=ranked.why, image="", image_alt="")


def is_due(topic: Topic, total: int) -> bool:
    """Whether a window holds enough to be mailed: at least one article, and the topic's own minimum."""
    return total >= max(1, topic.digest.minimum if topic.digest else 1)


def view(digest: Digest, site: Site) -> dict[str, Any]:
    """Lay a digest out as the templates expect it."""
    return {
        "title": digest.title,
        "date": digest.at,
        "zone": digest.zone,
        "language": digest.language,
        "total": digest.total,
        "minutes": digest.minutes,
        "sections": [
            {
                "topic": {
                    "slug": section.topic.slug,
                    "title": section.topic.title,
                    "url": _page(section.topic, site),
                },
                "top": section.top,
                "leads": list(section.led),
                "list": list(section.listed),
                "cards": list(section.cards),
                "more": section.more,
                "more_url": _page(section.topic, site),
            }
            for section in digest.sections
        ],
    }


def _page(topic: Topic, site: Site) -> str:
    """Give the page of a topic; none of a private one, whose address is another for each reader."""
    return "" if topic.publish and topic.publish.private else f"{site.base_url}/topics/{topic.slug}"
