"""Headers that every answer carries, and the pages of errors."""

from __future__ import annotations

import re
from difflib import get_close_matches
from email.utils import formatdate
from itertools import islice
from typing import TYPE_CHECKING, Final

import structlog
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse

from syndicator.errors import SyndicatorError
from syndicator.templates import policy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from syndicator.model import Topic
    from syndicator.pipeline.parts import Parts

log = structlog.get_logger("syndicator")

POLICY = f"{policy()}; frame-ancestors 'none'"
WITH_FETCH = f"{POLICY}; connect-src 'self'"  # for a page whose script asks us for more
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


_SECRET: Final = re.compile(r"^(/(?:private|unsubscribe|preferences|confirm|websub|admin/enter)/)[^/]+")


class SecurityHeaders:
    """ASGI middleware that adds `HEADERS` where the answer has none of that name."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, with the headers added at the start of the answer."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("date", formatdate(usegmt=True))
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, with_headers)


async def error_page(request: Request, error: Exception) -> Response:
    """Answer an HTTPException with a page."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    return _page(request, status, headers)


async def server_error(request: Request, error: Exception) -> Response:
    """Answer a fault of ours with a page that says nothing of its inside; the log has it."""
    if isinstance(error, SyndicatorError):
        log.error("cannot answer", path=masked(request.url.path), error=error.message, hint=error.hint)
        return _page(request, 503, {"retry-after": "30"})
    log.error("a fault of ours", path=masked(request.url.path), exc_info=error)
    return _page(request, 500, {})


NEAR = 3  # topics that are suggested
COMPARED = 200  # topics: comparing names costs 10 µs each


def masked(path: str) -> str:
    """Return a path as a log may hold it: without the secret that follows some of our words."""
    return _SECRET.sub(r"\1…", path)


def _page(request: Request, status: int, headers: dict[str, str]) -> Response:
    parts: Parts = request.app.state.parts
    body = parts.templates.render(
        "web/error.html.j2",
        parts.settings.site.language,
        site=parts.settings.site,
        status=status,
        near=near(parts.current.catalog.topics.values(), request.url.path) if status in (404, 410) else (),
    )
    # Starlette answers a fault of ours outside all middleware, so the headers are given here too.
    return HTMLResponse(body, status_code=status, headers=HEADERS | {"cache-control": "no-store"} | headers)


def near(topics: Iterable[Topic], path: str) -> list[Topic]:
    """Guess which public topics were meant by a path that leads nowhere: names that are spelled alike."""
    asked = path[-100:].casefold().rstrip("/").rpartition("/")[2].partition(".")[0]
    alike = (
        each for each in topics if each.is_public and asked and asked[0] in (each.slug[0], each.title[0])
    )
    names = {name.casefold(): each for each in islice(alike, COMPARED) for name in (each.slug, each.title)}
    found = get_close_matches(asked, names, n=2 * NEAR, cutoff=0.6)
    return list({names[name].slug: names[name] for name in found}.values())[:NEAR]
