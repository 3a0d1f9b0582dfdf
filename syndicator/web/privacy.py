"""GET /privacy: what is kept of readers, for how long, and what they can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse

from syndicator.pipeline import sitemap

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from syndicator.pipeline.parts import Parts


async def privacy(request: Request) -> Response:
    """Say it as the settings are now; `publish` writes the same for servers that have only files."""
    parts: Parts = request.app.state.parts
    return HTMLResponse(sitemap.privacy(parts), headers={"cache-control": "public, max-age=3600"})
