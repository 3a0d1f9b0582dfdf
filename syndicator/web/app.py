"""All routes at one glance, but for those of documents (`documents.py`), which come before them."""

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
    api,
    documents,
    door,
    editions,
    followers,
    health,
    hooks,
    offer,
    outbox,
    preferences,
    preview,
    privacy,
    private,
    readers,
    search,
    sitemaps,
    static,
    subscribe,
    subscriptions,
    topics,
    websub,
    workbench,
)
from syndicator.web.changes import Changes
from syndicator.web.files import Files
from syndicator.web.pace import Pace
from syndicator.web.security import SecurityHeaders, error_page, server_error

if TYPE_CHECKING:
    from syndicator.pipeline.parts import Parts

ROUTES = (
    Route("/topics", topics.index),
    Route("/topics/", topics.index),
    Route("/robots.txt", sitemaps.robots),
    Route("/sitemap.xml", sitemaps.site),
    Route("/sitemap-pages.xml", sitemaps.site),
    Route("/topics/{slug}/archive/sitemap.xml", sitemaps.archive),
    Route("/topics/{slug}/editions", editions.listing),
    Route("/topics/{slug}/editions.{format}", editions.feed),
    Route("/topics/{name:path}", topics.elsewhere, methods=documents.METHODS),
    *(Route(path, topics.nowhere, methods=documents.METHODS) for path in documents.SITES),
    Route("/private/{token}/{name}", private.document, methods=documents.METHODS),
    Route("/search", search.search),
    Route("/editions/{id}", editions.edition),
    Route("/subscribe", subscribe.subscribe, methods=["GET", "POST"]),
    Route("/confirm/{token}", subscribe.confirm, methods=["GET", "POST"]),
    *(Route(path, api.routed(page), methods=api.METHODS) for path, page in api.PATHS.items()),
    Route("/privacy", privacy.privacy),
    Route("/unsubscribe/{token}", subscriptions.unsubscribe, methods=["GET", "POST"]),
    Route("/preferences", preferences.ask, methods=["GET", "POST"]),
    Route("/preferences/{token}", preferences.page, methods=["GET", "POST"]),
    Route("/websub/{token}", websub.callback, methods=["GET", "POST"]),
    Route("/returns/{provider}", hooks.hook, methods=["POST"]),
    Route("/hub", followers.hub, methods=["POST"]),
    Route("/admin", admin.front),
    Route("/admin/readers", readers.readers),
    Route("/admin/enter/{token}", door.enter, methods=["GET", "POST"]),
    Route("/admin/leave", door.leave, methods=["POST"]),
    Route("/admin/outbox", outbox.page, methods=["GET", "POST"]),
    Route("/admin/topics/{slug}", workbench.bench, methods=["GET", "POST"]),
    Route("/admin/digests/{slug}", preview.preview),
    Route("/admin/digests/{slug}/mail", preview.mail),
    Route("/static/{name}", static.static),
    Route("/favicon.ico", static.icon),
    Route("/healthz", health.healthz),
    Route("/readyz", health.readyz),
)


def create(parts: Parts) -> Starlette:
    """Make the application around the parts of a running program."""
    files, changes = Files(), Changes(parts)
    app = Starlette(
        routes=ROUTES,
        # Documents come first and carry their headers; the other answers get them on their way out.
        middleware=[
            Middleware(documents.Documents, parts=parts, files=files, changes=changes),
            Middleware(SecurityHeaders),
        ],
        exception_handlers={
            HTTPException: error_page,
            SyndicatorError: server_error,
            Exception: server_error,
        },
    )
    # It would lead to whatever the Host header says, and out of TLS behind a proxy.
    app.router.redirect_slashes = False
    app.state.parts = parts
    app.state.files = files
    app.state.changes = changes
    app.state.moved = topics.Moved(parts)
    app.state.paces = Pace(websub.PER_MINUTE)
    app.state.asking = Pace(followers.PER_MINUTE)
    app.state.asking_all = Pace(followers.PER_MINUTE_IN_ALL)
    app.state.linking = Pace(preferences.PER_MINUTE)
    app.state.linking_all = Pace(preferences.PER_MINUTE_IN_ALL)
    app.state.signing = Pace(subscribe.PER_MINUTE)
    app.state.signing_all = Pace(subscribe.PER_MINUTE_IN_ALL)
    app.state.listing = Pace(offer.PER_MINUTE)
    app.state.offers = offer.Offers(parts)
    app.state.reporting = hooks.Desk(parts)
    app.state.desk = search.Desk()
    app.state.turns = workbench.Turns()
    app.state.saving = asyncio.Lock()
    return app
