"""The outbox: what is being sent and how fast, what stands in its way, and what an admin has to decide.

One address. GET shows it; with `part=live` only what changes by itself, for the script. POST does what the
pressed button says (`do`) to one delivery or to all whose outcome is unknown, and shows the page again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse

from syndicator.model import DeliveryStatus
from syndicator.pipeline.progress import look
from syndicator.store import deliveries, outbox
from syndicator.store.outbox import MOST, Asked
from syndicator.web.door import admins_only, root_of
from syndicator.web.form import asked as asked_for
from syndicator.web.form import fields
from syndicator.web.security import WITH_FETCH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection
    from starlette.requests import Request
    from starlette.responses import Response

    from syndicator.model import Delivery
    from syndicator.pipeline.parts import Parts
    from syndicator.pipeline.progress import Progress

PAGE: Final = 50
LONGEST: Final = 320  # characters of what is looked for: an address has no more
FORM: Final = 4096  # octets
WORDS: Final = frozenset({"resend", "hold", "give-up"})


class Told(NamedTuple):
    """What a button has done."""

    did: str  # resend, hold, give-up
    number: int
    left: int  # of those that it was meant for, how many had changed meanwhile


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """All that the page shows."""

    progress: Progress
    asked: Asked
    states: Sequence[str]
    listed: Sequence[Delivery] = ()
    here: str = ""  # this page's address, with what was looked for
    older: str = ""
    newest: str = ""  # the first page of this list; empty on it
    told: Told | None = None


@admins_only
async def page(request: Request) -> Response:
    """GET and POST /admin/outbox."""
    parts: Parts = request.app.state.parts
    asked = _asked(request.query_params)
    here = f"{root_of(parts)}/admin/outbox"
    if request.method == "POST":
        told = await _decide(parts, await fields(request, limit=FORM))
        return RedirectResponse(_address(here, asked, **told._asdict()), status_code=303)
    before = request.query_params.get("before", "")
    async with parts.store.read() as conn:
        progress = await look(conn, parts.settings.mail, now=parts.clock())
        if request.query_params.get("part") == "live":
            return _answer(parts, "web/outbox_live.html.j2", progress=progress)
        listed, more = await outbox.page(conn, asked, before=before, limit=PAGE)
    sheet = Sheet(
        progress=progress,
        asked=asked,
        states=[*DeliveryStatus],
        listed=listed,
        here=_address(here, asked),
        older=_address(here, asked, before=more) if more else "",
        newest=_address(here, asked) if before else "",
        told=_told(request.query_params),
    )
    return _answer(parts, "web/outbox.html.j2", sheet=sheet, progress=progress)


def _asked(query: Mapping[str, str]) -> Asked:
    found = {name: asked_for(query, name, most=LONGEST) for name in ("address", "edition", "state")}
    return Asked(**found) if found["state"] in {"", *DeliveryStatus} else Asked(**found | {"state": ""})


def _address(here: str, asked: Asked, **more: object) -> str:
    query = {"address": asked.address, "edition": asked.edition, "state": asked.state, **more}
    said = urlencode({name: value for name, value in query.items() if value not in ("", None)})
    return f"{here}?{said}" if said else here


def _told(query: Mapping[str, str]) -> Told | None:
    counts = [query.get(name, "") for name in ("number", "left")]
    if query.get("did") not in WORDS or not all(_is_number(each) for each in counts):
        return None
    return Told(query["did"], *map(int, counts))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= MOST


async def _decide(parts: Parts, form: Mapping[str, str]) -> Told:
    """Do what the button says: `resend 12`, `hold 12`, `give-up 12`, or to `all` up to the newest shown."""
    word, _, which = form.get("do", "").partition(" ")
    up_to = form.get("up_to", "0")
    if word not in WORDS or not _is_number(up_to) or not (which == "all" or _is_number(which)):
        raise HTTPException(400)
    async with parts.store.write() as conn:
        if which != "all":
            wanted = [int(which)]
        elif word == "hold":
            raise HTTPException(400)
        else:
            wanted = await outbox.unknown_held(conn, up_to=int(up_to))
        moved = await _move(conn, word, wanted, parts)
    return Told(word, len(moved), len(wanted) - len(moved))


async def _move(conn: AsyncConnection, word: str, wanted: Sequence[int], parts: Parts) -> set[int]:
    now = parts.clock()
    match word:
        case "resend":
            return await deliveries.retry(conn, wanted, now=now)
        case "hold":
            return await deliveries.hold(conn, wanted, now=now)
        case _:
            return await deliveries.give_up(conn, wanted, now=now)


def _answer(parts: Parts, name: str, **context: object) -> Response:
    site = parts.settings.site
    body = parts.templates.render(name, site.language, site=site, **context)
    return HTMLResponse(body, headers={"content-security-policy": WITH_FETCH})
