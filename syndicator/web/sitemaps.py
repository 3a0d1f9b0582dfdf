"""robots.txt and the sitemaps: files that `publish` wrote."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from syndicator.pipeline.archive_files import folder_of

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request

CACHE: Final = {"cache-control": "public, max-age=3600"}


async def robots(request: Request) -> Response:
    """GET /robots.txt (RFC 9309): what is worth a visit, and what is not."""
    public: Path = request.app.state.parts.settings.public
    return await _answer(public / "robots.txt", "text/plain")


async def site(request: Request) -> Response:
    """GET /sitemap.xml and /sitemap-pages.xml (sitemaps.org)."""
    public: Path = request.app.state.parts.settings.public
    return await _answer(public / request.url.path.rpartition("/")[2], "application/xml")


async def archive(request: Request) -> Response:
    """GET /topics/SLUG/archive/sitemap.xml: the full pages of one topic."""
    parts = request.app.state.parts
    topic = parts.current.catalog.topics.get(request.path_params["slug"])
    if topic is None or not topic.is_public:
        raise HTTPException(404)
    return await _answer(folder_of(parts, topic.slug) / "sitemap.xml", "application/xml")


async def _answer(path: Path, media_type: str) -> Response:
    try:
        body = await asyncio.to_thread(path.read_bytes)
    except FileNotFoundError:
        raise HTTPException(404) from None
    return Response(body, media_type=media_type, headers=CACHE)
