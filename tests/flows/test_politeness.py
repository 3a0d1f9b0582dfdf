"""Whole pulls of hostile publishers at simulated time (TRAPS 15–22). The log of requests is the assertion."""

from __future__ import annotations

import asyncio
import gzip
import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from fetch.hostile import INNER, Names, conditional, feed, gaps, in_turn, redirect
from fetch.origin import NOW, Asked, Origin, answer
from rows import rows
from structlog.testing import capture_logs
from world import World, a_world, an_origin

from syndicator.fetch.manners import health

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from aiohttp.abc import ResolveResult
    from program import Program

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BROKEN = answer(b"Oops", status="500 Oops")
GOOD = answer(feed("1"))


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with a_world(tmp_path) as made:
        yield made


# Not too early ----------------------------------------------------------------------------------------

WISHES = {  # what a publisher says → how long it wants to be left alone
    "max-age": ("", ["Cache-Control: max-age=7200"], 2 * HOUR),
    "aged": ("", ["Cache-Control: max-age=7200", "Age: 1800"], 1.5 * HOUR),
    "two-lines": ("", ["Cache-Control: public", "Cache-Control: max-age=10800"], 3 * HOUR),
    "expires": (
        "",
        ["Date: Thu, 01 Jan 1970 00:00:00 GMT", "Expires: Thu, 01 Jan 1970 03:00:00 GMT"],
        3 * HOUR,
    ),
    "ttl": ("<ttl>180</ttl>", [], 3 * HOUR),
    "ttl-wins": ("<ttl>180</ttl>", ["Cache-Control: max-age=60"], 3 * HOUR),
    "max-age-wins": ("<ttl>60</ttl>", ["Cache-Control: max-age=14400"], 4 * HOUR),
    "period": (
        "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>",
        [],
        6 * HOUR,
    ),
    "a-year": ("<ttl>525600</ttl>", [], 12 * HOUR),  # as long as the admin lets it
}


@pytest.mark.parametrize("restarts", [False, True])
async def test_wishes_are_kept_over_304s_and_restarts(world: World, restarts: bool) -> None:
    for name, (channel, fields, _) in WISHES.items():
        every = {"min": "15m", "max": "12h"}
        world.add(
            f"{name}-304",
            f"{name}-304.example/feed",
            conditional(feed("1", channel=channel), '"1"', *fields),
            every=every,
        )
        news = [answer(feed(str(n), channel=channel), *fields) for n in range(99)]
        world.add(f"{name}-new", f"{name}-new.example/feed", in_turn(*news), every=every)
    await world.open()
    await world.run(days=1 if restarts else 3, restarts=restarts)
    for name, (_, _, wish) in WISHES.items():
        for kind in ("304", "new"):
            found = gaps(world.asked(f"{name}-{kind}.example/feed"))
            assert len(found) >= (1 if restarts else 4), (name, kind)
            assert min(found) >= wish, (name, kind)
            assert max(found) <= max(2 * wish, 12 * HOUR), (name, kind)
    assert world.total.failed == 0
    sent = [asked.fields.get("if-none-match") for asked in world.origin.log if "304" in asked.host]
    assert sent.count(None) == len(WISHES), "only the first request of each is without its validator"


async def test_skipped_hours_and_days_are_quiet(world: World) -> None:
    hours = "".join(f"<hour>{hour}</hour>" for hour in range(8, 20))
    channel = f"<skipHours>{hours}</skipHours><skipDays><day>Saturday</day><day>Sunday</day></skipDays>"
    world.add("quiet", "news.example/feed", conditional(feed("1", channel=channel), '"1"'))
    world.add("broken", "bad.example/feed", in_turn(answer(feed("1", channel=channel)), BROKEN))
    world.now = datetime(2026, 11, 2, 6, tzinfo=NOW.tzinfo)
    await world.open()
    await world.run(days=15)
    for url in ("news.example/feed", "bad.example/feed"):
        times = world.asked(url)
        assert len(times) > 12
        assert not [at for at in times if at.hour in range(8, 20) or at.weekday() >= 5], url


