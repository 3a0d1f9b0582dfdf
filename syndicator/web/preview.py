"""The next mail of a topic, in all looks, light and dark, on phone and desk, as anybody or as one reader.

The page frames the mails; each frame is an answer of its own, sandboxed, and allowed pictures alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse

from syndicator import address as addresses
from syndicator.contexts import LOOKS
from syndicator.digest.message import personalise
from syndicator.digest.render import HTML_LIMIT, look_of, octets, render
from syndicator.errors import NotFound
from syndicator.pipeline.foretaste import foretaste
from syndicator.pipeline.letters import marks_of
from syndicator.web.door import admins_only, shown
from syndicator.web.form import asked as asked_for
from syndicator.web.security import POLICY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from syndicator.model import Edition, Look, Topic
    from syndicator.pipeline.foretaste import Foretaste
    from syndicator.pipeline.parts import Parts

NAME: Final = "preview"  # of the edition, which is nobody's
PAGE_POLICY: Final = f"{POLICY}; frame-src 'self'"
FRAME_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; sandbox allow-popups"
)
SCHEMES: Final[Mapping[str, str]] = {"light": "not all", "dark": "all"}
_ASKED: Final = "@media (prefers-color-scheme: dark)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the address of a page asks for."""

    look: Look | None = None  # None: as it will be sent
    language: str = ""
    reader: str = ""  # an address


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the template is given of a mail."""

    edition: Edition
    look: Look  # that it is shown in
    usual: Look  # that it will be sent in
    octets: int
    offered: int  # articles that did not fit are not shown
    of: Foretaste


def _asked(request: Request, parts: Parts) -> Asked:
    query = request.query_params
    look = query.get("look", "")
    language = query.get("language", "")
    return Asked(
        look=next((each for each in LOOKS if each == look), None),
        language=language if language in parts.templates.by_language else "",
        reader=asked_for(query, "as", most=addresses.MAX_ADDRESS),
    )


def _topic(request: Request) -> Topic | None:
    parts: Parts = request.app.state.parts
    return parts.current.catalog.topics.get(request.path_params["slug"])


async def _made(parts: Parts, topic: Topic, asked: Asked) -> Shown | None:
    """Compose and render; None if there is nothing to tell. Raises NotFound for an unknown reader."""
    found = await foretaste(parts, topic, address=asked.reader, language=asked.language)
    if found is None:
        return None
    usual = look_of(found.digest, parts.settings.mail.look)
    marks = marks_of(NAME, parts.mark_key)
    edition = render(
        found.digest,
        parts.templates,
        parts.settings.site,
        edition_id=NAME,
        slot=NAME,
        marks=marks,
        now=parts.clock(),
        look=usual,
        forced=asked.look,
    )
    return Shown(
        edition=edition,
        look=asked.look or usual,
        usual=usual,
        octets=octets(edition.html),
        offered=found.digest.total,
        of=found,
    )


def _personal(parts: Parts, address: str) -> dict[str, str]:
    """Fill in what is personal: no link of a preview leaves or changes anything."""
    base = parts.settings.site.base_url
    values = {
        "address": address or "reader@example.org",
        "unsubscribe": f"{base}/unsubscribe/{NAME}",
        "preferences": f"{base}/preferences",
    }
    return {mark: values[part] for part, mark in marks_of(NAME, parts.mark_key).items()}


@admins_only
async def preview(request: Request) -> Response:
    """GET /admin/digests/SLUG."""
    parts: Parts = request.app.state.parts
    topic = _topic(request)
    if topic is None:
        return shown(parts, "nowhere", status=404)
    asked, refused = _asked(request, parts), ""
    made = None
    try:
        made = await _made(parts, topic, asked)
    except NotFound:
        refused = asked.reader
    body = parts.templates.render(
        "web/preview.html.j2",
        parts.settings.site.language,
        site=parts.settings.site,
        topic=topic,
        asked=asked,
        refused=refused,
        made=made,
        text=personalise(made.edition.text, _personal(parts, made.of.address), html=False) if made else "",
        faults=parts.broken_templates,
        looks=LOOKS,
        languages=sorted(parts.templates.by_language),
        limit=HTML_LIMIT,
        frame=f"{request.url.path}/mail?{request.url.query}&",
    )
    return HTMLResponse(body, headers={"content-security-policy": PAGE_POLICY})


@admins_only
async def mail(request: Request) -> Response:
    """GET /admin/digests/SLUG/mail: what a frame shows; `scheme` is light or dark."""
    parts: Parts = request.app.state.parts
    topic, scheme = _topic(request), SCHEMES.get(request.query_params.get("scheme", "light"))
    if topic is None or scheme is None:
        raise HTTPException(404)
    try:
        made = await _made(parts, topic, _asked(request, parts))
    except NotFound as error:
        raise HTTPException(404) from error
    if made is None:
        raise HTTPException(404)
    html = personalise(made.edition.html, _personal(parts, made.of.address), html=True)
    html = html.replace(_ASKED, f"@media {scheme}").replace("<head>", '<head><base target="_blank">', 1)
    return HTMLResponse(html, headers={"content-security-policy": FRAME_POLICY})
