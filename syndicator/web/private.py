"""Private topics, at an address that each reader has alone: /private/TOKEN/SLUG and its feeds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from syndicator.publish.formats import FEEDS
from syndicator.store import keys
from syndicator.web.answer import answer, asked, options
from syndicator.web.documents import place_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from syndicator.pipeline.parts import Parts

TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)  # secrets.token_urlsafe(32)
# No word of it in an index, in a cache that others share, or in the log of a site that a reader goes on to.
SECRET: Final = {
    "x-robots-tag": "noindex, nofollow",
    "referrer-policy": "no-referrer",
    "cache-control": "private, no-store",
}


async def document(request: Request) -> Response:
    """GET /private/TOKEN/SLUG, SLUG.rss, SLUG.atom, SLUG.json.

    Whatever is wrong is answered alike: unknown and revoked keys, keys of other topics, no such topic.
    """
    state = request.app.state
    parts: Parts = state.parts
    token, name = request.path_params["token"], request.path_params["name"]
    slug, _, format_ = name.partition(".")
    allowed = None
    if TOKEN.fullmatch(token):
        async with parts.store.read() as conn:
            allowed = await keys.topic_of(conn, token)
    topic = parts.current.catalog.topics.get(allowed or "")
    is_known = name == slug or format_ in FEEDS
    if topic is None or state.moved.now(slug) != topic.slug or not is_known:
        raise HTTPException(404, headers=SECRET)
    is_private = bool(topic.publish and topic.publish.private)
    place = place_of(parts.settings, topic.slug, format_ or "html", is_private=is_private, is_secret=True)
    held = state.files.get(place.path, place.label)
    if held is None:
        raise HTTPException(404, headers=SECRET)
    now, method = parts.clock(), request.method
    if method == "OPTIONS":
        status, headers, body = options(place, now)
    else:
        told = asked(request.scope["headers"])
        status, headers, body = answer(held, place, method, told, now=now, changes=state.changes)
    made = Response(body, status_code=status)
    made.raw_headers = list(headers)
    return made
