"""The workbench of one topic: its file in an editor, and at once what the archive gives with this text.

One address and one form. GET shows the file; POST does what the pressed button says (`do`): try, save, or
accept, reject and forget an article by its number. A browser without script gets the whole page again, with
the text as it was typed; the script asks for a `part` of it. Nothing but `save` touches the file, and what
is saved the running program takes over like any other edit (`reload`).
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response

from syndicator.catalog.draft import Draft, Saving, open_topic, plain, read_draft, save
from syndicator.learn.exchange import kept
from syndicator.model import Judgement
from syndicator.pipeline.trial import Bounds, Trial, trial
from syndicator.store import articles, judgements
from syndicator.web.bench import Sheet, difference, result
from syndicator.web.door import COOKIE, admins_only, root_of, shown
from syndicator.web.form import fields
from syndicator.web.security import WITH_FETCH

if TYPE_CHECKING:
    from starlette.requests import Request

    from syndicator.catalog.draft import TopicText
    from syndicator.model import Topic, Verdict
    from syndicator.pipeline.parts import Parts
    from syndicator.web.bench import Result, Standing

BOUNDS: Final = Bounds(articles=50_000, seconds=4.0)  # somebody waits
GLANCE: Final = Bounds(articles=50_000, seconds=0.5)  # while somebody types; the script then asks for more
LIMIT: Final = 20  # articles of each kind
VERDICTS: Final[dict[str, Verdict]] = {"accept": "accept", "reject": "reject"}
STATUS: Final = {"changed": 409, "refused": 422, "locked": 423}
BY: Final = "workbench"  # a session has no name


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What the form says. `part` is results or verdict if the script asks; `text` is None for no text."""

    do: str = "try"
    argument: str = ""  # of what is to be done: an article's number, or the digest to save over
    text: str | None
    held: str
    part: str = ""
    bounds: Bounds = BOUNDS


class Turns:
    """One trial at a time for each session: a newer one ends the older."""

    def __init__(self) -> None:
        self._stops: dict[str, asyncio.Event] = {}

    def begin(self, session: str) -> asyncio.Event:
        """End what runs, and return what will end the new one."""
        if older := self._stops.get(session):
            older.set()
        self._stops[session] = stop = asyncio.Event()
        return stop

    def end(self, session: str, stop: asyncio.Event) -> None:
        """Forget a trial that is over."""
        if self._stops.get(session) is stop:
            del self._stops[session]


@admins_only
async def bench(request: Request) -> Response:
    """GET and POST /admin/topics/SLUG."""
    parts: Parts = request.app.state.parts
    slug = request.path_params["slug"]
    file = await asyncio.to_thread(open_topic, parts.settings.config, slug)
    if file is None:
        return shown(parts, "nowhere", status=404)
    if request.method != "POST":
        saving = Saving(state="saved") if request.query_params.get("saved") == "yes" else None
        return await _show(request, file, Sent(text=file.text, held=file.digest), saving)
    sent = _sent(await fields(request))
    if sent.do == "save":
        return await _save(request, file, sent)
    if sent.do in ("accept", "reject", "forget"):
        await _judge(parts, slug, sent)
        if sent.part == "verdict":
            verdict = VERDICTS.get(sent.do, "")
            return _page(parts, "web/workbench_verdict.html.j2", id=sent.argument, verdict=verdict)
    elif sent.do != "try":
        raise HTTPException(400)
    return await _show(request, file, sent)


def _sent(form: dict[str, str]) -> Sent:
    word, _, argument = form.get("do", "try").partition(" ")
    return Sent(
        do=word,
        argument=argument,
        text=plain(form.get("text", "")),
        held=form.get("held", ""),
        part=form.get("part", ""),
        bounds=GLANCE if form.get("glance") == "yes" else BOUNDS,
    )


async def _save(request: Request, file: TopicText, sent: Sent) -> Response:
    """Save, and show what came of it; a browser that reloads the page then does not save again."""
    parts: Parts = request.app.state.parts
    slug, text, held = request.path_params["slug"], sent.text or "", sent.argument or sent.held
    async with request.app.state.saving:
        done = await asyncio.to_thread(save, parts.settings.config, os.environ, slug, text, held)
    if done.state == "gone":
        raise HTTPException(404)
    if done.state in STATUS:
        return await _show(request, file, sent, done)
    if not sent.part:
        return RedirectResponse(f"{root_of(parts)}/admin/topics/{slug}?saved=yes", status_code=303)
    now = await asyncio.to_thread(open_topic, parts.settings.config, slug) or file
    return await _show(request, now, replace(sent, held=now.digest), done)


