"""The workbench of one topic: its file in an editor, and at once what the archive gives with this text.

One address and one form. GET shows the file; POST does what the pressed button says (`do`): try, save, or
accept, reject and forget an article by its number. A browser without script gets the whole page again, with
the text as it was typed; the script asks for a `part` of it. Nothing but `save` touches the file, and what
is saved the running program takes over like any other edit (`reload`).
"""

from __future__ import annotations

import asyncio
import os
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response

from syndicator.catalog.draft import Draft, Saving, open_topic, plain, read_draft, save
from syndicator.learn.exchange import kept
from syndicator.model import Judgement
from syndicator.pipeline.trial import Bounds, Trial, trial
from syndicator.store import judgements
from syndicator.web.bench import Sheet, difference, result
from syndicator.web.door import COOKIE, admins_only, root_of
from syndicator.web.form import fields
from syndicator.web.security import WITH_FETCH

if TYPE_CHECKING:
    from starlette.requests import Request

    from syndicator.catalog.draft import TopicText
    from syndicator.model import Topic, Verdict
    from syndicator.pipeline.parts import Parts
    from syndicator.web.bench import Result, Standing

BOUNDS: Final = Bounds(articles=50_000, seconds=4.0)  # somebody waits
LIMIT: Final = 20  # articles of each kind
VERDICTS: Final[dict[str, Verdict]] = {"accept": "accept", "reject": "reject"}
STATUS: Final = {"changed": 409, "refused": 422, "locked": 423}
BY: Final = "workbench"  # a session has no name


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
        raise HTTPException(404)
    if request.method != "POST":
        state = "saved" if request.query_params.get("saved") == "yes" else ""
        saving = Saving(state="saved") if state else None
        return await _show(request, file, file.text or "", file.digest, saving=saving)
    sent = await fields(request)
    word, _, argument = sent.get("do", "try").partition(" ")
    text, held = plain(sent.get("text", "")), sent.get("held", "")
    part = sent.get("part", "")
    if word == "save":
        return await _save(request, file, text, argument or held, part)
    if word in ("accept", "reject", "forget"):
        await _judge(parts, slug, word, argument)
        if part == "verdict":
            return _page(parts, "web/workbench_verdict.html.j2", id=argument, verdict=VERDICTS.get(word, ""))
    elif word != "try":
        raise HTTPException(400)
    return await _show(request, file, text, held, part=part)


async def _save(request: Request, file: TopicText, text: str, held: str, part: str) -> Response:
    """Save, and show what came of it; a browser that reloads the page then does not save again."""
    parts: Parts = request.app.state.parts
    slug = request.path_params["slug"]
    async with request.app.state.saving:
        done = await asyncio.to_thread(save, parts.settings.config, os.environ, slug, text, held)
    if done.state == "gone":
        raise HTTPException(404)
    if done.state in STATUS:
        return await _show(request, file, text, held, saving=done, part=part)
    if not part:
        return RedirectResponse(f"{root_of(parts)}/admin/topics/{slug}?saved=yes", status_code=303)
    now = await asyncio.to_thread(open_topic, parts.settings.config, slug)
    return await _show(request, now or file, text, (now or file).digest, saving=done, part=part)


async def _judge(parts: Parts, slug: str, word: str, number: str) -> None:
    """Write or take back what an admin says of an article."""
    async with parts.store.write() as conn:
        found = await judgements.find(conn, number) if number.isdigit() else []
        if len(found) != 1 or found[0].id != int(number):
            raise HTTPException(404)
        article = found[0].article
        if word == "forget":
            await judgements.forget(conn, slug, article.source, article.key)
            return
        told = Judgement(topic=slug, article=kept(article), verdict=VERDICTS[word], by=BY, at=parts.clock())
        await judgements.record(conn, [told])


async def _show(
    request: Request, file: TopicText, text: str, held: str, *, saving: Saving | None = None, part: str = ""
) -> Response:
    """Try a text and show it with what came of it; 204 to a script whose newer question took its place."""
    parts: Parts = request.app.state.parts
    slug = request.path_params["slug"]
    in_force = parts.current.catalog.topics.get(slug)
    session = sha256(request.cookies.get(COOKIE, "").encode()).hexdigest()
    turns: Turns = request.app.state.turns
    stop = turns.begin(session)
    try:
        draft = await _read(parts, file, text, is_new=request.method == "POST")
        made = await _tried(parts, draft.topic, in_force, stop) if draft.topic else None
    finally:
        turns.end(session, stop)
    if part and stop.is_set():
        return Response(status_code=204)
    found, judged = await _with_verdicts(parts, slug, made, draft.topic, in_force)
    differs = saving is not None and saving.state == "changed"
    shown = draft.topic or in_force
    sheet = Sheet(
        slug=slug,
        title=shown.title if shown else slug,
        file=file,
        text=text,
        held=held,
        draft=draft,
        result=found,
        standing=_standing(file, text, draft.topic, in_force),
        judged=judged,
        saving=saving,
        difference=await asyncio.to_thread(difference, file.text or "", text) if differs else (),
    )
    name = "web/workbench_results.html.j2" if part else "web/workbench.html.j2"
    status = STATUS.get(saving.state, 200) if saving else 200
    return _page(parts, name, status=status, site=parts.settings.site, sheet=sheet)


async def _read(parts: Parts, file: TopicText, text: str, *, is_new: bool) -> Draft:
    if file.text is None and not is_new:
        return Draft(topic=None, problems=file.problems)
    return await asyncio.to_thread(read_draft, parts.settings.config, os.environ, file, text)


async def _tried(parts: Parts, topic: Topic, in_force: Topic | None, stop: asyncio.Event) -> Trial:
    return await trial(parts.store, topic, against=in_force, limit=LIMIT, bounds=BOUNDS, stop=stop)


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
    return result(made, verdicts, has_before=in_force is not None, is_same=same), judged


def _standing(file: TopicText, text: str, topic: Topic | None, in_force: Topic | None) -> Standing:
    if text != file.text:
        return "unsaved"
    return "in force" if topic is not None and topic == in_force else "waiting"


def _page(parts: Parts, name: str, *, status: int = 200, **context: object) -> Response:
    body = parts.templates.render(name, parts.settings.site.language, **context)
    return HTMLResponse(body, status_code=status, headers={"content-security-policy": WITH_FETCH})
