"""Leaving: GET shows a page and changes nothing, POST unsubscribes (RFC 8058), twice is harmless.

The page offers more than mail programs know of: to leave everything, or to pause; and to take it back.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse

from syndicator.digest.tokens import LASTS, bond_of
from syndicator.pipeline.leaving import Leaving, go, reader_of, take_back
from syndicator.pipeline.moving import mask
from syndicator.store import leave
from syndicator.store.subscribers import key
from syndicator.web.door import root_of
from syndicator.web.form import fields
from syndicator.web.forms import PERSONAL

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from syndicator.pipeline.parts import Parts

MAX_FORM: Final = 16 * 1024  # octets
PAUSE: Final = timedelta(weeks=4)


async def unsubscribe(request: Request) -> Response:
    """GET and POST /unsubscribe/TOKEN. The token alone says who leaves what: no cookie, no redirect.

    A form of our own says in `do` what else is wanted: `all`, `pause` or `undo`. Whatever else is sent
    ends the subscriptions, for so do mail programs.
    """
    parts: Parts = request.app.state.parts
    found = await reader_of(parts, request.path_params["token"], request.app.state.moved.now)
    if found is None:
        return _page(parts, "unknown", status=404)
    if request.method != "POST" or found.reader is None:
        state = "ask" if found.reader and found.live else "done"
        return _page(parts, state, **_about(request, found))
    form = await _form(request)
    match form.get("do"):
        case "undo":
            back = await take_back(parts, found, form.get("undo", ""))
            return _page(parts, "back" if back else "late", **_about(request, found, back))
        case "pause":
            now = parts.clock()
            async with parts.store.write() as conn:
                until = now + PAUSE
                await leave.pause(conn, found.reader.subscriber.id, until=until, now=now)
            return _page(parts, "paused", until=until, **_about(request, found))
        case "all":
            undo = await go(parts, found, None)
            return _page(parts, "done", undo=undo, **_about(request, found, sorted(found.live)))
        case _:
            undo = await go(parts, found, found.topics)
            return _page(parts, "done", undo=undo, **_about(request, found))


async def _form(request: Request) -> dict[str, str]:
    """Read a form of ours; nothing where a mail program sends something else."""
    try:
        return await fields(request, limit=MAX_FORM)
    except HTTPException:
        return {}


def _about(request: Request, found: Leaving, topics: list[str] | None = None) -> dict[str, Any]:
    parts: Parts = request.app.state.parts
    known = parts.current.catalog.topics
    listed = found.topics if topics is None else topics
    return {
        "topics": [known[slug].title if slug in known else slug for slug in listed],
        "others": len(found.live - {*found.topics}),
        "is_active": "active" in found.states.values(),
        "action": root_of(parts) + request.url.path,
        "address_hint": mask(found.reader.subscriber.address) if found.reader else "…",
        "preferences": _preferences(parts, found),
        "spoken": found.reader.subscriber.language if found.reader else "",
    }


def _preferences(parts: Parts, found: Leaving) -> str:
    """Give the link to a reader's page that stands in the same mail, or the page that mails one.

    Old mails may lie with whoever has the address that a reader left: they lead no further than they did.
    """
    page = f"{root_of(parts)}/preferences"
    made = found.edition.created_at if found.edition else None
    if found.reader is None or found.secret or made is None or parts.clock() - made > LASTS["preferences"]:
        return page
    person = found.reader.subscriber
    bond = bond_of(key(person.address), found.secret)
    return f"{page}/{parts.tokens.reader('preferences', person.id, made, bond=bond)}"


def _page(parts: Parts, state: str, *, status: int = 200, spoken: str = "", **told: Any) -> HTMLResponse:
    bare = {
        "topics": [], "others": 0, "is_active": False, "action": "", "address_hint": "", "preferences": "",
        "undo": "", "until": None,
    }  # fmt: skip
    body = parts.templates.render(
        "web/unsubscribe.html.j2",
        spoken or parts.settings.site.language,
        site=parts.settings.site,
        state=state,
        **bare | told,
    )
    return HTMLResponse(body, status_code=status, headers=PERSONAL)
