"""Health for whoever watches the process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text
from starlette.responses import JSONResponse

from syndicator.errors import StoreError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from syndicator.pipeline.parts import Parts


async def healthz(_request: Request) -> Response:
    """GET /healthz: the process answers."""
    return JSONResponse({"status": "ok"}, headers={"cache-control": "no-store"})


async def readyz(request: Request) -> Response:
    """GET /readyz: the database answers too; 503 and why, if not."""
    parts: Parts = request.app.state.parts
    try:
        async with parts.store.read() as conn:
            await conn.execute(text("SELECT 1"))
    except StoreError as error:
        return JSONResponse({"status": "not ready", "why": error.message}, status_code=503)
    return JSONResponse({"status": "ready"}, headers={"cache-control": "no-store"})