PEACE = [
    ("429 Slow Down", "Retry-After: 36000", 10 * HOUR),
    ("503 Busy", "Retry-After: 864000", 10 * DAY),
    ("503 Busy", "Retry-After: Wed, 04 Nov 2026 09:30:00 GMT", 2 * DAY),
    ("429 Slow Down", "Retry-After: Wed, 04 Nov 2026 09:30:00 GMT", 2 * DAY),
    ("429 Slow Down", "X: y", 15 * MINUTE),
]


@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.parametrize(("status", "wish", "wait"), PEACE)
async def test_who_wants_peace_gets_it_for_all_its_feeds(
    world: World, status: str, wish: str, wait: timedelta, restarts: bool
) -> None:
    no = answer(b"No", wish, status=status)
    for n in range(9):
        world.add(f"s{n}", f"{'www.' * (n % 2)}news.example/{n}", in_turn(no, GOOD) if n == 0 else GOOD)
    world.add("other", "other.example/feed", GOOD)
    await world.open(per_host=1)
    await world.pull()
    if restarts:
        await world.restart()
    await world.run(days=wait / DAY)
    assert [asked.path for asked in world.origin.log if "news.example" in asked.host] == ["/0"]
    assert world.asked("other.example/feed")
    assert sum(state.failures for state in (await world.states()).values()) == 1
    await world.run(days=wait / DAY + 1)
    assert {asked.path for asked in world.origin.log} >= {f"/{n}" for n in range(9)}
    assert {state.state for state in (await world.states()).values()} == {"ok"}


# Not too often ----------------------------------------------------------------------------------------


async def test_a_crowd_on_one_host_is_spaced_and_holds_nobody_up(world: World) -> None:
    begun: dict[str, list[float]] = {}

    async def play(asked: Asked, writer: asyncio.StreamWriter) -> None:
        begun.setdefault(asked.host.removeprefix("www."), []).append(asyncio.get_running_loop().time())
        writer.write(GOOD)

    for n in range(40):
        world.add(f"c{n}", f"{'www.' * (n % 2)}news.example/{n}", play)
    for n in range(30):
        world.add(f"o{n}", f"o{n}.example/feed", play)
    await world.open(spacing=timedelta(seconds=0.05), concurrency=8)
    done = await world.pull()
    assert (done.pulled, done.failed) == (70, 0), "one call pulls all of them"
    crowd = begun.pop("news.example")
    assert len(crowd) == 40
    # Measured where they arrive: the network may bring two closer together, not all of them.
    assert crowd[-1] - crowd[0] >= 39 * 0.05 * 0.9
    assert max(max(times) for times in begun.values()) < crowd[20], "the others need not wait for the crowd"


async def test_failures_are_tried_ever_more_seldom(world: World) -> None:
    plays = {
        "500": BROKEN,
        "html": answer(b"<html><body>We are being mended</body></html>"),
        "empty": answer(b""),
        "noise": answer(b"\x00" * 99),
        "circle": redirect(302, "/feed"),
        "cut": answer(b"<rss", length=99_999),
    }
    for name, play in plays.items():
        world.add(name, f"{name}.example/feed", play)
    world.add("nowhere", "nowhere.test/feed")
    await world.open(timeout=timedelta(seconds=1))
    await world.run(days=2)
    for name in plays.keys() - {"cut"}:
        found = gaps(world.asked(f"{name}.example/feed"))
        doubled = [min(15 * MINUTE * 2**n, DAY) for n in range(len(found))]
        assert 7 <= len(found) <= 9, name
        for wish, gap in zip(doubled, found, strict=True):
            assert 0.9 * wish <= gap <= 1.1 * wish, (name, gap)
    assert await world.articles() == []
    assert all(state.failures >= 7 for state in (await world.states()).values())


async def test_gone_is_asked_once_and_told(world: World) -> None:
    url = world.add("gone", "news.example/feed", in_turn(GOOD, answer(b"", status="410 Gone")))
    await world.open()
    with capture_logs() as logs:
        await world.run(days=30, restarts=True)
    assert len(world.asked("news.example/feed")) == 2
    state = (await world.states())["gone"]
    source = world.parts.current.catalog.sources["gone"]
    told = health(state, source, world.now)
    assert (told.word, told.is_alarm) == ("stopped", True)
    assert "for good" in told.text
    assert [line["error"] for line in logs if line["event"] == "cannot pull"] == [state.last_error]
    assert len(await world.articles()) == 1, "what was read stays"
    assert url


