"""The callback that hubs speak to: GET asks whether we meant it, POST brings content (WebSub 5.3 and 7).

The token in the address is the only key to a subscription; nothing lists or suggests tokens. Content is a
hint, no more: a push with a good signature makes its source due, and the pull that follows is the one way
by which articles come in. So nobody can write articles here, whatever they get hold of.
"""

from __future__ import annotations

import asyncio
import re
from http import HTTPStatus
from typing import TYPE_CHECKING

import structlog
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse

from syndicator.fetch import lease
from syndicator.fetch.signature import Check
from syndicator.pipeline.renew import look
from syndicator.store import hubs

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from syndicator.model.hubs import Hub
    from syndicator.pipeline.parts import Parts
    from syndicator.web.pace import Pace

log = structlog.get_logger("syndicator")

TOKEN = re.compile(r"[A-Za-z0-9_-]{32}", re.ASCII)
MAX_QUERY = 16_384  # characters
BODY_TIME = 10.0  # seconds that a body may take to arrive
PER_MINUTE = 30  # requests of one hub that cause more than a read; those of busy feeds come in seconds


async def callback(request: Request) -> Response:
    """GET and POST /websub/TOKEN."""
    parts: Parts = request.app.state.parts
    token = request.path_params["token"]
    if not TOKEN.fullmatch(token):
        return _say(HTTPStatus.NOT_FOUND)
    if request.method == "HEAD":  # it would do what GET does, and bring no challenge back
        return _say(HTTPStatus.METHOD_NOT_ALLOWED, headers={"allow": "GET, POST"})
    async with parts.store.read() as conn:
        hub = await hubs.by_token(conn, token)
    if request.method == "POST":
        return await _receive(request, parts, hub)
    return await _confirm(request, parts, hub)


async def _confirm(request: Request, parts: Parts, hub: Hub | None) -> Response:
    """Answer what the hub wants confirmed: the challenge, or 404 for what we do not want (WebSub 5.3.1)."""
    if hub is None or len(request.url.query) > MAX_QUERY:
        return _say(HTTPStatus.NOT_FOUND)
    said = {name: request.query_params.get(f"hub.{name}", "") for name in ("mode", "topic", "challenge")}
    if said["mode"] == "denied":
        return await _denied(request, parts, hub)
    if not lease.agrees(hub, **said, now=parts.clock()):
        log.warning("a hub asks for what we do not want", source=hub.source, mode=said["mode"][:20])
        return _say(HTTPStatus.NOT_FOUND)
    if not _admits(request, hub):
        return _too_many()
    async with parts.store.write() as conn:
        now = parts.clock()
        held = await hubs.by_token(conn, hub.token, lock=True)
        if held is None or not lease.agrees(held, **said, now=now):
            return _say(HTTPStatus.NOT_FOUND)
        if held.state == "leaving":
            await hubs.forget(conn, held)
        else:
            seconds = request.query_params.get("hub.lease_seconds", "")
            after = lease.verified(held, now=now, seconds=seconds, jitter=parts.jitter())
            await hubs.record(conn, after)
    log.info("a hub has verified", source=hub.source, hub=hub.hub_url, mode=said["mode"])
    return _say(HTTPStatus.OK, said["challenge"])


async def _denied(request: Request, parts: Parts, hub: Hub) -> Response:
    """Take a no, whenever it comes (WebSub 5.2)."""
    if request.query_params.get("hub.topic", "") != hub.topic_url:
        return _say(HTTPStatus.NOT_FOUND)
    if not _admits(request, hub):
        return _too_many()
    reason = request.query_params.get("hub.reason", "")
    async with parts.store.write() as conn:
        held = await hubs.by_token(conn, hub.token, lock=True)
        if held is None:
            return _say(HTTPStatus.NOT_FOUND)
        if held.state == "leaving":
            await hubs.forget(conn, held)
        else:
            after = lease.denied(held, now=parts.clock(), reason=reason, fresh=hubs.fresh())
            await hubs.record(conn, after)
        await hubs.tell_sources(conn)
    log.warning("a hub denies", source=hub.source, hub=hub.hub_url, reason=lease.tidy(reason))
    return _say(HTTPStatus.OK)


async def _receive(request: Request, parts: Parts, hub: Hub | None) -> Response:
    """Take a push. 202 says that it came and nothing of what was made of it (WebSub 7); 410 ends it all."""
    if hub is None or hub.state == "leaving":
        return _say(HTTPStatus.GONE)
    if lease.is_waiting(hub):
        return _say(HTTPStatus.ACCEPTED)  # the pull that is due anyhow brings this news too
    if not _admits(request, hub):
        return _too_many()
    check = Check(hub.secret, request.headers.get("x-hub-signature", ""))
    if check.is_possible and (refusal := await _read(request, check, parts.settings.fetch.max_bytes)):
        return _say(refusal)
    async with parts.store.write() as conn:
        if not check.is_good():
            await hubs.count_ignored(conn, hub)
        elif held := await hubs.by_token(conn, hub.token, lock=True):
            now = parts.clock()
            await hubs.record(conn, lease.heard(held, now))
            await look(conn, now, only=held.id)
    if not check.is_good():
        log.warning("ignored a push that is not signed as agreed", source=hub.source, hub=hub.hub_url)
    return _say(HTTPStatus.ACCEPTED)


async def _read(request: Request, check: Check, limit: int) -> HTTPStatus | None:
    """Feed the body to `check` and keep nothing; a status if it is too large, too slow or breaks off."""
    size = 0
    try:
        async with asyncio.timeout(BODY_TIME):
            async for data in request.stream():
                size += len(data)
                if size > limit:
                    return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
                check.feed(data)
    except TimeoutError:
        return HTTPStatus.REQUEST_TIMEOUT
    except ClientDisconnect:
        return HTTPStatus.BAD_REQUEST
    return None


def _admits(request: Request, hub: Hub) -> bool:
    paces: Pace = request.app.state.paces
    return paces.admits(hub.id, request.app.state.parts.clock())


def _too_many() -> Response:
    return _say(HTTPStatus.TOO_MANY_REQUESTS, headers={"retry-after": "60"})


def _say(status: HTTPStatus, text: str = "", *, headers: dict[str, str] | None = None) -> Response:
    """Answer in plain text that no browser takes for more (WebSub 8.2); all answers carry nosniff."""
    fields = {"cache-control": "no-store", "content-disposition": "attachment"} | (headers or {})
    return PlainTextResponse(text, status_code=status, headers=fields)
