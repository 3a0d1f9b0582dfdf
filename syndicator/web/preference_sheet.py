"""What a reader's page shows, laid out for its template."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from syndicator import schedule, zones
from syndicator.model import Slot
from syndicator.pipeline import preferences
from syndicator.pipeline.moving import mask
from syndicator.web.preference_forms import LONGEST_PAUSE, own_name

if TYPE_CHECKING:
    from datetime import datetime

    from syndicator.model import Topic
    from syndicator.pipeline.parts import Parts
    from syndicator.pipeline.preferences import Visit

SHOWN: Final = 200  # topics, unless a reader has more; the others are joined on their own pages


def sheet(parts: Parts, visit: Visit, action: str) -> dict[str, Any]:
    """Lay out the choices that a reader has, and those that they made; `action` is where forms go."""
    now, person = parts.clock(), visit.person
    zone = preferences.zone_of(parts, visit)
    slot = person.slot or Slot(frequency="daily", at=time(7), zone=zone)
    states = {tie.topic: tie.state for tie in visit.ties}
    today = now.astimezone(ZoneInfo(zone)).date()
    theirs, others = preferences.offered(parts.current.catalog, visit.ties)
    room = max(SHOWN - len(theirs), 0)
    topics = sorted([*theirs, *others[:room]], key=lambda topic: (topic.title.casefold(), topic.slug))
    return {
        "action": action,
        "is_own": visit.is_own,
        "address": person.address if visit.is_own else mask(person.address),
        "topics": [
            _topic(topic, states.get(topic.slug, ""), is_silent=person.slot is None and topic.digest is None)
            for topic in topics
        ],
        "hidden": len(others[room:]),
        "frequency": person.slot.frequency if person.slot else "",
        "at": f"{slot.at:%H:%M}",
        "zone": slot.zone,
        "zones": zones.names() if slot.zone in zones.names() else (slot.zone, *zones.names()),
        "language": person.language,
        "languages": [(tag, own_name(tag)) for tag in sorted(parts.templates.by_language)],
        "format": person.format,
        "is_paused": bool(visit.paused),
        "until": visit.paused[0].until_at if visit.paused else None,
        "first_day": (today + timedelta(days=1)).isoformat(),
        "last_day": (today + LONGEST_PAUSE - timedelta(days=1)).isoformat(),
        "until_zone": zone,
        "next": _next(parts, visit, now),
    }


def _topic(topic: Topic, state: str, *, is_silent: bool) -> dict[str, Any]:
    plan = topic.digest.slot if topic.digest and schedule.is_known(topic.digest.slot) else None
    return {
        "slug": topic.slug,
        "title": topic.title,
        "description": topic.description,
        "language": topic.language,
        "is_on": state in ("active", "paused"),
        "is_silent": is_silent,
        "plan": {"frequency": plan.frequency, "at": f"{plan.at:%H:%M}", "zone": plan.zone} if plan else None,
    }


def _next(parts: Parts, visit: Visit, now: datetime) -> dict[str, Any]:
    found = preferences.outlook(parts.current.catalog, visit, now)
    local = found.at.astimezone(ZoneInfo(found.zone)) if found.at else None
    return {
        "kind": found.kind,
        "at": found.at,
        "zone": found.zone,
        "clock": f"{local:%H:%M}" if local else "",
    }
