"""Signing up over real HTTP: pages, API, mails out of a real server, limits, and no word of who is known."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import time, timedelta
from typing import TYPE_CHECKING

import pytest
from servers import SmtpServer
from signup_desk import ADA, FORM, LINK, PLAN, TOPICS, Desk, opened

from syndicator.model import Catalog, Slot
from syndicator.pipeline import signup
from syndicator.store import signups, subscribers, transactional
from syndicator.web import api, offer, subscribe

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def smtp() -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        yield server


@pytest.fixture
async def desk(tmp_path: Path, smtp: SmtpServer) -> AsyncIterator[Desk]:
    async with opened(tmp_path, smtp, blocked=frozenset({"trash.example"})) as made:
        yield made


async def test_from_the_page_to_the_first_day(desk: Desk) -> None:
    status, page = await desk.get("/subscribe?topic=ships")
    assert status == 200
    assert "Ships &amp; &lt;boats&gt;" in page
    assert "Never mailed" not in page
    assert "Nobody" not in page
    assert re.search(r'value="ships" checked', page)
    status, page = await desk.sign_up()
    assert (status, desk.answered["cache-control"]) == (200, "no-store")
    assert "set-cookie" not in desk.answered
    assert "Look into your mailbox" in page
    assert ADA not in page
    assert (await desk.reader()).topics == {"ships": "pending"}
    ((to, text),) = await desk.mails()
    assert to == ADA
    assert "once a week at 19:30 (Berlin time)" in text
    link = LINK.search(text)[0].removeprefix(desk.home.base_url)
    for _ in range(2):  # programs that look into mails open links
        status, page = await desk.get(link)
        assert (status, "Subscribe to this?" in page) == (200, True)
    assert (await desk.reader()).topics == {"ships": "pending"}
    for _ in range(2):
        status, page = await desk.post(link)
        assert "You are subscribed" in page
        assert "/preferences/" in page
        found = await desk.reader()
        assert found.topics == {"ships": "active"}
        assert found.subscriber.slot == Slot(frequency="weekly", at=time(19, 30), zone="Europe/Berlin")
    async with desk.parts.store.write() as conn:
        await subscribers.end(conn, found.subscriber.id, None, now=desk.parts.clock())
    assert (await desk.post(link))[0] == 404, "an old link does not bring back who has left"
    assert (await desk.reader()).topics == {"ships": "ended"}


async def test_whoever_asks_learns_nothing(desk: Desk) -> None:
    """New, pending, active, suppressed and blocked, limited by address: the same bytes, by page and API."""
    async with desk.parts.store.write() as conn:
        id_ = await subscribers.put(conn, "reads@x.example", language="", slot=None, now=desk.parts.clock())
        await subscribers.subscribe(conn, id_, ["ships"], state="active", now=desk.parts.clock())
        await subscribers.suppress(conn, "never@x.example", "complaint", now=desk.parts.clock())
    listed = ["new@x.example", "reads@x.example", "never@x.example", "a@sub.trash.example", "new@x.example",
              "Never+2@x.example", r'"ne\ver+3"@x.example']  # fmt: skip
    pages = {await desk.sign_up(address) for address in listed}
    assert len(pages) == 1
    assert {await desk.sign_up("bot@x.example", website="http://x.example")} == pages, "a machine"
    mails = dict(await desk.mails())
    assert set(mails) == {"new@x.example", "reads@x.example"}
    assert "It gets it already" in mails["reads@x.example"]
    assert "/preferences/" in LINK.search(mails["reads@x.example"])[0]
    answers = {await desk.call(f"203.0.{n}.9", address=each) for n, each in enumerate(listed)}
    assert [status for status, _ in answers] == [202]
    again = [to for to, _ in await desk.mails()]
    assert sorted(again) == ["new@x.example", "reads@x.example"], "asked from elsewhere: once more"
    assert await desk.reader("bot@x.example") is None
    async with desk.parts.store.read() as conn:
        assert await subscribers.find(conn, "a@sub.trash.example") is None


async def test_what_depends_on_the_address_is_done_after_the_answer(desk: Desk) -> None:
    """So the time until the answer does not tell; a database that fails only then changes no answer."""
    fine = await desk.sign_up(), await desk.call("203.0.113.1")
    async with desk.parts.store.write() as conn:
        await conn.exec_driver_sql("ALTER TABLE suppressions RENAME TO elsewhere")
    assert (await desk.sign_up(), await desk.call("203.0.113.1")) == fine
    assert (fine[0][0], fine[1][0]) == (200, 202)


async def test_a_reader_is_asked_before_anything_is_added(desk: Desk) -> None:
    async with desk.parts.store.write() as conn:
        id_ = await subscribers.put(conn, ADA, language="zh", slot=PLAN.slot, now=desk.parts.clock())
        await subscribers.subscribe(conn, id_, ["ships"], state="active", now=desk.parts.clock())
    await desk.post("/subscribe", data=[("form", desk.token()), ("address", ADA), ("topic", "ships"),
                                        ("topic", "trains"), ("frequency", "instant")])  # fmt: skip
    found = await desk.reader()
    assert (found.topics, found.subscriber.slot) == ({"ships": "active", "trains": "pending"}, PLAN.slot)
    link = await desk.link()
    assert "when your other topics do" in (await desk.get(link))[1]
    await desk.post(link)
    found = await desk.reader()
    assert (found.topics["trains"], found.subscriber.slot, found.subscriber.language) == (
        "active",
        PLAN.slot,
        "zh",
    )


async def test_a_link_confirms_what_its_mail_said_and_nothing_else(desk: Desk) -> None:
    await desk.sign_up()
    first = await desk.link()
    desk.home.clock.forward(minutes=11)
    await desk.sign_up(topic="trains")
    second = await desk.link()
    status, page = await desk.post(first)
    assert (status, "There is a newer message" in page) == (200, True)
    assert (await desk.reader()).topics == {"trains": "pending"}
    for token in (second[:-1], second + "x", "/confirm/" + "a" * 5000, "/confirm/%00", "/confirm/..%2f"):
        assert (await desk.post(token))[0] == 404
    desk.home.clock.forward(days=7)
    assert (await desk.post(second))[0] == 404, "its time is over"
    desk.home.clock.forward(minutes=1)
    await signup.expire(desk.parts)
    assert await desk.reader() is None
    async with desk.parts.store.read() as conn:
        assert await signups.count(conn, ("",), since=desk.parts.clock() - timedelta(days=9)) == 0


async def test_an_old_mailbox_opens_nothing_once_the_reader_has_moved(desk: Desk) -> None:
    await desk.sign_up()
    link = await desk.link()
    await desk.post(link)
    async with desk.parts.store.write() as conn:
        await conn.exec_driver_sql(
            "UPDATE subscribers SET address = 'a@new.example', address_key = 'a@new.example'"
        )
    status, page = await desk.get(link)
    assert (status, "/preferences/" in page) == (404, False)


async def test_a_topic_that_is_gone_is_not_confirmed(desk: Desk) -> None:
    await desk.sign_up()
    link = await desk.link()
    moved = replace(TOPICS[0], slug="boats", was=("ships",))
    catalog = Catalog(version="2", sources={}, topics={"boats": moved})
    desk.parts.current = replace(desk.parts.current, catalog=catalog)
    assert "Ships &amp;" in (await desk.get(link))[1], "it has another name"
    desk.parts.current = replace(desk.parts.current, catalog=Catalog(version="3", sources={}, topics={}))
    assert (await desk.post(link))[0] == 404
    assert "Nothing is mailed here yet" in (await desk.get("/subscribe"))[1]


FORMS = {  # what is sent → status, words, whether what was typed stands there again
    "nothing": ({}, 200, "Almost there", False),
    "the field of a topic's page": ({"topic": "ships", "address": ADA}, 200, "Almost there", True),
    "a token of nobody": ({"form": "x.y.z", **FORM, "address": ADA}, 200, "open for a long time", True),
    "too soon": ({"form": 1, **FORM, "address": ADA}, 200, "That was quick", True),
    "too late": ({"form": 86_401, **FORM, "address": ADA}, 200, "open for a long time", True),
    "of the future": ({"form": -60, **FORM, "address": ADA}, 200, "open for a long time", True),
    "no address": ({"form": 60, **FORM}, 422, "write one e-mail address", False),
    "two": ({"form": 60, **FORM, "address": f"{ADA}\r\nBcc: e@v.example"}, 422, "write one e-mail", False),
    "nul": ({"form": 60, **FORM, "address": "ada\x00@reader.example"}, 422, "write one e-mail", False),
    "long": ({"form": 60, **FORM, "address": "a" * 10_000 + "@x.example"}, 422, "write one e-mail", False),
    "script": (
        {"form": 60, **FORM, "address": "<script>alert(1)</script>@x.example"},
        422,
        "one e-mail",
        False,
    ),
    "secret": ({"form": 60, **FORM, "address": ADA, "topic": "secret"}, 422, "no longer there", True),
    "no zone": ({"form": 60, **FORM, "address": ADA, "zone": ""}, 422, "choose a time zone", True),
    "other words": (
        {"form": 60, **FORM, "address": ADA, "frequency": "x" * 99, "at": "é"},
        422,
        "how often",
        True,
    ),
}


async def test_forms_that_are_not_taken(desk: Desk) -> None:
    for name, (data, status, words, kept) in FORMS.items():
        sent = dict(data)
        if isinstance(ago := sent.get("form"), int):
            sent["form"] = desk.parts.tokens.form("subscribe", desk.parts.clock() - timedelta(seconds=ago))
        found, page = await desk.post("/subscribe", client=f"203.0.{len(name)}.1", data=sent)
        assert (found, words in page) == (status, True), name
        assert (f'value="{ADA}"' in page) == kept, name
        assert "<script>alert" not in page
    bare = {"Content-Type": "application/x-www-form-urlencoded"}
    for data, headers, status in (
        (b"a=%ff", bare, 400),
        (b"&".join(b"a=b" for _ in range(500)), bare, 400),
        (b"a" * 40_000, bare, 413),
        (b"{}", {"Content-Type": "application/json"}, 415),
        (b"", {"Sec-Fetch-Site": "cross-site"}, 403),
        (b"", {"Sec-Fetch-Site": "same-site"}, 403),
        (b"", {"Origin": "https://evil.example"}, 403),
    ):
        assert (await desk.post("/subscribe", client="198.51.100.1", data=data, headers=headers))[0] == status
        if status == 403:
            assert (await desk.post("/confirm/x", headers=headers))[0] == 403
    own = {"Origin": "null", **bare}
    assert (await desk.post("/subscribe", data=b"", headers=own))[0] == 200
    async with desk.parts.store.read() as conn:
        assert await transactional.list_all(conn) == []


async def test_limits_by_address(desk: Desk) -> None:
    """One in ten minutes and three a day, however the mailbox is spelled; nobody is told."""
    sent = []
    for minutes in (0, 5, 5, 1, 11, 1000, 11):
        desk.home.clock.forward(minutes=minutes)
        spelled = f"Ada+{minutes}@reader.example"
        sent.append(((await desk.sign_up(spelled, f"203.0.{minutes % 250}.1"))[0], len(await desk.mails())))
    assert sent == [(200, 1), (200, 0), (200, 1), (200, 0), (200, 1), (200, 0), (200, 0)]
    desk.home.clock.forward(hours=24)
    assert ((await desk.sign_up())[0], len(await desk.mails())) == (200, 1)


async def test_who_asks_in_an_owners_stead_does_not_shut_the_owner_out(desk: Desk) -> None:
    """Once a day a mail more, if it is asked for from somewhere else; so four a day at most."""
    sent = []
    for network in ("203.0.1", "203.0.2", "203.0.3", "203.0.4", "198.51.1", "198.51.1", "192.0.2"):
        await desk.sign_up(client=f"{network}.1")
        sent.append(len(await desk.mails()))
        desk.home.clock.forward(minutes=11)
    assert sent == [1, 1, 1, 0, 1, 0, 0]


async def test_limits_by_range(tmp_path: Path, smtp: SmtpServer) -> None:
    """A tenth of what all have for a /48, a quarter for a /32 and a /16: nobody's network closes the door."""
    async with opened(tmp_path, smtp, per_hour=120) as desk:

        async def taken(clients: list[str]) -> int:
            admitted = [await signup.admit(desk.parts, client, "page") for client in clients]
            assert admitted == sorted(admitted, reverse=True)
            return sum(admitted)

        assert await taken([f"2001:db8:1:{n:02x}00::1" for n in range(20)]) == 12
        assert await taken([f"2001:db8:{n:x}::1" for n in range(2, 30)]) == 30 - 12
        assert await taken([f"203.0.{n}.1" for n in range(40)]) == 30
        assert (await desk.sign_up(client="198.51.100.1"))[0] == 200


