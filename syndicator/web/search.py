"""GET /search?q=…&topic=SLUG: what readers look for, in one public topic or in all."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse

from syndicator.controls import without_controls
from syndicator.match.question import MAX_LENGTH, Question, question
from syndicator.pipeline import search as archive

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.responses import Response

    from syndicator.model import Topic
    from syndicator.pipeline.parts import Parts

AT_ONCE: Final = 2  # searches that run side by side
QUEUE: Final = 16  # that wait; whoever comes then is asked to come back
CACHE: Final = {"cache-control": "public, max-age=60", "x-robots-tag": "noindex"}
BUSY: Final = {"cache-control": "no-store", "x-robots-tag": "noindex", "retry-after": "5"}
LARGEST_ID: Final = 2**63


class Desk:
    """Lets few searches run at once and few wait: the database has other readers, too."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._inside = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[bool]:
        """Wait for a turn; False at once if too many wait."""
        if self._inside >= AT_ONCE + QUEUE:
            yield False
            return
        self._inside += 1
        try:
            async with self._turns:
                yield True
        finally:
            self._inside -= 1


async def search(request: Request) -> Response:
    """GET /search: the form, or what was found."""
    parts: Parts = request.app.state.parts
    asked = without_controls(request.query_params.get("q", "").replace("\n", " ")).strip()
    topic = _topic(parts, request.query_params.get("topic", ""))
    before = _number(request.query_params.get("before", ""))
    read = question(asked)
    if not isinstance(read, Question):
        return _page(parts, asked, topic, refused=read if asked else "", status=400 if asked else 200)
    desk: Desk = request.app.state.desk
    async with desk.turn() as admitted:
        if not admitted:
            return _page(parts, asked, topic, refused="busy", status=503)
        found = await archive.search(parts, read, topic, before=before)
    return _page(parts, asked, topic, found=found, further=before is not None)


def _topic(parts: Parts, slug: str) -> Topic | None:
    if not slug:
        return None
    topic = parts.current.catalog.topics.get(slug)
    if topic is None or not topic.is_public:
        raise HTTPException(404)
    return topic


def _number(written: str) -> int | None:
    number = int(written) if written.isascii() and written.isdigit() and len(written) < 20 else 0
    return number if 0 < number < LARGEST_ID else None


def _page(
    parts: Parts,
    asked: str,
    topic: Topic | None,
    *,
    found: archive.Found | None = None,
    refused: str = "",
    further: bool = False,
    status: int = 200,
) -> Response:
    body = parts.templates.render(
        "web/search.html.j2",
        parts.settings.site.language,
        site=parts.settings.site,
        asked=asked[:MAX_LENGTH],
        topic=topic,
        found=found,
        refused=refused,
        further=further,
        limit=MAX_LENGTH,
    )
    return HTMLResponse(body, status_code=status, headers=BUSY if status == 503 else CACHE)
