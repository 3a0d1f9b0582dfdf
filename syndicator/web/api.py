"""The API for signing up: /api/v1/topics, /api/v1/subscriptions, and what it is (/api/openapi.json).

JSON in and out; whatever is wrong is an `application/problem+json` (RFC 9457). The limits are those of the
pages, and narrower by network, since nobody waits between two requests. Pages of other sites may call it only
where `signup.origins` names them.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from syndicator.pipeline import signup, signup_limits
from syndicator.pipeline.signup_wish import FIELDS, FREQUENCIES, Asked, offered, read
from syndicator.publish.conditional import outcome
from syndicator.web import form, forms, openapi
from syndicator.web.answer import asked
from syndicator.web.subscribe import LATER, SOON, admits, client_of, languages_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from starlette.requests import Request

    from syndicator.pipeline.parts import Parts
    from syndicator.pipeline.signup_wish import Problem, Wish
    from syndicator.web.offer import Offer

MAX_BODY: Final = 16_384  # octets
DEPTH: Final = 8  # of brackets; ours have 2
_KEPT: Final = {"cache-control": "public, max-age=300"}
_ALLOWED: Final = {
    "access-control-allow-methods": "GET, POST, OPTIONS",
    "access-control-allow-headers": "Content-Type",
    "access-control-max-age": "86400",
}


async def topics(request: Request) -> Response:
    """GET /api/v1/topics: what may be subscribed to, and how."""
    if early := _before(request, "GET"):
        return early
    parts: Parts = request.app.state.parts
    now = parts.clock()
    if not request.app.state.listing.admits(signup_limits.network_of(client_of(request)), now):
        return _problem(request, 429, "Too many requests from this network.", wait=SOON)
    offer: Offer = await request.app.state.offers.get(languages_of(parts))
    said = asked(request.scope["headers"])
    by_tag: dict[str, str] = {name: said[name] for name in ("if-match", "if-none-match") if name in said}
    status = outcome(by_tag, etag=offer.tag, modified_at=now, now=now)
    headers = _cors(request, {}) | _KEPT | {"etag": offer.tag}
    if status != 200:
        return Response(status_code=status, headers=headers)
    return Response(offer.body, headers=headers, media_type="application/json")


async def subscriptions(request: Request) -> Response:
    """POST /api/v1/subscriptions: ask for a mail that asks to confirm."""
    if early := _before(request, "POST"):
        return early
    if not admits(request):
        return _problem(request, 429, "Too many requests from this network.", wait=SOON)
    wish = await _wish(request)
    if isinstance(wish, Response):
        return wish
    parts: Parts = request.app.state.parts
    client = client_of(request)
    if not await signup.admit(parts, client, "api"):
        return _problem(request, 429, "Too many sign-ups; try again in an hour.", wait=LATER)
    answer = _answer(request, openapi.Accepted().model_dump(), status=HTTPStatus.ACCEPTED)
    answer.background = BackgroundTask(signup.take, parts, wish, client=client)
    return answer


async def _wish(request: Request) -> Wish | Response:
    """Read a sign-up; or the answer that says what is wrong with it."""
    parts: Parts = request.app.state.parts
    try:
        sent = openapi.SignUp.model_validate(await _json(request))
    except ValidationError as error:
        return _problem(request, 422, "The request is not as described.", errors=_faults(error))
    wanted = Asked(**(sent.model_dump() | {"topics": tuple(sent.topics)}))
    wish = read(wanted, offered(parts.current.catalog), languages_of(parts))
    if isinstance(wish, list):
        return _problem(request, 422, "Some of what was asked for is not to be had.", errors=_wrong(wish))
    return wish


async def description(request: Request) -> Response:
    """GET /api/openapi.json."""
    if early := _before(request, "GET"):
        return early
    parts: Parts = request.app.state.parts
    return _answer(request, openapi.document(parts.settings.site), headers=_KEPT)


def _before(request: Request, method: str) -> Response | None:
    """Answer what needs no looking at: preflights, other methods, other sites, and where it is closed."""
    parts: Parts = request.app.state.parts
    if request.method == "OPTIONS":
        return Response(status_code=204, headers={"allow": f"{method}, OPTIONS"} | _cors(request, _ALLOWED))
    if request.method not in ((method, "HEAD") if method == "GET" else (method,)):
        told = _problem(request, 405, f"Only {method} is possible here.")
        told.headers["allow"] = f"{method}, OPTIONS"
        return told
    if method == "POST" and forms.is_from_elsewhere(request) and not _is_named(request):
        return _problem(request, 403, "The page that sends this belongs to another site.")
    if not parts.settings.site.signup:
        return _problem(request, 403, "This site takes no sign-ups by itself.")
    return None


async def _json(request: Request) -> Any:
    """Read a JSON body within limits. HTTPException, with words, for all else."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise HTTPException(415, "Send application/json.")
    body = await form.read(request, limit=MAX_BODY)
    if body.count(b"[") + body.count(b"{") > DEPTH:
        raise HTTPException(400, "The body has too many brackets.")
    try:
        return json.loads(body.decode("utf-8"))
    except ValueError as error:  # UnicodeError is one
        raise HTTPException(400, "The body is no JSON in UTF-8.") from error


