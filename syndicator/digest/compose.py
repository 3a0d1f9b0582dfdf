"""What a digest says: sections by topic, every article once, the newest day first and in it the best."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from syndicator.card import Card, card

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syndicator.model import StoredArticle, Topic
    from syndicator.settings import Site


LEADS: Final = 5  # stories with picture and excerpt, below the top story


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
        """The topics' names."""
        return " · ".join(section.topic.title for section in self.sections)


def compose(
    found: Sequence[tuple[Topic, Sequence[StoredArticle], int]],
    *,
    at: datetime,
    zone: str,
    language: str,
) -> Digest | None:
    """Make a digest of (topic, its window's best articles, how many in all); None if it says nothing.

    Each section begins with the best of the 24 hours before the mail, then goes on with those before them.

    An article or story that belongs to several topics is told in the first of them. A section with fewer
    articles than its topic's `minimum` is left out, and stays for the next run.
    """
    sections: list[Section] = []
    told = set[int]()
    for topic, articles, total in found:
        fresh = [stored for stored in articles if not told & _names(stored)]
        fresh.sort(key=lambda stored: max(at - stored.sorted_at, timedelta(0)) // timedelta(days=1))
        if not fresh:
            continue
        told |= {name for stored in fresh for name in _names(stored)}
        cards = tuple(card(stored) for stored in fresh)
        shown = tuple(stored.id for stored in fresh)
        more = total - len(articles)
        sections.append(Section(topic=topic, cards=cards, more=more, shown=shown, has_top=not sections))
    if not sections:
        return None
    return Digest(sections=tuple(sections), at=at, zone=zone, language=language)


def _names(stored: StoredArticle) -> set[int]:
    """Name an article and its story by numbers that do not meet."""
    return {stored.id, -stored.story} if stored.story else {stored.id}


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