async def test_gone_behind_a_redirect_for_now_stops_nobody(world: World) -> None:
    world.origin.play("news.example/maintenance", answer(b"", status="410 Gone"))
    for status in (302, 301):
        away = redirect(status, world.at("news.example/maintenance"))
        world.add(f"by-{status}", f"h{status}.example/feed", in_turn(GOOD, away))
    await world.open()
    await world.run(days=3)
    states = await world.states()
    assert (states["by-302"].state, states["by-301"].state) == ("failing", "stopped")


async def test_an_inner_source_opens_no_other_port_of_its_machine(world: World, inner: Origin) -> None:
    """Whoever writes the items of a feed from our own network must not read what else listens there."""
    async with an_origin(INNER) as other:
        here = f"http://{INNER}:{inner.port}"
        secret = f"http://{INNER}:{other.port}/secret"
        item = f"<item><title>News</title><link>{secret}</link><description>News …</description></item>"
        inner.play("/feed", answer(feed().replace(b"</channel>", item.encode() + b"</channel>")))
        inner.play("/away", redirect(302, secret))
        for name in ("feed", "away"):
            source = {"name": name, "url": f"{here}/{name}", "allow_private": True, "full_text": "always"}
            world.listed.append(source)
        await world.open()
        await world.run(hours=6)
        states = await world.states()
        assert (states["feed"].state, states["away"].state) == ("ok", "failing")
        assert [asked.path for asked in inner.log].count("/feed") >= 1
        assert other.log == []


async def test_validators_go_back_verbatim_and_are_left_out_now_and_then(world: World) -> None:
    etags = {"weak": 'W/"5-gzip"', "bare": "no quotes, really", "odd": '"a;b=c"', "wide": '"é"'}
    for name, etag in etags.items():
        world.add(name, f"{name}.example/feed", conditional(feed("1"), etag, "Last-Modified: Never, 99 Foo"))
    await world.open()
    await world.run(days=22)
    for name, etag in etags.items():
        sent = [
            asked.fields.get("if-none-match") for asked in world.origin.log if asked.host == f"{name}.example"
        ]
        assert set(sent[1:]) == {etag.encode().decode("latin-1"), None}
        assert 2 <= sent[1:].count(None) <= 4, "once a week"


# What is no feed, and what hurts ----------------------------------------------------------------------


@pytest.mark.parametrize("body", [b"<html><body>Sorry</body></html>", b"", b"\x00" * 99, b"<" * 50_000])
async def test_an_error_page_with_200_takes_nothing_away(world: World, body: bytes) -> None:
    good = answer(feed("1", "2"), 'ETag: "good"')
    world.add("a", "news.example/feed", in_turn(good, answer(body, 'ETag: "bad"'), good))
    await world.open()
    await world.pull()
    before = await world.articles()
    assert len(before) == 2
    await world.run(hours=3)
    sent = [asked.fields.get("if-none-match") for asked in world.origin.log]
    assert sent[:3] == [None, '"good"', '"good"']
    assert await world.articles() == before
    assert (await world.states())["a"].failures == 0


async def test_compressed_hostile_and_endless(world: World) -> None:
    async def endless(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(feed("1")[:-20], length=10**9))
        while True:
            await writer.drain()
            await asyncio.sleep(0.05)
            writer.write(b" ")

    deep = b"<rss version='2.0'><channel><item><description>" + b"<b>" * 100_000
    plays = {
        "gzip": answer(gzip.compress(feed("gz"))),
        "gzip-twice": answer(gzip.compress(gzip.compress(feed("gz"))), "Content-Encoding: gzip"),
        "plain": answer(feed("said"), "Content-Encoding: gzip"),
        "html": answer(feed("typed"), "Content-Type: text/html"),
        "bomb": answer(gzip.compress(feed("1") + b" " * 300_000_000), "Content-Encoding: gzip"),
        "quiet-bomb": answer(gzip.compress(b" " * 300_000_000)),
        "big": answer(b"<rss>" + b" " * 17_000_000),
        "deep": answer(deep),
        "headers": answer(feed("1"), *[f"X-{n}: {'x' * 8000}" for n in range(200)]),
        "endless": endless,
    }
    for name, play in plays.items():
        world.add(name, f"{name}.example/feed", play)
    await world.open(timeout=timedelta(seconds=2))
    done = await world.pull()
    states = await world.states()
    good = {name for name in plays if states[name].state == "ok"}
    assert good >= {"gzip", "gzip-twice", "plain", "html"}
    assert not good & {"bomb", "quiet-bomb", "big", "headers", "endless"}
    assert done.pulled == len(good)
    assert {article.source for article in await world.articles()} == good - {"deep"}
    assert len(world.origin.log) == len(plays), "nothing is tried a second time"