def _faults(error: ValidationError) -> list[dict[str, str]]:
    """Say which fields are wrong; what was sent is not repeated."""
    return [
        {"field": ".".join(map(str, fault["loc"]))[:100], "code": fault["type"], "detail": fault["msg"][:200]}
        for fault in error.errors(include_input=False, include_context=False, include_url=False)[:20]
    ]


_WORDS: Final[Mapping[Problem, str]] = {
    "address": "Give one e-mail address.",
    "no-topic": "Name a topic.",
    "unknown-topic": "Name only topics that /api/v1/topics lists.",
    "many-topics": "Name fewer topics.",
    "frequency": f"Give one of {', '.join(FREQUENCIES)}.",
    "at": "Give a full or half hour, such as 07:00 or 07:30.",
    "zone": "Give an IANA time zone, such as Europe/Berlin.",
    "language": "Give a language that /api/v1/topics lists.",
}


def _wrong(problems: Sequence[Problem]) -> list[dict[str, str]]:
    return [{"field": FIELDS[each], "code": each, "detail": _WORDS[each]} for each in problems]


def _answer(
    request: Request,
    body: Any,
    *,
    status: int = 200,
    kind: str = "application/json",
    headers: Mapping[str, str] | None = None,
) -> Response:
    told = {"cache-control": "no-store"} | _cors(request, {}) | dict(headers or {})
    return JSONResponse(body, status_code=status, headers=told, media_type=kind)


def _problem(
    request: Request, status: int, detail: str, *, errors: Sequence[dict[str, str]] = (), wait: str = ""
) -> Response:
    """Answer with a problem (RFC 9457)."""
    told: dict[str, Any] = {
        "type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail,
    }  # fmt: skip
    if errors:
        told["errors"] = list(errors)
    headers = {"retry-after": wait} if wait else {}
    return _answer(request, told, status=status, kind="application/problem+json", headers=headers)


def _cors(request: Request, more: Mapping[str, str]) -> dict[str, str]:
    """Let pages of other sites read the answer, if the settings name their site."""
    parts: Parts = request.app.state.parts
    if not _is_named(request):
        return {"vary": "Origin"} if parts.settings.signup.origins else {}
    return {"access-control-allow-origin": request.headers["origin"], "vary": "Origin", **more}


def _is_named(request: Request) -> bool:
    """Whether the page that asks is of a site that the settings name."""
    parts: Parts = request.app.state.parts
    return request.headers.get("origin", "").lower() in parts.settings.signup.origins


def routed(page: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """Answer what fails on the way as the API answers: a problem, and never a page."""

    async def guarded(request: Request) -> Response:
        try:
            return await page(request)
        except HTTPException as error:
            return _problem(request, error.status_code, error.detail)

    return guarded


PATHS: Final = {
    "/api/v1/topics": topics,
    "/api/v1/subscriptions": subscriptions,
    "/api/openapi.json": description,
}
METHODS: Final = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
