"""Signing up on the pages: /subscribe, and /confirm/TOKEN, which the mail leads to.

Nothing needs a script or a cookie. A form with an age of its own (`web.forms`) is asked for: what comes
without it, such as the one field on a topic's page, gets the whole form with what was typed in it.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from babel import Locale
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse

from syndicator import zones
from syndicator.pipeline import signup
from syndicator.pipeline.signup_limits import network_of
from syndicator.pipeline.signup_wish import (
    FIELDS,
    FIRST_HOUR,
    FREQUENCIES,
    HOURS,
    MOST,
    OWN,
    Asked,
    offered,
    read,
)
from syndicator.web import form, forms

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from syndicator.model import Topic
    from syndicator.pipeline.parts import Parts
    from syndicator.pipeline.signup import Outcome
    from syndicator.pipeline.signup_wish import Problem
    from syndicator.web.pace import Pace

PURPOSE: Final = "subscribe"
MAX_BODY: Final = 32_768  # octets
SHOWN: Final = 200  # topics on the page; the others have the field on theirs
PER_MINUTE, PER_MINUTE_IN_ALL = 30, 300  # forms from one network, and from everywhere
SOON, LATER = "60", "3600"  # seconds until it is worth to ask again
_TYPED: Final = {"address": 320, "frequency": 16, "at": 8, "zone": 64, "language": 35}  # characters


async def subscribe(request: Request) -> Response:
    """GET and POST /subscribe; `?topic=SLUG` chooses one."""
    parts: Parts = request.app.state.parts
    if not parts.settings.site.signup:
        return _page(parts, "closed", status=HTTPStatus.FORBIDDEN)
    if request.method != "POST":
        return _form(parts, Asked(topics=request.query_params.getlist("topic")[:MOST]))
    if forms.is_from_elsewhere(request):
        raise HTTPException(HTTPStatus.FORBIDDEN)
    if not admits(request):
        return _busy(parts, SOON)
    return await _take(request, await form.pairs(request, limit=MAX_BODY, count=MOST + 20))


async def _take(request: Request, sent: Sequence[tuple[str, str]]) -> Response:
    """Take a form, or show it again with what is to be done."""
    parts: Parts = request.app.state.parts
    fields = dict(sent)
    asked = Asked(
        topics=tuple(value for name, value in sent if name == "topic")[: MOST + 1],
        **{name: fields.get(name, "")[: most + 1] for name, most in _TYPED.items()},
    )
    age = forms.age(parts.tokens, PURPOSE, fields.get("form", ""), parts.clock())
    if age == "none":
        return _form(parts, asked, notice="again" if "form" in fields else "look")
    wish = read(asked, offered(parts.current.catalog), languages_of(parts))
    if isinstance(wish, list):
        return _form(parts, asked, problems=wish)
    if age == "soon":
        return _form(parts, asked, notice="soon", token=fields["form"])
    if fields.get(forms.TRAP):
        return _page(parts, "sent")  # whoever fills this in is a machine: answered alike, and forgotten
    client = client_of(request)
    if not await signup.admit(parts, client, "page"):
        return _busy(parts, LATER)
    answer = _page(parts, "sent")
    answer.background = BackgroundTask(signup.take, parts, wish, client=client)
    return answer


async def confirm(request: Request) -> Response:
    """GET and POST /confirm/TOKEN: programs that look into mails open links, so GET changes nothing."""
    parts: Parts = request.app.state.parts
    token = request.path_params["token"]
    if request.method == "POST":
        if forms.is_from_elsewhere(request):
            raise HTTPException(HTTPStatus.FORBIDDEN)
        found = await signup.confirm(parts, token)
    else:
        found = await signup.look(parts, token)
    status = HTTPStatus.NOT_FOUND if found.state == "over" else HTTPStatus.OK
    return _page(
        parts,
        found.state,
        status=status,
        template="web/confirm.html.j2",
        topics=_titles(parts, found),
        schedule=schedule_of(found),
        adds=found.choice is not None and found.choice.adds,
        preferences=found.preferences,
        action=request.url.path,
    )


def admits(request: Request) -> bool:
    """Whether one more request that may write is welcome: from this network, and at all."""
    state, now = request.app.state, request.app.state.parts.clock()
    network = network_of(client_of(request))
    paces: tuple[Pace, Pace] = state.signing, state.signing_all
    return paces[0].admits(network, now) and paces[1].admits("", now)


def client_of(request: Request) -> str:
    """Return the address of who asks; behind a proxy that is believed (`web.proxies`), what that says."""
    return request.client.host if request.client else ""


def languages_of(parts: Parts) -> list[str]:
    """List the languages that mails are written in here, the site's own first."""
    spoken = [each for each in parts.settings.site.languages if each in parts.templates.by_language]
    return list(dict.fromkeys([parts.templates.nearest(parts.settings.site.language), *spoken]))


