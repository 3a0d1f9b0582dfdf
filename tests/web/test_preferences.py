"""What readers may do by which link, over HTTP: every deed, every refusal, and who is told of it by mail."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import time, timedelta
from typing import TYPE_CHECKING

import pytest
from lobby import ADA, BERLIN, NOW, Lobby, lobby, topic

from syndicator.assembly import follow_keys
from syndicator.model import DeliveryStatus, DigestPlan, Edition, Slot
from syndicator.pipeline.preferences import mail_link
from syndicator.store import catalogs, deliveries, editions, preferences, signups, subscribers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

NEW = "ada@new.example"
FORM = {
    "do": "choose",
    "frequency": "weekly",
    "at": "18:30",
    "zone": "Asia/Shanghai",
    "language": "zh",
    "format": "text",
}
DEEDS = ("move", "lock", "export", "erase", "erase-now")  # that only the owner of the address may do


@pytest.fixture
async def desk(tmp_path, smtp_server) -> AsyncIterator[Lobby]:
    async with lobby(tmp_path, smtp_server) as made:
        yield made


async def person(desk, id_):
    async with desk.parts.store.read() as conn:
        return (await subscribers.get(conn, id_)).subscriber


async def session(desk, id_):
    return f"/preferences/{await desk.token(id_, 'session')}"


async def test_daily_choices(desk):
    id_ = await desk.reader(ADA, "china", "fraud")
    path = f"/preferences/{await desk.token(id_)}"
    status, page = await desk.get(path)
    assert status == 200
    assert "The next mail comes on Friday, November 27, 2026, at 18:00 (Berlin time)" in page
    assert "China &amp; &lt;b&gt;more&lt;/b&gt;" in page
    assert "Secret" not in page, "a private topic is nobody's but its readers'"
    assert ADA not in page
    wanted = {
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-robots-tag": "noindex, nofollow",
    }
    assert {name: desk.headers[name] for name in wanted} == wanted
    assert "set-cookie" not in desk.headers
    assert "script-src" in desk.headers["content-security-policy"]
    ticks = [("do", "topics"), ("topic", "china"), ("topic", "ships"), ("topic", "board"), ("topic", "none")]
    status, page = await desk.post(path, *ticks)
    assert "Saved: these are your topics now." in page
    assert await desk.ties(id_) == {"china": "active", "fraud": "ended"}, "what is not offered is not there"
    status, page = await desk.post(path, **FORM)
    assert "已保存" in page, "in the language that was chosen"
    found = await person(desk, id_)
    assert (found.slot.key, found.language, found.format) == ("weekly@18:30@Asia/Shanghai", "zh", "text")
    await desk.post(path, **(FORM | {"frequency": "", "language": "", "format": ""}))
    found = await person(desk, id_)
    assert (found.slot, found.language, found.format) == (None, "", "")


async def test_a_pause(desk):
    id_ = await desk.reader(ADA, "china")
    path = f"/preferences/{await desk.token(id_)}"
    _, page = await desk.post(path, do="pause", until="2026-12-03")
    assert "Your mails pause until Thursday, December 3, 2026." in page
    await desk.post(path, ("do", "topics"), ("topic", "china"), ("topic", "fraud"))
    assert await desk.ties(id_) == {"china": "paused", "fraud": "paused"}, "what is new pauses too"
    _, page = await desk.post(path, do="pause", until="")
    assert "Your mails pause until you say so." in page
    _, page = await desk.post(path, do="resume")
    assert "Done: your mails go on." in page
    assert await desk.ties(id_) == {"china": "active", "fraud": "active"}
    await desk.post(path, do="topics")
    _, page = await desk.post(path, do="pause")
    assert "You have no topic that could pause." in page
    assert "No mail comes: choose a topic, and an hour." in page


async def test_fields_that_say_nothing_change_nothing(desk):
    """Each kind of fault once; what is a fault, `test_preference_forms` tries."""
    id_ = await desk.reader()
    before = await person(desk, id_)
    path = f"/preferences/{await desk.token(id_)}"
    for form, says in (
        (FORM | {"zone": "../../etc/passwd"}, "This could not be read"),
        (FORM | {"at": "25:00"}, "give the hour like this"),
        ({"do": "pause", "until": "2026-11-27"}, "a day to come, within a year"),
    ):
        status, page = await desk.post(path, **form)
        assert (status, says in page) == (422, True)
    assert await person(desk, id_) == before
    assert await desk.ties(id_) == {"china": "active"}


async def test_what_is_no_form_of_ours(desk):
    id_ = await desk.reader()
    path = f"/preferences/{await desk.token(id_)}"
    assert (await desk.post(path, do="nonsense"))[0] == 400
    assert (await desk.post(path, ("topic", "x" * 300_000)))[0] == 413
    assert (await desk.post(path, *[("topic", "x")] * 2_001))[0] == 400
    for told in ("cross-site", "same-site"):
        assert (await desk.post(path, do="topics", headers={"sec-fetch-site": told}))[0] == 403
    assert (await desk.post(path, do="topics", headers={"content-type": "text/plain"}))[0] == 415
    assert await desk.ties(id_) == {"china": "active"}


async def test_a_link_in_a_mail_opens_no_more_than_daily_choices(desk):
    id_ = await desk.reader()
    path = f"/preferences/{await desk.token(id_)}"
    for deed in DEEDS:
        status, page = await desk.post(path, do=deed, address=NEW)
        assert (status, "first have a fresh link mailed" in page) == (403, True)
    assert await desk.mailed() == []
    assert (await person(desk, id_)).address == ADA


async def test_a_fresh_link_opens_everything_once(desk):
    id_ = await desk.reader()
    _, page = await desk.post(f"/preferences/{await desk.token(id_)}", do="link")
    assert "A link is on its way to a…@reader.example" in page
    ((to, subject, link),) = await desk.mailed()
    assert (to, subject) == (ADA, "The Desk: your link")
    for _ in range(2):  # as programs that scan mails do
        status, page = await desk.get(link)
        assert (status, "Open your page?" in page) == (200, True)
    status, inside = await desk.post(link)
    assert (status, desk.headers["cache-control"]) == (303, "no-store")
    for answer in (await desk.get(link), await desk.post(link)):
        assert (answer[0], "This link is over" in answer[1]) == (404, True)
    assert ADA in (await desk.get(inside))[1]
    desk.forward(minutes=31)
    status, page = await desk.get(inside)
    assert (status, "This link is over" in page) == (404, True)


async def test_asking_for_a_link_tells_nobody_who_is_known(desk):
    await desk.reader()
    said = {await desk.post("/preferences", address=each) for each in (ADA.upper(), "nobody@reader.example")}
    assert len(said) == 1
    assert "If this address gets mails from here" in said.pop()[1]
    assert [to for to, _, _ in await desk.mailed()] == [ADA]
    status, page = await desk.post("/preferences", address="no address")
    assert (status, "This is no e-mail address" in page) == (422, True)
    for _ in range(7):
        await desk.post("/preferences", address=ADA)
        await desk.mailed()
    assert len(desk.smtp.mails) == 3, "an hour brings three at most"
    status, page = await desk.post("/preferences", address="other@reader.example")
    assert (status, "try again in a minute" in page) == (429, True)
    desk.forward(hours=1, minutes=1)
    await desk.post("/preferences", address=ADA)
    assert len(await desk.mailed()) == 1


async def test_mails_move_when_the_new_address_says_yes(desk):
    id_ = await desk.reader()
    old_link, own = f"/preferences/{await desk.token(id_)}", await session(desk, id_)
    async with desk.parts.store.write() as conn:  # whoever did that keeps nobody from their own address
        await signups.put(conn, NEW, topics=["china"], language="", slot=None, now=NOW)
    _, page = await desk.post(own, do="move", address=NEW)
    assert f"If mail can go to {NEW}, a link is on its way there." in page
    ((to, subject, link),) = await desk.mailed()
    assert (to, subject) == (NEW, "The Desk: get the mails here?")
    status, page = await desk.get(link)
    assert (status, "Nothing has changed yet" in page) == (200, True)
    assert (await person(desk, id_)).address == ADA
    _, page = await desk.post(link)
    assert "Your mails come here now" in page
    assert (await person(desk, id_)).address == NEW
    ((to, subject, _),) = await desk.mailed()
    assert (to, subject) == (ADA, "The Desk: your mails go elsewhere now")
    for over in (old_link, own, link):
        assert (await desk.get(over))[0] == 404, "links from before are over"
    assert (await desk.get(f"/preferences/{await desk.token(id_)}"))[0] == 200


async def test_a_new_address_that_is_known_or_suppressed_is_answered_alike(desk):
    id_ = await desk.reader()
    await desk.reader("known@reader.example")
    async with desk.parts.store.write() as conn:
        await subscribers.suppress(conn, "barred@reader.example", "complaint", now=NOW)
    own = await session(desk, id_)
    said = set()
    for name in ("known", "barred", "fresh"):
        status, page = await desk.post(own, do="move", address=f"{name}@reader.example")
        said.add((status, page.replace(name, "NAME")))
    assert len(said) == 1
    mails = {to.partition("@")[0]: (subject, link) for to, subject, link in await desk.mailed()}
    assert {*mails} == {"known", "fresh"}
    assert mails["known"] == ("The Desk: nothing has changed", "")
    held = json.loads((await desk.post(own, do="export"))[1])
    assert len({tuple(note) for note in held["notes"]}) == 1, "nor does the export tell them apart"
    assert (await desk.post(own, do="move", address="fourth@reader.example"))[0] == 429
    # Meanwhile somebody else signs up with it, or it complains.
    await desk.reader("fresh@reader.example")
    _, page = await desk.post(mails["fresh"][1])
    assert "has a subscription of its own" in page
    assert (await person(desk, id_)).address == ADA


async def test_a_new_address_gets_few_mails_and_no_words_of_a_stranger(desk):
    """Counted with sign-ups, whoever asks and however it is spelled; who asks is answered as ever."""
    signup = replace(desk.parts.settings.signup, blocked=frozenset({"trash.example"}))
    desk.parts.settings = replace(desk.parts.settings, signup=signup)
    said, to = set(), []
    for n, target in enumerate(("Vic@x.example", '"vic"@x.example', "vic+1@x.example", "a@trash.example")):
        own = await session(desk, await desk.reader(f"e{n}@win-a-prize.example"))
        status, page = await desk.post(own, do="move", address=target)
        said.add((status, "a link is on its way there" in page))
        to += [mail[0] for mail in await desk.mailed()]
        desk.forward(minutes=1)
    assert (said, to) == ({(200, True)}, ["Vic@x.example"])
    assert "win-a-prize" not in str(desk.smtp.mails[-1].message)
    for strange in ("root@localhost", "x@[127.0.0.1]"):
        assert (await desk.post(own, do="move", address=strange))[0] == 422
    assert await desk.mailed() == []


async def test_who_never_confirmed_gets_no_link(desk):
    await desk.reader("never@reader.example", "china", state="pending")
    assert not await mail_link(desk.parts, "never@reader.example")
    assert await desk.mailed() == []


async def test_links_that_were_passed_on_are_ended(desk):
    id_ = await desk.reader()
    path, own = f"/preferences/{await desk.token(id_)}", await session(desk, id_)
    _, page = await desk.post(own, do="lock")
    assert "links to this page in all mails that you have are over" in page
    assert ((await desk.get(path))[0], (await desk.get(own))[0]) == (404, 404)
    here = page.partition('action="')[2].partition('"')[0]
    assert (await desk.get(here))[0] == 200
    assert (await desk.get(f"/preferences/{await desk.token(id_)}"))[0] == 200, "the next mail has a new one"


async def test_everything_is_told_and_then_erased(desk):
    id_ = await desk.reader(ADA, "china", "fraud", slot=BERLIN)
    async with desk.parts.store.write() as conn:
        made = Edition(
            id="e1", slot="s", subject="China: rain", html="<p>", text="t", topics=("china",), language="en",
            articles=1, created_at=NOW,
        )  # fmt: skip
        await editions.add(conn, 1, made)
        await deliveries.plan(conn, "e1", [(id_, ADA)], now=NOW)
    own = await session(desk, id_)
    held = json.loads((await desk.post(own, do="export"))[1])
    assert desk.headers["content-disposition"] == 'attachment; filename="my-subscription.json"'
    assert held["reader"] | {"address": ADA, "zone": "Europe/Berlin"} == held["reader"]
    assert [mail["subject"] for mail in held["deliveries"]] == ["China: rain"]
    _, page = await desk.post(own, do="erase")
    assert "your subscriptions (2)" in page
    assert "the list of mails that went to you (1)" in page
    assert await person(desk, id_)
    async with desk.parts.store.write() as conn:
        ids = [mail.id for mail in await deliveries.newest_of(conn, id_, limit=9)]
        await conn.exec_driver_sql("UPDATE deliveries SET state = 'sending'")
    status, page = await desk.post(own, do="erase-now")
    assert (status, "A mail to you is on its way just now" in page) == (409, True)
    async with desk.parts.store.write() as conn:
        await conn.exec_driver_sql(f"UPDATE deliveries SET state = '{DeliveryStatus.ACCEPTED}'")
    _, page = await desk.post(own, do="erase-now")
    assert "You are erased" in page
    async with desk.parts.store.read() as conn:
        assert await subscribers.get(conn, id_) is None
        assert (await deliveries.get(conn, ids))[ids[0]].address == ""
    assert (await desk.get(own))[0] == 404


async def test_links_end_in_time_and_with_what_they_are_bound_to(desk):
    id_, other = await desk.reader(), await desk.reader("bo@reader.example")
    path = f"/preferences/{await desk.token(id_)}"
    desk.forward(days=364)
    assert (await desk.get(path))[0] == 200
    desk.forward(days=1)
    assert (await desk.get(path))[0] == 404
    token = await desk.token(other)
    async with desk.parts.store.write() as conn:
        await subscribers.remove(conn, "bo@reader.example")
    assert (await desk.get(f"/preferences/{token}"))[0] == 404
    for nonsense in ("x", "%00", "%E4%B8%AD", "a" * 60_000, await desk.token(id_, "confirm")):
        status, page = await desk.get(f"/preferences/{nonsense}")
        assert (status, "This link is over" in page) == (404, True)
    assert desk.moment > NOW + timedelta(days=300)


async def leaving(desk, id_, *topics, edition="e1"):
    """The link out of an edition."""
    async with desk.parts.store.write() as conn:
        made = Edition(
            id=edition, slot="s", subject="x", html="<p>", text="t", topics=topics, language="en",
            articles=1, created_at=desk.moment,
        )  # fmt: skip
        await editions.add(conn, 1, made)
    return f"/unsubscribe/{desk.parts.tokens.unsubscribe(id_, edition)}"


def undo_of(page):
    return page.partition('name="undo" value="')[2].partition('"')[0]


async def test_leaving_and_what_else_the_page_offers(desk):
    id_ = await desk.reader(ADA, "china", "fraud", "ships")
    await desk.reader(ADA, "board", state="pending")
    link = await leaving(desk, id_, "china", "fraud")
    _, page = await desk.get(link)
    assert "Leave all topics" in page
    assert f'href="/preferences/{await desk.token(id_)}"' in page, "the link that the mail has too"
    before = await desk.ties(id_)
    _, page = await desk.post(link, **{"List-Unsubscribe": "One-Click"})
    assert await desk.ties(id_) == before | {"china": "ended", "fraud": "ended"}
    first = undo_of(page)
    desk.forward(hours=1)
    assert "That is too long ago" in (await desk.post(link, do="undo", undo="nonsense"))[1]
    _, page = await desk.post(link, do="undo", undo=first)
    assert "gets mail again about" in page
    assert await desk.ties(id_) == before
    assert "That is too long ago" in (await desk.post(link, do="undo", undo=first))[1], "once"
    _, page = await desk.post(link, do="pause")
    assert "They go on after Friday, December 25, 2026." in page
    _, page = await desk.post(link, do="all")
    assert set((await desk.ties(id_)).values()) == {"ended"}
    _, page = await desk.post(link, do="undo", undo=undo_of(page))
    assert await desk.ties(id_) == dict.fromkeys(before, "paused") | {"board": "ended"}
    desk.forward(days=2)
    _, page = await desk.post(link, do="all")
    late = undo_of(page)
    assert "You are unsubscribed" in (await desk.get(link))[1], "who has left all is not asked again"
    async with desk.parts.store.write() as conn:
        await preferences.choose(conn, id_, slot=None, language="zh", format_="", now=desk.parts.clock())
    assert "已退订" in (await desk.get(link))[1], "in the reader's language"
    desk.forward(days=1)
    assert "时间太久了" in (await desk.post(link, do="undo", undo=late))[1]


async def test_the_link_of_an_old_mail_leads_to_nobody_elses_page(desk):
    id_, other = await desk.reader(), await desk.reader("bo@reader.example")
    link = await leaving(desk, id_, "china")
    undo = undo_of((await desk.post(link, do="all"))[1])
    theirs = f"/unsubscribe/{desk.parts.tokens.unsubscribe(other, 'e1')}"
    assert "That is too long ago" in (await desk.post(theirs, do="undo", undo=undo))[1]
    await desk.post(link, do="undo", undo=undo)
    moving = await desk.token(id_, "move", more=NEW)
    await desk.post(f"/preferences/{moving}")
    _, page = await desk.get(link)
    assert 'href="/preferences"' in page, "whoever has the old address asks for a link, and gets none"
    desk.forward(days=366)
    theirs = f"/unsubscribe/{desk.parts.tokens.unsubscribe(other, 'e1')}"
    assert 'href="/preferences"' in (await desk.get(theirs))[1], "a mail of more than a year ago"


async def test_links_outlive_a_new_key_until_theirs_is_over(desk):
    id_ = await desk.reader()
    old = f"/preferences/{await desk.token(id_)}"
    async with desk.parts.store.write() as conn:
        year = desk.moment + timedelta(days=365)
        await catalogs.add_secret(conn, "a new key", now=desk.moment, old_until=year)
    await follow_keys(desk.parts)
    new = f"/preferences/{await desk.token(id_)}"
    assert old.rpartition(".")[2] != new.rpartition(".")[2]
    assert [(await desk.get(path))[0] for path in (old, new)] == [200, 200]
    async with desk.parts.store.write() as conn:
        await catalogs.add_secret(conn, "after a theft", now=desk.moment, old_until=desk.moment)
    await follow_keys(desk.parts)
    newest = f"/preferences/{await desk.token(id_)}"
    assert [(await desk.get(path))[0] for path in (old, new, newest)] == [404, 404, 200]


@pytest.mark.parametrize("hour", [Slot(frequency="daily", at=time(7), zone="Mars/Olympus"), None])
async def test_a_zone_that_this_machine_lacks(desk, hour):
    mars = DigestPlan(slot=Slot(frequency="daily", at=time(7), zone="Mars/Olympus"))
    topics = desk.parts.current.catalog.topics
    known = replace(desk.parts.current.catalog, topics=topics | {"mars": topic("mars", "Mars", digest=mars)})
    desk.parts.current = replace(desk.parts.current, catalog=known)
    id_ = await desk.reader(ADA, "mars", slot=hour)
    status, page = await desk.get(f"/preferences/{await desk.token(id_)}")
    assert status == 200
    assert "No mail comes" in page


async def test_of_many_topics_those_of_the_reader_and_some_others(desk):
    many = {f"t{n}": topic(f"t{n}", f"Topic {n:03}", digest=DigestPlan(slot=BERLIN)) for n in range(250)}
    known = replace(desk.parts.current.catalog, topics=many)
    desk.parts.current = replace(desk.parts.current, catalog=known)
    id_ = await desk.reader(ADA, "t248", "t249")
    path = f"/preferences/{await desk.token(id_)}"
    page = (await desk.get(path))[1]
    assert page.count('name="topic"') == 200
    assert "50 more topics can be subscribed to on their own pages." in page
    assert 'value="t249" id="topic-t249" checked' in page
    await desk.post(path, ("topic", "t249"), ("topic", "t3"), do="topics")
    assert await desk.ties(id_) == {"t248": "ended", "t249": "active", "t3": "active"}
