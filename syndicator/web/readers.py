"""For admins: how many read each topic, how that changed, and what became of the last mails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, timedelta
from typing import TYPE_CHECKING, Final

from starlette.responses import HTMLResponse

from syndicator.store import audience, editions, subscribers
from syndicator.store.audience import STATES
from syndicator.web.chart import Level, levels
from syndicator.web.door import admins_only

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response

    from syndicator.model import Catalog, Edition
    from syndicator.pipeline.parts import Parts
    from syndicator.store.audience import Count
    from syndicator.web.chart import Chart

SPANS: Final = (30, 90, 365)  # days that can be looked at
LAST: Final = 200  # editions that the filter looks through
SHOWN: Final = 50  # of those it finds
LONGEST: Final = 100  # characters of what is looked for
ON_THE_WAY: Final = ("planned", "leased", "sending", "deferred")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A topic in the table. `joined` and `left` are of the days looked at."""

    slug: str
    title: str
    is_configured: bool
    active: int
    paused: int
    pending: int
    ended: int
    joined: int
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailing:
    """An edition in the table."""

    id: str
    subject: str
    topics: tuple[str, ...]  # titles, or slugs of those that are gone
    language: str
    at: datetime
    articles: int
    mails: int
    accepted: int
    waiting: int
    refused: int
    held: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the address asks for."""

    text: str
    topic: str
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """All that the page shows."""

    asked: Asked
    spans: tuple[int, ...]
    topics: Sequence[tuple[str, str]]  # slug and title of those there are to choose from
    lines: Sequence[Line]
    chart: Chart | None
    days: Sequence[tuple[str, Level]]  # newest first
    mailings: Sequence[Mailing]


@admins_only
async def readers(request: Request) -> Response:
    """GET /admin/readers?q=…&topic=SLUG&days=90."""
    parts: Parts = request.app.state.parts
    catalog = parts.current.catalog
    wanted = _asked(request.query_params, catalog)
    since = (parts.clock().astimezone(UTC) - timedelta(days=wanted.days)).date()
    async with parts.store.read() as conn:
        states = await subscribers.counts(conn)
        days = await audience.over_time(conn, since=since, topic=wanted.topic)
        recent = await editions.recent(conn, limit=LAST)
        found = [each for each in recent if _is_meant(each, wanted, catalog)][:SHOWN]
        mails = await editions.mails(conn, [each.id for each in found])
    slugs = sorted({*catalog.topics, *states}, key=lambda slug: (slug not in catalog.topics, slug))
    lines = [_line(slug, catalog, states.get(slug, {}), days.get(slug, ())) for slug in slugs]
    by_day = _by_day(days.values())
    shown = Shown(
        asked=wanted,
        spans=SPANS,
        topics=[(slug, catalog.topics[slug].title) for slug in sorted(catalog.topics)],
        lines=[line for line in lines if _fits(line, wanted)],
        chart=levels(by_day),
        days=[(day.isoformat(), by_day[day]) for day in sorted(by_day, reverse=True)],
        mailings=[_mailing(each, catalog, mails.get(each.id, {})) for each in found],
    )
    site = parts.settings.site
    return HTMLResponse(parts.templates.render("web/readers.html.j2", site.language, site=site, found=shown))


def _asked(query: Mapping[str, str], catalog: Catalog) -> Asked:
    text, topic, days = query.get("q", "").strip()[:LONGEST], query.get("topic", ""), query.get("days", "")
    return Asked(
        text=text,
        topic=topic if topic in catalog.topics else "",
        days=int(days) if days in map(str, SPANS) else SPANS[1],
    )


def _title(slug: str, catalog: Catalog) -> str:
    return catalog.topics[slug].title if slug in catalog.topics else slug


def _is_meant(edition: Edition, asked: Asked, catalog: Catalog) -> bool:
    names = [edition.subject, *edition.topics, *(_title(slug, catalog) for slug in edition.topics)]
    is_found = any(asked.text.casefold() in name.casefold() for name in names)
    return is_found and (not asked.topic or asked.topic in edition.topics)


def _fits(line: Line, asked: Asked) -> bool:
    is_found = any(asked.text.casefold() in name.casefold() for name in (line.slug, line.title))
    return line.slug == asked.topic if asked.topic else is_found


def _line(slug: str, catalog: Catalog, states: Mapping[str, int], days: Iterable[Count]) -> Line:
    counts = {state: states.get(state, 0) for state in STATES}
    listed = list(days)
    return Line(
        slug=slug,
        title=_title(slug, catalog),
        is_configured=slug in catalog.topics,
        joined=sum(each.joined for each in listed),
        left=sum(each.gone for each in listed),
        **counts,
    )


def _by_day(topics: Iterable[Sequence[Count]]) -> dict[date, Level]:
    """Add topics up; a topic without a count on a day has that of the day before."""
    listed = [{date.fromisoformat(each.day): each for each in counts} for counts in topics]
    days = sorted({day for counts in listed for day in counts})
    found, last = {}, [0] * len(listed)
    for day in days:
        joined = left = 0
        for number, counts in enumerate(listed):
            if each := counts.get(day):
                last[number] = each.active
                joined, left = joined + each.joined, left + each.gone
        found[day] = Level(sum(last), joined, left)
    return found


def _mailing(edition: Edition, catalog: Catalog, states: Mapping[str, int]) -> Mailing:
    return Mailing(
        id=edition.id,
        subject=edition.subject,
        topics=tuple(_title(slug, catalog) for slug in edition.topics),
        language=edition.language,
        at=edition.created_at,
        articles=edition.articles,
        mails=sum(states.values()),
        accepted=states.get("accepted", 0),
        waiting=sum(states.get(state, 0) for state in ON_THE_WAY),
        refused=states.get("refused", 0),
        held=states.get("held", 0),
    )
