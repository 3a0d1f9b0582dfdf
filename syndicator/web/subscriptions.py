"""Leaving: GET shows a page and changes nothing, POST unsubscribes (RFC 8058), twice is harmless."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse

from syndicator.store import editions, subscribers

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from syndicator.pipeline.parts import Parts


async def unsubscribe(request: Request) -> Response:
    """GET and POST /unsubscribe/TOKEN. The token alone says who leaves what: no cookie, no redirect."""
    parts: Parts = request.app.state.parts
    claim = parts.tokens.read_unsubscribe(request.path_params["token"])
    if claim is None:
        return _page(parts, "unknown", status=404)
    subscriber_id, edition_id = claim
    async with parts.store.read() as conn:
        reader = await subscribers.get(conn, subscriber_id)
        edition = await editions.get(conn, edition_id)
    # An edition that is gone can no longer say what it held: then the reader leaves all.
    named = edition.topics if edition else tuple(reader.topics) if reader else ()
    topics = [request.app.state.moved.now(slug) for slug in named]  # a mail may be older than a name
    if request.method == "POST" and reader:
        async with parts.store.write() as conn:
            await subscribers.end(conn, subscriber_id, topics, now=parts.clock())
    state = "done" if request.method == "POST" or reader is None else "ask"
    known = parts.current.catalog.topics
    return _page(
        parts,
        state,
        topics=[known[slug].title if slug in known else slug for slug in topics],
        action=request.url.path,
        address_hint=mask(reader.subscriber.address) if reader else "…",
    )


def _page(
    parts: Parts,
    state: str,
    *,
    status: int = 200,
    topics: list[str] | None = None,
    action: str = "",
    address_hint: str = "",
) -> HTMLResponse:
    body = parts.templates.render(
        "web/unsubscribe.html.j2",
        parts.settings.site.language,
        site=parts.settings.site,
        state=state,
        topics=topics or [],
        action=action,
        address_hint=address_hint,
    )
    return HTMLResponse(body, status_code=status, headers={"cache-control": "no-store"})


def mask(address: str) -> str:
    """Hide most of an address from whoever looks over a shoulder: `anna@example.org` → `a…@example.org`."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"
