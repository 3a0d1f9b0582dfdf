"""Styles, scripts and icons: templates like the pages, so an admin's copy wins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import Response

if TYPE_CHECKING:
    from starlette.requests import Request

STATIC = {
    "style.css": "text/css",
    "admin.css": "text/css",
    "preferences.css": "text/css",
    "forms.css": "text/css",
    "site.js": "text/javascript",
    "workbench.css": "text/css",
    "workbench.js": "text/javascript",
    "outbox.css": "text/css",
    "outbox.js": "text/javascript",
    "icon.svg": "image/svg+xml",
    "icon.png": "image/png",
}
CACHE = {"cache-control": "public, max-age=3600"}


async def static(request: Request) -> Response:
    """GET /static/NAME."""
    name = request.path_params["name"]
    if name not in STATIC:
        raise HTTPException(404)
    body = request.app.state.parts.templates.asset(f"web/{name}")
    return Response(body, media_type=STATIC[name], headers=CACHE)


async def icon(request: Request) -> Response:
    """GET /favicon.ico, which browsers ask for whatever a page says."""
    body = request.app.state.parts.templates.asset("web/favicon.ico")
    return Response(body, media_type="image/vnd.microsoft.icon", headers=CACHE)
