"""All routes at one glance, and the headers that every answer carries."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route

from syndicator.errors import SyndicatorError
from syndicator.web import (
    admin,
    door,
    editions,
    health,
    search,
    static,
    subscriptions,
    topics,
    websub,
    workbench,
)
from syndicator.web.files import Files
from syndicator.web.security import SecurityHeaders, error_page, server_error

if TYPE_CHECKING:
    from syndicator.pipeline.parts import Parts

ROUTES = (
    Route("/", topics.front),
    Route("/topics", topics.index),
    Route("/topics/", topics.index),
    Route("/all.{format}", topics.together),
    Route("/topics/{name}", topics.document),
    Route("/search", search.search),
    Route("/opml", topics.opml),
    Route("/editions/{id}", editions.edition),
    Route("/unsubscribe/{token}", subscriptions.unsubscribe, methods=["GET", "POST"]),
    Route("/websub/{token}", websub.callback, methods=["GET", "POST"]),
    Route("/admin", admin.front),
    Route("/admin/enter/{token}", door.enter, methods=["GET", "POST"]),
    Route("/admin/leave", door.leave, methods=["POST"]),
    Route("/admin/topics/{slug}", workbench.bench, methods=["GET", "POST"]),
    Route("/static/{name}", static.static),
    Route("/favicon.ico", static.icon),
    Route("/robots.txt", static.robots),
    Route("/healthz", health.healthz),
    Route("/readyz", health.readyz),
)


def create(parts: Parts) -> Starlette:
    """Make the application around the parts of a running program."""
    app = Starlette(
        routes=ROUTES,
        middleware=[Middleware(SecurityHeaders)],
        exception_handlers={
            HTTPException: error_page,
            SyndicatorError: server_error,
            Exception: server_error,
        },
    )
    # It would lead to whatever the Host header says, and out of TLS behind a proxy.
    app.router.redirect_slashes = False
    app.state.parts = parts
    app.state.files = Files()
    app.state.paces = websub.Pace()
    app.state.desk = search.Desk()
    app.state.turns = workbench.Turns()
    app.state.saving = asyncio.Lock()
    return app
