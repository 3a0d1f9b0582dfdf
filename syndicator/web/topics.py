"""Topic pages and feeds, the front page and the OPML list: files that `publish` wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from syndicator.pipeline.publish import file_of
from syndicator.publish.formats import FEEDS, MEDIA_TYPES
from syndicator.store.topics import SITE
from syndicator.web.files import respond

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


def _answer(request: Request, slug: str, format_: str) -> Response:
    path = file_of(request.app.state.parts.settings.public, slug, format_)
    file = request.app.state.files.get(path)
    if file is None:
        raise HTTPException(404)
    now = request.app.state.parts.clock()
    return respond(request, file, f"{MEDIA_TYPES[format_]}; charset=utf-8", now=now)


async def front(request: Request) -> Response:
    """GET /: all topics."""
    return _answer(request, SITE, "html")


async def index(request: Request) -> Response:
    """GET /topics and /topics/: they are on the front page."""
    root = urlsplit(request.app.state.parts.settings.site.base_url).path.rstrip("/")
    return RedirectResponse(f"{root}/", status_code=301, headers={"cache-control": "max-age=3600"})


async def opml(request: Request) -> Response:
    """GET /opml: every topic's feed."""
    return _answer(request, SITE, "opml")


async def together(request: Request) -> Response:
    """GET /all.rss, all.atom, all.json: the feed of all topics together."""
    format_ = request.path_params["format"]
    if format_ not in FEEDS:
        raise HTTPException(404)
    return _answer(request, SITE, format_)


async def document(request: Request) -> Response:
    """GET /topics/SLUG, SLUG.rss, SLUG.atom, SLUG.json."""
    name = request.path_params["name"]
    slug, _, format_ = name.partition(".")
    topic = request.app.state.parts.current.catalog.topics.get(slug)
    if topic is None or not topic.is_public or (name != slug and format_ not in FEEDS):
        raise HTTPException(404)
    return _answer(request, slug, format_ or "html")
