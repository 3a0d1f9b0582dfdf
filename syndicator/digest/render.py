"""An edition from a digest: rendered once for all its readers, with marks where the personal parts belong.

Mail programs cut long mails off (Gmail at about 102 KB), and with the end the link to leave. So HTML is
measured with its styles inlined, and what is over the limit is left to the web, lists first.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import css_inline

from syndicator.digest.compose import view
from syndicator.filters import date, tidy
from syndicator.model import Edition

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from syndicator.digest.compose import Digest
    from syndicator.model import Look, Topic
    from syndicator.settings import Site
    from syndicator.templates import Templates

SUBJECT_LIMIT = 160  # characters; phones show about 40, desktops about 100
HTML_LIMIT = 90_000  # octets of a reader's HTML, line ends as CRLF
PERSONAL_ROOM = 2_000  # octets that a reader's address and links may need beyond their marks
# What cannot be inlined (media queries) stands in style elements that say so; nothing is fetched for a mail.
INLINER = css_inline.CSSInliner(load_remote_stylesheets=False)
_KEPT = ' data-css-inline="keep"'


def render(
    digest: Digest,
    templates: Templates,
    site: Site,
    *,
    edition_id: str,
    slot: str,
    marks: Mapping[str, str],
    now: datetime,
    look: Look = "magazine",
    forced: Look | None = None,
) -> Edition:
    """Render subject, HTML and text in the look of the topics, else `look`; in `forced` if it is given.

    `marks` holds what stands for `address`, `unsubscribe` and `preferences`. What does not fit is cut and
    counted as more on the web; the edition shows what is left.
    """
    chosen = forced or look_of(digest, look)
    context = {"site": site, "links": _links(digest, site, edition_id, marks), "address": marks["address"]}
    drawn: dict[int, str] = {}

    def fits(cut: int) -> bool:
        drawn[cut] = html_of(templates, chosen, digest.language, edition=_seen(digest, cut, site), **context)
        return octets(drawn[cut]) <= HTML_LIMIT - PERSONAL_ROOM

    most = _most(digest)
    cut = 0 if fits(0) else bisect_left(range(1, most), True, key=fits) + 1
    if cut not in drawn:
        fits(cut)
    shown, _ = shortened(digest, cut)
    return Edition(
        id=edition_id,
        slot=slot,
        subject=subject(digest, templates),
        html=drawn[cut],
        text=text_of(templates, chosen, digest.language, edition=_seen(digest, cut, site), **context),
        topics=tuple(sorted(section.topic.slug for section in digest.sections)),
        language=digest.language,
        articles=shown.total,
        created_at=now,
        shown=shown.shown,
    )


def html_of(templates: Templates, look: Look, language: str, /, **context: object) -> str:
    """Render the HTML part, styles inlined, canonical as a body of mail (no runs of white space)."""
    html = templates.render(f"email/looks/{look}.html.j2", language, **context)
    readable = html.encode("utf-8", "replace").decode()  # half a surrogate pair is in no UTF-8
    return INLINER.inline(tidy(readable)).replace(_KEPT, "")


def text_of(templates: Templates, look: Look, language: str, /, **context: object) -> str:
    """Render the text part."""
    return tidy(templates.render(f"email/looks/{look}.txt.j2", language, **context))


def octets(html: str) -> int:
    """Measure a part as it will be mailed, with CRLF for line ends."""
    return len(html.encode("utf-8", "replace")) + html.count("\n")


def look_of(digest: Digest, otherwise: Look) -> Look:
    """Choose the look that all topics of a digest name, or else `otherwise`."""
    named = {section.topic.digest.look if section.topic.digest else None for section in digest.sections}
    return (named.pop() if len(named) == 1 else None) or otherwise


def shortened(digest: Digest, cut: int) -> tuple[Digest, int]:
    """Leave `cut` steps of a digest to the web; the second value counts articles of sections that went whole.

    A step takes the last article of the longest list, where there is none any more of the leads, then the top
    stories; then go whole sections, the last one first. What the first section begins with stays.
    """
    kept = [len(section.cards) for section in digest.sections]
    heads = [section.has_top + section.leads for section in digest.sections]
    whole = len(kept)
    for _ in range(cut):
        longest = max(range(len(kept)), key=lambda place: (kept[place] > heads[place], kept[place], place))
        if kept[longest] > 1 or longest > 0:
            kept[longest] -= 1
        elif whole > 1:
            whole -= 1
    sections = [
        replace(
            section,
            cards=section.cards[:count],
            shown=section.shown[:count],
            more=section.more + len(section.cards) - count,
            has_top=section.has_top and count > 0,
        )
        for section, count in zip(digest.sections, kept, strict=True)
    ]
    beyond = sum(section.more for section in sections[whole:])
    return replace(digest, sections=tuple(sections[:whole])), beyond


def _most(digest: Digest) -> int:
    """Count the steps that `shortened` can take."""
    return digest.total - 1 + len(digest.sections) - 1


def _seen(digest: Digest, cut: int, site: Site) -> dict[str, Any]:
    shown, beyond = shortened(digest, cut)
    return view(shown, site) | {"title": digest.title, "beyond": beyond, "beyond_url": f"{site.base_url}/"}


def _links(digest: Digest, site: Site, edition_id: str, marks: Mapping[str, str]) -> dict[str, str]:
    return {
        "web_view": f"{site.base_url}/editions/{edition_id}",
        "unsubscribe": marks["unsubscribe"],
        "preferences": marks["preferences"],
        "feed": _feed(digest.sections[0].topic, site),
        "contact": site.contact,
    }


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
