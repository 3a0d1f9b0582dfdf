"""A topic's digest as it would be now, for who wants to see it before anybody gets it. Nothing is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from syndicator.digest import rank
from syndicator.digest.choice import Offer, max_items
from syndicator.digest.render import render
from syndicator.digest.window import Window
from syndicator.model import Candidate, Slot, Speaker
from syndicator.pipeline.letters import marks_of
from syndicator.pipeline.sections import Sections
from syndicator.store import matches, windows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.digest.compose import Digest
    from syndicator.digest.rank import Ranked
    from syndicator.model import Edition, Topic
    from syndicator.pipeline.parts import Parts

DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Specimen:
    """What a topic's digest would say now, and what it was chosen from."""

    offer: Offer
    digest: Digest

    def place(self, ranked: Ranked) -> str:
        """Say where a candidate stands: `top`, `lead`, `list`, or `web` if it is not told."""
        section, said = self.digest.sections[0], {each.id for each in ranked.candidate.speakers}
        found = next((place for place, id_ in enumerate(section.shown) if id_ in said), None)
        if found is None:
            return "web"
        return (
            "top"
            if found < section.has_top
            else "lead"
            if found < section.has_top + section.leads
            else "list"
        )


async def specimen(parts: Parts, topic: Topic, *, language: str = "") -> Specimen | None:
    """Compose a topic's digest: what arrived in the last day or week, as its own schedule has it.

    After a time without articles it shows the newest ones instead. None if the topic has none at all.
    """
    now = parts.clock()
    slot = topic.digest.slot if topic.digest else Slot(frequency="daily", at=now.time(), zone="UTC")
    sections = Sections(parts, slot, at=now)
    async with parts.store.read() as conn:
        offer = await _recent(conn, topic, sections, since=now - rank.span(slot.frequency))
        if not offer.ranked:
            offer = await _newest(conn, topic, now=now)
        spoken = parts.templates.nearest(language or parts.settings.site.language)
        digest = await sections.compose(conn, [offer], language=spoken)
    return Specimen(offer=offer, digest=digest) if digest else None


async def _recent(conn: AsyncConnection, topic: Topic, sections: Sections, *, since: datetime) -> Offer:
    window = Window(
        topic=topic.slug, after=await matches.before(conn, since), upto=await matches.newest_seq(conn)
    )
    return await sections.offer(conn, window)


async def _newest(conn: AsyncConnection, topic: Topic, *, now: datetime) -> Offer:
    """Offer the newest articles of a topic, those from an archive too."""
    found = await matches.newest(conn, topic.slug, limit=3 * max_items(topic), once=topic.is_once)
    total = (await matches.counts(conn)).get(topic.slug, (0, None))[0]
    candidates = [
        Candidate(
            speakers=(Speaker(stored.id, stored.article.source),),
            score=stored.score,
            at=stored.sorted_at,
            characters=len(stored.article.text),
            language=stored.article.language,
            story=stored.story,
            sources=1 + len(stored.also_in),
        )
        for stored in found
    ]
    # As if the newest had just come: what else there is is older by as much as it is.
    at = max((each.at for each in candidates), default=now)
    return Offer(topic=topic, ranked=rank.order(candidates, at=at, span=DAY), total=total)


def as_edition(parts: Parts, digest: Digest, *, name: str) -> Edition:
    """Render a digest as an edition that is nobody's."""
    return render(
        digest,
        parts.templates,
        parts.settings.site,
        edition_id=name,
        slot=name,
        marks=marks_of(name, parts.mark_key),
        now=parts.clock(),
        look=parts.settings.mail.look,
    )


async def headlines(parts: Parts, slug: str, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Read source and title of articles of a topic, by id."""
    async with parts.store.read() as conn:
        found = await windows.told(conn, slug, ids, once=False)
    return {id_: (stored.article.source, stored.article.title) for id_, stored in found.items()}
