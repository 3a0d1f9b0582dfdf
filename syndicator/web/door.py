"""The door to the admin pages: a short-lived signed link becomes a session in a cookie.

`syndicator admin` prints the link. GET only shows a button, since programs that scan mails and chats open
every link; POST makes the cookie (HttpOnly, SameSite=Strict, for /admin alone). There is no password, and
nothing is stored: both are signed with the keys that all hosts share.
"""

from __future__ import annotations

from datetime import timedelta
from functools import wraps
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response

    from syndicator.digest.tokens import Tokens
    from syndicator.pipeline.parts import Parts

COOKIE: Final = "syndicator_admin"
LINK_LASTS: Final = timedelta(minutes=15)
SESSION_LASTS: Final = timedelta(hours=12)
NEVER_KEPT: Final = {"cache-control": "no-store"}


def link(tokens: Tokens, base_url: str, now: datetime) -> str:
    """Make the link that opens the door for the next `LINK_LASTS`."""
    return f"{base_url}/admin/enter/{tokens.admin('link', now + LINK_LASTS)}"


def root_of(parts: Parts) -> str:
    """Return the path below which the site lies, without a slash at its end; mostly empty."""
    return urlsplit(parts.settings.site.base_url).path.rstrip("/")


def admins_only(page: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """Let only admins in, and let only our own pages change anything."""

    @wraps(page)
    async def guarded(request: Request) -> Response:
        parts: Parts = request.app.state.parts
        if not parts.tokens.is_admin("session", request.cookies.get(COOKIE, ""), parts.clock()):
            return shown(parts, "closed", status=403)
        if request.method not in ("GET", "HEAD") and not is_from_us(request):
            raise HTTPException(403)
        answer = await page(request)
        for name, value in NEVER_KEPT.items():
            answer.headers.setdefault(name, value)
        return answer

    return guarded


def is_from_us(request: Request) -> bool:
    """Whether one of our own pages sends this: other sites cannot forge these fields in a browser.

    Sec-Fetch-Site where the browser sends it (all do over TLS and on localhost), else Origin, which must be
    the host that was asked or the one of `site.base_url`.
    """
    if fetched := request.headers.get("sec-fetch-site"):
        return fetched == "same-origin"
    parts: Parts = request.app.state.parts
    own = {request.headers.get("host", ""), urlsplit(parts.settings.site.base_url).netloc}
    return urlsplit(request.headers.get("origin", "")).netloc in own - {""}


async def enter(request: Request) -> Response:
    """GET and POST /admin/enter/TOKEN."""
    parts: Parts = request.app.state.parts
    if not parts.tokens.is_admin("link", request.path_params["token"], parts.clock()):
        return shown(parts, "stale", status=403)
    if request.method != "POST":
        return shown(parts, "ask", action=request.url.path)
    answer = RedirectResponse(f"{root_of(parts)}/admin", status_code=303, headers=NEVER_KEPT)
    answer.set_cookie(
        COOKIE,
        parts.tokens.admin("session", parts.clock() + SESSION_LASTS),
        max_age=int(SESSION_LASTS.total_seconds()),
        path=f"{root_of(parts)}/admin",
        secure=parts.settings.site.base_url.startswith("https:"),
        httponly=True,
        samesite="strict",
    )
    return answer


@admins_only
async def leave(request: Request) -> Response:
    """POST /admin/leave."""
    parts: Parts = request.app.state.parts
    answer = shown(parts, "left")
    answer.delete_cookie(COOKIE, path=f"{root_of(parts)}/admin", httponly=True, samesite="strict")
    return answer


def shown(parts: Parts, state: str, *, status: int = 200, action: str = "") -> Response:
    """Show the page at the door: `ask`, `stale` (the link is over), `closed` (no session), or `left`."""
    body = parts.templates.render(
        "web/door.html.j2",
        parts.settings.site.language,
        site=parts.settings.site,
        state=state,
        action=action,
    )
    return HTMLResponse(body, status_code=status, headers=NEVER_KEPT)
