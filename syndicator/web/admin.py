"""The first page for admins: is everything running, what came in, what goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse

from syndicator.pipeline.survey import survey
from syndicator.store import admissions
from syndicator.web.door import admins_only

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from syndicator.pipeline.parts import Parts


@admins_only
async def front(request: Request) -> Response:
    """GET /admin."""
    parts: Parts = request.app.state.parts
    catalog = parts.current.catalog
    async with parts.store.read() as conn:
        inside = await admissions.inside(conn, now=parts.clock())
    body = parts.templates.render(
        "web/admin.html.j2",
        parts.settings.site.language,
        site=parts.settings.site,
        found=await survey(parts.store, catalog, parts.clock()),
        inside=inside,
        topics=[catalog.topics[slug] for slug in sorted(catalog.topics)],
    )
    return HTMLResponse(body)