async def test_limits_by_network(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscribe, "PER_MINUTE", 1000)
    statuses = [(await desk.sign_up(f"r{n}@x.example", f"203.0.113.{n}"))[0] for n in range(11)]
    assert statuses == [200] * 10 + [429]
    assert desk.answered["retry-after"] == "3600"
    assert (await desk.call("203.0.113.250"))[0] == 429
    assert [(await desk.call("2001:db8:1:2300::1"))[0] for _ in range(4)] == [202] * 3 + [429]
    assert (await desk.call("2001:db8:1:23ff::9"))[0] == 429, "a /56"
    assert (await desk.call("2001:db8:1:2400::9"))[0] == 202
    desk.home.clock.forward(hours=1)
    assert (await desk.sign_up("late@x.example", "203.0.113.1"))[0] == 200
    async with desk.parts.store.read() as conn:
        kept = (await conn.exec_driver_sql("SELECT who FROM signup_attempts")).scalars().all()
    assert {len(who) for who in kept} == {0, 32}, "hashes, and no address of anybody"


@pytest.mark.parametrize("at_once", [20])
async def test_limits_in_all_hold_for_whoever_asks_at_once(
    tmp_path: Path, smtp: SmtpServer, database_url: str, at_once: int
) -> None:
    async with opened(tmp_path, smtp, database_url, per_hour=5) as desk:
        asked = (desk.sign_up(f"r{n}@x.example", f"203.0.{n}.1") for n in range(at_once))
        statuses = [status for status, _ in await asyncio.gather(*asked)]
        assert sorted(statuses) == [200] * 5 + [429] * (at_once - 5)
        assert len(await desk.mails()) == 5
        same = await asyncio.gather(*(desk.sign_up(ADA, f"198.51.{n}.1") for n in range(5)))
        assert {status for status, _ in same} == {429}
        desk.home.clock.forward(hours=1)
        same = await asyncio.gather(*(desk.sign_up(ADA, f"198.51.{n}.1") for n in range(4)))
        assert {status for status, _ in same} == {200}
        assert len(await desk.mails()) == 1


