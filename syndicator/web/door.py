"""The door to the admin pages: a short-lived signed link becomes, once, a session in a cookie.

`syndicator admin` prints the link. GET only shows a button, since programs that scan mails and chats open
every link; POST makes the cookie (HttpOnly, SameSite=Strict, for /admin alone). There is no password. Both
are signed with the keys that all hosts share and belong to a row (`store.admissions`), which says whether
the link was used and whether the session goes on: so leaving holds on every host.
"""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from functools import wraps
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse

from syndicator.store import admissions
from syndicator.web.form import fields

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection
    from starlette.requests import Request
    from starlette.responses import Response

    from syndicator.digest.tokens import Tokens
    from syndicator.pipeline.parts import Parts

COOKIE: Final = "syndicator_admin"
LINK_LASTS: Final = timedelta(minutes=15)
SESSION_LASTS: Final = timedelta(hours=12)
_ONWARD: Final = re.compile(r"(?:digests|topics)/[a-z0-9-]{1,100}")
NEVER_KEPT: Final = {"cache-control": "no-store"}


async def link(conn: AsyncConnection, tokens: Tokens, base_url: str, now: datetime) -> str:
    """Make a link that opens the door once, within `LINK_LASTS`, and note it."""
    name, until = secrets.token_urlsafe(16), now + LINK_LASTS
    await admissions.admit(conn, name, now=now, until=until)
    return f"{base_url}/admin/enter/{tokens.admin('link', name, until)}"


def root_of(parts: Parts) -> str:
    """Return the path below which the site lies, without a slash at its end; mostly empty."""
    return urlsplit(parts.settings.site.base_url).path.rstrip("/")


def admins_only(page: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """Let only admins in, and let only our own pages change anything."""

    @wraps(page)
    async def guarded(request: Request) -> Response:
        parts: Parts = request.app.state.parts
        if not await _is_inside(request):
            return shown(parts, "closed", status=403)
        if request.method not in ("GET", "HEAD") and not is_from_us(request):
            raise HTTPException(403)
        answer = await page(request)
        for name, value in NEVER_KEPT.items():
            answer.headers.setdefault(name, value)
        return answer

    return guarded


def _session(request: Request) -> str | None:
    """Return the name of the session in the browser's cookie, if there is a good one."""
    parts: Parts = request.app.state.parts
    return parts.tokens.read_admin("session", request.cookies.get(COOKIE, ""), parts.clock())


async def _is_inside(request: Request) -> bool:
    parts: Parts = request.app.state.parts
    if (name := _session(request)) is None:
        return False
    async with parts.store.read() as conn:
        return await admissions.is_inside(conn, name, now=parts.clock())


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


def _onward(request: Request) -> str:
    """Read where below /admin a link leads once the door is open: `digests/SLUG`, or nowhere."""
    to = request.query_params.get("to", "")
    return to if _ONWARD.fullmatch(to) else ""


async def enter(request: Request) -> Response:
    """GET and POST /admin/enter/TOKEN, with `?to=digests/SLUG` on to that page."""
    parts: Parts = request.app.state.parts
    now = parts.clock()
    name = parts.tokens.read_admin("link", request.path_params["token"], now)
    if name is None:
        return shown(parts, "stale", status=403)
    if request.method != "POST":
        async with parts.store.read() as conn:
            if await admissions.is_unused(conn, name, now=now):
                onward = f"?to={_onward(request)}" if _onward(request) else ""
                return shown(parts, "ask", action=f"{request.url.path}{onward}")
        return shown(parts, "stale", status=403)
    until = now + SESSION_LASTS
    async with parts.store.write() as conn:
        if not await admissions.enter(conn, name, now=now, until=until):
            return shown(parts, "stale", status=403)
    answer = RedirectResponse(
        f"{root_of(parts)}/admin/{_onward(request)}".rstrip("/"), status_code=303, headers=NEVER_KEPT
    )
    answer.set_cookie(
        COOKIE,
        parts.tokens.admin("session", name, until),
        max_age=int(SESSION_LASTS.total_seconds()),
        path=f"{root_of(parts)}/admin",
        secure=parts.settings.site.base_url.startswith("https:"),
        httponly=True,
        samesite="strict",
    )
    return answer


@admins_only
async def leave(request: Request) -> Response:
    """POST /admin/leave: end this browser's session, or with `everywhere` all there are."""
    parts: Parts = request.app.state.parts
    everywhere = "everywhere" in await fields(request)
    async with parts.store.write() as conn:
        if everywhere:
            await admissions.close(conn, now=parts.clock())
        elif name := _session(request):
            await admissions.leave(conn, name, now=parts.clock())
    answer = shown(parts, "all-left" if everywhere else "left")
    answer.delete_cookie(COOKIE, path=f"{root_of(parts)}/admin", httponly=True, samesite="strict")
    return answer


def shown(parts: Parts, state: str, *, status: int = 200, action: str = "") -> Response:
    """Show the page at the door in one of the states that its template knows: `ask`, `stale` and so on."""
    body = parts.templates.render(
        "web/door.html.j2",
        parts.settings.site.language,
        site=parts.settings.site,
        state=state,
        action=action,
    )
    return HTMLResponse(body, status_code=status, headers=NEVER_KEPT)
