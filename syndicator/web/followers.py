"""POST /hub: who wants to be told when a feed of ours changes, and who does no more (WebSub 5.1).

Anybody may ask, so asking costs us little and others nothing: a request is a row, and whether its callback is
asked, when, and how often at most, `pipeline.confirm` decides.
"""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import structlog
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse

from syndicator.fetch import callbacks
from syndicator.pipeline.confirm import private_topics
from syndicator.publish import following
from syndicator.publish.following import Refusal
from syndicator.store import documents, followers, intents
from syndicator.web import form

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection
    from starlette.requests import Request
    from starlette.responses import Response

    from syndicator.model.followers import Wish
    from syndicator.pipeline.parts import Parts

log = structlog.get_logger("syndicator")

MAX_BODY: Final = 16_384  # octets: two addresses of MAX_ADDRESS, each octet written as three, and the rest
PER_MINUTE, PER_MINUTE_IN_ALL = 30, 300  # requests from one network, and from everywhere
SOON, LATER = 60, 3600  # seconds until it is worth to ask again


async def hub(request: Request) -> Response:
    """POST /hub."""
    parts: Parts = request.app.state.parts
    if not callbacks.is_open(parts.settings):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    network = following.network(request.client.host if request.client else "")
    if not _admits(request, network):
        return _say(HTTPStatus.TOO_MANY_REQUESTS, "too many requests", wait=SOON)
    try:
        fields = await form.fields(request, limit=MAX_BODY)
    except HTTPException as error:
        return _say(error.status_code, HTTPStatus(error.status_code).phrase)
    wish = following.read_request(fields, parts.settings.site.base_url)
    if isinstance(wish, Refusal):
        return _say(wish.status, wish.why)
    if not callbacks.is_welcome(wish.callback, parts.settings, ports=following.PORTS):
        return _say(HTTPStatus.FORBIDDEN, "hub.callback is no public address, or at no usual port")
    if refusal := await _take(parts, wish, network):
        log.info("a follower is refused", status=refusal.status, why=refusal.why, host=wish.host)
        return _say(refusal.status, refusal.why, wait=refusal.wait)
    return _say(HTTPStatus.ACCEPTED)


async def _take(parts: Parts, wish: Wish, network: str) -> Refusal | None:
    """Write a wish down, to be asked about; or why not."""
    now = parts.clock()
    async with parts.store.write() as conn:
        if held := await followers.at(conn, wish.callback, wish.topic_url):
            wish = replace(
                wish, topic=held.topic, format=held.format
            )  # the topic may have another name by now
        version = await documents.version(conn, wish.topic, wish.format)
        if wish.mode == "subscribe":
            if version is None or wish.topic in private_topics(parts):
                return Refusal(HTTPStatus.NOT_FOUND, "hub.topic is none of our feeds")
        elif not (await _is_pending(conn, wish) or await _is_held(conn, wish)):
            return Refusal(HTTPStatus.NOT_FOUND, "there is no such subscription")
        if refusal := await _limit(conn, wish, network, now):
            return refusal
        await intents.put(conn, wish, network=network, version=version or "", now=now)
    return None


async def _is_held(conn: AsyncConnection, wish: Wish) -> bool:
    return await followers.get(conn, wish.callback, wish.topic, wish.format) is not None


async def _is_pending(conn: AsyncConnection, wish: Wish) -> bool:
    return await intents.get(conn, wish.callback, wish.topic, wish.format) is not None


async def _limit(conn: AsyncConnection, wish: Wish, network: str, now: datetime) -> Refusal | None:
    """Hold a wish against what we bear in all, of one host, and from one network."""
    if await _is_pending(conn, wish):
        return None  # it takes the place of the older one
    is_known, is_held = await followers.is_known(conn, wish.host, now), await _is_held(conn, wish)
    pending, pending_of_host, asked = await intents.counts(conn, host=wish.host, network=network)
    held, at_host, taken = await followers.counts(conn, host=wish.host, network=network)
    most_of_host = following.PENDING_OF_KNOWN if is_known else following.PENDING_OF_HOST
    busy, many = HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS
    limits = [
        (pending >= following.PENDING, Refusal(busy, "too many unconfirmed requests", SOON)),
        (pending_of_host >= most_of_host, Refusal(many, "too many unconfirmed requests for this host", SOON)),
    ]
    if not is_held:  # a renewal, or an end, makes nothing more
        limits += [
            (held + pending >= following.MOST, Refusal(busy, "too many followers", LATER)),
            (
                at_host + pending_of_host >= following.PER_HOST,
                Refusal(many, "too many followers at this host", LATER),
            ),
            (
                bool(network) and taken + asked >= following.PER_NETWORK,
                Refusal(many, "too many followers from your network", LATER),
            ),
        ]
    return next((refusal for is_reached, refusal in limits if is_reached), None)


def _admits(request: Request, network: str) -> bool:
    """Whether one more request is welcome: from this network, and at all."""
    state, now = request.app.state, request.app.state.parts.clock()
    return not (network and not state.asking.admits(network, now)) and state.asking_all.admits("", now)


def _say(status: int, text: str = "", *, wait: int = 0) -> Response:
    """Answer in plain text, for whoever looks into a log."""
    fields = {"cache-control": "no-store"} | ({"retry-after": str(wait)} if wait else {})
    return PlainTextResponse(f"{text}\n" if text else "", status_code=status, headers=fields)
