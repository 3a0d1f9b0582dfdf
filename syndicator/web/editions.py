"""An edition on the web: what was mailed, without what was personal and what was taken back since."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse

from syndicator.digest.message import mark, personalise
from syndicator.store import editions, retractions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from syndicator.model import Edition
    from syndicator.pipeline.parts import Parts

# A mail carries its styles inside.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src https: http: data:; base-uri 'none'"


_TAGS = re.compile(r"<(?:table|td)\b[^>]*>")
_OLD = re.compile(r' (?:width|border|cellpadding|cellspacing|align|valign|bgcolor)="[^"]*"')


def for_browsers(html: str) -> str:
    """Take out the attributes of tables that mail programs need and HTML gave up; the styles say the same."""
    return _TAGS.sub(lambda tag: _OLD.sub("", tag[0]), html)


# What the frame of all looks (email/_base.html.j2) puts around an article, and around what names several.
_PART = re.compile(r"<!--a(\d+)-->.*?<!--/a-->\s*", re.DOTALL)
_AHEAD = re.compile(r"<!--ahead-->.*?<!--/ahead-->\s*", re.DOTALL)


def without(found: Edition, taken: Mapping[int, str]) -> str | None:
    """Leave out articles that were taken back, by their ids and addresses.

    None where nothing would be left, or where an admin's own template sets articles otherwise than ours.
    """
    if not taken:
        return found.html
    marked = {int(part[1]) for part in _PART.finditer(found.html)}
    if not taken.keys() <= marked or set(found.shown) <= set(taken):
        return None
    html = _PART.sub(lambda part: "" if int(part[1]) in taken else part[0], _AHEAD.sub("", found.html))
    return None if any(url and escape(url, quote=False) in html for url in taken.values()) else html


async def edition(request: Request) -> Response:
    """GET /editions/ID."""
    parts: Parts = request.app.state.parts
    name = request.path_params["id"]
    found, html = None, None
    if name.isascii() and name.isalnum():  # PostgreSQL takes no NUL in a question
        async with parts.store.read() as conn:
            found = await editions.get(conn, name)
            html = without(found, await retractions.addresses(conn, found.shown)) if found else None
    if found is None or html is None:
        raise HTTPException(404)
    marks = {
        mark("address", found.id, parts.mark_key): "…",
        mark("unsubscribe", found.id, parts.mark_key): f"{parts.settings.site.base_url}/",
        mark("preferences", found.id, parts.mark_key): f"{parts.settings.site.base_url}/preferences",
    }
    body = for_browsers(personalise(html, marks, html=True))
    told = [parts.current.catalog.topics.get(slug) for slug in found.topics]
    is_open = all(topic is not None and topic.is_public for topic in told)
    headers = {
        "content-security-policy": POLICY,
        "cache-control": "max-age=3600" if is_open else "private, max-age=3600",
    }
    return HTMLResponse(body, headers=headers | ({} if is_open else {"x-robots-tag": "noindex, nofollow"}))
