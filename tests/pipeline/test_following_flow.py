"""The life of followers of our feeds: real subscribers over HTTP, a real database, and a clock that jumps."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from follower import OPEN, Subscriber, ask_hub, held, put, subscribing, topic_url, unpublish, wanted
from hub import NOW, House, HubServer, house, serving
from sqlalchemy import select

from syndicator import pipeline
from syndicator.model import Catalog, Publish, Rule, Topic
from syndicator.pipeline.distribute import HELD
from syndicator.pipeline.parts import Current
from syndicator.publish import following
from syndicator.store import followers, notices, schema

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

OLD, NEW = b"<feed>old</feed>", "<feed>new \u4e2d</feed>".encode()


@asynccontextmanager
async def publishing(folder: Path, database_url: str) -> AsyncIterator[House]:
    """With our hub open, and two documents published."""
    async with house(folder, database_url, websub=OPEN) as made:
        made.parts.jitter = lambda: 0.5
        await put(made, OLD)
        await put(made, OLD, format_="rss")
        yield made


@pytest.fixture
async def home(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    """On both databases."""
    async with publishing(tmp_path, database_url) as made:
        yield made


@pytest.fixture
async def embedded(tmp_path: Path) -> AsyncIterator[House]:
    """On SQLite alone, for what statements do not decide."""
    async with publishing(tmp_path, f"sqlite+aiosqlite:///{tmp_path / 'syndicator.db'}") as made:
        yield made


@pytest.fixture
async def reader() -> AsyncIterator[Subscriber]:
    async with subscribing(Subscriber()) as made:
        yield made


async def follow(home: House, callback: str, **changes) -> None:
    assert (await ask_hub(home, callback, **changes))[0] == 202
    assert (await pipeline.confirm(home.parts)).confirmed == 1


async def push(home: House) -> int:
    return (await pipeline.distribute(home.parts)).pushed


def let_be_private(home: House, private: bool) -> None:
    topic = Topic(slug="ships", title="Ships", rule=Rule(), publish=Publish(private=private))
    catalog = Catalog(version="1", sources={}, topics={"ships": topic})
    home.parts.current = Current(catalog=catalog, index=home.parts.current.index)


# Becoming one -----------------------------------------------------------------------------------------


async def test_from_the_request_to_the_push(home, reader):
    callback = reader.url("/take?who=me&x=%2F%41")
    assert (await ask_hub(home, callback, lease_seconds=3600))[0] == 202
    assert (await held(home), reader.questions) == ([], []), "nothing before it is confirmed"
    await put(home, b"between")
    assert (await pipeline.confirm(home.parts)).confirmed == 1
    ((path, asked),) = reader.questions
    assert path.startswith("/take?who=me&x=%2F%41&hub.mode=subscribe&")
    challenge = asked.pop("hub.challenge")
    assert len(challenge) >= 32
    assert asked == {
        "who": "me",
        "x": "/A",
        "hub.mode": "subscribe",
        "hub.topic": topic_url(home),
        "hub.lease_seconds": "3600",
    }
    (follower,) = await held(home)
    assert (follower.callback, follower.lease_until) == (callback, NOW + timedelta(hours=1))
    assert await push(home) == 1, "what came between request and confirmation is not lost"
    await put(home, NEW)
    home.clock.forward(minutes=1)
    assert await push(home) == 1
    assert await push(home) == 0
    first, second = reader.pushes
    assert (first.body, second.body, second.path) == (b"between", NEW, "/take?who=me&x=%2F%41")
    assert second.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    hub, self_ = f'<{home.base_url}/hub>; rel="hub"', f'<{topic_url(home)}>; rel="self"'
    assert second.headers["Link"] == f"{hub}, {self_}"
    signed = hmac.new(b"s3cret", NEW, hashlib.sha256).hexdigest()
    assert second.headers["X-Hub-Signature"] == f"sha256={signed}"
    assert second.headers["User-Agent"].startswith("syndicator/")


async def test_without_a_secret_there_is_no_signature_and_each_format_is_a_topic(embedded, reader):
    await follow(embedded, reader.url(), topic=topic_url(embedded, format_="rss"), secret=None)
    await put(embedded, NEW)
    assert await push(embedded) == 0
    await put(embedded, NEW, format_="rss")
    assert await push(embedded) == 1
    (pushed,) = reader.pushes
    assert "X-Hub-Signature" not in pushed.headers
    assert pushed.headers["Content-Type"].startswith("application/rss+xml")


async def test_asking_again_renews_and_sends_nothing_twice(home, reader):
    await follow(home, reader.url())
    await put(home, NEW)
    assert await push(home) == 1
    home.clock.forward(days=9)
    await follow(home, reader.url(), secret="another")
    (follower,) = await held(home)
    assert follower.lease_until == NOW + timedelta(days=19)
    assert await push(home) == 0
    await put(home, OLD)
    assert await push(home) == 1
    signed = hmac.new(b"another", OLD, hashlib.sha256).hexdigest()
    assert reader.pushes[-1].headers["X-Hub-Signature"] == f"sha256={signed}"


async def test_a_renewal_that_is_not_confirmed_changes_nothing(embedded, reader):
    await follow(embedded, reader.url())
    before = await held(embedded)
    reader.answer = "something else"
    assert (await ask_hub(embedded, reader.url(), secret="of an intruder", lease_seconds=300))[0] == 202
    assert (await pipeline.confirm(embedded.parts)).confirmed == 0
    assert await held(embedded) == before
    assert await wanted(embedded) == []


async def test_leaving_is_confirmed(home, reader):
    assert (await ask_hub(home, reader.url(), mode="unsubscribe"))[0] == 404
    await follow(home, reader.url())
    assert (await ask_hub(home, reader.url(), mode="unsubscribe"))[0] == 202
    reader.asked_status = 404  # it does not mean it
    await pipeline.confirm(home.parts)
    assert len(await held(home)) == 1
    home.clock.forward(minutes=2)
    reader.asked_status = 200
    assert (await ask_hub(home, reader.url(), mode="unsubscribe"))[0] == 202
    assert (await pipeline.confirm(home.parts)).confirmed == 1
    assert await held(home) == []
    assert reader.questions[-1][1].keys() == {"hub.mode", "hub.topic", "hub.challenge"}


async def test_the_newest_request_is_what_is_asked_about(home, reader):
    await ask_hub(home, reader.url(), secret="first")
    (first,) = await wanted(home)
    await ask_hub(home, reader.url(), secret="second")
    (second,) = await wanted(home)
    assert (first.id, first.number) != (second.id, second.number)
    assert (await pipeline.confirm(home.parts)).asked == 1
    assert [follower.secret for follower in await held(home)] == ["second"]


@pytest.mark.parametrize("answer", ["", "x", "{}\n", "{}{}", "a" * 100_000])
async def test_only_the_challenge_is_a_yes(embedded, reader, answer):
    async def ask(request):
        from aiohttp import web

        return web.Response(text=answer.replace("{}", request.query["hub.challenge"]))

    reader.ask, wrong = ask, Subscriber()
    wrong.ask = ask
    async with subscribing(wrong):
        await ask_hub(embedded, wrong.url())
        assert (await pipeline.confirm(embedded.parts)).confirmed == 0
    assert (await held(embedded), await wanted(embedded)) == ([], [])


async def test_who_is_silent_is_asked_three_times(embedded, reader):
    reader.asked_status = 503
    await ask_hub(embedded, reader.url())
    times = []
    for _ in range(45):
        before = len(reader.questions)
        await pipeline.confirm(embedded.parts)
        times += [embedded.clock() - NOW] * (len(reader.questions) - before)
        embedded.clock.forward(minutes=1)
    assert times == [timedelta(0), timedelta(minutes=2), timedelta(minutes=10)]
    assert (await held(embedded), await wanted(embedded)) == ([], [])


# What it costs others ---------------------------------------------------------------------------------


async def test_a_host_that_does_not_confirm_gets_one_question_a_minute(home, reader):
    reader.asked_status = 404
    for number in range(9):  # by whatever name
        host = ("127.0.0.1", "localhost", "LOCALHOST")[number % 3]
        assert (await ask_hub(home, reader.url(f"/{number}", host)))[0] == 202
    asked = []
    for _ in range(30):
        before = len(reader.questions)
        await pipeline.confirm(home.parts)
        asked.append(len(reader.questions) - before)
        home.clock.forward(seconds=20)
    assert sum(asked) == 9
    assert max(sum(asked[at : at + 3]) for at in range(27)) == 1


async def test_a_host_that_confirms_is_not_kept_waiting(embedded, reader):
    for number in range(9):
        await ask_hub(embedded, reader.url(f"/{number}"))
    assert (await pipeline.confirm(embedded.parts)).confirmed == 9


async def test_no_redirect_is_followed(embedded, reader):
    async with subscribing(Subscriber()) as other:
        reader.moved = other.url("/elsewhere")
        await ask_hub(embedded, reader.url())
        await pipeline.confirm(embedded.parts)
        assert await held(embedded) == []
        reader.moved = ""
        embedded.clock.forward(minutes=5)
        await follow(embedded, reader.url())
        reader.moved = other.url("/elsewhere")
        await put(embedded, NEW)
        assert await push(embedded) == 0
        assert (other.questions, other.pushes) == ([], [])
    (follower,) = await held(embedded)
    assert follower.problem == "127.0.0.1 answers 307 Temporary Redirect"


# Pushes that fail -------------------------------------------------------------------------------------


async def test_a_push_that_fails_is_repeated_ever_more_slowly_with_what_is_new_by_then(embedded, reader):
    await follow(embedded, reader.url())
    reader.status = 500
    await put(embedded, NEW)
    waits = []
    for _ in range(11):
        await push(embedded)
        (follower,) = await held(embedded)
        waits.append((follower.due_at - embedded.clock()) / timedelta(minutes=1))
        embedded.clock.now = follower.due_at - timedelta(seconds=1)
        await push(embedded)
        embedded.clock.now = follower.due_at
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]
    assert len(reader.pushes) == 11
    await push(embedded)
    for number in range(10):
        await put(embedded, b"%d" % number)
        await push(embedded)
    assert len(reader.pushes) == 12, "news do not shorten the wait"
    reader.status = 200
    embedded.clock.forward(hours=6)
    assert await push(embedded) == 1
    assert reader.pushes[-1].body == b"9"
    (follower,) = await held(embedded)
    assert (follower.attempts, follower.failing_since, follower.problem) == (0, None, "")


async def test_a_follower_may_say_when_to_come_again(embedded, reader):
    await follow(embedded, reader.url())
    reader.status, reader.fields = 429, {"Retry-After": "7200"}
    await put(embedded, NEW)
    await push(embedded)
    (follower,) = await held(embedded)
    assert follower.due_at == NOW + timedelta(hours=2)


async def test_who_is_gone_is_forgotten_at_once(embedded, reader):
    await follow(embedded, reader.url())
    reader.status = 410
    await put(embedded, NEW)
    assert await push(embedded) == 0
    assert await held(embedded) == []


async def test_who_fails_for_days_is_dropped_and_told_of(home, reader):
    await follow(home, reader.url("/take?token=hidden"))
    reader.status = 500
    await put(home, NEW)
    while now_held := await held(home):
        home.clock.now = max(now_held[0].due_at, home.clock())
        await push(home)
    assert NOW + timedelta(days=3) <= home.clock() < NOW + timedelta(days=4)
    assert len(reader.pushes) < 25
    async with home.parts.store.read() as conn:
        (notice,) = await notices.list_open(conn)
    assert (notice.source, notice.kind, notice.is_alarm) == ("/hub", "follower", False)
    assert topic_url(home) in notice.text
    assert "hidden" not in notice.text


async def test_a_host_that_fails_is_not_tried_with_all_of_its_callbacks(home, reader):
    """Whoever has confirmed many may let the name lead to somebody else afterwards."""
    for number in range(8):
        await follow(home, reader.url(f"/{number}"))
    reader.status = 500
    await put(home, NEW)
    for _ in range(15):
        await push(home)
        async with home.parts.store.read() as conn:  # a fault would leave some in somebody's hands
            assert set(await conn.scalars(select(schema.followers.c.held_until))) == {None}
        home.clock.forward(seconds=20)
    assert len(reader.pushes) <= 2 * 6
    home.clock.forward(minutes=10)
    reader.status = 200
    for _ in range(3):
        await push(home)
        home.clock.forward(minutes=5)
    assert not [follower for follower in await held(home) if follower.attempts]


async def test_one_bad_callback_spoils_no_host_that_is_well(embedded, reader):
    for number in range(8):
        await follow(embedded, reader.url(f"/{number}"))
    await put(embedded, NEW)
    assert await push(embedded) == 8
    embedded.clock.forward(minutes=1)
    reader.statuses = [500]
    await put(embedded, OLD)
    assert await push(embedded) == 7
    assert reader.most_at_once <= 2


# Ends -------------------------------------------------------------------------------------------------


async def test_a_lease_ends(home, reader):
    await follow(home, reader.url(), lease_seconds=3600)
    home.clock.forward(minutes=59)
    await put(home, NEW)
    assert await push(home) == 1
    home.clock.forward(minutes=2)
    await put(home, OLD)
    assert await push(home) == 0, "even before it is tidied away"
    assert (await pipeline.confirm(home.parts)).expired == 1
    assert await held(home) == []


async def test_a_feed_that_is_published_no_more(home, reader):
    await follow(home, reader.url())
    await ask_hub(home, reader.url("/other"))
    await unpublish(home)
    await pipeline.confirm(home.parts)
    assert await held(home) == []
    denied = [asked for _, asked in reader.questions if asked["hub.mode"] == "denied"]
    assert len(denied) == 2
    assert denied[0] == {
        "hub.mode": "denied",
        "hub.topic": topic_url(home),
        "hub.reason": "this feed is no longer published",
    }
    assert await wanted(home) == []


async def test_what_is_private_is_told_nobody(home, reader):
    await follow(home, reader.url())
    let_be_private(home, True)
    await put(home, NEW)
    assert await push(home) == 0
    assert (await ask_hub(home, reader.url("/new")))[0] == 404
    await pipeline.confirm(home.parts)
    assert reader.questions[-1][1]["hub.mode"] == "denied"
    assert (await held(home), reader.pushes) == ([], [])
    let_be_private(home, False)
    assert (await ask_hub(home, reader.url("/new")))[0] == 202


async def test_a_topic_that_gets_another_name(home, reader):
    await follow(home, reader.url())
    await follow(home, reader.url("/both"))
    await follow(home, reader.url("/rss"), topic=topic_url(home, format_="rss"))
    await put(home, OLD, topic="boats")
    await follow(home, reader.url("/both"), topic=topic_url(home, "boats"))
    await ask_hub(home, reader.url("/new"))
    async with home.parts.store.write() as conn:
        for _ in range(2):
            await followers.rename(conn, "ships", "boats")
    await unpublish(home)
    await unpublish(home, format_="rss")
    await put(home, NEW, topic="boats")
    await put(home, NEW, topic="boats", format_="rss")
    assert await push(home) == 3
    assert sorted(pushed.path for pushed in reader.pushes) == ["/both", "/rss", "/take"]
    told = {pushed.path: pushed.headers["Link"] for pushed in reader.pushes}
    assert told["/take"].endswith(f'<{topic_url(home)}>; rel="self"'), "the name that it knows"
    assert (await pipeline.confirm(home.parts)).confirmed == 1
    home.clock.forward(days=9)
    await follow(home, reader.url())
    renewed = [one.lease_until for one in await held(home) if one.callback == reader.url()]
    assert renewed == [home.clock() + timedelta(days=10)]
    assert {asked["hub.mode"] for _, asked in reader.questions} == {"subscribe"}


async def test_a_hub_that_is_closed(embedded, reader):
    await follow(embedded, reader.url())
    embedded.parts.settings = replace(embedded.parts.settings, websub=replace(OPEN, hub="off"))
    assert (await ask_hub(embedded, reader.url()))[0] == 404
    await pipeline.confirm(embedded.parts)
    assert reader.questions[-1][1]["hub.reason"] == "this hub is closed"
    assert await held(embedded) == []


# Hubs of others ---------------------------------------------------------------------------------------


async def test_hubs_of_others_are_pinged_once_for_each_change(home):
    async with serving(HubServer(home.clock, silent=True)) as other:
        await put(home, OLD, topic="boats")
        websub = replace(OPEN, hub="off", hubs=(other.url,))
        home.parts.settings = replace(home.parts.settings, websub=websub)
        let_be_private(home, True)
        await put(home, NEW, topic="", format_="opml")
        await put(home, NEW, topic="", format_="rss")
        assert await push(home) == 2
        home.clock.forward(minutes=1)
        assert await push(home) == 0
        urls = [form["hub.url"] for form in other.asked]
        url = topic_url(home, "boats")
        assert sorted(urls) == [f"{home.base_url}/all.rss", url], "neither what is private nor the list"
        other.log.clear()
        await put(home, NEW, topic="boats")
        assert await push(home) == 1
        assert other.asked == [{"hub.mode": "publish", "hub.url": url, "hub.topic": url}]
        other.log.clear()
        site = replace(home.parts.settings.site, base_url="https://new.example")
        home.parts.settings = replace(home.parts.settings, site=site)
        assert await push(home) == 2
        assert {form["hub.url"].partition("/topics")[0] for form in other.asked} >= {"https://new.example"}
        assert len({one.topic_url for one in await held(home)}) == 2
        home.parts.settings = replace(home.parts.settings, websub=OPEN)
        await push(home)
        assert await held(home) == []


async def test_a_hub_that_fails_is_an_alarm_until_it_takes_a_ping(embedded):
    async with serving(HubServer(embedded.clock, silent=True)) as other:
        websub = replace(OPEN, hubs=(other.url,))
        embedded.parts.settings = replace(embedded.parts.settings, websub=websub)
        other.statuses = [503] * 400
        while embedded.clock() < NOW + timedelta(days=4):
            await push(embedded)
            embedded.clock.now = min(one.due_at for one in await held(embedded))
        assert len(await held(embedded)) == 2, "hubs are for admins to drop"
        async with embedded.parts.store.read() as conn:
            (notice,) = await notices.list_open(conn)
        assert (notice.source, notice.kind, notice.is_alarm) == ("/hub 127.0.0.1", "ping", True)
        other.statuses.clear()
        embedded.clock.forward(hours=9)
        assert await push(embedded) == 2
        async with embedded.parts.store.read() as conn:
            assert await notices.list_open(conn) == []


# Several of us ----------------------------------------------------------------------------------------


async def test_two_workers_tell_each_follower_once(home, reader):
    for number in range(12):
        await follow(home, reader.url(f"/{number}"))
    await put(home, NEW)
    done = await asyncio.gather(push(home), push(home))
    assert sum(done) == 12
    assert sorted(pushed.path for pushed in reader.pushes) == sorted(f"/{number}" for number in range(12))


async def test_what_a_dead_worker_held_is_told_by_another(home, reader):
    await follow(home, reader.url())
    await put(home, NEW)
    async with home.parts.store.write() as conn:
        now = home.clock()
        (taken,) = await followers.claim(conn, now=now, lease=HELD, limit=9, private=())
    assert await push(home) == 0
    home.clock.forward(minutes=6)
    assert await push(home) == 1
    async with home.parts.store.write() as conn:
        late = following.told(taken, version="x", now=home.clock())
        assert not await followers.record(conn, late), "it comes back, and may write nothing"
        assert not await followers.drop(conn, taken)
    (follower,) = await held(home)
    assert follower.version != "x"
