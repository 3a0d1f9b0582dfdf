"""Which candidates a digest tells, in which section: every story once, no source too often, an end to it all.

What is not told counts as "more" of its section: it is on the web, and no mail has told it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syndicator.digest.rank import Ranked
    from syndicator.model import Speaker, Topic

MAX_ITEMS: Final = 20  # of a topic without a digest plan, for readers who chose a schedule of their own
PER_SOURCE: Final = 4  # of one source, where the topic says nothing and sources are many


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a topic's window holds: its best candidates in order, and how many there are in all."""

    topic: Topic
    ranked: Sequence[Ranked]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What a section tells: candidates in order, who speaks for each, and how many are left out."""

    topic: Topic
    ranked: tuple[Ranked, ...]
    speakers: tuple[Speaker, ...]
    more: int


def choose(offers: Sequence[Offer], *, most: int) -> tuple[Chosen, ...]:
    """Choose what a mail tells: of each topic no more than its `max_items`, of all no more than `most`.

    The section with the best candidate comes first, and so on; what several topics hold is told in the first
    of them. Where room is short all sections have equal shares, and none gets less than one.
    """
    inside = [offer for offer in offers if offer.ranked]
    inside.sort(key=lambda offer: (offer.ranked[0].key, offer.topic.slug))
    told = _fill(inside, [max_items(offer.topic) for offer in inside])
    if sum(map(len, told)) > most:
        told = _fill(inside, shares([len(section) for section in told], most))
    names = {name for section in told for each in section for name in _names(*each)}
    return tuple(
        Chosen(
            topic=offer.topic,
            ranked=tuple(ranked for ranked, _ in section),
            speakers=tuple(speaker for _, speaker in section),
            more=offer.total - sum(_is_told(each, names, offer.topic) for each in offer.ranked),
        )
        for offer, section in zip(inside, told, strict=True)
        if section
    )


def max_items(topic: Topic) -> int:
    """Say how many articles a section of a topic may have."""
    return topic.digest.max_items if topic.digest else MAX_ITEMS


def shares(wanted: Sequence[int], most: int) -> list[int]:
    """Share `most` places out: equally, but for who wants fewer, and at least one to whoever wants any."""
    given = [min(1, each) for each in wanted]
    while sum(given) < most and given != list(wanted):
        for place, each in enumerate(wanted):
            if given[place] < each and sum(given) < most:
                given[place] += 1
    return given


def _fill(offers: Sequence[Offer], rooms: Sequence[int]) -> list[list[tuple[Ranked, Speaker]]]:
    """Fill sections one after the other, each with the best that no section before it tells."""
    told: set[int] = set()
    sections = []
    for offer, room in zip(offers, rooms, strict=True):
        section = _section(offer, room, told)
        told.update(name for each in section for name in _names(*each))
        sections.append(section)
    return sections


def _section(offer: Offer, room: int, told: set[int]) -> list[tuple[Ranked, Speaker]]:
    """Take the best; where a story's source has had its share, the next source that tells it speaks."""
    fresh = [each for each in offer.ranked if not _is_told(each, told, offer.topic)]
    limit = per_source(offer.topic, len({each.candidate.speakers[0].source for each in fresh}))
    taken: Counter[str] = Counter()
    section: list[tuple[Ranked, Speaker]] = []
    for ranked in fresh:
        if len(section) == room:
            break
        if speaker := next((each for each in ranked.candidate.speakers if taken[each.source] < limit), None):
            taken[speaker.source] += 1
            section.append((ranked, speaker))
    return section


def per_source(topic: Topic, sources: int) -> int:
    """Say how many articles of one source a section may have, where so many sources have something.

    Without a word from the topic four, or an equal share of the section where that is more.
    """
    if topic.digest and topic.digest.per_source:
        return topic.digest.per_source
    return max(PER_SOURCE, -(-max_items(topic) // max(sources, 1)))


def _names(ranked: Ranked, speaker: Speaker) -> tuple[int, ...]:
    """Name what was told by numbers that do not meet: the article that spoke, and its story."""
    story = ranked.candidate.story
    return (speaker.id, -story) if story else (speaker.id,)


def _is_told(ranked: Ranked, told: set[int], topic: Topic) -> bool:
    """Whether it was told; where a topic tells every article, only if it was itself."""
    candidate = ranked.candidate
    return (-candidate.story if candidate.story and topic.is_once else candidate.id) in told