def schedule_of(found: Outcome) -> dict[str, str]:
    """Say when mails will come, as templates take it; the frequency is empty where each topic says."""
    slot = found.choice.slot if found.choice else None
    if slot is None:
        return {"frequency": "", "at": "", "zone": ""}
    return {"frequency": slot.frequency, "at": f"{slot.at:%H:%M}", "zone": slot.zone}


def _titles(parts: Parts, found: Outcome) -> list[str]:
    known = parts.current.catalog.topics
    return [known[slug].title for slug in found.topics if slug in known]


def _form(
    parts: Parts, asked: Asked, *, problems: Sequence[Problem] = (), notice: str = "", token: str = ""
) -> Response:
    """Show the form with what was asked for in it, what is wrong with that, and what to do."""
    topics = offered(parts.current.catalog)
    chosen = [topics[slug] for slug in dict.fromkeys(asked.topics) if slug in topics]
    others = [topic for topic in topics.values() if topic not in chosen]
    shown = sorted(
        [*chosen, *others[: max(SHOWN - len(chosen), 0)]], key=lambda topic: topic.title.casefold()
    )
    return _page(
        parts,
        "form" if topics else "nothing",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK,
        problems=list(problems),
        wrong={FIELDS[problem] for problem in problems},
        notice=notice,
        token=token or parts.tokens.form(PURPOSE, parts.clock()),
        topics=[_topic(topic) for topic in shown],
        hidden=len(topics) - len(shown),
        chosen={topic.slug for topic in chosen} or ({shown[0].slug} if len(shown) == 1 else set()),
        asked=_typed(asked),
    )


def _typed(asked: Asked) -> Mapping[str, str]:
    """Give back what was typed, or what stands there at first."""
    return {
        "address": asked.address,
        "frequency": asked.frequency if asked.frequency in FREQUENCIES else OWN,
        "at": asked.at if asked.at in HOURS else FIRST_HOUR,
        "zone": asked.zone,
        "language": asked.language,
    }


def _topic(topic: Topic) -> dict[str, Any]:
    assert topic.digest is not None  # noqa: S101  or it would not be offered
    slot = topic.digest.slot
    return {
        "slug": topic.slug,
        "title": topic.title,
        "description": topic.description,
        "language": topic.language,
        "frequency": slot.frequency,
        "at": f"{slot.at:%H:%M}",
        "zone": slot.zone,
    }


def _busy(parts: Parts, wait: str) -> Response:
    answer = _page(parts, "busy", status=HTTPStatus.TOO_MANY_REQUESTS)
    answer.headers["retry-after"] = wait
    return answer


def _page(
    parts: Parts, state: str, *, status: int = 200, template: str = "web/subscribe.html.j2", **more: Any
) -> Response:
    site = parts.settings.site
    context: dict[str, Any] = {"site": site, "state": state}
    if template == "web/subscribe.html.j2":
        context |= {
            "problems": [], "wrong": set(), "notice": "", "token": "", "topics": [], "hidden": 0,
            "chosen": set(), "asked": {}, "trap": forms.TRAP, "hours": HOURS, "zones": zones.names(),
            "languages": [(each, named(each)) for each in languages_of(parts)],
        }  # fmt: skip
    body = parts.templates.render(template, site.language, **(context | more))
    return HTMLResponse(body, status_code=status, headers=forms.PERSONAL)


def named(language: str) -> str:
    """Name a language in itself: English, 中文."""
    name = Locale.parse(language, sep="-").get_display_name(language.replace("-", "_")) or language
    return name[:1].upper() + name[1:]
