"""Documents, served before anything else looks at a request: feeds, topic pages, the front page, OPML.

A raw ASGI application: routing, middleware and request objects would cost more than the answer.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from syndicator.pipeline.publish import file_of
from syndicator.publish.formats import FEEDS, MEDIA_TYPES
from syndicator.store.topics import SITE
from syndicator.web.answer import Answer, Place, answer, asked, options

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from syndicator.model import Catalog
    from syndicator.pipeline.parts import Parts
    from syndicator.settings import Settings
    from syndicator.web.changes import Changes
    from syndicator.web.files import Files

METHODS: Final = ["GET", "HEAD", "OPTIONS"]
SITES: Final = {"/": "html", "/opml": "opml"} | {f"/all.{name}": name for name in FEEDS}
ARCHIVE: Final = re.compile(r"/topics/([a-z0-9-]+)/archive/([1-9][0-9]{0,8})(?:\.([a-z]+))?", re.ASCII)


def place_of(
    settings: Settings, slug: str, format_: str, *, is_private: bool = False, is_secret: bool = False
) -> Place:
    """Say where a document lies; it is asked for at a secret address, if `is_secret`."""
    folder = settings.private if is_private else settings.public
    return Place(
        str(file_of(folder, slug, format_)),
        str(file_of(settings.labels, slug, format_)),
        MEDIA_TYPES[format_],
        is_feed=format_ != "html",
        is_private=is_private or is_secret,
    )


class Documents:
    """ASGI middleware: answers for documents, and hands on all other requests.

    `files` and `changes` are shared with the routes of private topics.
    """

    def __init__(self, app: ASGIApp, *, parts: Parts, files: Files, changes: Changes) -> None:
        self._app = app
        self._parts = parts
        self._files = files
        self._changes = changes
        self._catalog: Catalog | None = None
        self._places: dict[str, Place] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, if the path is a document's that is there and the method one that it allows."""
        done = self._answer(scope) if scope["type"] == "http" else None
        if done is None:
            await self._app(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": done[0], "headers": done[1]})
        await send({"type": "http.response.body", "body": done[2]})

    def _answer(self, scope: Scope) -> Answer | None:
        place = self._find(scope["path"])
        method = scope["method"]
        if place is None or method not in METHODS:
            return None
        held = self._files.get(place.path, place.label)
        if held is None:
            return None
        now = self._parts.clock()
        if method == "OPTIONS":
            return options(place, now)
        return answer(held, place, method, asked(scope["headers"]), now=now, changes=self._changes)

    def _find(self, path: str) -> Place | None:
        catalog = self._parts.current.catalog
        if catalog is not self._catalog:
            self._places, self._catalog = _places(self._parts.settings, catalog), catalog
        place = self._places.get(path)
        if place is None and "/archive/" in path and (found := ARCHIVE.fullmatch(path)):
            return self._archived(*found.groups())
        return place

    def _archived(self, slug: str, page: str, format_: str | None) -> Place | None:
        """Find a page of a topic's archive (RFC 5005)."""
        kind = format_ or "html"
        if f"/topics/{slug}" not in self._places or format_ == "html" or kind not in MEDIA_TYPES:
            return None
        path = self._parts.settings.public / "topics" / slug / "archive" / f"{page}.{kind}"
        return Place(str(path), "", MEDIA_TYPES[kind], is_feed=kind != "html")


def _places(settings: Settings, catalog: Catalog) -> dict[str, Place]:
    """Say where everything lies that anybody may read, by the path of its address."""
    places = {path: place_of(settings, SITE, format_) for path, format_ in SITES.items()}
    for slug, topic in catalog.topics.items():
        if topic.is_public:
            places[f"/topics/{slug}"] = place_of(settings, slug, "html")
            places |= {f"/topics/{slug}.{name}": place_of(settings, slug, name) for name in FEEDS}
    return places
