"""Headers that every answer carries, and the pages of errors."""

from __future__ import annotations

import re
from email.utils import formatdate
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import structlog
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse

from syndicator.errors import SyndicatorError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger("syndicator")

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' https: http: data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
WITH_FETCH = f"{POLICY}; connect-src 'self'"  # for a page whose script asks us for more
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


_SECRET: Final = re.compile(r"^(/(?:private|unsubscribe|preferences|websub|admin/enter)/)[^/]+")


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


def masked(path: str) -> str:
    """Return a path as a log may hold it: without the secret that follows some of our words."""
    return _SECRET.sub(r"\1…", path)


def _page(request: Request, status: int, headers: dict[str, str]) -> Response:
    parts = request.app.state.parts
    phrase = HTTPStatus(status).phrase
    said = {
        404: ("There is nothing here", "The address may be mistyped, or what was here has moved."),
        410: (
            "This topic has ended",
            "Nothing new comes here. Your reader can drop this address; the front page has others.",
        ),
        405: ("That is not possible here", "This address answers other kinds of requests."),
        503: ("Back in a moment", "The database does not answer just now. Please try again soon."),
    }
    title, message = said.get(status, (phrase, "Something went wrong on our side. It has been noted."))
    body = parts.templates.render(
        "web/error.html.j2",
        parts.settings.site.language,
        site=parts.settings.site,
        status=status,
        title=title,
        message=message,
        hint="",
    )
    # Starlette answers a fault of ours outside all middleware, so the headers are given here too.
    return HTMLResponse(body, status_code=status, headers=HEADERS | {"cache-control": "no-store"} | headers)
