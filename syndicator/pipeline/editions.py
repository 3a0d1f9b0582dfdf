"""editions: the rows of a topic's past mails → its list and its feed, without what was taken back."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

from syndicator.filters import date as short_date
from syndicator.publish.editions import Issue, editions_feed, editions_page
from syndicator.publish.formats import FEEDS
from syndicator.store import listings, retractions, topics

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.model import Topic
    from syndicator.pipeline.parts import Parts
    from syndicator.store.listings import Listing

PAGE: Final = 50  # editions on a page, and in the feed
BEGUN: Final = datetime(2000, 1, 1, tzinfo=UTC)  # when an empty feed was updated, if its topic is not known

_PLACE: Final = re.compile(r"(\d{4}-\d{2}-\d{2})\.([A-Za-z0-9-]{0,35})", re.ASCII)


def place_of(text: str) -> tuple[str, str] | None:
    """Read a place in the list, as addresses have it: `2027-01-31.en`; None where it is none."""
    found = _PLACE.fullmatch(text)
    return (found[1], found[2]) if found else None


async def feed(parts: Parts, topic: Topic, format_: str) -> bytes:
    """Render the newest editions of a topic in a feed format; the same bytes as long as none comes."""
    async with parts.store.read() as conn:
        issues = await _issues(conn, parts, topic, await listings.of_topic(conn, topic.slug, limit=PAGE))
        created = await topics.created(conn)
    language = topic.language or parts.settings.site.language
    title = parts.templates.render("web/_editions.txt.j2", language, title=topic.title).strip()
    made = editions_feed(
        topic, parts.settings.site, issues, title=title, created_at=created.get(topic.slug, BEGUN)
    )
    return await asyncio.to_thread(FEEDS[format_].render, made)


async def page(parts: Parts, topic: Topic, before: tuple[str, str] | None) -> bytes | None:
    """Render a page of the list, from the newest or from a place on; None where nothing lies before it."""
    here = f"{parts.settings.site.base_url}/topics/{topic.slug}/editions"
    async with parts.store.read() as conn:
        found = await listings.of_topic(conn, topic.slug, limit=PAGE + 1, before=before)
        if before and not found:
            return None
        newer = ""
        if before:
            nearer = await listings.newer(conn, topic.slug, _place(found[0]), limit=PAGE + 1)
            newer = f"{here}?before={'.'.join(_place(nearer[PAGE]))}" if len(nearer) > PAGE else here
        issues = await _issues(conn, parts, topic, found[:PAGE])
    older = f"{here}?before={'.'.join(_place(found[PAGE - 1]))}" if len(found) > PAGE else ""
    return await asyncio.to_thread(
        editions_page, parts.templates, parts.settings.site, topic, issues, {"newer": newer, "older": older}
    )


def _place(listing: Listing) -> tuple[str, str]:
    return listing.local_date, listing.language


async def _issues(conn: AsyncConnection, parts: Parts, topic: Topic, found: Sequence[Listing]) -> list[Issue]:
    ids = {id_ for listing in found for id_, _ in listing.headlines}
    taken = await retractions.addresses(conn, ids)
    read = (_issue(parts, topic, listing, taken) for listing in found)
    return [issue for issue in read if issue]


def _issue(parts: Parts, topic: Topic, listing: Listing, taken: Collection[int]) -> Issue | None:
    """Show a row; None where all that the edition held was taken back, for then it has no page."""
    kept = [(id_, title) for id_, title in listing.headlines if id_ not in taken]
    if not kept and 0 < listing.articles <= len(listing.headlines):
        return None
    day = datetime.combine(date.fromisoformat(listing.local_date), datetime.min.time(), UTC)
    said = short_date(day, "UTC", parts.templates.nearest(listing.language))
    headlines = tuple(title for _, title in kept if title)
    issue = Issue(
        id=listing.edition,
        local_date=listing.local_date,
        language=listing.language,
        title=listing.subject,
        articles=listing.articles,
        headlines=headlines,
        at=listing.at,
    )
    if len(kept) == len(listing.headlines) > 0:
        return issue
    # The subject names the lead, which may be what was taken back.
    lead = f"{topic.title}: {headlines[0]}" if headlines else topic.title
    return replace(
        issue, title=f"{lead} · {said}", articles=listing.articles - len(listing.headlines) + len(kept)
    )