# Not to where nobody may go ---------------------------------------------------------------------------

WAYS = (
    *("http://inner.example", "http://inner.example.", "http://2130706434", "http://0x7f.2"),
    *("http://0177.0.0.2", f"http://[::ffff:{INNER}]", f"http://[::{INNER}]", "http://[64:ff9b::7f00:2]"),
    *("http://[2002:7f00:2::]", "http://six.example", "http://１２７.0.0.2", "http://localhost"),
    *(f"http://{INNER}", "http://[fec0::1]", "http://10.0.0.1", "http://trap.example"),
)


@pytest.fixture
async def inner() -> AsyncIterator[Origin]:
    """A machine in our own network, which nobody but we should reach."""
    try:
        async with an_origin(INNER) as made:
            yield made
    except OSError:
        pytest.skip("this machine has no second loopback address")


async def test_no_way_leads_into_our_own_network(world: World, inner: Origin) -> None:
    """Neither a redirect, nor a name that an attacker owns, nor an article's link."""
    world.names.book |= {
        "inner.example": INNER,
        "six.example": "::ffff:127.0.0.2",
        "trap.example": "169.254.169.254",
        "localhost": INNER,
    }
    for n, way in enumerate(WAYS):
        target = f"{way}:{inner.port}/secret"
        world.add(f"redirect{n}", f"r{n}.example/feed", redirect(301 + n % 2, target))
        item = f"<item><title>News {n}</title><link>{target}</link><description>News</description></item>"
        body = feed().replace(b"</channel>", item.encode() + b"</channel>")
        world.add(f"link{n}", f"l{n}.example/feed", answer(body), full_text="always")
        via = world.at(f"v{n}.example/story")
        world.origin.play(f"v{n}.example/story", redirect(302, target))
        world.add(f"via{n}", f"v{n}.example/feed", answer(body.replace(target.encode(), via.encode())))
        world.listed[-1]["full_text"] = "always"
    world.add("direct", "inner.example/feed")
    await world.open()
    await world.run(hours=6)
    assert inner.log == []
    states = await world.states()
    assert {s.state for name, s in states.items() if name.startswith(("redirect", "direct"))} == {"failing"}
    assert {s.state for name, s in states.items() if name.startswith(("link", "via"))} == {"ok"}
    assert len(await world.articles()) == 2 * len(WAYS), "they are taken as the feed says them"
    assert all(len(world.asked(f"v{n}.example/story")) == 1 for n in range(len(WAYS))), "and asked for once"


class Turning(Names):
    """Answers with the server's address and then, whatever is asked, with an inner one; or with both."""

    async def resolve(self, host: str, *rest: object, **more: object) -> list[ResolveResult]:  # type: ignore[override]
        (good,) = await super().resolve(host, *rest, **more)  # type: ignore[arg-type]
        bad = good | {"host": INNER}
        if host == "both.example":
            return [bad, good]
        return [bad if self.log.count(host) > 1 else good]


async def test_a_name_that_turns_inward_is_not_followed(tmp_path: Path, inner: Origin) -> None:
    """DNS rebinding: an address that may be asked when it was checked, and none a moment later."""
    async with a_world(tmp_path, names=Turning()) as world:
        for name in ("both", "turning"):
            port = world.origin.port
            world.add(name, f"{name}.example/feed", answer(feed("1"), "Connection: close"))
            world.listed.append({"name": f"{name}-in", "url": f"http://{name}.example:{inner.port}/feed"})
            assert port != inner.port
        await world.open()
        await world.pull()
        await world.restart()  # forgets which addresses names had
        await world.run(days=1)
        assert inner.log == []
        states = await world.states()
        assert (states["both"].state, states["turning"].state) == ("ok", "failing")
        assert "private address" in states["turning"].last_error
        assert {states["both-in"].last_success_at, states["turning-in"].last_success_at} == {None}