async def _judge(parts: Parts, slug: str, sent: Sent) -> None:
    """Write or take back what an admin says of an article."""
    number = sent.argument
    async with parts.store.write() as conn:
        wanted = [int(number)] if number.isascii() and number.isdigit() and len(number) < 19 else []
        found = await articles.get(conn, wanted)
        if not found:
            raise HTTPException(404)
        article = found[wanted[0]].article
        if sent.do == "forget":
            await judgements.forget(conn, slug, article.source, article.key)
            return
        told = Judgement(
            topic=slug, article=kept(article), verdict=VERDICTS[sent.do], by=BY, at=parts.clock()
        )
        await judgements.record(conn, [told])


async def _show(request: Request, file: TopicText, sent: Sent, saving: Saving | None = None) -> Response:
    """Try a text and show it with what came of it; 204 to a script whose newer question took its place."""
    parts: Parts = request.app.state.parts
    slug = request.path_params["slug"]
    in_force = parts.current.catalog.topics.get(slug)
    session = sha256(request.cookies.get(COOKIE, "").encode()).hexdigest()
    turns: Turns = request.app.state.turns
    stop = turns.begin(session)
    try:
        draft = await _read(parts, file, sent.text)
        made = await _tried(parts, draft.topic, in_force, sent.bounds, stop) if draft.topic else None
    finally:
        turns.end(session, stop)
    if sent.part and stop.is_set() and saving is None:
        return Response(status_code=204)
    found, judged = await _with_verdicts(parts, slug, made, draft.topic, in_force)
    text, named = sent.text or "", draft.topic or in_force
    differs = saving is not None and saving.state == "changed"
    sheet = Sheet(
        slug=slug,
        title=named.title if named else slug,
        file=file,
        text=text,
        held=sent.held,
        draft=draft,
        result=found,
        standing=_standing(file, text, draft.topic, in_force),
        judged=judged,
        saving=saving,
        difference=await asyncio.to_thread(difference, file.text or "", text) if differs else (),
    )
    name = "web/workbench_results.html.j2" if sent.part else "web/workbench.html.j2"
    status = STATUS.get(saving.state, 200) if saving else 200
    return _page(parts, name, status=status, site=parts.settings.site, sheet=sheet)


async def _read(parts: Parts, file: TopicText, text: str | None) -> Draft:
    if text is None:
        return Draft(topic=None, problems=file.problems)
    return await asyncio.to_thread(read_draft, parts.settings.config, os.environ, file, text)


async def _tried(
    parts: Parts, topic: Topic, in_force: Topic | None, bounds: Bounds, stop: asyncio.Event
) -> Trial:
    return await trial(parts.store, topic, against=in_force, limit=LIMIT, bounds=bounds, stop=stop)


async def _with_verdicts(
    parts: Parts, slug: str, made: Trial | None, topic: Topic | None, in_force: Topic | None
) -> tuple[Result | None, tuple[int, int]]:
    """Join what was said of the candidates to them, and count all that was said."""
    found = [*made.gained, *made.lost, *made.kept] if made else []
    async with parts.store.read() as conn:
        verdicts = await judgements.verdicts(conn, slug, {each.stored.article.key for each in found})
        judged = await judgements.count(conn, slug)
    if made is None or topic is None:
        return None, judged
    same = in_force is not None and in_force.fingerprint == topic.fingerprint
    settled = await asyncio.to_thread(  # it reads texts again, which may be long
        result, topic, made, verdicts, has_before=in_force is not None, is_same=same
    )
    return settled, judged


def _standing(file: TopicText, text: str, topic: Topic | None, in_force: Topic | None) -> Standing:
    if text != file.text:
        return "unsaved"
    return "in force" if topic is not None and topic == in_force else "waiting"


def _page(parts: Parts, name: str, *, status: int = 200, **context: object) -> Response:
    body = parts.templates.render(name, parts.settings.site.language, **context)
    return HTMLResponse(body, status_code=status, headers={"content-security-policy": WITH_FETCH})
