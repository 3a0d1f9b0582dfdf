"""Addresses of topics at which no document lies: moved ones, guesses, what is gone, what never was."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from syndicator.publish.formats import FEEDS
from syndicator.store import topics

if TYPE_CHECKING:
    from starlette.requests import Request

    from syndicator.model import Catalog, Topic
    from syndicator.pipeline.parts import Parts

NAME: Final = re.compile(r"(?P<slug>[a-z0-9][a-z0-9-]*)(?P<rest>[./][a-z0-9./-]*)?", re.ASCII)
KEEP: Final = {"cache-control": "public, max-age=3600", "access-control-allow-origin": "*"}
# What people and programs guess; a topic that has not the format gives its first.
GUESSES: Final = {
    ".xml": "rss",
    "/feed": "rss",
    "/rss": "rss",
    "/rss.xml": "rss",
    "/feed.xml": "rss",
    "/atom": "atom",
    "/atom.xml": "atom",
    "/feed.json": "json",
}


class Moved:
    """Which topic has a slug that another one had before: made once for each catalog."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._catalog: Catalog | None = None
        self._now: dict[str, str] = {}

    def now(self, slug: str) -> str:
        """Return what a topic is called now; a slug that no topic gave up is itself."""
        catalog = self._parts.current.catalog
        if catalog is not self._catalog:
            self._now = {old: topic.slug for topic in catalog.topics.values() for old in topic.was}
            self._catalog = catalog
        return slug if slug in catalog.topics else self._now.get(slug, slug)


async def elsewhere(request: Request) -> Response:
    """Answer below /topics/: 301 where the topic is called otherwise now, 410 where it was, else 404."""
    parts: Parts = request.app.state.parts
    found = NAME.fullmatch(request.path_params["name"])
    if found is None:
        raise HTTPException(404)
    slug, rest = found["slug"], found["rest"] or ""
    moved: Moved = request.app.state.moved
    topic = parts.current.catalog.topics.get(moved.now(slug))
    if topic is None:
        await gone(parts, slug)
    if topic is None or not topic.is_public:
        raise HTTPException(404)
    place = _right(topic, rest)
    if topic.slug == slug and place == rest:
        raise HTTPException(404)
    target = f"{parts.settings.site.base_url}/topics/{topic.slug}{place}"
    return Response(status_code=301, headers=KEEP | {"location": target})


async def index(request: Request) -> Response:
    """GET /topics and /topics/: they are on the front page."""
    parts: Parts = request.app.state.parts
    return Response(status_code=301, headers=KEEP | {"location": f"{parts.settings.site.base_url}/"})


async def nowhere(_request: Request) -> Response:
    """Answer at an address of the site's own documents while there is none."""
    raise HTTPException(404)


async def gone(parts: Parts, slug: str) -> None:
    """Raise 410 for a slug that was a public topic once."""
    async with parts.store.read() as conn:
        if await topics.is_retired(conn, slug):
            raise HTTPException(410, headers=KEEP)


def _right(topic: Topic, rest: str) -> str:
    """Mend what comes after the slug, where it is a guess that is often made."""
    bare = rest.rstrip("/")
    wanted = GUESSES.get(bare)
    formats = topic.publish.formats if topic.publish else ()
    if wanted is None or not formats:
        return "" if rest == "/" else rest
    chosen = wanted if wanted in formats else next(name for name in FEEDS if name in formats)
    return f".{chosen}"
