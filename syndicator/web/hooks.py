"""POST /returns/PROVIDER: what mail providers report of mail that came back; off unless configured."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import structlog
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse

from syndicator.deliver.hooks.told import Posted
from syndicator.fetch.trouble import failed
from syndicator.pipeline import hooks
from syndicator.web import form
from syndicator.web.pace import Pace

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from syndicator.model import FetchFailed
    from syndicator.pipeline.parts import Parts

log = structlog.get_logger("syndicator")

MAX_BODY: Final = 2 * 1024 * 1024  # octets; SendGrid sends up to 768 KB, and Postmark encloses a bounce
PER_MINUTE, PER_MINUTE_IN_ALL = 600, 3_000  # requests from one address, and from everywhere
LOOKS_PER_MINUTE: Final = 10  # certificates and confirmations of SNS
SOON, LATER = 60, 3600  # seconds until it is worth to try again


class Desk:
    """What is kept between requests: paces and certificates."""

    def __init__(self, parts: Parts) -> None:
        self.asking = Pace(PER_MINUTE)
        self.asking_all = Pace(PER_MINUTE_IN_ALL)
        self._looking = Pace(LOOKS_PER_MINUTE)
        self.certificates = hooks.Certificates(partial(self._get, parts), {})

    async def _get(self, parts: Parts, url: str) -> bytes | FetchFailed:
        """Read what a report leads to; no stranger has us do that often."""
        if not self._looking.admits("", parts.clock()):
            return failed("http", "too many were asked for within a minute")
        return await hooks.get(parts, url)

    def admits(self, parts: Parts, who: str) -> bool:
        """Whether one more request is welcome: from there, and at all."""
        now = parts.clock()
        return self.asking.admits(who, now) and self.asking_all.admits("", now)


async def hook(request: Request) -> Response:
    """POST /returns/PROVIDER. 204 says that all of it is committed."""
    parts: Parts = request.app.state.parts
    desk: Desk = request.app.state.reporting
    provider = request.path_params["provider"]
    if not hooks.is_on(parts, provider):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    if not desk.admits(parts, request.client.host if request.client else ""):
        return _say(HTTPStatus.TOO_MANY_REQUESTS, wait=SOON)
    try:
        body = await form.read(request, limit=MAX_BODY)
    except HTTPException as error:
        return _say(error.status_code)
    posted = Posted(body, dict(request.headers), dict(request.query_params))
    if refused := await hooks.take(parts, provider, posted, desk.certificates):
        log.warning("a report is refused", provider=provider, status=refused.status, why=refused.why)
        return _say(refused.status, wait=LATER if refused.status == HTTPStatus.SERVICE_UNAVAILABLE else 0)
    return _say(HTTPStatus.NO_CONTENT)


def _say(status: int, *, wait: int = 0) -> Response:
    fields = {"cache-control": "no-store"}
    if wait:
        fields["retry-after"] = str(wait)
    if status == HTTPStatus.UNAUTHORIZED:
        fields["www-authenticate"] = 'Basic realm="returns", charset="UTF-8"'  # RFC 9110 11.6.1
    return PlainTextResponse(status_code=status, headers=fields)