async def test_a_flood_of_requests_does_not_reach_the_database(desk: Desk) -> None:
    statuses = [(await desk.post("/subscribe", client="203.0.113.9", data={"a": "b"}))[0] for _ in range(33)]
    assert statuses == [200] * subscribe.PER_MINUTE + [429] * 3
    assert desk.answered["retry-after"] == "60"
    assert (await desk.call("203.0.113.8"))[0] == 429


async def test_closed(tmp_path: Path, smtp: SmtpServer) -> None:
    async with opened(tmp_path, smtp) as desk:
        closed = replace(desk.parts.settings.site, signup=False)
        desk.parts.settings = replace(desk.parts.settings, site=closed)
        assert [(await desk.get(path))[0] for path in ("/subscribe", *api.PATHS)][:2] == [403, 403]
        assert (await desk.sign_up())[0] == 403
        assert (await desk.call())[0] == 403


# The API ----------------------------------------------------------------------------------------------


async def test_the_api_from_the_offer_to_the_first_day(desk: Desk) -> None:
    import json

    offer = json.loads((await desk.get("/api/v1/topics"))[1])
    assert [each["slug"] for each in offer["topics"]] == ["ships", "trains"]
    assert offer["topics"][0]["schedule"] == {"frequency": "daily", "at": "07:00", "zone": "Asia/Shanghai"}
    assert offer["languages"] == ["en", "zh"]
    assert "Europe/Berlin" in offer["zones"]
    status, text = await desk.call(frequency="daily", at="08:30", zone="Europe/Paris", language="zh")
    assert (status, json.loads(text)["status"]) == (202, "accepted")
    ((_, text),) = await desk.mails()
    assert "每天 08:30" in text or "08:30" in text
    await desk.post(LINK.search(text)[0].removeprefix(desk.home.base_url))
    found = await desk.reader()
    assert (found.topics, found.subscriber.language) == ({"ships": "active"}, "zh")


