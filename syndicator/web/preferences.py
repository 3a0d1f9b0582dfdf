"""A reader's own page, without password and cookie: whoever has a link may do what the link is good for.

/preferences mails a link to who asks; /preferences/TOKEN is the page (`pipeline.preferences` says which kind
of link opens what). No answer of /preferences tells whether an address is known.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response

from syndicator.errors import SyndicatorError
from syndicator.pipeline import moving, preferences
from syndicator.pipeline.parts import log
from syndicator.pipeline.signup_limits import network_of
from syndicator.store import erase, holdings, leave, reader_links
from syndicator.web.door import root_of
from syndicator.web.form import fields, pairs
from syndicator.web.forms import PERSONAL, is_from_elsewhere
from syndicator.web.preference_forms import (
    Fault,
    read_address,
    read_choice,
    read_new_address,
    read_until,
)
from syndicator.web.preference_sheet import sheet

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from typing import TypeAlias

    from starlette.requests import Request

    from syndicator.pipeline.parts import Parts
    from syndicator.pipeline.preferences import Visit

    Form: TypeAlias = list[tuple[str, str]]  # what was sent, in order

PER_MINUTE: Final = 10  # requests for a link from one network
PER_MINUTE_IN_ALL: Final = 120
MAX_FORM: Final = 256 * 1024  # octets
MAX_FIELDS: Final = 2_000  # a tick for each topic


async def ask(request: Request) -> Response:
    """GET and POST /preferences: mail a link to the owner of an address, if we know it."""
    parts: Parts = request.app.state.parts
    if request.method != "POST":
        return notice(parts, "ask", action=here(request))
    refuse_foreign(request)
    now, state = parts.clock(), request.app.state
    network = network_of(request.client.host if request.client else "")
    if not (state.linking.admits(network, now) and state.linking_all.admits("", now)):
        return notice(parts, "busy", status=429, action=here(request))
    try:
        address = read_address((await fields(request, limit=MAX_FORM)).get("address", ""))
    except Fault:
        return notice(parts, "ask", status=422, action=here(request), fault="address")
    # After the answer: its time must not tell either whether there is such a reader.
    answer = notice(parts, "asked")
    answer.background = BackgroundTask(_mail_link, parts, address)
    return answer


async def _mail_link(parts: Parts, address: str) -> None:
    try:
        await preferences.mail_link(parts, address)
    except SyndicatorError as error:
        log.error("a link that was asked for is not mailed", error=error.message)


async def page(request: Request) -> Response:
    """GET and POST /preferences/TOKEN."""
    parts: Parts = request.app.state.parts
    if request.method == "POST":
        refuse_foreign(request)
    async with parts.store.read() as conn:
        visit = await preferences.recognise(parts, conn, request.path_params["token"])
        is_used = (
            visit is not None
            and visit.way == "link"
            and not await reader_links.is_unused(conn, visit.more, now=parts.clock())
        )
    if visit is None or is_used:
        return notice(parts, "stale", status=404)
    if visit.way == "link":
        return await _enter(request, visit)
    if visit.way == "move":
        return await _move(request, visit)
    return await _do(request, visit) if request.method == "POST" else _sheet(request, visit)


async def _do(request: Request, visit: Visit) -> Response:
    """Do what a form of the page asks for."""
    form = await pairs(request, limit=MAX_FORM, count=MAX_FIELDS)
    deed = DEEDS.get(dict(form).get("do", ""))
    if deed is None:
        raise HTTPException(400)
    if deed in OWN and not visit.is_own:
        return _sheet(request, visit, fault="own", status=403)
    try:
        return await deed(request, visit, form)
    except Fault as fault:
        return _sheet(request, visit, fault=fault.field, status=422)


async def _enter(request: Request, visit: Visit) -> Response:
    parts: Parts = request.app.state.parts
    if request.method != "POST":  # a program that scans mails opens links, and must not use this one up
        return notice(parts, "open", visit=visit, action=here(request))
    session = await preferences.enter(parts, visit)
    if session is None:
        return notice(parts, "stale", status=404)
    return RedirectResponse(f"{root_of(parts)}/preferences/{session}", status_code=303, headers=PERSONAL)


async def _move(request: Request, visit: Visit) -> Response:
    parts: Parts = request.app.state.parts
    if request.method != "POST":
        return notice(parts, "move", visit=visit, action=here(request))
    return notice(parts, await moving.move(parts, visit), visit=visit)


async def _topics(request: Request, visit: Visit, form: Form) -> Response:
    parts: Parts = request.app.state.parts
    await preferences.choose_topics(parts, visit, {value for name, value in form if name == "topic"})
    return await _again(request, "topics")


async def _choose(request: Request, visit: Visit, form: Form) -> Response:
    parts: Parts = request.app.state.parts
    choice = read_choice(dict(form), languages=parts.templates.by_language)
    await preferences.choose(parts, visit, choice)
    return await _again(request, "choice")


async def _pause(request: Request, visit: Visit, form: Form) -> Response:
    parts: Parts = request.app.state.parts
    now = parts.clock()
    until = read_until(dict(form).get("until", ""), preferences.zone_of(parts, visit), now)
    async with parts.store.write() as conn:
        topics = await leave.pause(conn, visit.person.id, until=until, now=now)
    return await _again(request, "paused" if topics else "nothing")


async def _resume(request: Request, visit: Visit, _: Form) -> Response:
    parts: Parts = request.app.state.parts
    async with parts.store.write() as conn:
        await leave.resume(conn, visit.person.id, now=parts.clock())
    return await _again(request, "resumed")


async def _link(request: Request, visit: Visit, _: Form) -> Response:
    parts: Parts = request.app.state.parts
    sent = await preferences.mail_link(parts, visit.person.address)
    return _sheet(request, visit, said="link") if sent else _sheet(request, visit, fault="often", status=429)


async def _ask_to_move(request: Request, visit: Visit, form: Form) -> Response:
    parts: Parts = request.app.state.parts
    address = read_new_address(dict(form).get("address", ""))
    client = request.client.host if request.client else ""
    if await moving.ask(parts, visit, address, client=client):
        return _sheet(request, visit, said="move", about=str(address))
    return _sheet(request, visit, fault="often", status=429)


async def _lock(request: Request, visit: Visit, _: Form) -> Response:
    parts: Parts = request.app.state.parts
    bound = await preferences.bind_anew(parts, visit)
    here = preferences.token_of(parts, bound, "session")
    return _sheet(request, bound, said="lock", action=f"{root_of(parts)}/preferences/{here}")


async def _export(request: Request, visit: Visit, _: Form) -> Response:
    parts: Parts = request.app.state.parts
    async with parts.store.read() as conn:
        held = await holdings.of(conn, visit.person.id)
    told = {"site": parts.settings.site.base_url, "at": f"{parts.clock():%Y-%m-%dT%H:%M:%SZ}", **held}
    named = {"content-disposition": 'attachment; filename="my-subscription.json"'}
    body = json.dumps(told, ensure_ascii=False, indent=2)
    return Response(body, media_type="application/json", headers=PERSONAL | named)


async def _ask_to_erase(request: Request, visit: Visit, _: Form) -> Response:
    parts: Parts = request.app.state.parts
    async with parts.store.read() as conn:
        held = await holdings.of(conn, visit.person.id)
    counts = {name: len(rows) for name, rows in held.items() if name != "reader"}
    return notice(parts, "erase", visit=visit, action=here(request), counts=counts)


async def _erase(request: Request, visit: Visit, _: Form) -> Response:
    parts: Parts = request.app.state.parts
    async with parts.store.write() as conn:
        if await erase.is_sending(conn, visit.person.address):
            return _sheet(request, visit, fault="sending", status=409)
        gone = await erase.erase(conn, visit.person.address, now=parts.clock())
    return notice(parts, "erased", visit=visit, kept=bool(gone.suppression))


DEEDS: Final[Mapping[str, Callable[[Request, Visit, Form], Awaitable[Response]]]] = {
    "topics": _topics,
    "choose": _choose,
    "pause": _pause,
    "resume": _resume,
    "link": _link,
    "move": _ask_to_move,
    "lock": _lock,
    "export": _export,
    "erase": _ask_to_erase,
    "erase-now": _erase,
}
OWN: Final = frozenset({_ask_to_move, _lock, _export, _ask_to_erase, _erase})


async def _again(request: Request, said: str) -> Response:
    """Show the page as it is now."""
    parts: Parts = request.app.state.parts
    async with parts.store.read() as conn:
        visit = await preferences.recognise(parts, conn, request.path_params["token"])
    return _sheet(request, visit, said=said) if visit else notice(parts, "stale", status=404)


def _sheet(
    request: Request,
    visit: Visit,
    *,
    said: str = "",
    fault: str = "",
    about: str = "",
    status: int = 200,
    action: str = "",
) -> Response:
    parts: Parts = request.app.state.parts
    body = parts.templates.render(
        "web/preferences.html.j2",
        preferences.language_of(parts, visit.person),
        site=parts.settings.site,
        sheet=sheet(parts, visit, action or here(request)),
        said=said,
        fault=fault,
        about=about,
    )
    return HTMLResponse(body, status_code=status, headers=PERSONAL)


def notice(
    parts: Parts, state: str, *, visit: Visit | None = None, status: int = 200, **more: Any
) -> Response:
    """Show a page that says or asks one thing; the template knows the states."""
    site = parts.settings.site
    told = {"action": "", "fault": "", "counts": {}, "kept": False} | more
    body = parts.templates.render(
        "web/preferences_notice.html.j2",
        preferences.language_of(parts, visit.person) if visit else site.language,
        site=site,
        state=state,
        address=moving.mask(visit.person.address) if visit else "",
        new=visit.more if visit else "",
        **told,
    )
    return HTMLResponse(body, status_code=status, headers=PERSONAL)


def here(request: Request) -> str:
    """Return the path of a page as browsers know it, where the site lies below one, too."""
    return root_of(request.app.state.parts) + request.url.path


def refuse_foreign(request: Request) -> None:
    """Refuse what a page of another site sends; a second wall, for the first is the token in the address."""
    if is_from_elsewhere(request):
        raise HTTPException(403)
