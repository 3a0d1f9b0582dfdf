"""An edition from a digest: rendered once for all its readers, with marks where the personal parts belong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import css_inline

from syndicator.digest.compose import view
from syndicator.filters import date
from syndicator.model import Edition

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from syndicator.digest.compose import Digest
    from syndicator.model import Topic
    from syndicator.settings import Site
    from syndicator.templates import Templates

SUBJECT_LIMIT = 160  # characters; phones show about 40, desktops about 100
# Media queries cannot be inlined and stay in the style element; nothing is fetched for a mail.
INLINER = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


def render(
    digest: Digest,
    templates: Templates,
    site: Site,
    *,
    edition_id: str,
    slot: str,
    marks: Mapping[str, str],
    now: datetime,
) -> Edition:
    """Render subject, HTML and text; `marks` holds what stands for `address` and `unsubscribe`."""
    context = {
        "site": site,
        "edition": view(digest, site),
        "links": {
            "web_view": f"{site.base_url}/editions/{edition_id}",
            "unsubscribe": marks["unsubscribe"],
            "feed": _feed(digest.sections[0].topic, site),
            "contact": site.contact,
        },
        "address": marks["address"],
    }
    return Edition(
        id=edition_id,
        slot=slot,
        subject=subject(digest, templates),
        html=INLINER.inline(templates.render("email/digest.html.j2", digest.language, **context)),
        text=templates.render("email/digest.txt.j2", digest.language, **context),
        topics=tuple(sorted(section.topic.slug for section in digest.sections)),
        language=digest.language,
        articles=digest.total,
        created_at=now,
        shown=digest.shown,
    )


def _feed(topic: Topic, site: Site) -> str:
    """Give the address that a feed reader takes; empty where the topic has none, or a private one."""
    formats = topic.publish.formats if topic.publish and topic.is_public else ()
    ending = next((each for each in ("rss", "atom", "json") if each in formats), "")
    return f"{site.base_url}/topics/{topic.slug}.{ending}" if ending else ""


def subject(digest: Digest, templates: Templates) -> str:
    """Say topic, lead headline and date: a constant subject would be threaded by mail clients."""
    day = date(digest.at, digest.zone, templates.nearest(digest.language))
    lead = digest.sections[0].cards[0].title
    room = SUBJECT_LIMIT - len(digest.title) - len(day) - 5
    if len(lead) > room:
        lead = lead[: max(room - 1, 20)].rstrip() + "…"
    return f"{digest.title}: {lead} · {day}"