async def test_the_offer_is_made_once_and_has_a_tag(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    parts, path = desk.parts, desk.home.base_url + "/api/v1/topics"
    moment = parts.clock()
    monkeypatch.setattr(parts, "clock", lambda: moment)  # one minute for all
    kept = offer.Offers(parts)
    first, again = await asyncio.gather(kept.get(["en"]), kept.get(["en"]))
    assert first is again
    async with desk.session.get(path) as answer:
        tag = answer.headers["etag"]
    async with desk.session.get(path, headers={"If-None-Match": tag}) as answer:
        assert (answer.status, answer.headers["etag"], await answer.read()) == (304, tag, b"")
    fewer = {"ships": parts.current.catalog.topics["ships"]}
    parts.current = replace(parts.current, catalog=replace(parts.current.catalog, topics=fewer))
    assert len((await kept.get(["en"])).body) < len(first.body)
    async with desk.session.get(path, headers={"If-None-Match": tag}) as answer:
        assert (answer.status, answer.headers["etag"] == tag) == (200, False)
    states = [(await desk.get("/api/v1/topics"))[0] for _ in range(offer.PER_MINUTE - 2)]
    assert (states[-2], states[-1]) == (200, 429)


CALLS = [  # body → status, fields that are named
    (b"{", 400, []),
    (b"[[[[[[[[[]]]]]]]]]", 400, []),
    (b'"\xff"', 400, []),
    (b"null", 422, [""]),
    (b"{}", 422, ["address", "topics"]),
    (b'{"address": 5, "topics": "ships"}', 422, ["address", "topics"]),
    (b'{"address": "a@x.example", "topics": ["ships"], "admin": true}', 422, ["admin"]),
    (b'{"address": "a@x.example", "topics": []}', 422, ["topics"]),
    (b'{"address": "a@x.example", "topics": ["secret"]}', 422, ["topics"]),
    (b'{"address": "a\\u0000@x.example", "topics": ["ships"]}', 422, ["address"]),
    (b'{"address": "a@x.example\\r\\nBcc: e@v.example", "topics": ["ships"]}', 422, ["address"]),
    (b'{"address": "\\ud800@x.example", "topics": ["ships"]}', 422, ["address"]),
    (b'{"address": "' + b"a" * 10_000 + b'@x.example", "topics": ["ships"]}', 422, ["address"]),
    (b'{"address": "a@x.example", "topics": ["ships"], "frequency": "daily"}', 422, ["zone"]),
    (b'{"address": "a@x.example", "topics": ["ships"], "frequency": "x", "language": "de"}', 422,
     ["frequency", "language"]),
    (b"[" + b" " * 20_000 + b"]", 413, []),
]  # fmt: skip


async def test_what_the_api_refuses_it_says_in_one_form(desk: Desk) -> None:
    import json

    kind = {"Content-Type": "application/json; charset=utf-8"}
    for n, (body, status, fields) in enumerate(CALLS):
        found, text = await desk.post("/api/v1/subscriptions", client=f"203.0.{n}.1", data=body, headers=kind)
        problem = json.loads(text)
        assert (found, problem["status"], problem["type"]) == (status, status, "about:blank"), body[:80]
        assert desk.answered["content-type"] == "application/problem+json"
        assert [each["field"] for each in problem.get("errors", [])] == fields, body[:80]
        assert "Bcc" not in text
    for headers, status in (({"Content-Type": "text/plain"}, 415), ({"Origin": "https://evil.example"}, 403)):
        assert (await desk.post("/api/v1/subscriptions", data=b"{}", headers=headers))[0] == status
    assert (await desk.get("/api/v1/subscriptions"))[0] == 405
    assert (await desk.post("/api/v1/topics"))[0] == 405
    async with desk.parts.store.read() as conn:
        assert await transactional.list_all(conn) == []


async def test_pages_of_other_sites(tmp_path: Path, smtp: SmtpServer) -> None:
    async with opened(tmp_path, smtp, origins=("https://www.example.org",)) as desk:
        url, kind = f"{desk.home.base_url}/api/v1/subscriptions", {"Content-Type": "application/json"}
        body = {"address": ADA, "topics": ["ships"]}
        for origin, status in (("https://www.example.org", 202), ("https://evil.example", 403)):
            said = {"Origin": origin, "Sec-Fetch-Site": "cross-site"}
            async with desk.session.options(url, headers=said) as answer:
                allowed = answer.headers.get("access-control-allow-origin")
                assert (answer.status, allowed) == (204, origin if status == 202 else None)
                assert ("access-control-allow-headers" in answer.headers) == (status == 202)
            async with desk.session.post(url, json=body, headers=said | kind) as answer:
                assert answer.status == status
                assert answer.headers.get("access-control-allow-origin") == allowed
                assert "access-control-allow-credentials" not in answer.headers


async def test_the_description_is_what_is_answered(desk: Desk) -> None:
    import json

    from openapi_schema_validator import OAS31Validator
    from openapi_spec_validator import validate

    told = json.loads((await desk.get("/api/openapi.json"))[1])
    validate(told)
    assert set(told["paths"]) | {"/api/openapi.json"} == set(api.PATHS)
    responses = told["paths"]["/api/v1/subscriptions"]["post"]["responses"]
    for n, (body, status, _) in enumerate(
        [*CALLS, (b'{"address":"a@x.example","topics":["ships"]}', 202, [])]
    ):
        kind = {"Content-Type": "application/json"}
        found, text = await desk.post("/api/v1/subscriptions", client=f"203.0.{n}.1", data=body, headers=kind)
        assert found == status
        ((media, said),) = responses[str(status)]["content"].items()
        assert desk.answered["content-type"] == media
        OAS31Validator({**said["schema"], "components": told["components"]}).validate(json.loads(text))
    offer = told["paths"]["/api/v1/topics"]["get"]["responses"]["200"]["content"]["application/json"]
    told_topics = json.loads((await desk.get("/api/v1/topics"))[1])
    OAS31Validator({**offer["schema"], "components": told["components"]}).validate(told_topics)