# Where it lives ---------------------------------------------------------------------------------------


async def test_a_moved_feed_is_adopted_and_given_up_with_a_line_and_a_notice(world: World) -> None:
    new = world.at("new.example/feed")
    world.origin.play("new.example/feed", in_turn(*[answer(feed(str(n))) for n in range(900)]))
    world.add("a", "old.example/feed", redirect(301, new), every={"min": "15m", "max": "1h"})
    await world.open()
    with capture_logs() as logs:
        await world.run(days=0.9)
        await world.restart()
        assert await world.notices() == []
        assert len(world.asked("old.example/feed")) == len(world.asked("new.example/feed"))
        await world.run(days=1)
        await world.restart()
        (notice,) = await world.notices()
        assert (notice.kind, notice.url) == ("adopted", new)
        known = len(world.asked("old.example/feed"))
        await world.run(days=1)
        assert len(world.asked("old.example/feed")) == known, "the old place is left alone"
        world.origin.play("new.example/feed", BROKEN)
        world.origin.play("old.example/feed", answer(feed("back")))
        await world.run(days=1)
    told = [line["text"] for line in logs if line["event"] == "notice"]
    assert told == [
        f"has moved for good to {new}: write that into its file",
        "new.example fails: asking the configured address again",
    ]
    assert [notice.text for notice in await world.notices()] == told
    assert (await world.states())["a"].state == "ok"
    back = [asked for asked in world.origin.log if asked.host == "old.example"][known]
    assert "if-none-match" not in back.fields


async def test_a_captive_portal_moves_nobody(world: World) -> None:
    portal = world.at("portal.example/login")
    world.origin.play("portal.example/login", answer(b"<html>Log in</html>"))
    world.add("a", "news.example/feed", in_turn(*[redirect(301, portal)] * 9, GOOD))
    await world.open()
    await world.run(days=9)
    assert await world.notices() == []
    assert (await world.states())["a"].state == "ok"


# What costs -------------------------------------------------------------------------------------------


def test_a_costly_feed_holds_up_neither_the_web_nor_the_end(embedded: Program, http_server: Any) -> None:
    items = "".join(
        f"<item><guid>{n}</guid><title>News {n}</title><description>"
        + "&lt;img data-src=&quot;/x&quot; src=&quot;&quot;&gt;" * 140
        + "</description></item>"
        for n in range(1500)
    )
    body = f'<rss version="2.0"><channel><title>News</title>{items}</channel></rss>'.encode()
    links = '<p><a href="/a/b-c-d.html">All the news of today is here</a></p>' * 4000
    page = f"<html><head><title>News</title></head><body><main>{links}</main></body></html>".encode()
    assert 10_000_000 < len(body) < 16_000_000
    server = http_server({f"/{n}": body for n in range(4)} | {"/page": page})
    listed = [{"name": f"s{n}", "url": server.url(f"/{n}")} for n in range(4)]
    listed.append({"name": "page", "kind": "page", "url": server.url("/page")})
    (embedded.config / "sources" / "all.yaml").write_text(json.dumps({"sources": listed}))
    embedded.topic("news", any=["news"], min_score=0)
    embedded.configure(fetch={"per_host": 8})
    embedded.start()
    embedded.until(lambda: sum(visit.status == 200 for visit in server.log) >= 5)
    for _ in range(10):
        assert embedded.get("/healthz").status == 200
    assert not rows(embedded, "SELECT 1 FROM articles"), "it is still at work"
    embedded.stop(timeout=30)  # a thread that reads on would keep it for longer
    assert embedded.process
    assert embedded.process.returncode == 0
    assert "a fault of ours" not in embedded.log()
    assert rows(embedded, "SELECT count(*) FROM sources WHERE lease_until IS NOT NULL") == [(0,)]
