"""What the editions of a run say: what they share (windows, ranks, cards) is read once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from syndicator.card import card
from syndicator.digest import compose, rank
from syndicator.digest.choice import Offer, choose
from syndicator.digest.compose import is_due
from syndicator.store import windows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.card import Card
    from syndicator.digest.choice import Chosen
    from syndicator.digest.compose import Digest
    from syndicator.digest.window import Window
    from syndicator.model import Slot, Topic
    from syndicator.pipeline.parts import Parts

CANDIDATES: Final = 50_000  # of windows that are kept, each about a kilobyte
CARDS: Final = 5_000  # that are kept, each about two kilobytes


class Sections:
    """Chooses what the editions of one run say."""

    def __init__(self, parts: Parts, slot: Slot, *, at: datetime) -> None:
        self._parts, self._slot, self._at = parts, slot, at
        self._span = rank.span(slot.frequency)
        self._offers: dict[Window, Offer] = {}
        self._held = 0  # windows and their candidates
        self._cards: dict[tuple[str, int], Card] = {}

    async def offer(self, conn: AsyncConnection, window: Window) -> Offer:
        """Read what a window holds, ranked."""
        if kept := self._offers.get(window):
            return kept
        topic = self._parts.current.catalog.topics[window.topic]
        found, total = await windows.candidates(
            conn,
            topic.slug,
            after=window.after,
            upto=window.upto,
            told=window.told if topic.is_once else None,
        )
        made = Offer(topic=topic, ranked=rank.order(found, at=self._at, span=self._span), total=total)
        self._offers[window] = made
        self._held += 1 + len(made.ranked)
        while self._held > CANDIDATES:
            self._held -= 1 + len(self._offers.pop(next(iter(self._offers))).ranked)
        return made

    async def due(self, conn: AsyncConnection, held: Sequence[Window]) -> list[Offer]:
        """Read the windows that hold enough to be mailed."""
        offers = [await self.offer(conn, window) for window in held]
        return [offer for offer in offers if is_due(offer.topic, offer.total)]

    def choose(self, offers: Sequence[Offer]) -> tuple[Chosen, ...]:
        """Choose what a mail of these windows says."""
        return choose(offers, most=self._parts.settings.mail.max_items)

    async def compose(
        self, conn: AsyncConnection, offers: Sequence[Offer], *, language: str
    ) -> Digest | None:
        """Make the digest of some windows in `language`; None if it says nothing."""
        chosen = self.choose(offers)
        cards: dict[tuple[str, int], Card] = {}
        for section in chosen:
            cards |= await self._told(conn, section.topic, [each.id for each in section.speakers])
        return compose.compose(chosen, cards, at=self._at, zone=self._slot.zone, language=language)

    async def _told(
        self, conn: AsyncConnection, topic: Topic, ids: Sequence[int]
    ) -> Mapping[tuple[str, int], Card]:
        """Read the cards of some articles that are in a topic, but for those that are kept."""
        kept = {
            (topic.slug, id_): self._cards[topic.slug, id_] for id_ in ids if (topic.slug, id_) in self._cards
        }
        lacking = [id_ for id_ in ids if (topic.slug, id_) not in kept]
        for id_, stored in (await windows.told(conn, topic.slug, lacking, once=topic.is_once)).items():
            self._cards[topic.slug, id_] = kept[topic.slug, id_] = card(stored)
        while len(self._cards) > CARDS:
            del self._cards[next(iter(self._cards))]
        return kept
