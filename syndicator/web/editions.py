"""Editions on the web: what was mailed, less what was personal and what was taken back since; their list."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from syndicator.digest.message import mark, personalise
from syndicator.digest.taken import html_without
from syndicator.pipeline import editions as archive
from syndicator.publish.conditional import outcome
from syndicator.publish.formats import FEEDS, MEDIA_TYPES
from syndicator.publish.page import formats
from syndicator.store import editions, listings, retractions
from syndicator.web.answer import asked
from syndicator.web.topics import KEEP, NAME, gone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

    from syndicator.model import Topic
    from syndicator.pipeline.parts import Parts

# A mail carries its styles inside.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src https: http: data:; base-uri 'none'"


_TAGS = re.compile(r"<(?:table|td)\b[^>]*>")
_OLD = re.compile(r' (?:width|border|cellpadding|cellspacing|align|valign|bgcolor)="[^"]*"')


def for_browsers(html: str) -> str:
    """Take out the attributes of tables that mail programs need and HTML gave up; the styles say the same."""
    return _TAGS.sub(lambda tag: _OLD.sub("", tag[0]), html)


# The foot of a mail, which speaks to one reader, as the frame of all looks marks it (email/_base.html.j2).
_FOOT = re.compile(r"<!--foot-->.*?<!--/foot-->\s*", re.DOTALL)
_MAIN = re.compile(r'<div role="main">(.*)</div>(?=\s*</body>)', re.DOTALL)


def for_everybody(html: str) -> str:
    """Leave out the foot, which speaks to one reader, and name the main part as pages do."""
    return _MAIN.sub(lambda part: f"<main>{part[1]}</main>", _FOOT.sub("", html))


async def edition(request: Request) -> Response:
    """GET /editions/ID."""
    parts: Parts = request.app.state.parts
    name = request.path_params["id"]
    found, html, listed, around = None, None, None, ("", "")
    if name.isascii() and name.isalnum():  # PostgreSQL takes no NUL in a question
        async with parts.store.read() as conn:
            found = await editions.get(conn, name)
            html = html_without(found, await retractions.addresses(conn, found.shown)) if found else None
            if found and len(found.topics) == 1:
                listed = await listings.get(conn, name)
                date = listed.local_date if listed else await listings.date_of(conn, name)
                slug = request.app.state.moved.now(found.topics[0])
                around = await listings.beside(conn, slug, date, found.language)
    if found is None or html is None:
        raise HTTPException(404)
    marks = {
        mark("address", found.id, parts.mark_key): "…",
        mark("unsubscribe", found.id, parts.mark_key): f"{parts.settings.site.base_url}/",
        mark("preferences", found.id, parts.mark_key): f"{parts.settings.site.base_url}/preferences",
    }
    body = for_browsers(for_everybody(personalise(html, marks, html=True)))
    topics = [parts.current.catalog.topics.get(request.app.state.moved.now(slug)) for slug in found.topics]
    told = [topic for topic in topics if topic]
    is_open = len(told) == len(topics) and all(topic.is_public for topic in told)
    is_archived = listed is not None and is_open and told[0].has_archive
    headers = {
        "content-security-policy": POLICY,
        "cache-control": "max-age=3600" if is_open else "private, max-age=3600",
    }
    if not is_archived:
        headers["x-robots-tag"] = "noindex, nofollow"
    return HTMLResponse(_framed(parts, body, found.language, told, around), headers=headers)


_HEAD = re.compile(r"</head>", re.IGNORECASE)
_BODY = re.compile(r"<body\b[^>]*>", re.IGNORECASE)
# The paper and ink of our mails, so that the lines above and below belong to the page.
STYLE = """<style>
.press { max-width: 600px; margin: 0 auto; padding: 8px 24px; box-sizing: border-box; color: #5b5852; }
.press p { margin: 0; font: 16px/1.5 system-ui, 'Segoe UI', 'PingFang SC', 'Microsoft YaHei', sans-serif; }
.press a { color: #94231f; text-decoration: underline; }
@media (max-width: 480px) { .press { padding: 8px 16px; } }
@media (prefers-color-scheme: dark) { .press { color: #a8a49b; } .press a { color: #f0a193; } }
</style>
"""


def _framed(parts: Parts, html: str, language: str, topics: Sequence[Topic], around: tuple[str, str]) -> str:
    """Put the way to the site, the archive and the editions before and after it around a mail."""
    head, body, foot = _HEAD.search(html), _BODY.search(html), html.rfind("</body>")
    if not (head and body and foot > body.end() > head.end()):
        return html  # an admin's own template that is laid out otherwise
    base = parts.settings.site.base_url
    public = [topic for topic in topics if topic.is_public]
    alone = topics[0] if len(topics) == 1 and topics[0].has_archive else None
    older, newer = (f"{base}/editions/{id_}" if id_ and alone else "" for id_ in around)
    is_offered = len(public) == 1 and public[0].is_offered and public[0].digest
    above = parts.templates.render(
        "web/edition_top.html.j2",
        language,
        site=parts.settings.site,
        topics=public,
        archive=f"{base}/topics/{alone.slug}/editions" if alone else "",
    )
    below = parts.templates.render(
        "web/edition_foot.html.j2",
        language,
        site=parts.settings.site,
        older=older,
        newer=newer,
        join=f"{base}/topics/{public[0].slug}#door-mail" if is_offered else "",
    )
    opened = html[: head.start()] + STYLE + html[head.start() : body.end()] + above
    return opened + html[body.end() : foot] + below + html[foot:]


async def listing(request: Request) -> Response:
    """GET /topics/SLUG/editions?before=DATE.LANGUAGE: past mails, newest first."""
    parts: Parts = request.app.state.parts
    topic = await _topic(request, "")
    if isinstance(topic, Response):
        return topic
    text = request.query_params.get("before", "")
    before = archive.place_of(text)
    body = await archive.page(parts, topic, before) if before or not text else None
    if body is None:
        raise HTTPException(404)
    return _conditional(request, parts, body, "text/html")


async def feed(request: Request) -> Response:
    """GET /topics/SLUG/editions.rss, .atom or .json, as far as the topic has that format."""
    parts: Parts = request.app.state.parts
    format_ = request.path_params["format"]
    topic = await _topic(request, f".{format_}")
    if isinstance(topic, Response):
        return topic
    if format_ not in FEEDS or format_ not in formats(topic):
        raise HTTPException(404)
    body = await archive.feed(parts, topic, format_)
    answer = _conditional(request, parts, body, MEDIA_TYPES[format_])
    answer.headers["access-control-allow-origin"] = "*"
    return answer


async def _topic(request: Request, ending: str) -> Topic | Response:
    """Find the topic whose archive is asked for; an answer that leads on where it is called otherwise now."""
    parts: Parts = request.app.state.parts
    slug = request.path_params["slug"]
    topic = parts.current.catalog.topics.get(request.app.state.moved.now(slug))
    if topic is None and NAME.fullmatch(slug):
        await gone(parts, slug)
    if topic is None or not topic.has_archive:
        raise HTTPException(404)
    if topic.slug == slug:
        return topic
    target = f"{parts.settings.site.base_url}/topics/{topic.slug}/editions{ending}"
    return Response(status_code=301, headers=KEEP | {"location": target})


def _conditional(request: Request, parts: Parts, body: bytes, media_type: str) -> Response:
    """Answer 200, 304 or 412 by the tag of the bytes; dates say nothing, for what is taken back has none."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    now = parts.clock()
    said = asked(request.scope["headers"])
    by_tag: dict[str, str] = {name: said[name] for name in ("if-match", "if-none-match") if name in said}
    status = outcome(by_tag, etag=tag, modified_at=now, now=now)
    headers = {"etag": tag, "cache-control": "public, max-age=300"}
    if status != 200:
        return Response(status_code=status, headers=headers)
    return Response(body, media_type=media_type, headers=headers)
